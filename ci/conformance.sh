#!/usr/bin/env bash
# usage: ci/conformance.sh [--all | RELEASE...]
#
# Builds the mock as C libraries for releases of Onload (8.1.0, 9.1.1 and 9.2.0 unless told; --all for every one), checks
# what they export, and runs the C programs of mock-nic/libciul/conformance against each, linked with libciul.so and with
# libciul.a, for each model of adapter that the mock has; then C ping against Rust pong and the other way. Prints a table
# of how many checks there were. What a failed program printed is shown. Takes under two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

releases=(8.1.0 9.1.1 9.2.0)
case ${1:-} in
  -h | --help) sed -n '2,8s/^# \?//p' "$0"; exit 0 ;;
  --all) releases=(); for dir in vendor/include/onload-*; do releases+=("${dir#*onload-}"); done ;;
  -*) echo "ci/conformance.sh: no such option: $1; see --help" >&2; exit 2 ;;
  ?*) releases=("$@") ;;
esac
programs=mock-nic/libciul/conformance
models=(${MODELS:-x2})
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# Runs a program over interfaces of its own; adds to the counts of its row.
run() {
  local name=$1 model=$2 output=$work/output code=0
  shift 2
  mkdir "$work/wires"
  EFVI_MOCK_DIR=$work/wires EFVI_MOCK_MODEL=$model timeout 60 "$@" >"$output" 2>&1 || code=$?
  local good bad
  good=$(grep -c '^ok ' "$output" || true)
  bad=$(grep -c '^not ok ' "$output" || true)
  # A program that ends early has no plan.
  if ! grep -q '^1\.\.' "$output"; then bad=$((bad + 1)); fi
  if [ -n "$(ls "$work/wires")" ]; then echo "# left behind: $(ls "$work/wires")" >>"$output"; bad=$((bad + 1)); fi
  if [ $code != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  rm -rf "$work/wires"
  if grep -q '^1\.\.0 # SKIP' "$output"; then skipped=$((skipped + 1)); fi
  passed=$((passed + good))
  if [ "$bad" != 0 ]; then
    wrong=$((wrong + bad)) failed=1
    echo "$name: exit code $code" >&2
    grep -v '^ok ' "$output" | sed 's/^/    /' >&2
  fi
}

compile() {
  "${CC:-cc}" -std=c11 -O2 -Wall -Wextra -Werror -pthread -I "$prefix/include" "$@"
}

printf '%-10s %-8s %-6s %9s %9s %7s %8s\n' release library model programs checks failed skipped
for release in "${releases[@]}"; do
  prefix=$work/$release
  mock-nic/libciul/install.sh "$prefix" "$release" >/dev/null
  mock-nic/libciul/symbols.sh "$prefix" >"$work/symbols" || { cat "$work/symbols" >&2; failed=1; }
  for library in shared static; do
    mkdir -p "$prefix/$library"
    # Program files are made once for all models.
    for source in "$programs"/*.c; do
      program=$prefix/$library/$(basename "$source" .c)
      if [ $library = shared ]; then
        compile "$source" -L "$prefix/lib" -lciul -lonload_ext "-Wl,-rpath,$prefix/lib" -o "$program"
      else
        compile "$source" "$prefix/lib/libciul.a" "$prefix/lib/libonload_ext.a" -o "$program"
        # The same source is C++, too.
        "${CXX:-c++}" -std=c++17 -fsyntax-only -Wall -Wextra -Werror -I "$prefix/include" -x c++ "$source"
      fi
    done
    if [ $library = shared ]; then
      compile "$programs/ping_pong/ping_pong.c" -L "$prefix/lib" -lciul "-Wl,-rpath,$prefix/lib" -o "$prefix/ping"
    else
      compile "$programs/ping_pong/ping_pong.c" "$prefix/lib/libciul.a" -o "$prefix/pong"
    fi
    for model in "${models[@]}"; do
      passed=0 wrong=0 skipped=0 count=0
      for program in "$prefix/$library"/*; do
        run "$release $library $model $(basename "$program")" "$model" "$program"
        count=$((count + 1))
      done
      printf '%-10s %-8s %-6s %9d %9d %7d %8d\n' "$release" $library "$model" $count $passed $wrong $skipped
    done
  done
done

# Round trips between two programs: an error of either, or an echo that is not what it should be, fails them.
pair() {
  local release=$1 ping_name=$2 pong_name=$3 model=$4 ping=$5 pong=$6 code=0 other=0
  mkdir "$work/wires"
  export EFVI_MOCK_DIR=$work/wires EFVI_MOCK_MODEL=$model
  timeout 60 "$pong" pong lo >"$work/pong.out" 2>&1 &
  timeout 60 "$ping" ping lo -n 2000 -w 100 >"$work/ping.out" 2>&1 || code=$?
  wait $! || other=$?
  local echoes
  echoes=$(sed -n 's/^\([0-9]*\) echoes checked.*/\1/p' "$work/ping.out")
  [ $code = 0 ] && [ $other = 0 ] && [ -n "$echoes" ] || { failed=1; sed 's/^/    /' "$work/ping.out" "$work/pong.out" >&2; }
  printf '%-10s %-8s %-8s %-6s %8d\n' "$release" "$ping_name" "$pong_name" "$model" "${echoes:-0}"
  unset EFVI_MOCK_DIR EFVI_MOCK_MODEL
  rm -rf "$work/wires"
}

# Messages and wires are the same in every release, so Rust's need not be built for each.
cargo build --quiet --release --package examples --example ping_pong
rust=$target/release/examples/ping_pong
printf '\n%-10s %-8s %-8s %-6s %8s\n' release ping pong model echoes
for release in "${releases[@]}"; do
  for model in "${models[@]}"; do
    pair "$release" C C "$model" "$work/$release/ping" "$work/$release/pong"
    pair "$release" C Rust "$model" "$work/$release/ping" "$rust"
    pair "$release" Rust C "$model" "$rust" "$work/$release/pong"
  done
done
exit $failed
