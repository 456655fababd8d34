//! Starting the two ends, over a directory of their own.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::account::{self, Counts};
use crate::{Model, faults};

/// A directory that goes with this.
struct Directory(PathBuf);

impl Directory {
    /// In memory where there is some: the wire is in it.
    fn new() -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
        let path = parent.join(format!("soak.{}", process::id()));
        fs::create_dir(&path).with_context(|| format!("{} can't be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // At worst it stays.
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Takes the directory away if this process is told to end; the two that it started end with it.
fn clean_up_when_told_to_end(directory: &Directory) -> Result<()> {
    let path = directory.0.clone();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            fs::remove_dir_all(path).ok();
            process::exit(1);
        }
    });
    Ok(())
}

/// One of the two processes; it is ended with this.
struct End {
    name: &'static str,
    child: Child,
    counters: PathBuf,
}

impl End {
    fn start(name: &'static str, directory: &Directory, faults: &str, arguments: &[&str]) -> Result<Self> {
        let wire = directory.0.join("wire");
        fs::create_dir_all(&wire)?;
        let counters = directory.0.join(name);
        let model = arguments[1];
        let child = Command::new(env::current_exe()?)
            .args(arguments)
            .env("EFVI_MOCK_DIR", wire)
            .env("EFVI_MOCK_MODEL", model)
            .env("EFVI_MOCK_FAULTS", faults)
            .env("EFVI_MOCK_LOG", format!("counters:{}", counters.display()))
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self { name, child, counters })
    }

    /// Waits until it says that it is ready.
    fn ready(&mut self) -> Result<()> {
        let output = self.child.stdout.as_mut().context("its output is not read here")?;
        let mut line = String::new();
        // It prints nothing else until it is done, so no more than the line is taken here.
        BufReader::with_capacity(1, output).read_line(&mut line)?;
        ensure!(line.trim() == "ready", "the {} did not get ready", self.name);
        Ok(())
    }

    /// Waits for its end; what it and the mock counted.
    fn finish(mut self) -> Result<Counts> {
        let mut printed = String::new();
        self.child.stdout.take().context("its output is not read here")?.read_to_string(&mut printed)?;
        ensure!(self.child.wait()?.success(), "the {} failed: {printed}", self.name);
        for line in printed.lines().filter(|line| !line.contains('=')) {
            println!("{line}");
        }
        Ok(Counts::read(&printed, &fs::read_to_string(&self.counters)?))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // Where it has ended this does nothing.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs both ends, and adds up what they counted.
pub fn both_ends(frames: u64, model: Model, seed: u64) -> Result<()> {
    let directory = Directory::new()?;
    clean_up_when_told_to_end(&directory)?;
    let value = model.to_possible_value().context("the model has no name")?;
    let name = value.get_name();
    let faults = |seed| faults::setting(model, frames, seed);
    let mut receiver = End::start("receiver", &directory, &faults(seed.wrapping_add(1000)), &["receive", name])?;
    receiver.ready()?;
    let count = frames.to_string();
    let sender = End::start("sender", &directory, &faults(seed), &["send", name, &count])?;
    let sender = sender.finish()?;
    let receiver = receiver.finish()?;
    account::check(&sender, &receiver, frames, model)?;
    let left: Vec<_> = fs::read_dir(directory.0.join("wire"))?.collect();
    ensure!(left.is_empty(), "left in shared memory: {left:?}");
    println!("every frame is accounted for, and every fault happened");
    Ok(())
}
