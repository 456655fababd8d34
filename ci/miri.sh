#!/usr/bin/env bash
# usage: ci/miri.sh [FILTER]
#
# Runs the in-process path under Miri: the mock adapter, the raw calls and the safe crate, over a fabric. FILTER picks
# tests by name; without it tests of safe code alone are left out, of which Miri can find nothing. Needs the nightly
# toolchain, to which it adds Miri if it is missing. Takes two and a half minutes, on one processor.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;; esac

if ! cargo +nightly miri --version >/dev/null 2>&1; then
  { rustup component add --toolchain nightly miri rust-src || rustup toolchain install nightly --profile minimal --component miri,rust-src; } >/dev/null 2>&1 &&
    cargo +nightly miri --version >/dev/null 2>&1 || {
    echo "ci/miri.sh: skipped: Miri is missing and could not be added: rustup toolchain install nightly --component miri,rust-src"
    exit 77
  }
fi

# Absolute: tests run cargo in other directories.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/miri
# Strict provenance: every pointer that the adapter uses comes from the memory that was registered.
export MIRIFLAGS="-Zmiri-strict-provenance ${MIRIFLAGS:-}"

# Modules of the mock without `unsafe`, whose tests call none either, and which take more than a second.
safe=(checks dma faults::grammar faults::state frame::flow settings wire::machine::rules wire::packet::program
  wire::xdp::assembler wire::xdp::program)
skips=()
for module in "${safe[@]}"; do
  path=mock-nic/src/${module//:://}
  [ -f "$path.rs" ] && files=("$path.rs") || files=("$path/mod.rs")
  [ ! -f "$path/tests.rs" ] || files+=("$path/tests.rs")
  if grep -Hnw unsafe "${files[@]}" >&2; then
    echo "ci/miri.sh: $module is not safe code alone any more: take it off the list of those that are left out" >&2
    exit 1
  fi
  skips+=(--skip "$module::tests")
done
cargo +nightly miri test --quiet --package mock-nic --lib -- ${1:-"${skips[@]}"}
# Of the safe crate's unit tests those of the data path, unless a filter says which.
cargo +nightly miri test --quiet --package efvi --lib -- ${1:-vi:: slots}
cargo +nightly miri test --quiet --package efvi --test path -- ${1:+"$1"}
# Most of the loops by `dispatch` take minutes each.
cargo +nightly miri test --quiet --package efvi --test suite -- ${1:-dispatch::methods}
