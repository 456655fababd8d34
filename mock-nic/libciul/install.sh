#!/bin/sh
# Makes an install prefix such as Onload's, with the mock adapter for its libciul: headers, shared and static libraries
# and a pkg-config file. The files have the names that Onload's have. The table of variables comes with them.
#
#   mock-nic/libciul/install.sh PREFIX [RELEASE]
set -eu
export LC_ALL=C

usage() {
    echo "usage: $0 PREFIX [RELEASE]" >&2
    echo "  PREFIX   directory to install below; made if it is not there" >&2
    echo "  RELEASE  release of Onload whose interface it has; 9.2.0 unless said" >&2
    exit 2
}
[ $# -ge 1 ] && [ $# -le 2 ] && [ -n "$1" ] || usage
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
release=${2:-9.2.0}
cd "$(dirname "$0")/../.."
headers=vendor/include/onload-$release
if [ ! -d "$headers" ]; then
    echo "$0: no release $release. There is one of:$(cd vendor/include && printf ' %s' onload-* | sed 's/onload-//g')" >&2
    exit 2
fi
include=$prefix/include
lib=$prefix/lib
mkdir -p "$include" "$lib/pkgconfig"

# A directory for each release, so that changing the release does not build everything again.
target=${CARGO_TARGET_DIR:-$PWD/target}/libciul/$release
build() {
    package=$1
    shift
    EFVI_SYS_RELEASE=$release cargo rustc --quiet --package "$package" --lib --profile c-library \
        --target-dir "$target" "$@"
}
# Functions that the headers of a directory declare, one a line.
declared() {
    sed -n 's/^extern .*[ *]\([A-Za-z_0-9]*\)(.*);$/\1/p' "$headers/$1"/*.h | sort
}
shared() {
    built=$1 name=$2 version=$3
    cp "$built" "$lib/$name.$version"
    strip --strip-unneeded "$lib/$name.$version"
    ln -sf "$name.$version" "$lib/$name.${version%%.*}"
    ln -sf "$name.${version%%.*}" "$lib/$name"
}
# Makes a static library of one object, in which nothing is global but the functions listed in a file: a program may
# have another copy of all the rest, such as Rust's own library.
static() {
    built=$1 name=$2 list=$3
    nm --defined-only --extern-only --format=just-symbols "$built" 2>/dev/null | sort -u >"$work/defined"
    comm -12 "$list" "$work/defined" >"$work/kept"
    sed 's/^/--undefined=/' "$work/kept" >"$work/roots"
    ld --relocatable --gc-sections --force-group-allocation "@$work/roots" -o "$work/linked.o" "$built"
    # What is left of the compiler's own intermediate code is of no use, and irritates other tools.
    objcopy --strip-unneeded --remove-section=.llvmbc --remove-section=.llvmcmd --keep-global-symbols="$work/kept" \
        "$work/linked.o" "$work/${name%.a}.o"
    rm -f "$lib/$name"
    ar crsD "$lib/$name" "$work/${name%.a}.o"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build libciul
declared etherfabric >"$work/ciul"
shared "$target/c-library/libciul.so" libciul.so 1.1.1
static "$target/c-library/libciul.a" libciul1.a "$work/ciul"
ln -sf libciul1.a "$lib/libciul.a"

build libonload_ext --crate-type cdylib -- -C link-arg=-Wl,-soname,libonload_ext.so.2
build libonload_ext --crate-type staticlib
{ declared onload; echo onload_ext_version; } | sort >"$work/onload_ext"
shared "$target/c-library/libonload_ext.so" libonload_ext.so 2.0.0
static "$target/c-library/libonload_ext.a" libonload_ext.a "$work/onload_ext"

rm -rf "$include/etherfabric" "$include/onload"
cp -R "$headers/etherfabric" "$headers/onload" "$include"
doc=$prefix/share/doc/onload-mock
mkdir -p "$doc"
cp mock-nic/VARIABLES.md "$doc"
cat >"$lib/pkgconfig/onload.pc" <<PC
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: onload
Description: ef_vi and the Onload extensions, on the mock adapter
Version: $release
Libs: -L\${libdir} -lciul -lonload_ext
Libs.private: -lpthread -ldl
Cflags: -I\${includedir}
PC
echo "$prefix: the mock adapter as Onload $release"
