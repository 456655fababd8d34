#!/usr/bin/env bash
# usage: ci/releases.sh [--all | RELEASE...]
#
# Runs the tests of the raw bindings, the mock adapter and the safe crate with the interface of other releases of Onload
# than the default: 8.1.0 and 9.1.1 unless others are given. About a minute and a half a release; with --all, 20 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

releases=(8.1.0 9.1.1)
case ${1:-} in
  -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit 0 ;;
  --all) releases=(vendor/include/onload-*); releases=("${releases[@]##*/onload-}") ;;
  '') ;;
  *) releases=("$@") ;;
esac

out=$(mktemp)
trap 'rm -f "$out"' EXIT
# Absolute: tests run cargo in other directories.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/releases
for release in "${releases[@]}"; do
  echo "== Onload $release"
  EFVI_SYS_RELEASE=$release cargo test --quiet --package efvi-sys --package mock-nic --package efvi >"$out" 2>&1 ||
    { cat "$out" >&2; exit 1; }
  awk '/^test result: ok/ { passed += $4 } END { print passed " tests passed" }' "$out"
done
