#!/usr/bin/env bash
# usage: ci/compare.sh [OPTION OF `ping_pong compare`]...
#
# What kernel bypass is worth on this machine: `ping_pong compare` over a veth pair, each end in a network namespace of
# its own: UDP sockets that sleep, UDP sockets that are polled, packet sockets, AF_XDP, and for scale two processes that
# share memory. Prints round trips, fixed rates up to the first that loses messages, and throughput by frame size with the
# counters of both ends. Takes root, two CPUs that nobody else uses, and a minute and a half; `--iterations`, `--seconds`
# and `--wire` make it shorter. Whatever becomes of it, no namespace and no process is left.
set -euo pipefail
case ${1-} in
  -h | --help) sed -n '2,9s/^# \?//p' "$0"; exit 0 ;;
esac
cd "$(dirname "$0")/.."

. ci/veth.sh
reason=$(veth_lacking)
if [ -n "$reason" ]; then
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
ip netns exec "$near" "$program" compare veth0 --remote 198.18.0.2 "$@" &
wait $!
