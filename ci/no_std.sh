#!/usr/bin/env bash
# usage: ci/no_std.sh
#
# Builds and runs a program of efvi without the standard library (ci/no_std): `#![no_std]`, with an allocator and a panic
# handler of its own, so that it does not link if any crate below it brings the standard library in. It sends a frame over
# the mock adapter, as a shared C library. Takes about half a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
mock-nic/libciul/install.sh "$work/prefix" >/dev/null

# Beside the workspace, of which it is no member, with the workspace's versions.
cp ci/no_std/main.rs Cargo.lock "$work"
sed "s|\.\./\.\./|$PWD/|" ci/no_std/Cargo.toml >"$work/Cargo.toml"
ONLOAD_DIR=$work/prefix EFVI_SYS_STATIC=0 CARGO_TARGET_DIR=$target/no_std \
  cargo build --quiet --release --manifest-path "$work/Cargo.toml"

# A wire of its own, and an end should the frame never come.
mkdir "$work/wire"
LD_LIBRARY_PATH=$work/prefix/lib EFVI_MOCK_DIR=$work/wire timeout 60 "$target/no_std/release/no_std" || {
  echo "ci/no_std.sh: the program failed" >&2
  exit 1
}
if nm "$target/no_std/release/no_std" | grep -E ' [tT] .*3std[0-9]+(io|thread|panicking|rt)' >"$work/std"; then
  { echo "ci/no_std.sh: there is code of the standard library in the program:"; head "$work/std"; } >&2
  exit 1
fi
echo "a frame was sent and received without the standard library"
