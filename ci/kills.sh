#!/usr/bin/env bash
# usage: ci/kills.sh [KILLS]
#
# Kills an end of ping_pong on `lo`, or both, at a random moment, KILLS times (100 unless told; about two seconds
# each). The end that is left must stop by itself within its timeout, with an error and a code other than 0. Then a
# run must go through, and nothing may be left in shared memory, nor any process.
set -euo pipefail
cd "$(dirname "$0")/.."

kills=${1:-100}
case $kills in
  -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/kills.sh: KILLS is a number, not '$kills'" >&2; exit 2 ;;
esac

cargo build --quiet --release --package examples --example ping_pong
program=${CARGO_TARGET_DIR:-target}/release/examples/ping_pong
# Its own: whoever else has `lo` open is no concern of this.
directory=$(mktemp -d /dev/shm/efvi-kills.XXXXXX)
export EFVI_MOCK_DIR=$directory
port=9301
work=$(mktemp -d)
ends=()
# shellcheck disable=SC2154
trap 'kill -9 "${ends[@]}" 2>/dev/null || true; rm -rf "$work" "$directory"' EXIT

fail() {
  echo "ci/kills.sh: $1" >&2
  tail -n 5 "$work"/*.err >&2
  exit 1
}

# Waits for a process to stop; false if it takes longer than its own limits: 5 seconds for the other end to appear, or
# one without a frame, and what a busy machine adds.
stops() {
  for _ in $(seq 80); do
    [ -e "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

start() {
  # Without end, but for the kill; the first to start waits for the other.
  "$program" pong lo --port $port --timeout 1 --wait 5 >"$work/pong.out" 2>"$work/pong.err" &
  pong=$!
  "$program" ping lo --port $port --timeout 1 --wait 5 -n 400000000 -m ctpio,dma-push \
    >"$work/ping.out" 2>"$work/ping.err" &
  ping=$!
  ends=("$ping" "$pong")
}

last=nothing
declare -A killed=([ping]=0 [pong]=0 [both]=0)
for round in $(seq "$kills"); do
  start
  sleep "0.$(printf '%03d' $((RANDOM % 400)))"
  case $((RANDOM % 5)) in
    0 | 1) victim=ping other=pong ;;
    2 | 3) victim=pong other=ping ;;
    *) victim=both other= ;;
  esac
  killed[$victim]=$((killed[$victim] + 1))
  if [ $victim = both ]; then
    kill -9 "$ping" "$pong"
    wait "$ping" "$pong" 2>/dev/null || true
    continue
  fi
  kill -9 "${!victim}"
  wait "${!victim}" 2>/dev/null || true
  stops "${!other}" || fail "round $round: $victim was killed, and $other did not stop"
  code=0
  wait "${!other}" 2>/dev/null || code=$?
  [ "$code" != 0 ] || fail "round $round: $victim was killed, and $other ended with 0"
  [ -s "$work/$other.err" ] || fail "round $round: $victim was killed, and $other said nothing of it"
  last="$other: $(tail -n 1 "$work/$other.err")"
  files=$(find "$directory" -maxdepth 1 -name 'efvi-mock.*' | wc -l)
  [ "$files" -le 1 ] || fail "round $round: $files files in $directory where one is the most there may be"
done
echo "killed ping ${killed[ping]}, pong ${killed[pong]}, both ${killed[both]} times; the last survivor said:"
echo "  $last"

"$program" --port $port -n 10000 -w 1000 >"$work/clean.out" 2>"$work/clean.err" || fail "the run after the kills failed"
echo "a clean run:"
sed 's/^/  /' "$work/clean.out"

left=$(find "$directory" -maxdepth 1 -name 'efvi-mock.*')
[ -z "$left" ] || fail "left in shared memory: $left"
pgrep -f "^$program .*--port $port" >"$work/left" && fail "still running: $(cat "$work/left")"
echo "nothing is left in $directory, and no process"
