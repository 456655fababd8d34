#!/usr/bin/env bash
# usage: ci/prefixes.sh [--all | RELEASE...]
#
# Makes install prefixes of Onload releases, with our own headers and the mock adapter as their libraries, and builds and
# runs ping_pong against each without feature `mock-nic`: found by ONLOAD_DIR and by pkg-config, and with bindings that
# bindgen generates, each linked with the static and with the shared library. Then against headers that were altered,
# which has to be refused with the difference named, and accepted with bindgen; and with the library of another release
# than the headers', which has to be refused when the driver is opened, with bindgen too. Releases are 8.1.0, 9.1.1 and 9.2.0 unless
# others are given. Needs pkg-config and libclang: as root it installs what is missing. About a minute a release.
set -euo pipefail
cd "$(dirname "$0")/.."

releases=(8.1.0 9.1.1 9.2.0)
case ${1:-} in
  -h | --help) sed -n '2,9s/^# \?//p' "$0"; exit 0 ;;
  --all) releases=(vendor/include/onload-*); releases=("${releases[@]##*/onload-}") ;;
  '') ;;
  *) releases=("$@") ;;
esac

fail() {
  echo "ci/prefixes.sh: $1" >&2
  exit 1
}

. ci/tools.sh
need pkg-config pkg-config --version
need libclang-dev sh -c 'ls /usr/lib/llvm-*/lib/libclang*.so* "${LIBCLANG_PATH:-/nowhere}"/libclang*.so* | grep -q .'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
unset ONLOAD_DIR EFVI_SYS_RELEASE EFVI_SYS_STATIC EFVI_SYS_BINDGEN EFVI_SYS_INCLUDE PKG_CONFIG_PATH
# A directory of its own: another ping-pong on `lo` is not disturbed.
export EFVI_MOCK_DIR=$work

for release in "${releases[@]}"; do
  mock-nic/libciul/install.sh "$work/onload-$release" "$release" >/dev/null
done

# Builds ping_pong without the mock: build [VARIABLE=VALUE...] [--features ...]
build() {
  local variables=()
  while [[ ${1:-} == *=* ]]; do variables+=("$1"); shift; done
  env CARGO_TARGET_DIR="$target/prefixes" "${variables[@]}" \
    cargo build --quiet --no-default-features --package examples --example ping_pong "$@" 2>"$work/build.err"
}
program=$target/prefixes/debug/examples/ping_pong

# Runs what was built: run NAME LIBRARY-DIRECTORY KIND
run() {
  local name=$1 directory=$2 kind=$3
  # What it is linked with is what it was to be linked with.
  # (Not by `ldd | grep -q`: that ends with the signal that grep's early end sends ldd, now and then.)
  if [[ $(ldd "$program") == *libciul* ]]; then linked=shared; else linked=static; fi
  [ "$linked" = "$kind" ] || fail "$name: the program is linked with the $linked library"
  LD_LIBRARY_PATH=$directory "$program" --iterations 2000 --warm-ups 200 --size 64 \
    >"$work/run.out" 2>"$work/run.err" || { cat "$work/run.err" >&2; fail "$name: ping_pong failed"; }
  # A row a mode, by the program's clock and by the adapter's: each of frames that came back and were compared.
  local rows
  rows=$(grep -cE '^(ctpio|dma-push|dma-doorbell) +64 ' "$work/run.out") || true
  [ "$rows" = 6 ] || { cat "$work/run.out" >&2; fail "$name: $rows rows where 6 were expected"; }
  printf '  %-24s %s rows\n' "$name" "$rows"
}

