#!/usr/bin/env bash
# usage: ci/conformance.sh [--over memory | --over veth] [--all | RELEASE...]
#
# Builds the mock as C libraries for releases of Onload (8.1.0, 9.1.1 and 9.2.0 unless told; --all for every one), checks
# what they export, and runs the C programs of mock-nic/libciul/conformance against each, linked with libciul.so and with
# libciul.a, for each model of adapter that the release knows, and the same as C++ for the first model; then C ping against
# Rust pong and the other way, by each way to send that the model has. Prints tables of how many checks and echoes there
# were. What a failed program printed is shown. Takes a minute, and 30 s more for each release.
#
# --over veth does the same over interfaces of the machine in place of the mock's own `lo` and cables: the same program
# files between the ends of veth pairs, in a network namespace of their own, by AF_XDP (xdp), by packet sockets (packet) and
# by their blocks (packet-blocks). Every check has to hold there, too; the table says how many VIs went which way, and what
# an interface can't carry. Afterwards no XDP program, namespace or process is left. Takes root, or is skipped; 15 s for each
# model, library and way.
#
# MODELS="x2 x3 x4 x4-express" says which models; the last is an X4 on its express datapath, which EF_VI_PD_FLAGS chooses.
# LIBRARIES="shared static c++" says which libraries, the last being the shared one with the programs as C++, and
# WIRES="xdp packet packet-blocks" which ways over an interface.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/veth.sh

releases=(8.1.0 9.1.1 9.2.0) wires=(memory)
while :; do
  case ${1:-} in
    -h | --help) sed -n '2,20s/^# \?//p' "$0"; exit 0 ;;
    --over)
      case ${2:-} in
        memory) ;;
        veth) read -ra wires <<<"${WIRES:-xdp packet packet-blocks}" ;;
        *) echo "ci/conformance.sh: --over takes 'memory' or 'veth', not '${2:-}'" >&2; exit 2 ;;
      esac
      shift 2
      ;;
    --all) releases=(); for dir in vendor/include/onload-*; do releases+=("${dir#*onload-}"); done; break ;;
    -*) echo "ci/conformance.sh: no such option: $1; see --help" >&2; exit 2 ;;
    ?*) releases=("$@"); break ;;
    *) break ;;
  esac
done
for wire in "${wires[@]}"; do
  case $wire in
    memory | xdp | packet | packet-blocks) ;;
    *) echo "ci/conformance.sh: WIRES has ways to go over an interface: xdp, packet, packet-blocks; not '$wire'" >&2; exit 2 ;;
  esac
done
programs=mock-nic/libciul/conformance
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
namespace=
failed=0

finish() {
  [ -z "$namespace" ] || veth_remove "$namespace"
  rm -rf "$work"
}
veth_ends_with finish

# Two veth pairs in a namespace of their own.
if [ "${wires[0]}" != memory ]; then
  lacking=$(veth_lacking)
  if [ -n "$lacking" ]; then
    echo "ci/conformance.sh: skipped: $lacking"
    exit 77
  fi
  veth_sweep
  namespace=efvi-conformance-$$
  ip netns add $namespace
  # The kernel says nothing of its own accord.
  ip netns exec $namespace sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' 2>/dev/null || true
  ip -n $namespace link add veth0 type veth peer name veth1
  ip -n $namespace link add veth2 type veth peer name veth3
  for interface in veth0 veth1 veth2 veth3; do ip -n $namespace link set $interface up; done
fi

