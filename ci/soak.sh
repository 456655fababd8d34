#!/usr/bin/env bash
# usage: ci/soak.sh [FRAMES] [MODEL]
#
# Sends FRAMES frames (1000000000 unless told: ten minutes on two idle processors, hours on busy ones; 1000000 take
# seconds) from one process to another over a cable, by DMA, PIO and CTPIO in turn, as the model has them, on an adapter of MODEL (x2 unless told, x3 or
# x4) that has every fault of the mock's: on the wire, discards, transmit errors, overflows, resets, refusals and a clock
# that is lost. The programs replace VIs that die and make refused calls again. In the end each frame must be accounted
# for by what the mock and the programs counted, each frame that arrived as good must be as it was sent, no process may
# use more memory than at its start, and every fault must have happened. SOAK_SEED chooses other occasions.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in -h | --help) sed -n '2,9s/^# \?//p' "$0"; exit 0 ;; esac
cargo build --quiet --release --package examples --example soak
exec "${CARGO_TARGET_DIR:-target}/release/examples/soak" "${1:-1000000000}" --model "${2:-x2}" --seed "${SOAK_SEED:-1}"
