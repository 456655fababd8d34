#!/usr/bin/env bash
# usage: ci/instructions.sh [COUNT]
#
# Counts, under callgrind, the instructions that a program takes for each operation of a data path: in C by the macros
# (benches/instructions/instructions.c); in the same C with the checks that the safe crate makes; by the raw bindings; and by
# the safe crate, with polls by `dispatch` and by `next`. All are linked with the same shared library, which is the mock
# adapter: what it takes is the same for all, and not counted. COUNT is the number of times that each operation is done,
# 1000 unless told. The table has their mean, which is the same in every run. Fails if the safe crate takes more than its
# limit, below. Needs valgrind: as root it installs it. About two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:-1000}
case $count in
  -h | --help) sed -n '2,10s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/instructions.sh: COUNT is a number, not '$count'" >&2; exit 2 ;;
esac
. ci/tools.sh
need valgrind valgrind --version

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
prefix=$work/prefix
mock-nic/libciul/install.sh "$prefix" >/dev/null
ONLOAD_DIR=$prefix EFVI_SYS_STATIC=0 CARGO_TARGET_DIR=$target/instructions \
  cargo rustc --quiet --release --no-default-features --package benches --bin instructions -- --emit asm,link
rust=$target/instructions/release/instructions
for checks in "" -DCHECKED; do
  # Loops that copy stay loops: `memcpy` is in a library, where nothing is counted.
  "${CC:-cc}" -O3 -fno-tree-loop-distribute-patterns -std=gnu11 -Wall -Wextra -Werror $checks -I "$prefix/include" \
    benches/instructions/instructions.c -L "$prefix/lib" -lciul -o "$work/c$checks"
done

operations="op_empty_poll op_send op_ctpio op_completion op_receive"
# What the safe crate may take.
declare -A limits=([op_empty_poll]=13 [op_send]=36 [op_ctpio]=53 [op_completion]=67 [op_receive]=63.5)
declare -A next_limits=([op_completion]=89 [op_receive]=81.5)
export LD_LIBRARY_PATH=$prefix/lib LD_BIND_NOW=1
# A directory of its own: another ping-pong on `lo` is not disturbed.
export EFVI_MOCK_DIR=$work

# Instructions of one operation outside the library, by program.
count_of() {
  local operation=$1 mode=send
  shift
  case $operation in *ctpio) mode=ctpio ;; esac
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
row() {
  local name=$1 limit=$6 count
  printf '%-24s %8s %8s %8s %8s %8s\n' "$@"
  shift
  for count in "${@:1:4}"; do
    awk -v count="$count" 'BEGIN { exit !(count > 0) }' || failed=1
  done
  awk -v safe="$4" -v limit="$limit" 'BEGIN { exit !(safe <= limit) }' || failed=1
}
printf '%-24s %8s %8s %8s %8s %8s\n' 'instructions' C checked raw safe limit
for operation in $operations; do
  c=$(count_of "$operation" "$work/c")
  checked=$(count_of "$operation" "$work/c-DCHECKED")
  raw=$(count_of "$operation" "$rust" raw)
  name=${operation#op_}
  next=${next_limits[$operation]:-}
  if [ -z "$next" ]; then
    row "$name" "$c" "$checked" "$raw" "$(count_of "$operation" "$rust" safe)" "${limits[$operation]}"
  else
    dispatched=$(count_of "op_dispatch_$name" "$rust" dispatch)
    row "$name, dispatch" "$c" "$checked" "$raw" "$dispatched" "${limits[$operation]}"
    row "$name, next" "$c" "$checked" "$raw" "$(count_of "$operation" "$rust" safe)" "$next"
  fi
done
[ $failed = 0 ] || { echo "ci/instructions.sh: the safe crate takes more than its limit, or nothing was counted" >&2; exit 1; }

# What is between the caller and the library: an indirect call through the VI's own table, no copy, and no way to a
# panic but from the clean-up of a panic (which none of these starts).
echo
assembly=$(ls -t "$target"/instructions/release/deps/instructions-*.s | head -n 1)
for operation in $operations op_dispatch_completion op_dispatch_receive; do
  awk -v name="4safe.*$operation" '/^[_a-zA-Z].*:$/ { on = $0 ~ name } on' "$assembly" >"$work/code"
  calls=$(grep -cE 'call[q]?[[:space:]]+\*[0-9]+\(%r' "$work/code" || true)
  panics=$(grep -E 'call.*panic|call.*unwrap_failed|call.*slice.*fail' "$work/code" | grep -vc panic_in_cleanup || true)
  copies=$(grep -cE 'call.*mem(cpy|move)|rep.*movs' "$work/code" || true)
  printf '%-24s %s calls through ops, %s to a panic, %s copies\n' "${operation#op_}" "$calls" "$panics" "$copies"
  [ "$calls" -gt 0 ] && [ "$panics" = 0 ] && [ "$copies" = 0 ] || failed=1
done
[ $failed = 0 ] || { echo "ci/instructions.sh: there is more between the caller and the library" >&2; exit 1; }
