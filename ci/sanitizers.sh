#!/usr/bin/env bash
# usage: ci/sanitizers.sh [address | thread] [TIMES]
#
# Runs the tests of the mock adapter and of the safe crate under AddressSanitizer, which looks for leaks too, and under
# ThreadSanitizer, or under one of them; under ThreadSanitizer TIMES times (once unless told), since what it sees depends
# on how threads meet. Nothing is suppressed. Needs the nightly toolchain, to which it adds the standard library's source
# if it is missing. Half a minute, and a quarter more for each time; to compile takes two minutes before that.
#
# ThreadSanitizer knows a word by its address, so of two processes, or of two mappings of one file, it sees each by
# itself. What they share is the same code over the same structures as between the threads of one process, which it
# sees whole; ci/loom.sh tries the orders.
set -euo pipefail
cd "$(dirname "$0")/.."

times=1
sanitizers=(address thread)
for argument in "$@"; do
  case $argument in
    -h | --help) sed -n '2,12s/^# \?//p' "$0"; exit 0 ;;
    address | thread) sanitizers=("$argument") ;;
    *[!0-9]* | '' | 0*) echo "ci/sanitizers.sh: '$argument' is neither address, thread nor a number" >&2; exit 2 ;;
    *) times=$argument ;;
  esac
done

host=$(rustc +nightly -vV | sed -n 's/^host: //p')
[ -n "$host" ] || { echo "ci/sanitizers.sh: no nightly toolchain: rustup toolchain install nightly" >&2; exit 1; }
if ! [ -e "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]; then
  rustup component add --toolchain nightly rust-src >/dev/null 2>&1 ||
    { echo "ci/sanitizers.sh: the nightly toolchain has no rust-src, and it could not be added" >&2; exit 1; }
fi

# Absolute: tests run cargo in other directories.
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Tests start themselves as other processes and drop what these print: reports go to files.
export ASAN_OPTIONS="detect_leaks=1:detect_stack_use_after_return=1:log_path=$work/report"
export TSAN_OPTIONS="log_path=$work/report"
# Some tests do a thing many times over.
export CARGO_PROFILE_DEV_OPT_LEVEL=1

fail() {
  echo "ci/sanitizers.sh: $1" >&2
  exit 1
}

# A program with the fault must be reported, or the sanitizer does not work on this machine.
must_find() {
  local sanitizer=$1 fault=$2
  if "$work/faulty" "$fault" >"$work/output" 2>&1 || ! ls "$work"/report.* >/dev/null 2>&1; then
    cat "$work/output" >&2
    fail "$sanitizer does not report a $fault on this machine"
  fi
  rm -f "$work"/report.*
}

cat >"$work/faulty.rs" <<'END'
use std::{hint::black_box, thread};
static mut WORD: u64 = 0;
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("race") => {
            let add = || (0..1000).for_each(|_| unsafe { *black_box(&raw mut WORD) += 1 });
            let other = thread::spawn(add);
            add();
            other.join().unwrap();
        }
        Some("leak") => drop(black_box(Box::leak(Box::new([1_u8; 100])).as_ptr())),
        _ => {
            let freed = black_box(Box::into_raw(Box::new(7_u64)));
            drop(unsafe { Box::from_raw(freed) });
            black_box(unsafe { freed.read() });
        }
    }
}
END

# Of the safe crate's, all but what must not compile.
efvi=(--test suite)
for test in efvi/tests/*.rs; do
  test=${test##*/}
  [ "$test" = compile_fail.rs ] || efvi+=(--test "${test%.rs}")
done
# The veth pairs are for the plain build.
skipped=(--skip the_variable_captures_lo --skip over_interfaces)
# Under a sanitizer mlock does nothing.
skipped+=(--skip locked_if_asked_for)

run() {
  local sanitizer=$1 package=$2 build=()
  shift 2
  # Every part of a program must be compiled for threads; the others' std will do for addresses.
  [ "$sanitizer" = address ] || build=(-Zbuild-std)
  RUSTFLAGS="-Zsanitizer=$sanitizer ${RUSTFLAGS:-}" CARGO_TARGET_DIR=$target/sanitizers/$sanitizer \
    cargo +nightly test --quiet --no-fail-fast "${build[@]}" --target "$host" --package "$package" "$@"
}

for sanitizer in "${sanitizers[@]}"; do
  echo "== $sanitizer"
  rustc +nightly -Zsanitizer="$sanitizer" -Cunsafe-allow-abi-mismatch=sanitizer "$work/faulty.rs" -o "$work/faulty"
  case $sanitizer in
    address) must_find address use-after-free; must_find address leak ;;
    thread) must_find thread race ;;
  esac

  code=0
  rounds=1
  [ "$sanitizer" = address ] || rounds=$times
  for _ in $(seq "$rounds"); do
    run "$sanitizer" mock-nic --lib || code=$?
    run "$sanitizer" mock-nic --test library -- "${skipped[@]}" || code=$?
    run "$sanitizer" efvi --lib "${efvi[@]}" -- "${skipped[@]}" || code=$?
  done
  # The same without a look for leaks, since they leave things unfreed to show what comes of it.
  (
    export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
    run "$sanitizer" mock-nic --test library -- the_variable_captures_lo
  ) || code=$?

  reports=("$work"/report.*)
  if [ -e "${reports[0]}" ]; then
    head -n 60 "${reports[@]}" >&2
    fail "$sanitizer: ${#reports[@]} processes have something to report"
  fi
  [ "$code" = 0 ] || fail "$sanitizer: tests failed"
done
echo "nothing was reported"
