#!/usr/bin/env bash
# usage: ci/interop.sh [ROUND_TRIPS]
#
# The kernel and efvi understand each other: ping_pong over a veth pair, each end in a network namespace of its own, one
# end efvi over AF_XDP or a packet socket, the other an ordinary UDP socket; then the other way round: plain frames, frames
# in a VLAN, jumbo frames over an MTU of 9000, and jumbo frames in a VLAN. ROUND_TRIPS (20000 unless told) for each, all
# compared byte by byte, checksums too. Addresses are the interfaces' own and the kernel's neighbour table's.
#
# Then the same once more, fewer, beside tcpdump at the kernel's end: every frame has the tag that it should have, and the
# checksums are right by tcpdump, too. The kernel is in the VLAN by an interface of its own, or, where it has none
# (8021q), by BPF programs (mock-nic/examples/kernel_vlan.rs); where it has neither, that is said, and there is no VLAN.
# Takes root, or is skipped; a minute. As root it installs tcpdump and ethtool if they are missing.
set -euo pipefail
count=${1:-20000}
case $count in
  -h | --help) sed -n '2,14s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/interop.sh: ROUND_TRIPS is a number, not '$count'" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
. ci/veth.sh
reason=$(veth_lacking)
if [ -n "$reason" ]; then
  echo "ci/interop.sh: skipped: $reason"
  exit 77
fi
. ci/tools.sh
need tcpdump tcpdump --version
need ethtool ethtool --version

cargo build --quiet --release --package examples --example ping_pong
cargo build --quiet --release --package mock-nic --example kernel_vlan
programs=${CARGO_TARGET_DIR:-target}/release/examples
program=$programs/ping_pong
work=$(mktemp -d)

finish() {
  veth_down
  rm -rf "$work"
}
veth_ends_with finish
veth_up interop

fail() {
  echo "ci/interop.sh: $1" >&2
  exit 1
}

# The VLAN, with the priority of efvi's frames and that of the kernel's.
vlan=5 efvi_priority=3 kernel_priority=1

# Sizes on both sides of what is padded, and the largest; and of what is in one buffer.
plain_sizes=1,22,600,1472
jumbo_sizes=1473,1800,4096,8972

# How the kernel gets into a VLAN here.
if unshare --net sh -c 'ip link add type veth && ip link add link veth0 name tagged type vlan id 5' 2>/dev/null; then
  by=interface
elif ip netns exec "$near" timeout 0.5 "$programs/kernel_vlan" lo 5 >/dev/null 2>"$work/why" || [ $? = 124 ]; then
  by=programs
else
  by=
fi
case $by in
  interface) echo "ci/interop.sh: the kernel's VLAN is an interface of its own (8021q)" ;;
  programs) echo "ci/interop.sh: this kernel has no VLAN interfaces (8021q): BPF programs take tags off and put them on" ;;
  *) echo "ci/interop.sh: no VLAN: this kernel has neither VLAN interfaces (8021q) nor TCX links: $(cat "$work/why")" ;;
esac

# The kernel's end: in the namespace $1, with the interface $2 and the address $3; the other has the interface $5 in $4, with
# the address $6. It is in the VLAN from here on, until leave_vlan. What asks for addresses would have to be in the VLAN at
# both ends: the kernel is told.
join_vlan() {
  local mac
  mac=$(ip -n "$4" -o link show "$5" | sed -n 's/.*link\/ether \([0-9a-f:]*\).*/\1/p')
  # AF_XDP sees what stands in the frame.
  ip netns exec "$1" ethtool -K "$2" txvlan off >/dev/null
  if [ $by = interface ]; then
    ip -n "$1" link add link "$2" name tagged type vlan id $vlan egress-qos-map 0:$kernel_priority
    ip -n "$1" addr del "$3/24" dev "$2"
    ip -n "$1" addr add "$3/24" dev tagged
    ip -n "$1" link set tagged up
    ip -n "$1" neigh replace "$6" lladdr "$mac" dev tagged nud permanent
  else
    ip netns exec "$1" "$programs/kernel_vlan" "$2" $vlan:$kernel_priority >"$work/kernel_vlan" &
    tagger=$!
    ip -n "$1" neigh replace "$6" lladdr "$mac" dev "$2" nud permanent
    for _ in $(seq 100); do
      [ -s "$work/kernel_vlan" ] && return
      sleep 0.05
    done
    fail "kernel_vlan does not begin"
  fi
}

leave_vlan() {
  if [ $by = interface ]; then
    ip -n "$1" link del tagged
    ip -n "$1" addr add "$3/24" dev "$2"
  else
    kill "$tagger"
    wait "$tagger" 2>/dev/null || true
    ip -n "$1" neigh del "$6" dev "$2"
  fi
  ip netns exec "$1" ethtool -K "$2" txvlan on >/dev/null
}

