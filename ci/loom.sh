#!/usr/bin/env bash
# usage: ci/loom.sh
#
# Tries, with loom, every order in which the loads and stores may take effect by which a sender and a receiver that is
# about to sleep find each other, by which frames go through a ring, with an end that is killed and replaced too, by which
# senders see filters come and go, and by which packets that are held come back to their interface from other threads.
# Takes three minutes on two processors.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,7s/^# \?//p' "$0"; exit 0 ;; esac

# Absolute: tests run cargo in other directories.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/loom
RUSTFLAGS="--cfg loom ${RUSTFLAGS:-}" cargo test --quiet --package mock-nic --lib -- wire::primed:: models::
RUSTFLAGS="--cfg loom ${RUSTFLAGS:-}" cargo test --quiet --package efvi --lib -- returned::models::
