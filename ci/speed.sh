#!/usr/bin/env bash
# usage: ci/speed.sh [BASE [ROUNDS]]
#
# How fast the mock is at commit BASE (fb44960 unless told: before it had faults, checks, models and time) and as it is
# here, by one program over the C interface (benches/speed). The two are run in turns, ROUNDS times (15 unless told), on
# one CPU. For each way to send: frames a second, each sent, completed and received (the best round); the round trip
# (the least median of a round), in one thread; and the instructions of one send, completion and reception, under
# callgrind, which noise does not touch. X3 and X4 have no before. Fails if on X2 the instructions have grown by more
# than a hundredth, which is what another compiler may make of it. Needs valgrind. A minute, with compiling.
set -euo pipefail
cd "$(dirname "$0")/.."

base=${1:-fb44960}
rounds=${2:-15}
case $base in -h | --help) sed -n '2,9s/^# \?//p' "$0"; exit 0 ;; esac
case $rounds in *[!0-9]* | '' | 0*) echo "ci/speed.sh: ROUNDS is a number, not '$rounds'" >&2; exit 2 ;; esac
git rev-parse --quiet --verify "$base^{commit}" >/dev/null || { echo "ci/speed.sh: there is no commit '$base'" >&2; exit 2; }
. ci/tools.sh
need valgrind valgrind --version

target=${CARGO_TARGET_DIR:-$PWD/target}/speed
work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree" 2>/dev/null || true; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/tree" "$base"

# A package of its own over the efvi-sys of a tree, so that the tree needs nothing of it.
build() {
  local name=$1 tree=$2 package=$work/$1
  shift 2
  mkdir "$package"
  cp -r benches/speed "$package/src"
  cp "$tree/Cargo.lock" rust-toolchain.toml "$package/"
  cat >"$package/Cargo.toml" <<END
[package]
name = "speed"
edition = "2024"
[dependencies]
efvi-sys = { path = "$tree/efvi-sys", features = ["mock-nic"] }
[lints.rust]
unexpected_cfgs = { level = "allow" }
[profile.release]
debug = 1
[workspace]
END
  (cd "$package" && RUSTFLAGS="$* ${RUSTFLAGS:-}" CARGO_TARGET_DIR=$target/$name cargo build --quiet --release)
}
build base "$work/tree" --cfg before_models
build head "$PWD"

# Another `lo` is not disturbed.
mkdir "$work/lo"
export EFVI_MOCK_DIR=$work/lo
cpu=$(taskset -pc $$ | sed 's/.*[:,-] *//')
run() {
  local commit=$1 model=$2
  shift 2
  EFVI_MOCK_MODEL=$model taskset -c "$cpu" "$target/$commit/release/speed" "$@"
}

instructions() {
  local commit=$1 model=$2 mode=$3 count=2000
  EFVI_MOCK_MODEL=$model valgrind --quiet --tool=callgrind --toggle-collect='*op_cycle*' \
    --callgrind-out-file="$work/out" "$target/$commit/release/speed" count "$mode" $count >&2
  awk -v count=$count '/^(totals|summary):/ { total = $2 } END { printf "%.1f", total / count }' "$work/out"
}

best() { sort -g "$1" | sed -n "$2p"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b / a }'; }

failed=0
row='%-3s %-9s %12s %12s %6s %8s %8s %6s %8s %8s %6s\n'
# shellcheck disable=SC2059
printf "$row" '' '' frames/s now ratio trip/ns now ratio instr. now ratio
for model in x2 x3 x4; do
  for mode in push doorbell ctpio; do
    # X3 and X4 have no descriptors to push.
    [ $model = x2 ] || [ $mode = ctpio ] || continue
    commits=(base head)
    [ $model = x2 ] || commits=(head)
    rm -f "$work"/*.rate "$work"/*.trip
    for _ in $(seq "$rounds"); do
      for commit in "${commits[@]}"; do
        run $commit $model rate $mode 400000 >>"$work/$commit.rate"
        run $commit $model trip $mode 50000 >>"$work/$commit.trip"
      done
    done
    head_rate=$(best "$work/head.rate" '$') head_trip=$(best "$work/head.trip" 1)
    head_count=$(instructions head $model $mode)
    if [ $model = x2 ]; then
      rate=$(best "$work/base.rate" '$') trip=$(best "$work/base.trip" 1) count=$(instructions base $model $mode)
      # shellcheck disable=SC2059
      printf "$row" $model $mode "$rate" "$head_rate" "$(ratio "$rate" "$head_rate")" \
        "$trip" "$head_trip" "$(ratio "$trip" "$head_trip")" "$count" "$head_count" "$(ratio "$count" "$head_count")"
      awk -v a="$count" -v b="$head_count" 'BEGIN { exit !(a > 100 && b > 100 && b <= a * 1.01) }' || failed=1
    else
      # shellcheck disable=SC2059
      printf "$row" $model $mode - "$head_rate" - - "$head_trip" - - "$head_count" -
    fi
  done
done
[ $failed = 0 ] || { echo "ci/speed.sh: a frame takes more instructions than it did" >&2; exit 1; }
