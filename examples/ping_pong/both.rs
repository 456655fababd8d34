//! Both ends on this machine: pong in a process of its own, ping in this one.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use examples::cpu;

use super::cli::{PingJob, Place};
use super::ping;
use super::results::Results;

/// How long pong may take to end after it was told that all is done.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Starts pong, measures as ping, and sees to it that pong is gone in the end.
pub fn run(job: &PingJob, pong_cpu: Option<usize>) -> Result<Results> {
    let allowed = cpu::allowed().context("which CPUs may be used")?;
    let cpus = choose(job.place.cpu, pong_cpu, &allowed);
    let mut pong = Pong::start(&job.place, cpus.pong)?;
    let place = Place { cpu: cpus.ping, ..job.place.clone() };
    let results = ping::measure(job, &place, cpus.one, &mut || pong.must_be_alive())?;
    pong.must_end_well()?;
    Ok(results)
}

/// Which CPU each end stays on.
#[derive(Debug, PartialEq, Eq)]
struct Cpus {
    ping: Option<usize>,
    pong: Option<usize>,
    /// That there is one CPU for both.
    one: bool,
}

/// Takes what the user says; of what is left open, two CPUs that disturb each other least.
fn choose(ping: Option<usize>, pong: Option<usize>, allowed: &[usize]) -> Cpus {
    let other_than = |taken: usize| {
        let mut order = vec![taken];
        order.extend(allowed.iter().filter(|cpu| **cpu != taken));
        cpu::pair(&order).map(|(_, other)| other)
    };
    let (ping, pong) = match (ping, pong) {
        (Some(ping), Some(pong)) => (Some(ping), Some(pong)),
        (Some(ping), None) => (Some(ping), other_than(ping)),
        (None, Some(pong)) => (other_than(pong), Some(pong)),
        (None, None) => cpu::pair(allowed).unzip(),
    };
    let one = if ping.is_some() && pong.is_some() { ping == pong } else { allowed.len() < 2 };
    Cpus { ping, pong, one }
}

/// The other process. Dropped, it is killed.
struct Pong {
    child: Child,
}

impl Pong {
    fn start(place: &Place, cpu: Option<usize>) -> Result<Pong> {
        let program = std::env::current_exe().context("the path of this program")?;
        let mut command = Command::new(program);
        command
            .args(["pong", &place.interface])
            .args(["--local", &place.remote.ip().to_string()])
            .args(["--remote", &place.local.ip().to_string()])
            .args(["--port", &place.local.port().to_string()])
            .args(["--timeout", &place.timeout.as_secs_f64().to_string()])
            .args(["--wait", &place.wait.as_secs_f64().to_string()])
            .args(["--parent", &std::process::id().to_string()]);
        if let Some(vlan) = place.vlan {
            command.args(["--vlan", &vlan.to_string()]);
        }
        if place.express {
            command.arg("--express");
        }
        if let Some(cpu) = cpu {
            command.args(["--cpu", &cpu.to_string()]);
        }
        // What pong has to say of itself it says on stderr; stdout is for the results.
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("could not start the pong end as a second process")?;
        Ok(Pong { child })
    }

    /// An error if it has ended.
    fn must_be_alive(&mut self) -> Result<()> {
        match self.child.try_wait().context("the state of the pong end")? {
            None => Ok(()),
            Some(status) => bail!("the pong end (process {}) {}", self.child.id(), how(status)),
        }
    }

    /// Waits for its end, which has to be a success.
    fn must_end_well(&mut self) -> Result<()> {
        let until = Instant::now() + LAST_WORDS;
        loop {
            match self.child.try_wait().context("the state of the pong end")? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the pong end (process {}) {}", self.child.id(), how(status)),
                None if Instant::now() > until => {
                    bail!("the pong end (process {}) did not end by itself", self.child.id())
                }
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

impl Drop for Pong {
    fn drop(&mut self) {
        // Both fail if it is gone already, which is all that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "ended too early".to_owned(),
        (Some(code), _) => format!("failed with exit code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => format!("ended: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpus(ping: Option<usize>, pong: Option<usize>, allowed: &[usize]) -> (Option<usize>, Option<usize>, bool) {
        let cpus = choose(ping, pong, allowed);
        (cpus.ping, cpus.pong, cpus.one)
    }

    #[test]
    fn each_end_gets_a_cpu_of_its_own() {
        // CPUs that no machine has, so that its topology has no say.
        let allowed = [1000, 1001, 1002];
        assert_eq!(cpus(None, None, &allowed), (Some(1000), Some(1001), false));
        assert_eq!(cpus(Some(1001), None, &allowed), (Some(1001), Some(1000), false));
        assert_eq!(cpus(None, Some(1000), &allowed), (Some(1001), Some(1000), false));
        assert_eq!(cpus(Some(7), Some(9), &allowed), (Some(7), Some(9), false));
        assert_eq!(cpus(Some(7), None, &allowed), (Some(7), Some(1000), false));
    }

    #[test]
    fn one_cpu_for_both_is_known() {
        assert_eq!(cpus(None, None, &[1000]), (None, None, true));
        assert_eq!(cpus(Some(3), Some(3), &[1000, 1001]), (Some(3), Some(3), true));
        assert_eq!(cpus(Some(1000), None, &[1000]), (Some(1000), None, true));
    }

    #[test]
    fn how_a_process_ended() {
        assert_eq!(how(ExitStatus::from_raw(9)), "was killed by signal 9");
        assert_eq!(how(ExitStatus::from_raw(1 << 8)), "failed with exit code 1");
        assert_eq!(how(ExitStatus::from_raw(0)), "ended too early");
    }
}
