#!/usr/bin/env bash
# usage: ci/interop.sh [ROUND_TRIPS]
#
# The kernel and efvi understand each other: ping_pong over a veth pair, each end in a network namespace of its own, one
# end efvi over AF_XDP or a packet socket, the other an ordinary UDP socket; then the other way round. Addresses are the
# interfaces' own and the kernel's neighbour table's. ROUND_TRIPS (20000 unless told) for each, all compared byte by byte,
# checksums too. Takes root; half a minute.
set -euo pipefail
count=${1:-20000}
case $count in
  -h | --help) sed -n '2,8s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/interop.sh: ROUND_TRIPS is a number, not '$count'" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo "ci/interop.sh: skipped: to make network namespaces takes root"
  exit 0
fi
if ! reason=$(unshare --net ip link add type veth 2>&1); then
  echo "ci/interop.sh: skipped: no veth in a network namespace: $reason"
  exit 0
fi

cargo build --quiet --release --package examples --example ping_pong
program=${CARGO_TARGET_DIR:-target}/release/examples/ping_pong
near=efvi-interop-near-$$ far=efvi-interop-far-$$
pong=

finish() {
  if [ -n "$pong" ]; then
    kill "$pong" 2>/dev/null || true
    wait "$pong" 2>/dev/null || true
  fi
  for namespace in $near $far; do ip netns del "$namespace" 2>/dev/null || true; done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for namespace in $near $far; do
  ip netns add "$namespace"
  ip -n "$namespace" link set lo up
done
ip link add veth0 netns "$near" type veth peer name veth1 netns "$far"
ip -n "$near" addr add 198.18.0.1/24 dev veth0
ip -n "$far" addr add 198.18.0.2/24 dev veth1
ip -n "$near" link set veth0 up
ip -n "$far" link set veth1 up

# Sizes on both sides of what is padded, and the largest.
sizes=1,22,600,1472
for wire in xdp packet; do
  for ends in 'ping' 'pong'; do
    ping_is= pong_is=
    if [ $ends = ping ]; then ping_is=--socket; else pong_is=--socket; fi
    echo "efvi over $wire, $ends is a socket of the kernel's"
    EFVI_MOCK_WIRE=$wire ip netns exec "$far" "$program" pong veth1 $pong_is &
    pong=$!
    EFVI_MOCK_WIRE=$wire ip netns exec "$near" "$program" ping veth0 --remote 198.18.0.2 $ping_is \
      -n "$count" -w 100 -s $sizes -m dma-push
    wait $pong
    pong=
  done
done
echo "ci/interop.sh: every datagram arrived as it was sent"