# The models of MODELS that a release knows. X4 came with 9.0.
models() {
  local headers=vendor/include/onload-$1/etherfabric model
  for model in ${MODELS:-x2 x3 x4 x4-express}; do
    case $model in
      x4*) grep -q EF_VI_ARCH_EF10CT "$headers"/*.h || continue ;;
    esac
    echo "$model"
  done
}

# The ways to send that a model has.
modes() { case $1 in x3 | x4-express) echo ctpio ;; *) echo ctpio,dma-push,dma-doorbell,pio ;; esac; }

# Why a model does not go that way; nothing if it does.
not_carried() {
  case $1/$2 in
    xdp/x3 | xdp/x4-express) echo "not carried: AF_XDP writes into posted buffers, and this adapter has none" ;;
  esac
}

# Runs a program with an adapter of that model, over interfaces of its own.
on() {
  local model=$1
  shift
  local adapter=(EFVI_MOCK_DIR="$work/wires" EFVI_MOCK_MODEL="${model%-express}") place=()
  # The flag had another name in 9.0; one that is not known changes nothing.
  case $model in *-express) adapter+=(EF_VI_PD_FLAGS=express,llct) ;; esac
  if [ $wire != memory ]; then
    adapter+=(INTERFACES=veth0,veth1,veth2,veth3 EFVI_MOCK_LOG="wire:$work/way.%p")
    # AF_XDP is not asked for: it would be refused to a program's second VI.
    if [ $wire != xdp ]; then adapter+=(EFVI_MOCK_WIRE=$wire); fi
    place=(ip netns exec $namespace)
  fi
  "${place[@]}" env -u INTERFACES -u EFVI_MOCK_WIRE "${adapter[@]}" timeout 60 "$@"
}

# What the last programs left behind where they ran; and which way their VIs went, which is added to the counts of the row.
# A VI that goes by packet sockets for any other reason than that it has to is one that was to go by AF_XDP.
left_behind() {
  if [ $wire = memory ]; then
    ls "$work/wires"
  else
    # The kernel lets go of a program once nobody has it open; that takes it a moment.
    for _ in $(seq 50); do
      ip -n $namespace link show | grep -q xdp || break
      sleep 0.1
    done
    ip -n $namespace link show | grep xdp || true
    ip netns pids $namespace
    cat "$work"/way.* >"$work/log" 2>/dev/null || true
    rm -f "$work"/way.*
    local known='another VI of this process has|for a VI of a set|without posted buffers|as EFVI_MOCK_WIRE asks|other VIs of this'
    grep 'by packet sockets' "$work/log" | grep -Ev "$known" || true
  fi
  rm -rf "$work/wires"
}

count_ways() {
  [ $wire != memory ] || return 0
  by_xdp=$((by_xdp + $(grep -c 'by AF_XDP' "$work/log" || true)))
  by_packets=$((by_packets + $(grep -c 'by packet sockets' "$work/log" || true)))
}

# Runs a conformance program; adds to the counts of its row.
run() {
  local name=$1 model=$2 program=$3 output=$work/output code=0
  mkdir "$work/wires"
  on "$model" "$program" >"$output" 2>&1 || code=$?
  left_behind >"$work/left"
  count_ways
  local good bad
  good=$(grep -c '^ok ' "$output" || true)
  bad=$(grep -c '^not ok ' "$output" || true)
  # A program that ends early has no plan, and one without a check shows nothing.
  if ! grep -q '^1\.\.[1-9]' "$output"; then bad=$((bad + 1)); fi
  if [ -s "$work/left" ]; then sed 's/^/# left behind: /' "$work/left" >>"$output"; bad=$((bad + 1)); fi
  if [ $code != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$((passed + good))
  if [ "$bad" != 0 ]; then
    wrong=$((wrong + bad)) failed=1
    echo "$name: exit code $code" >&2
    grep -v '^ok ' "$output" | sed 's/^/    /' >&2
  fi
}

compile() {
  local language=("${CC:-cc}" -std=c11)
  if [ "$1" = c++ ]; then language=("${CXX:-c++}" -std=c++17 -x c++); fi
  # What follows the source is no source of that language.
  "${language[@]}" -O2 -Wall -Wextra -Werror -pthread -I "$prefix/include" "$2" -x none "${@:3}"
}

# A row of the table; of a run over an interface also how many VIs went by AF_XDP and by packet sockets.
row() {
  if [ -z "$namespace" ]; then
    printf '%-10s %-8s %-10s %9s %9s %7s\n' "${@:1:6}"
  else
    printf '%-13s %-10s %-8s %-10s %9s %9s %7s %7s %8s\n' $wire "$@"
  fi
}

read -ra kinds <<<"${LIBRARIES:-shared static c++}"
wire=wire row release library model programs checks failed AF_XDP packets
for release in "${releases[@]}"; do
  prefix=$work/$release
  mock-nic/libciul/install.sh "$prefix" "$release" >/dev/null
  mock-nic/libciul/symbols.sh "$prefix" >"$work/symbols" || { cat "$work/symbols" >&2; failed=1; }
  # The same sources are C++, too.
  for library in "${kinds[@]}"; do
    mkdir -p "$prefix/$library"
    language=c
    if [ $library = c++ ]; then language=c++; fi
    if [ $library = static ]; then
      libraries=("$prefix/lib/libciul.a" "$prefix/lib/libonload_ext.a")
    else
      libraries=(-L "$prefix/lib" -lciul -lonload_ext "-Wl,-rpath,$prefix/lib")
    fi
    # Program files are made once for all models.
    for source in "$programs"/*.c; do
      compile $language "$source" "${libraries[@]}" -o "$prefix/$library/$(basename "$source" .c)"
    done
    compile $language "$programs/ping_pong/ping_pong.c" "${libraries[@]}" -o "$prefix/ping_pong-$library"
    wanted=$(models "$release")
    if [ $library = c++ ]; then wanted=${wanted%%$'\n'*}; fi
    for wire in "${wires[@]}"; do
      for model in $wanted; do
        reason=$(not_carried $wire "$model")
        if [ -n "$reason" ]; then
          printf '%-13s %-10s %-8s %-10s %s\n' $wire "$release" $library "$model" "$reason"
          continue
        fi
        passed=0 wrong=0 count=0 by_xdp=0 by_packets=0
        for program in "$prefix/$library"/*; do
          run "$release $library $model $(basename "$program")" "$model" "$program"
          count=$((count + 1))
        done
        row "$release" $library "$model" $count $passed $wrong $by_xdp $by_packets
      done
    done
  done
done

# Round trips between two programs by some modes: an error of either, an echo that is not what it should be, or fewer than
# there should be fail them.
pair() {
  local release=$1 model=$2 ping_name=$3 pong_name=$4 ping=$5 pong=$6 list=$7 code=0 other=0 trips=500 warm_ups=50
  local near=lo far=lo
  if [ $wire != memory ]; then near=veth0 far=veth1; fi
  # Each frame waits for its block to be handed over.
  if [ $wire = packet-blocks ]; then trips=100 warm_ups=10; fi
  mkdir "$work/wires"
  on "$model" "$pong" pong $far >"$work/pong.out" 2>&1 &
  on "$model" "$ping" ping $near -n $trips -w $warm_ups -m "$list" >"$work/ping.out" 2>&1 || code=$?
  wait $! || other=$?
  left_behind >"$work/left"
  local echoes expected
  echoes=$(sed -n 's/^\([0-9]*\) echoes checked.*/\1/p' "$work/ping.out")
  expected=$(((trips + warm_ups) * $(tr , '\n' <<<"$list" | wc -l)))
  [ $code = 0 ] && [ $other = 0 ] && [ "${echoes:-0}" = $expected ] && [ ! -s "$work/left" ] ||
    { failed=1; sed 's/^/    /' "$work/ping.out" "$work/pong.out" "$work/left" >&2; }
  trips_row "$release" "$model" "$ping_name" "$pong_name" "${echoes:-0}" "$list"
}

