#!/usr/bin/env bash
# usage: ci/generated.sh
#
# Checks that headers, bindings and static assertions are what the generator makes of the facts in vendor/abi.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,4s/^# \?//p' "$0"; exit 0 ;; esac
exec cargo run --quiet --package generator -- --check
