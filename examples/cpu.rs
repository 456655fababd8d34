//! Which CPUs a program may use, and staying on one of them.

use std::io;
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// The CPUs that this thread may run on, in ascending order.
///
/// # Errors
/// That of `sched_getaffinity`.
pub fn allowed() -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect())
}

/// Keeps this thread on one CPU.
///
/// # Errors
/// `InvalidInput` if there is no such CPU or the thread may not use it; otherwise that of `sched_setaffinity`.
pub fn pin(cpu: usize) -> io::Result<()> {
    if cpu >= CpuSet::MAX_CPU {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let mut set = CpuSet::new();
    set.set(cpu);
    Ok(sched_setaffinity(None, &set)?)
}

/// The CPU time that this thread has had, in the kernel and out of it.
#[must_use]
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // It begins at 0 and grows.
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Two of the `allowed` CPUs for two threads that spin: on two cores if there are, else two threads of one core.
/// `None` if fewer than two are allowed.
#[must_use]
pub fn pair(allowed: &[usize]) -> Option<(usize, usize)> {
    pair_by(allowed, |cpu| {
        let topology = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
        std::fs::read_to_string(topology).ok()
    })
}

fn pair_by(allowed: &[usize], core_of: impl Fn(usize) -> Option<String>) -> Option<(usize, usize)> {
    let (&first, rest) = allowed.split_first()?;
    let core = core_of(first);
    let other_core = rest.iter().find(|cpu| core_of(**cpu) != core);
    Some((first, *other_core.or(rest.first())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_on_two_cores_where_it_can_be() {
        // CPUs n and n+4 share core n.
        let core_of = |cpu: usize| Some((cpu % 4).to_string());
        assert_eq!(pair_by(&[0, 4, 5], core_of), Some((0, 5)));
        assert_eq!(pair_by(&[0, 4], core_of), Some((0, 4)));
        assert_eq!(pair_by(&[3], core_of), None);
        assert_eq!(pair_by(&[], core_of), None);
    }

    #[test]
    fn a_pair_is_found_without_a_topology() {
        assert_eq!(pair_by(&[2, 7, 9], |_| None), Some((2, 7)));
    }

    #[test]
    fn a_pinned_thread_stays() {
        std::thread::spawn(|| {
            let last = *allowed().unwrap().last().unwrap();
            pin(last).unwrap();
            assert_eq!(allowed().unwrap(), [last]);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_thread_that_works_has_had_cpu_time() {
        let before = thread_time();
        while thread_time() <= before {}
    }

    #[test]
    fn a_cpu_that_is_not_there_is_an_error() {
        assert!(pin(usize::MAX).is_err());
        assert!(pin(CpuSet::MAX_CPU - 1).is_err());
    }
}
