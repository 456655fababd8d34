#!/usr/bin/env bash
# usage: ci/interfaces.sh [ROUND_TRIPS]
#
# An interface of the machine as the wire: ping_pong over a veth pair, each end in a network namespace of its own, by
# AF_XDP and by packet sockets, and one against the other; ROUND_TRIPS (20000 unless told) for each way to send, all
# checked frame by frame. Meanwhile the kernel's ping and a copy over TCP use the same interfaces, and lose nothing. Then an
# end is killed with SIGKILL. In the end nothing is left: no XDP program, no namespace, no process, nor what a script that
# was killed itself has left. What goes over the interface is shown by tcpdump. Takes root, or is skipped; about a minute.
# As root it installs tcpdump and ping if they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:-20000}
case $count in
  -h | --help) sed -n '2,10s/^# \?//p' "$0"; exit 0 ;;
  *[!0-9]* | '') echo "ci/interfaces.sh: ROUND_TRIPS is a number, not '$count'" >&2; exit 2 ;;
esac
. ci/veth.sh
reason=$(veth_lacking)
if [ -n "$reason" ]; then
  echo "ci/interfaces.sh: skipped: $reason"
  exit 77
fi
. ci/tools.sh
need tcpdump tcpdump --version
need iputils-ping ping -V

cargo build --quiet --release --package examples --example ping_pong
program=${CARGO_TARGET_DIR:-target}/release/examples/ping_pong
work=$(mktemp -d)
started=()

finish() {
  kill -9 "${started[@]}" 2>/dev/null || true
  veth_down
  rm -rf "$work"
}
veth_ends_with finish

