# Not a command: how the scripts beside it come by programs that Debian has in packages. They source it.
#
#   need PACKAGE COMMAND...   COMMAND shows that it is there; if not, root installs the package. Where that can't be done, the
#                             script ends with a printed reason and 77, which is for .ci/run: not done, and nothing failed
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  echo "ci/tools.sh is not a command: scripts beside it source it"
  case ${1-} in -h | --help) exit 0 ;; *) exit 2 ;; esac
fi

without() {
  echo "$0: skipped: $1"
  exit 77
}

need() {
  local package=$1
  shift
  ! "$@" >/dev/null 2>&1 || return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || without "$package is missing: install it"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y "$package" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -qq -y "$package"; } >/dev/null 2>&1 || true
  "$@" >/dev/null 2>&1 || without "$package is missing and could not be installed: apt-get install $package"
}
