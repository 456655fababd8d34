#!/usr/bin/env bash
# usage: ci/miri.sh [FILTER]
#
# Runs the in-process path under Miri: the mock adapter, the raw calls and the safe crate, over a fabric. FILTER picks
# tests by name. Needs the nightly toolchain, to which it adds Miri if it is missing. Takes about four minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit 0 ;; esac

if ! cargo +nightly miri --version >/dev/null 2>&1; then
  if ! rustup component add --toolchain nightly miri rust-src >/dev/null 2>&1; then
    echo "ci/miri.sh: Miri is not installed for the nightly toolchain and could not be added;" \
      "rustup toolchain install nightly --component miri,rust-src" >&2
    exit 1
  fi
fi

# Absolute: tests run cargo in other directories.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/miri
# Strict provenance: every pointer that the adapter uses comes from the memory that was registered.
export MIRIFLAGS="-Zmiri-strict-provenance ${MIRIFLAGS:-}"
cargo +nightly miri test --quiet --package mock-nic --lib -- ${1:+"$1"}
# Of the safe crate's unit tests those of the data path, unless a filter says which.
cargo +nightly miri test --quiet --package efvi --lib -- ${1:-vi:: slots}
cargo +nightly miri test --quiet --package efvi --test path -- ${1:+"$1"}
# Most of the loops by `dispatch` take minutes each.
cargo +nightly miri test --quiet --package efvi --test suite -- ${1:-dispatch::methods}