fail() {
  echo "ci/interfaces.sh: $1" >&2
  tail -n 20 "$work"/*.err >&2 2>/dev/null || true
  exit 1
}

# Left by a script that was killed: a namespace, and a process in it.
killed=efvi-interfaces-near-$(bash -c 'echo $$')
ip netns add "$killed"
ip netns exec "$killed" timeout 20 sleep 20 &
left=$!
until ip netns pids "$killed" | grep -q .; do sleep 0.01; done
veth_up interfaces
wait $left 2>/dev/null || true
ip netns list | grep -q "^$killed" && fail "namespace $killed of a script that was killed is left"

# Runs in one of the namespaces, in the background, with the file `input` to read; its process is the last of those that
# were started.
start() {
  local namespace=$1 name=$2
  shift 2
  ip netns exec "$namespace" "$@" <"${input:-/dev/null}" >"$work/$name.out" 2>"$work/$name.err" &
  started+=($!)
}

no_programs() {
  local namespace
  for namespace in $near $far; do
    # The kernel lets go of a program once nobody has it open; that takes it a moment.
    for _ in $(seq 50); do
      ip -n "$namespace" link show | grep -q xdp || continue 2
      sleep 0.1
    done
    fail "$1: an XDP program is left: $(ip -n "$namespace" link show | grep xdp)"
  done
}

no_processes() {
  ! pgrep -f "^$program p[io]ng veth" >"$work/left" || fail "$1: still running: $(cat "$work/left")"
}

# The kernel's own traffic: pings that are counted, and over TCP the same bytes again and again, each of which is compared,
# until ping_pong has ended.
head -c 10000000 /dev/urandom >"$work/data"
kernels_traffic() {
  rm -f "$work/stop"
  start $near ping ping -q -i 0.01 -c 300 198.18.0.2
  ping_pid=${started[-1]}
  input=$work/data start $far copy perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(LocalAddr => "198.18.0.2", LocalPort => 9700, Listen => 1, ReuseAddr => 1) or die $!;
    my $c = $s->accept or die $!;
    local $/; binmode STDIN; my $data = <STDIN>;
    my $at = 0;
    while (sysread($c, my $b, 65536)) {
      my $from = $at % length $data;
      substr($data . $data, $from, length $b) eq $b or die "differs after $at bytes" if $from + length($b) > length $data;
      substr($data, $from, length $b) eq $b or die "differs after $at bytes" if $from + length($b) <= length $data;
      $at += length $b;
    }
    print $at'
  copy_pid=${started[-1]}
  input=$work/data start $near send perl -MIO::Socket::INET -e '
    my $s;
    for (1 .. 50) { $s = IO::Socket::INET->new(PeerAddr => "198.18.0.2", PeerPort => 9700) and last; select undef, undef, undef, 0.1 }
    $s or die $!;
    local $/; binmode STDIN; my $data = <STDIN>;
    my $sent = 0;
    until (-e $ARGV[0]) { print $s $data or die $!; $sent += length $data }
    print $sent' "$work/stop"
  send_pid=${started[-1]}
}

kernels_traffic_is_whole() {
  touch "$work/stop"
  wait "$send_pid" || fail "$1: the TCP copy could not be sent"
  wait "$copy_pid" || fail "$1: the TCP copy could not be received, or differs"
  [ "$(cat "$work/send.out")" -gt 0 ] && cmp "$work/send.out" "$work/copy.out" || fail "$1: the TCP copy is not whole"
  wait "$ping_pid" || fail "$1: ping failed: $(cat "$work/ping.out")"
  grep -q ' 0% packet loss' "$work/ping.out" || fail "$1: ping lost something: $(cat "$work/ping.out")"
  with="$with of $(cat "$work/copy.out") bytes"
}

# One run: which way frames go at each end.
run() {
  local pings=$1 pongs=$2 with=${3:-}
  local name="ping by $pings, pong by $pongs"
  [ -z "$with" ] || kernels_traffic
  start $far pong env EFVI_MOCK_WIRE="$pongs" EFVI_MOCK_LOG=wire,counters \
    "$program" pong veth1 --timeout 20 --wait 20
  local pong=${started[-1]}
  ip netns exec $near env EFVI_MOCK_WIRE="$pings" EFVI_MOCK_LOG=wire,counters \
    "$program" ping veth0 --remote 198.18.0.2 --timeout 20 --wait 20 -n "$count" -w 1000 -s 22,1400 >"$work/result" 2>"$work/result.err" ||
    fail "$name: ping failed"
  wait "$pong" || fail "$name: pong failed"
  grep -q "echoes checked" "$work/result" || fail "$name: nothing was checked"
  [ -z "$with" ] || kernels_traffic_is_whole "$name"
  no_programs "$name"
  no_processes "$name"
  printf '%s%s: %s\n' "$name" "${with:+, $with}" "$(grep -o '[0-9]* echoes checked' "$work/result")"
  sed -n 's/^\(veth0: VI 1 .*\)/  \1/p' "$work/result.err"
  sed -n '/by this program/,/^$/p' "$work/result" | sed 's/^/  /' | tail -n +2
}

run xdp xdp
run packet packet
run xdp packet
run xdp xdp "beside the kernel's ping and a TCP copy"
run packet packet "beside the kernel's ping and a TCP copy"

# A packet socket sees what arrives before AF_XDP would; so the end where the capture is receives by packet sockets.
start $far tcpdump tcpdump --immediate-mode -n -i veth1 -c 20 -w "$work/capture.pcap" udp port 8080
capture=${started[-1]}
for _ in $(seq 100); do grep -q 'listening on' "$work/tcpdump.err" && break; sleep 0.1; done
run xdp packet >/dev/null
wait "$capture" || fail "tcpdump failed"
tcpdump -n -vv -r "$work/capture.pcap" >"$work/shown" 2>/dev/null
grep -q 'bad udp cksum' "$work/shown" && fail "tcpdump finds wrong checksums: $(grep -m 1 -B 1 'bad udp cksum' "$work/shown")"
grep -q 'udp sum ok' "$work/shown" || fail "tcpdump finds no checksums"
echo "tcpdump on veth1:"
grep -A 1 -m 2 "198.18.0" "$work/shown" | sed 's/^/  /'

for wire in xdp packet; do
  for round in $(seq 5); do
    start $far pong env EFVI_MOCK_WIRE=$wire "$program" pong veth1 --timeout 1 --wait 5
    pong=${started[-1]}
    start $near ping env EFVI_MOCK_WIRE=$wire "$program" ping veth0 --remote 198.18.0.2 --timeout 1 --wait 5 -n 400000000 -m dma-push
    ping=${started[-1]}
    sleep "0.$((RANDOM % 9))"
    # `ip netns exec` becomes the program: these are its processes.
    if [ $((round % 2)) = 0 ]; then victim=$ping other=$pong; else victim=$pong other=$ping; fi
    kill -9 "$victim"
    wait "$victim" 2>/dev/null || true
    code=0
    wait "$other" 2>/dev/null || code=$?
    [ "$code" != 0 ] || fail "by $wire: an end was killed, and the other ended with 0"
    no_programs "by $wire, after SIGKILL"
    no_processes "by $wire, after SIGKILL"
  done
  run $wire $wire >/dev/null
  echo "by $wire: killed 5 times, and went on"
done

for namespace in $near $far; do
  ip netns del $namespace
  ip netns list | grep -q "^$namespace" && fail "namespace $namespace is left"
done
started=()
echo "nothing is left: no XDP program, no namespace, no process"
