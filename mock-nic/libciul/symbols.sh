#!/bin/sh
# Compares what the libraries of an install prefix export with what the headers beside them declare: nothing may be
# missing, and nothing else may show.
#
#   mock-nic/libciul/symbols.sh PREFIX
set -eu
export LC_ALL=C

[ $# = 1 ] && [ -d "$1/include/etherfabric" ] || {
    echo "usage: $0 PREFIX, where install.sh has installed" >&2
    exit 2
}
prefix=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# Functions that the headers of a directory declare, one a line.
declared() {
    sed -n 's/^extern .*[ *]\([A-Za-z_0-9]*\)(.*);$/\1/p' "$prefix/include/$1"/*.h | sort
}
compare() {
    file=$1
    shift
    nm --extern-only --defined-only --format=just-symbols "$@" "$prefix/lib/$file" 2>/dev/null |
        grep -v -e '^$' -e ':$' | sort >"$work/exported"
    missing=$(comm -23 "$work/declared" "$work/exported")
    foreign=$(comm -13 "$work/declared" "$work/exported")
    printf '%-18s %3d declared, %3d exported\n' "$file" "$(wc -l <"$work/declared")" "$(wc -l <"$work/exported")"
    [ -z "$missing" ] || { echo "$missing" | sed 's/^/  missing: /'; failed=1; }
    [ -z "$foreign" ] || { echo "$foreign" | sed 's/^/  not of the interface: /'; failed=1; }
}

declared etherfabric >"$work/declared"
[ -s "$work/declared" ] || { echo "$0: $prefix/include declares nothing" >&2; exit 1; }
compare libciul.so --dynamic
compare libciul.a
{ declared onload; echo onload_ext_version; } | sort >"$work/declared"
compare libonload_ext.so --dynamic
compare libonload_ext.a
exit $failed
