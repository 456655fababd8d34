//! What the two ends tell each other beside the messages: a line of JSON each, over a stream.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddrV4;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use examples::frame::Mac;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::drops::Count;
use super::wire::Wire;

/// Version of what is said here.
pub const VERSION: u32 = 2;
/// The longest line.
pub const LONGEST: usize = 16 << 10;

/// What the asking end says first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opening {
    pub version: u32,
    pub wire: Wire,
    /// The asking end's address.
    pub from: SocketAddrV4,
    /// The longest message that there will be, in bytes.
    pub longest: usize,
    /// How long nothing may come before an end gives up.
    pub timeout: Duration,
}

/// What the asking end wants next.
#[derive(Debug, Serialize, Deserialize)]
pub enum Command {
    /// Send what comes back.
    Echo { mac: Option<Mac> },
    /// Count what comes.
    Count,
    /// No more will come of it.
    Stop,
}

/// What the answering end says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// There is an end of the wire, at this address.
    Open { mac: Option<Mac>, note: Option<String> },
    /// There is none, for this reason.
    Unavailable(String),
    /// What was wanted is under way.
    Ready,
    /// It has stopped.
    Stopped(Tally),
}

/// What the answering end has counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Messages that came, or went back.
    pub messages: u64,
    /// CPU time that it took, in ns.
    pub cpu: u64,
    /// System calls, if they are counted.
    pub calls: Option<u64>,
    /// Messages that were lost here, by where.
    pub lost: Vec<Count>,
}

/// An end of the stream. What is said to it is read by a thread that sleeps meanwhile, so that a loop that must not be
/// late asks an atomic in place of the kernel.
pub struct Control {
    out: File,
    lines: mpsc::Receiver<String>,
    unread: Arc<AtomicU32>,
}

impl Control {
    /// The stream that this process has as its standard input.
    pub fn of_stdin() -> Result<Control> {
        Control::new(std::io::stdin().as_fd().try_clone_to_owned().context("standard input")?)
    }

    pub fn new(stream: OwnedFd) -> Result<Control> {
        let out = File::from(stream);
        let from = BufReader::new(out.try_clone().context("the control connection")?);
        let (sender, lines) = mpsc::channel();
        let unread = Arc::new(AtomicU32::new(0));
        let count = unread.clone();
        std::thread::spawn(move || {
            for line in from.lines() {
                let Ok(line) = line else { break };
                // First: who has read it takes it off the count.
                count.fetch_add(1, Ordering::Release);
                if sender.send(line).is_err() {
                    break;
                }
            }
            // That it has ended is news, too.
            count.fetch_add(1, Ordering::Release);
            drop(sender);
        });
        Ok(Control { out, lines, unread })
    }

    /// True if something was said, or nothing more will be.
    #[inline(always)]
    pub fn has_news(&self) -> bool {
        self.unread.load(Ordering::Relaxed) != 0
    }

    pub fn say(&mut self, what: &impl Serialize) -> Result<()> {
        self.out.write_all(&line(what)?).context("the control connection")
    }

    /// Waits for what is said next: none once the other end has gone.
    pub fn hear<T: DeserializeOwned>(&mut self, limit: Duration) -> Result<Option<T>> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => {
                self.unread.fetch_sub(1, Ordering::AcqRel);
                parse(&line).map(Some)
            }
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                bail!("the other end said nothing for {} s", limit.as_secs_f64())
            }
        }
    }

    /// The same where the other end must not have gone.
    pub fn expect<T: DeserializeOwned>(&mut self, limit: Duration) -> Result<T> {
        self.hear(limit)?.ok_or_else(|| anyhow!("the other end has gone"))
    }
}

/// A line that says something.
pub fn line(what: &impl Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(what).context("what is to be said")?;
    line.push(b'\n');
    Ok(line)
}

/// What a line says.
pub fn parse<T: DeserializeOwned>(line: &str) -> Result<T> {
    serde_json::from_str(line).with_context(|| format!("the other end said `{line}`, which is not understood"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    #[test]
    fn what_is_said_is_heard_until_the_other_end_goes() {
        let (near, far) = UnixStream::pair().unwrap();
        let (mut near, mut far) = (Control::new(near.into()).unwrap(), Control::new(far.into()).unwrap());
        assert!(!far.has_news());
        near.say(&Command::Echo { mac: Some([1, 2, 3, 4, 5, 6]) }).unwrap();
        near.say(&Command::Stop).unwrap();
        let heard = far.expect(SOON).unwrap();
        assert!(matches!(heard, Command::Echo { mac: Some([1, 2, 3, 4, 5, 6]) }));
        while !far.has_news() {
            std::thread::yield_now();
        }
        assert!(matches!(far.hear(SOON).unwrap(), Some(Command::Stop)));
        near.out.write_all(b"what?\n").unwrap();
        let error = far.hear::<Command>(SOON).unwrap_err().to_string();
        assert!(error.contains("what?"), "{error}");
    }

    #[test]
    fn silence_and_an_end_are_told_apart() {
        let (near, far) = UnixStream::pair().unwrap();
        let mut control = Control::new(near.into()).unwrap();
        let error = control.hear::<Reply>(Duration::from_millis(1)).unwrap_err().to_string();
        assert!(error.contains("said nothing"), "{error}");
        drop(far);
        assert!(control.hear::<Reply>(SOON).unwrap().is_none());
        assert!(control.has_news());
    }
}
