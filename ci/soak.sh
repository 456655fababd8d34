#!/usr/bin/env bash
# usage: ci/soak.sh [FRAMES]
#
# Sends FRAMES frames (1000000000 unless told: about 12 minutes on two idle processors, hours on busy ones; 1000000 take
# seconds) from one process to another over `lo`, by DMA and CTPIO in turn, with every fault of the wire, CTPIO underruns
# and missing descriptors at low probability. Then each frame must be accounted for by what the mock counted, each send
# must have completed, each frame that arrived as good must be as it was sent, and no process may use more memory than at
# its start. SOAK_SEED chooses other faults.
set -euo pipefail
cd "$(dirname "$0")/.."

frames=${1:-1000000000}
case $frames in
  -h | --help) sed -n '2,8s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/soak.sh: FRAMES is a number, not '$frames'" >&2; exit 2 ;;
esac
seed=${SOAK_SEED:-1}

cargo build --quiet --release --package examples --example soak
program=${CARGO_TARGET_DIR:-target}/release/examples/soak
work=$(mktemp -d)
receiver=
# shellcheck disable=SC2154
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() {
  echo "ci/soak.sh: $1" >&2
  tail -n 5 "$work"/*.err >&2 || true
  exit 1
}

# The files by which the two share `lo`: theirs alone, in memory where there is some.
export EFVI_MOCK_DIR="$work/lo"
if [ -d /dev/shm ]; then EFVI_MOCK_DIR=$(mktemp -d -p /dev/shm soak.XXXXXX); fi
mkdir -p "$EFVI_MOCK_DIR"
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true; rm -rf "$work" "$EFVI_MOCK_DIR"' EXIT
faults="drop=1e-5,duplicate=1e-5,reorder=1e-5,corrupt=1e-5,truncate=1e-5,delay=1e-5,link_down=1e-6"
faults="$faults,ctpio_underrun=1e-5,no_descriptors=1e-5"

EFVI_MOCK_FAULTS="seed=$((seed + 1000)),$faults" EFVI_MOCK_LOG="counters:$work/receive.counters" \
  "$program" receive >"$work/receive.out" 2>"$work/receive.err" &
receiver=$!
for _ in $(seq 100); do
  grep -q ready "$work/receive.out" && break
  sleep 0.1
done
EFVI_MOCK_FAULTS="seed=$seed,$faults" EFVI_MOCK_LOG="counters:$work/send.counters" \
  "$program" send "$frames" >"$work/send.out" 2>"$work/send.err" || fail "the sender failed"
wait "$receiver" || fail "the receiver failed"
receiver=

# The value of NAME in a file of NAME=VALUE.
of() { grep -o "\b$2=[0-9]*" "$work/$1" | head -n 1 | cut -d= -f2; }
sum() {
  local total=0 value
  for value in "$@"; do total=$((total + value)); done
  echo "$total"
}

s=send.counters r=receive.counters
for name in tx_frames tx_unclaimed tx_faulted drop duplicate link_down reorder corrupt truncate delay ctpio_underrun; do
  declare "$name=$(of $s $name)"
  [ -n "${!name}" ] || fail "the sender did not count $name"
done
for name in rx_frames rx_discards rx_no_descriptor rx_overruns rx_faulted; do
  declare "$name=$(of $r $name)"
  [ -n "${!name}" ] || fail "the receiver did not count $name"
done
unposted=$(of $r no_descriptors)
sent=$(of send.out sent) completed=$(of send.out completed)
good=$(of receive.out good) discarded=$(of receive.out discarded)

echo "sent      $sent by the program + $ctpio_underrun poisoned by underruns = $tx_frames frames; $completed completed"
echo "faults    drop $drop, duplicate $duplicate, reorder $reorder, corrupt $corrupt, truncate $truncate, delay $delay," \
  "link_down $link_down, no_descriptors $unposted"
echo "received  $good good + $discarded discards = $rx_frames delivered"
put=$((tx_frames + duplicate))
# An end's faults meet the acknowledgements too; these are the frames alone: those that left, and those that arrived.
lost=$(sum "$tx_faulted" "$tx_unclaimed" "$rx_faulted" "$rx_no_descriptor" "$rx_overruns")
echo "account   $tx_frames sent + $duplicate duplicates = $put; $rx_frames delivered + $tx_faulted dropped" \
  "or without link + $rx_faulted without link at the receiver + $tx_unclaimed without filter + $rx_no_descriptor without descriptor" \
  "+ $rx_overruns overrun = $((rx_frames + lost))"
cat "$work/send.err"
[ "$sent" -ge "$frames" ] || fail "only $sent of $frames frames were sent"
[ "$completed" = "$sent" ] || fail "$sent sends, $completed completions"
[ "$((sent + ctpio_underrun))" = "$tx_frames" ] || fail "the program sent $sent frames, the adapter $tx_frames"
[ "$((good + discarded))" = "$rx_frames" ] || fail "the program saw $((good + discarded)) frames, the adapter $rx_frames"
[ "$discarded" = "$rx_discards" ] || fail "the program saw $discarded discards, the adapter $rx_discards"
[ "$((rx_frames + lost))" = "$put" ] || fail "$((put - rx_frames - lost)) frames are not accounted for"
[ "$frames" -lt 1000000 ] || for name in drop duplicate reorder corrupt truncate delay ctpio_underrun; do
  [ "${!name}" -gt 0 ] || fail "no frame met the fault $name"
done
left=$(find "$EFVI_MOCK_DIR" -mindepth 1)
[ -z "$left" ] || fail "left in shared memory: $left"
echo "every frame is accounted for"
