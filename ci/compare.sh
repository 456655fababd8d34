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

if [ "$(id -u)" != 0 ]; then
  echo "ci/compare.sh: to make network namespaces takes root: sudo ci/compare.sh, or unshare --user --map-root-user --net" >&2
  exit 1
fi
if ! reason=$(unshare --net ip link add type veth 2>&1); then
  echo "ci/compare.sh: no veth in a network namespace: $reason" >&2
  exit 1
fi

cargo build --quiet --release --package examples --example ping_pong
program=${CARGO_TARGET_DIR:-target}/release/examples/ping_pong
near=efvi-compare-near-$$ far=efvi-compare-far-$$
answering=

finish() {
  # Its processes end with the control connections, and they with it; the namespaces go last.
  if [ -n "$answering" ]; then
    kill "$answering" 2>/dev/null || true
    wait "$answering" 2>/dev/null || true
  fi
  for namespace in $near $far; do
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    ip netns del "$namespace" 2>/dev/null || true
  done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

for namespace in $near $far; do
  ip netns add "$namespace"
  ip -n "$namespace" link set lo up
done
ip link add veth0 netns "$near" type veth peer name veth1 netns "$far"
ip -n "$near" addr add 198.18.0.1/24 dev veth0
ip -n "$far" addr add 198.18.0.2/24 dev veth1
ip -n "$near" link set veth0 up
ip -n "$far" link set veth1 up

ip netns exec "$far" "$program" compare veth1 --answer &
answering=$!
ip netns exec "$near" "$program" compare veth0 --remote 198.18.0.2 "$@" &
wait $!
