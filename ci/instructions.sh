#!/usr/bin/env bash
# usage: ci/instructions.sh [COUNT]
#
# Counts, under callgrind, the instructions that a program takes for each operation of a data path: in C by the macros
# (benches/instructions/instructions.c), by the raw bindings, and by the safe crate. All three are linked with the same
# shared library, which is the mock adapter: what it takes is the same for all, and not counted. COUNT is the number of times that each
# operation is done, 1000 unless told. The table has their mean, which is the same in every run. Fails if the safe crate
# takes more than it did when its limit, below, was set. Needs valgrind: as root it installs it. About a minute and a half.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:-1000}
case $count in
  -h | --help) sed -n '2,9s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/instructions.sh: COUNT is a number, not '$count'" >&2; exit 2 ;;
esac
if ! command -v valgrind >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "ci/instructions.sh: valgrind is missing: install it" >&2; exit 1; }
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y valgrind; } >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
prefix=$work/prefix
mock-nic/libciul/install.sh "$prefix" >/dev/null
ONLOAD_DIR=$prefix EFVI_SYS_STATIC=0 CARGO_TARGET_DIR=$target/instructions \
  cargo rustc --quiet --release --no-default-features --package benches --bin instructions -- --emit asm,link
rust=$target/instructions/release/instructions
"${CC:-cc}" -O3 -std=gnu11 -Wall -Wextra -Werror -I "$prefix/include" benches/instructions/instructions.c \
  -L "$prefix/lib" -lciul -o "$work/c"

operations="op_empty_poll op_send op_ctpio op_completion op_receive"
# What the safe crate may take.
declare -A limits=([op_empty_poll]=15 [op_send]=37 [op_ctpio]=57 [op_completion]=89 [op_receive]=90)
export LD_LIBRARY_PATH=$prefix/lib LD_BIND_NOW=1
# A directory of its own: another ping-pong on `lo` is not disturbed.
export EFVI_MOCK_DIR=$work

# Instructions of one operation outside the library, by program.
count_of() {
  local operation=$1 mode=send
  shift
  [ "$operation" = op_ctpio ] && mode=ctpio
  valgrind --quiet --tool=callgrind --toggle-collect="*$operation*" --callgrind-out-file="$work/out" \
    "$@" "$mode" "$count" >&2
  # Objects are named where they first appear, as the caller's or the callee's. A line after `calls=` is what the callee
  # took; it is counted where the callee's own lines are.
  awk -v count="$count" -v program="$1" '
    /^c?ob=/ { id = $1; sub(/^c?ob=/, "", id); if (NF > 1) { name[id] = $2 } }
    /^ob=/ { own = name[id] == program }
    /^calls=/ { skip = 1; next }
    /^[0-9+*-]/ { if (skip) { skip = 0; next }
                  if (own) { total += $2 } }
    END { printf "%.1f", total / count }' "$work/out"
}

failed=0
printf '%-16s %8s %8s %8s %8s\n' 'instructions' C raw safe limit
for operation in $operations; do
  c=$(count_of "$operation" "$work/c")
  raw=$(count_of "$operation" "$rust" raw)
  safe=$(count_of "$operation" "$rust" safe)
  limit=${limits[$operation]}
  printf '%-16s %8s %8s %8s %8s\n' "${operation#op_}" "$c" "$raw" "$safe" "$limit"
  awk -v c="$c" -v raw="$raw" -v safe="$safe" -v limit="$limit" \
    'BEGIN { exit !(c > 0 && raw > 0 && safe > 0 && safe <= limit) }' || failed=1
done
[ $failed = 0 ] || { echo "ci/instructions.sh: the safe crate takes more than its limit, or nothing was counted" >&2; exit 1; }

# What is between the caller and the library: an indirect call through the VI's own table, no copy, and no way to a
# panic but from the clean-up of a panic (which none of these starts).
echo
assembly=$(ls -t "$target"/instructions/release/deps/instructions-*.s | head -n 1)
for operation in $operations; do
  awk -v name="4safe.*$operation" '/^[_a-zA-Z].*:$/ { on = $0 ~ name } on' "$assembly" >"$work/code"
  calls=$(grep -cE 'call[q]?[[:space:]]+\*[0-9]+\(%r' "$work/code" || true)
  panics=$(grep -E 'call.*panic|call.*unwrap_failed|call.*slice.*fail' "$work/code" | grep -vc panic_in_cleanup || true)
  copies=$(grep -cE 'call.*mem(cpy|move)|rep.*movs' "$work/code" || true)
  printf '%-16s %s calls through ops, %s to a panic, %s copies\n' "${operation#op_}" "$calls" "$panics" "$copies"
  [ "$calls" -gt 0 ] && [ "$panics" = 0 ] && [ "$copies" = 0 ] || failed=1
done
[ $failed = 0 ] || { echo "ci/instructions.sh: there is more between the caller and the library" >&2; exit 1; }
