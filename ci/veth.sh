# Not a command: what ci/interfaces.sh, ci/interop.sh, ci/compare.sh and ci/conformance.sh have in common, which source it.
# A veth pair between two network namespaces, veth0 with 198.18.0.1 in $near and veth1 with 198.18.0.2 in $far; and that
# nothing of it stays, however a script ends: what one that was killed has left goes when the next one of them starts.
#
#   reason=$(veth_lacking)     why there can be none here; nothing if there can
#   veth_ends_with COMMAND     runs COMMAND when the script ends, by a signal too, which is to call veth_down
#   veth_up NAME [MTU]         makes the pair
#   veth_down                  ends what runs in it, and removes it
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  echo "ci/veth.sh is not a command: ci/interfaces.sh, ci/interop.sh, ci/compare.sh and ci/conformance.sh source it"
  case ${1-} in -h | --help) exit 0 ;; *) exit 2 ;; esac
fi

veth_lacking() {
  local reason
  if [ "$(id -u)" != 0 ]; then
    echo "to make network namespaces takes root"
  elif ! reason=$(unshare --net ip link add type veth 2>&1); then
    echo "no veth in a network namespace: $reason"
  fi
}

veth_ends_with() {
  # shellcheck disable=SC2064
  trap "$1" EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Removes a namespace and ends what runs in it.
veth_remove() {
  ip netns pids "$1" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
  ip netns del "$1" 2>/dev/null || true
}

# The scripts' namespaces end with the number of their process.
veth_sweep() {
  local namespace
  for namespace in $(ip netns list | sed -n 's/^\(efvi-[^ ]*-[0-9][0-9]*\)\( .*\)\{0,1\}$/\1/p'); do
    [ -e "/proc/${namespace##*-}" ] || veth_remove "$namespace"
  done
}

veth_up() {
  local namespace mtu=${2:-1500}
  near=efvi-$1-near-$$ far=efvi-$1-far-$$
  veth_sweep
  for namespace in "$near" "$far"; do
    ip netns add "$namespace"
    ip -n "$namespace" link set lo up
  done
  ip link add veth0 netns "$near" mtu "$mtu" type veth peer name veth1 netns "$far" mtu "$mtu"
  ip -n "$near" addr add 198.18.0.1/24 dev veth0
  ip -n "$far" addr add 198.18.0.2/24 dev veth1
  ip -n "$near" link set veth0 up
  ip -n "$far" link set veth1 up
}

veth_down() {
  local namespace
  for namespace in ${near-} ${far-}; do veth_remove "$namespace"; done
}