for release in "${releases[@]}"; do
  prefix=$work/onload-$release
  echo "== Onload $release"
  for kind in static shared; do
    static=1
    [ $kind = shared ] && static=0
    build ONLOAD_DIR="$prefix" EFVI_SYS_STATIC=$static || { cat "$work/build.err" >&2; fail "$release: ONLOAD_DIR, $kind"; }
    run "ONLOAD_DIR, $kind" "$prefix/lib" $kind
    build PKG_CONFIG_PATH="$prefix/lib/pkgconfig" EFVI_SYS_STATIC=$static ||
      { cat "$work/build.err" >&2; fail "$release: pkg-config, $kind"; }
    run "pkg-config, $kind" "$prefix/lib" $kind
    build ONLOAD_DIR="$prefix" EFVI_SYS_STATIC=$static EFVI_SYS_BINDGEN=1 --features bindgen ||
      { cat "$work/build.err" >&2; fail "$release: bindgen, $kind"; }
    run "bindgen, $kind" "$prefix/lib" $kind
  done
done

last=${releases[-1]} first=${releases[0]}

echo "== headers that were altered"
altered=$work/altered
cp -a "$work/onload-$last" "$altered"
sed -i 's/^  unsigned int rx_prefix_len;/  uint64_t queue_priority;\n&/' "$altered/include/etherfabric/ef_vi.h"
grep -q queue_priority "$altered/include/etherfabric/ef_vi.h" || fail "the headers were not altered"
build ONLOAD_DIR="$altered" && fail "altered headers were accepted"
sed -n '/efvi-sys: the ef_vi headers/,$p' "$work/build.err"
grep -q 'rx_prefix_len\|ef_vi' "$work/build.err" && grep -q 'first difference' "$work/build.err" ||
  { cat "$work/build.err" >&2; fail "the refusal does not name the difference"; }
grep -q bindgen "$work/build.err" || fail "the refusal does not offer bindgen"
build ONLOAD_DIR="$altered" --features bindgen || { cat "$work/build.err" >&2; fail "bindgen did not take altered headers"; }
echo "  with feature bindgen: built"

# One with the same functions, where there is one: without them the loader or linker refuses before anything is opened.
other=$first
case $last in
  9.1.1) other=9.2.0 ;;
  9.[12]*) other=9.1.1 ;;
esac
[ -d "$work/onload-$other" ] || mock-nic/libciul/install.sh "$work/onload-$other" "$other" >/dev/null
if [ "$other" != "$last" ]; then
  echo "== the library of another release"
  build ONLOAD_DIR="$work/onload-$last" EFVI_SYS_STATIC=0 || { cat "$work/build.err" >&2; fail "shared, $last"; }
  code=0
  LD_LIBRARY_PATH=$work/onload-$other/lib "$program" --iterations 2000 >"$work/run.out" 2>"$work/run.err" || code=$?
  sed 's/^/  /' "$work/run.err"
  [ $code != 0 ] && [ $code -lt 128 ] || fail "the library of $other for headers of $last: ended with $code"
  grep -q "Onload $other" "$work/run.err" && grep -q "Onload $last" "$work/run.err" || fail "the error does not name both"
  mixed=$work/mixed
  cp -a "$work/onload-$last" "$mixed"
  cp -a "$work/onload-$other/lib/." "$mixed/lib"
  build ONLOAD_DIR="$mixed" || { cat "$work/build.err" >&2; fail "static, mixed"; }
  code=0
  "$program" --iterations 2000 >"$work/run.out" 2>"$work/run.err" || code=$?
  [ $code != 0 ] && [ $code -lt 128 ] && grep -q "Onload $other" "$work/run.err" || fail "static: ended with $code"
  echo "  the same, linked statically: refused"
  # Bindings that are generated from headers of a known release are of that release.
  build ONLOAD_DIR="$mixed" EFVI_SYS_BINDGEN=1 --features bindgen || { cat "$work/build.err" >&2; fail "bindgen, mixed"; }
  code=0
  "$program" --iterations 2000 >"$work/run.out" 2>"$work/run.err" || code=$?
  [ $code != 0 ] && [ $code -lt 128 ] && grep -q "Onload $other" "$work/run.err" || fail "bindgen: ended with $code"
  echo "  the same, with generated bindings: refused"
fi