trips_row() {
  if [ -z "$namespace" ]; then
    printf '%-10s %-10s %-12s %-12s %7s  %s\n' "$@"
  else
    printf '%-13s %-10s %-10s %-12s %-12s %7s  %s\n' $wire "$@"
  fi
}

# A mode that the model has not: the program has to say so.
refusal() {
  local model=$1 program=$2 mode=$3 code=0
  mkdir "$work/wires"
  on "$model" "$program" ping lo -n 1 -w 0 -m "$mode" >"$work/ping.out" 2>&1 || code=$?
  rm -rf "$work/wires"
  [ $code = 1 ] && grep -q "this adapter sends by CTPIO only" "$work/ping.out" ||
    { failed=1; echo "$program on $model: -m $mode is not refused" >&2; sed 's/^/    /' "$work/ping.out" >&2; }
}

# Messages and wires are the same in every release, so Rust's need not be built for each.
cargo build --quiet --release --package examples --example ping_pong
rust=$target/release/examples/ping_pong
echo
wire=wire trips_row release model ping pong echoes modes
for release in "${releases[@]}"; do
  ends=()
  for kind in "${kinds[@]}"; do if [ "$kind" != c++ ]; then ends+=("C, $kind"); fi; done
  program_of() { if [ "$1" = Rust ]; then echo "$rust"; else echo "$work/$release/ping_pong-${1#C, }"; fi; }
  for wire in "${wires[@]}"; do
    for model in $(models "$release"); do
      [ -z "$(not_carried $wire "$model")" ] || continue
      list=$(modes "$model")
      for ping in "${ends[@]}" Rust; do
        for pong in "${ends[@]}" Rust; do
          # Libraries of the same kind have met in their programs.
          if [ "$ping" = "$pong" ]; then continue; fi
          pair "$release" "$model" "$ping" "$pong" "$(program_of "$ping")" "$(program_of "$pong")" "$list"
        done
      done
      if [ "$list" = ctpio ] && [ $wire = memory ]; then
        for program in "$(program_of "${ends[0]}")" "$rust"; do
          for mode in dma-push dma-doorbell pio; do refusal "$model" "$program" $mode; done
        done
      fi
    done
  done
done

if [ -n "$namespace" ]; then
  ip netns del $namespace
  if ip netns list | grep -q "^$namespace"; then echo "ci/conformance.sh: namespace $namespace is left" >&2; failed=1; fi
  namespace=
  echo "nothing is left: no XDP program, no namespace, no process"
fi
exit $failed
