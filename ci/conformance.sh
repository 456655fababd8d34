#!/usr/bin/env bash
# usage: ci/conformance.sh [--all | RELEASE...]
#
# Builds the mock as C libraries for releases of Onload (8.1.0, 9.1.1 and 9.2.0 unless told; --all for every one), checks
# what they export, and runs the C programs of mock-nic/libciul/conformance against each, linked with libciul.so and with
# libciul.a, for each model of adapter that the release knows, and the same as C++ for the first model; then C ping against
# Rust pong and the other way, by each way to send that the model has. Prints tables of how many checks and echoes there
# were. What a failed program printed is shown. Takes a minute, and 30 s more for each release.
#
# MODELS="x2 x3 x4 x4-express" says which models; the last is an X4 on its express datapath, which EF_VI_PD_FLAGS chooses.
set -euo pipefail
cd "$(dirname "$0")/.."

releases=(8.1.0 9.1.1 9.2.0)
case ${1:-} in
  -h | --help) sed -n '2,10s/^# \?//p' "$0"; exit 0 ;;
  --all) releases=(); for dir in vendor/include/onload-*; do releases+=("${dir#*onload-}"); done ;;
  -*) echo "ci/conformance.sh: no such option: $1; see --help" >&2; exit 2 ;;
  ?*) releases=("$@") ;;
esac
programs=mock-nic/libciul/conformance
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

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

# Runs a program with an adapter of that model, over interfaces of its own.
on() {
  local model=$1
  shift
  local adapter=(EFVI_MOCK_DIR="$work/wires" EFVI_MOCK_MODEL="${model%-express}")
  # The flag had another name in 9.0; one that is not known changes nothing.
  case $model in *-express) adapter+=(EF_VI_PD_FLAGS=express,llct) ;; esac
  env "${adapter[@]}" timeout 60 "$@"
}

# Runs a conformance program; adds to the counts of its row.
run() {
  local name=$1 model=$2 program=$3 output=$work/output code=0
  mkdir "$work/wires"
  on "$model" "$program" >"$output" 2>&1 || code=$?
  local good bad
  good=$(grep -c '^ok ' "$output" || true)
  bad=$(grep -c '^not ok ' "$output" || true)
  # A program that ends early has no plan, and one without a check shows nothing.
  if ! grep -q '^1\.\.[1-9]' "$output"; then bad=$((bad + 1)); fi
  if [ -n "$(ls "$work/wires")" ]; then echo "# left behind: $(ls "$work/wires")" >>"$output"; bad=$((bad + 1)); fi
  if [ $code != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  rm -rf "$work/wires"
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

printf '%-10s %-8s %-10s %9s %9s %7s\n' release library model programs checks failed
for release in "${releases[@]}"; do
  prefix=$work/$release
  mock-nic/libciul/install.sh "$prefix" "$release" >/dev/null
  mock-nic/libciul/symbols.sh "$prefix" >"$work/symbols" || { cat "$work/symbols" >&2; failed=1; }
  # The same sources are C++, too.
  for library in shared static c++; do
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
    for model in $wanted; do
      passed=0 wrong=0 count=0
      for program in "$prefix/$library"/*; do
        run "$release $library $model $(basename "$program")" "$model" "$program"
        count=$((count + 1))
      done
      printf '%-10s %-8s %-10s %9d %9d %7d\n' "$release" $library "$model" $count $passed $wrong
    done
  done
done

# Round trips between two programs by some modes: an error of either, an echo that is not what it should be, or fewer than
# there should be fail them.
TRIPS=500 WARM_UPS=50
pair() {
  local release=$1 model=$2 ping_name=$3 pong_name=$4 ping=$5 pong=$6 list=$7 code=0 other=0
  mkdir "$work/wires"
  on "$model" "$pong" pong lo >"$work/pong.out" 2>&1 &
  on "$model" "$ping" ping lo -n $TRIPS -w $WARM_UPS -m "$list" >"$work/ping.out" 2>&1 || code=$?
  wait $! || other=$?
  local echoes expected
  echoes=$(sed -n 's/^\([0-9]*\) echoes checked.*/\1/p' "$work/ping.out")
  expected=$(((TRIPS + WARM_UPS) * $(tr , '\n' <<<"$list" | wc -l)))
  [ $code = 0 ] && [ $other = 0 ] && [ "${echoes:-0}" = $expected ] ||
    { failed=1; sed 's/^/    /' "$work/ping.out" "$work/pong.out" >&2; }
  printf '%-10s %-10s %-12s %-12s %7d  %s\n' "$release" "$model" "$ping_name" "$pong_name" "${echoes:-0}" "$list"
  rm -rf "$work/wires"
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
printf '\n%-10s %-10s %-12s %-12s %7s  %s\n' release model ping pong echoes modes
for release in "${releases[@]}"; do
  shared=$work/$release/ping_pong-shared static=$work/$release/ping_pong-static
  for model in $(models "$release"); do
    list=$(modes "$model")
    pair "$release" "$model" "C, shared" "C, static" "$shared" "$static" "$list"
    pair "$release" "$model" "C, static" "C, shared" "$static" "$shared" "$list"
    pair "$release" "$model" "C, shared" Rust "$shared" "$rust" "$list"
    pair "$release" "$model" "C, static" Rust "$static" "$rust" "$list"
    pair "$release" "$model" Rust "C, shared" "$rust" "$shared" "$list"
    pair "$release" "$model" Rust "C, static" "$rust" "$static" "$list"
    if [ "$list" = ctpio ]; then
      for program in "$shared" "$rust"; do
        for mode in dma-push dma-doorbell pio; do refusal "$model" "$program" $mode; done
      done
    fi
  done
done
exit $failed