# Ping and pong, of which the one that $2 names is the kernel's, the other efvi's over $1; $3 is the VLAN's option, or
# nothing. The rest is ping's.
exchange() {
  local wire=$1 kernels=$2 tag=$3 ping_is= pong_is= near_interface=veth0 far_interface=veth1 pong
  shift 3
  if [ "$kernels" = ping ]; then ping_is=--socket pong_is=$tag; else pong_is=--socket ping_is=$tag; fi
  if [ -n "$tag" ] && [ $by = interface ]; then
    if [ "$kernels" = ping ]; then near_interface=tagged; else far_interface=tagged; fi
  fi
  # shellcheck disable=SC2086
  EFVI_MOCK_WIRE=$wire ip netns exec "$far" "$program" pong $far_interface $pong_is --timeout 20 --wait 20 &
  pong=$!
  # shellcheck disable=SC2086
  EFVI_MOCK_WIRE=$wire ip netns exec "$near" "$program" ping $near_interface --remote 198.18.0.2 $ping_is \
    --timeout 20 --wait 20 -m dma-push "$@" >"$work/result" || fail "efvi over $wire, $kernels is a socket: ping failed"
  wait $pong || fail "efvi over $wire, $kernels is a socket: pong failed"
}

# Whether tcpdump has found all frames of the sizes, both ways, so far.
both_ways() {
  local way
  tcpdump -e -n -vv -r "$work/pcap" "$1" >"$work/shown" 2>/dev/null || true
  for way in '198.18.0.1.8080 > 198.18.0.2.8080' '198.18.0.2.8080 > 198.18.0.1.8080'; do
    # Control messages are on top.
    [ "$(grep -c "$way: \[udp sum ok\]" "$work/shown" || true)" -ge $((trips * 4)) ] || return 1
  done
}

# The same beside tcpdump at the kernel's end, in the namespace $1 on the interface $2; $3 is the kind of frames. What leaves
# has its checksums from the kernel then, as an adapter would fill them in.
captured() {
  local namespace=$1 interface=$2 kind=$3 wire=$4 kernels=$5 tag=$6 sizes=$7 filter='udp port 8080' tcpdump wrong frames
  local trips=20 what="by $4, $5 is a socket, $3"
  [ -z "$tag" ] || filter="vlan $vlan and $filter"
  ip netns exec "$namespace" ethtool -K "$interface" tx off >/dev/null
  # Room for all of them, should it be late: as many frames of this length as these KiB hold.
  ip netns exec "$namespace" tcpdump --immediate-mode -s 9100 -B 8192 -U -n -i "$interface" -w "$work/pcap" \
    udp or vlan 2>"$work/tcpdump" &
  tcpdump=$!
  for _ in $(seq 100); do grep -q 'listening on' "$work/tcpdump" && break; sleep 0.05; done
  exchange "$wire" "$kernels" "$tag" -n $trips -w 0 -s "$sizes"
  # It writes when it has the time.
  for _ in $(seq 100); do both_ways "$filter" && break; sleep 0.05; done
  kill -INT $tcpdump
  wait $tcpdump || fail "tcpdump, $what: $(cat "$work/tcpdump")"
  ip netns exec "$namespace" ethtool -K "$interface" tx on >/dev/null
  wrong=$(grep -m 1 -B 1 -e 'bad udp cksum' -e 'bad cksum' "$work/shown" || true)
  [ -z "$wrong" ] || fail "tcpdump finds a wrong checksum, $what: $wrong"
  both_ways "$filter" || fail "tcpdump does not find all frames with right checksums, $what: $(tail "$work/shown")"
  if [ -n "$tag" ]; then
    frames=$(tcpdump -n -r "$work/pcap" 'udp port 8080' 2>/dev/null | wc -l)
    [ "$frames" = 0 ] || fail "tcpdump finds $frames frames without a tag, $what"
    grep -q "vlan $vlan, p $kernel_priority," "$work/shown" || fail "tcpdump finds no tag of the kernel's, $what"
    grep -q "vlan $vlan, p $efvi_priority," "$work/shown" || fail "tcpdump finds no tag of efvi's, $what"
  fi
}

all() {
  local kind=$1 tag=$2 sizes=$3 wire kernels kernel
  for wire in xdp packet; do
    for kernels in ping pong; do
      if [ $kernels = ping ]; then
        kernel=("$near" veth0 198.18.0.1 "$far" veth1 198.18.0.2)
      else
        kernel=("$far" veth1 198.18.0.2 "$near" veth0 198.18.0.1)
      fi
      [ -z "$tag" ] || join_vlan "${kernel[@]}"
      exchange $wire $kernels "$tag" -n "$count" -w 100 -s "$sizes"
      echo "efvi over $wire, $kernels is a socket of the kernel's, $kind: $(grep -o '[0-9]* echoes checked' "$work/result")"
      captured "${kernel[0]}" "${kernel[1]}" "$kind" $wire $kernels "$tag" "$sizes"
      # The largest frame, there and back.
      grep -B 1 "UDP, length ${sizes##*,}\$" "$work/shown" | tail -n 4 | sed 's/^ */  tcpdump: /'
      [ -z "$tag" ] || leave_vlan "${kernel[@]}"
    done
  done
}

all "plain frames" "" $plain_sizes
[ -z "$by" ] || all "frames in VLAN $vlan" "--vlan $vlan:$efvi_priority" $plain_sizes
ip -n "$near" link set veth0 mtu 9000
ip -n "$far" link set veth1 mtu 9000
all "jumbo frames" "" $jumbo_sizes
[ -z "$by" ] || all "jumbo frames in VLAN $vlan" "--vlan $vlan:$efvi_priority" $jumbo_sizes
echo "ci/interop.sh: every datagram arrived as it was sent, with right checksums${by:+, in a VLAN, too}"
