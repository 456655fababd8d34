#!/usr/bin/env bash
# usage: ci/compare.sh [--mtu MTU] [OPTION OF `ping_pong compare`]...
#        ci/compare.sh --quick
#
# What kernel bypass is worth on this machine: `ping_pong compare` over a veth pair, each end in a network namespace of
# its own: UDP sockets that sleep, UDP sockets that are polled, packet sockets, AF_XDP, and for scale two processes that
# share memory. Prints round trips, fixed rates up to the first that loses messages, and throughput by frame size with the
# counters of both ends. Fails if a message was sent that was neither received nor counted by one of the two. Takes root,
# two CPUs that nobody else uses, and a minute and a half; `--iterations`, `--seconds` and `--wire` make it shorter.
# `--mtu 9000` has jumbo frames, too. `--quick` is for CI, where times mean nothing: it sends little over each wire, jumbo
# frames among it, so that it is seen whether all of it is accounted for, and is skipped where it can't run.
# Whatever becomes of it, no namespace and no process is left.
set -euo pipefail
quick= mtu=1500
case ${1-} in
  -h | --help) sed -n '2,14s/^# \?//p' "$0"; exit 0 ;;
  --quick) quick=yes; shift ;;
  --mtu) mtu=${2:?a number of bytes}; shift 2 ;;
esac
cd "$(dirname "$0")/.."

. ci/veth.sh
reason=$(veth_lacking)
if [ -n "$reason" ]; then
  [ -z "$quick" ] || { echo "ci/compare.sh: skipped: $reason"; exit 77; }
  echo "ci/compare.sh: $reason: sudo ci/compare.sh" >&2
  exit 1
fi

cargo build --quiet --release --package examples --example ping_pong
program=${CARGO_TARGET_DIR:-target}/release/examples/ping_pong
answering=

finish() {
  # Its processes end with the control connections, and they with it; the namespaces go last.
  if [ -n "$answering" ]; then
    kill "$answering" 2>/dev/null || true
    wait "$answering" 2>/dev/null || true
  fi
  veth_down
}
veth_ends_with finish
veth_up compare

ip netns exec "$far" "$program" compare veth1 --answer &
answering=$!

compare() {
  ip -n "$near" link set veth0 mtu "$1"
  ip -n "$far" link set veth1 mtu "$1"
  ip netns exec "$near" "$program" compare veth0 --remote 198.18.0.2 "${@:2}" &
  wait $!
}

if [ -n "$quick" ]; then
  little="--iterations 500 --warm-ups 100 --rates 0 --seconds 0.1"
  # Of these not one may be missing, whatever the reason.
  for run in "1500 $little --streams 18,1472" "9000 $little --streams 8972"; do
    output=$(compare $run) || { echo "$output"; exit 1; }
    echo "$output"
    ! grep -q 'not measured' <<<"$output" || { echo "ci/compare.sh: a wire could not be measured" >&2; exit 1; }
  done
else
  compare "$mtu" "$@"
fi
