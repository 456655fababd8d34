#!/usr/bin/env bash
# usage: ci/bindgen.sh [RELEASE...]
#
# Checks the bindings that feature `bindgen` generates. From our headers of every release, or of those given, they are held
# to the facts, as the checked-in ones are, and their twins are tested; the safe crate's tests run on those of one release.
# From headers that are newer than any release, the safe crate compiles unchanged. Needs libclang: as root it installs it.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;; esac
for release in "$@"; do
  [ -d "vendor/include/onload-$release" ] || { echo "ci/bindgen.sh: there is no release '$release' in vendor/include" >&2; exit 2; }
done
. ci/tools.sh
need libclang-dev sh -c 'ls /usr/lib/llvm-*/lib/libclang*.so* "${LIBCLANG_PATH:-/nowhere}"/libclang*.so* | grep -q .'
# Absolute: tests run cargo in other directories.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/bindgen
export EFVI_SYS_BINDGEN=1

releases=("$@")
if [ ${#releases[@]} = 0 ]; then
  releases=(vendor/include/onload-*)
  releases=("${releases[@]##*/onload-}")
fi

for release in "${releases[@]}"; do
  echo "== generated from the headers of Onload $release"
  EFVI_SYS_RELEASE=$release EFVI_SYS_INCLUDE=$PWD/vendor/include/onload-$release \
    cargo test --quiet --package efvi-sys --features bindgen --test interface --test twins --test differential -- \
    --nocapture facts:: bitfields:: calls:: twins_do macros_call rings_wrap transmit_times failed_sends discards dma_addresses
done

echo "== the safe crate on generated bindings"
EFVI_SYS_INCLUDE=$PWD/vendor/include/onload-9.2.0 cargo test --quiet --package efvi --features bindgen --lib --tests

echo "== the safe crate on bindings of newer headers"
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
mkdir "$prefix/lib64"
printf '!<arch>\n' > "$prefix/lib64/libciul1.a"
cp -r vendor/include/onload-9.2-next "$prefix/include"
sed -i -e 's/^  unsigned int rx_prefix_len;/  uint64_t queue_priority;\n&/' \
  -e 's/^    int (\*transmit)(/    int (*transmit_later)(struct ef_vi *, ef_addr, int);\n&/' \
  -e 's/^#define EF_EVENT_PRI_ARG(e)/#define EF_EVENT_PRI_ARGUMENT(e)/' "$prefix/include/etherfabric/ef_vi.h"
EFVI_SYS_BINDGEN='' ONLOAD_DIR=$prefix cargo check --package efvi --features bindgen
