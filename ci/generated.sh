#!/bin/sh
# Checks that headers, bindings and static assertions are what the generator makes of the facts in vendor/abi.
set -eu
cd "$(dirname "$0")/.."
exec cargo run --quiet --package generator -- --check
