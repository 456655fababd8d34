//! An end that is a UDP socket of the kernel: what efvi is compared with.

use std::net::{SocketAddrV4, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, Result};
use examples::frame::Mac;
use nix::sys::socket::sockopt::SetUsize;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::drops::{self, Count};
use super::end::{End, Sleep};

/// For how long the kernel polls the driver in a receive that finds nothing, in us.
#[derive(Debug, Clone, Copy)]
struct BusyPoll;

nix::setsockopt_impl!(BusyPoll, libc::SOL_SOCKET, libc::SO_BUSY_POLL, usize, SetUsize);

/// What is asked of `SO_BUSY_POLL`, in us: the value that its documentation suggests.
const BUSY_POLL: usize = 50;
/// How long a receive sleeps before it is asked whether there is still something to wait for.
const NAP: Duration = Duration::from_millis(20);

/// How a socket waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It sleeps.
    Blocks,
    /// It is asked again.
    Polled,
}

/// A connected UDP socket.
pub struct Socket {
    socket: UdpSocket,
    manner: Manner,
    buffer: Vec<u8>,
    /// System calls.
    calls: u64,
    interface: String,
    note: Option<String>,
}

impl Socket {
    /// A socket between two addresses, for messages of up to so many bytes.
    pub fn open(
        manner: Manner,
        interface: &str,
        local: SocketAddrV4,
        remote: SocketAddrV4,
        longest: usize,
    ) -> Result<Socket> {
        let socket = UdpSocket::bind(local).with_context(|| format!("a UDP socket at {local}"))?;
        let mut note = None;
        match manner {
            Manner::Blocks => socket.set_read_timeout(Some(NAP)).context("a receive timeout")?,
            Manner::Polled => {
                socket.set_nonblocking(true).context("a socket that does not block")?;
                // To raise it above the system's default takes CAP_NET_ADMIN.
                if let Err(errno) = nix::sys::socket::setsockopt(&socket, BusyPoll, &BUSY_POLL) {
                    note = Some(format!("SO_BUSY_POLL is not to be had ({errno}); the socket is polled all the same"));
                }
            }
        }
        socket.connect(remote).with_context(|| format!("a way to {remote}"))?;
        let buffer = vec![0; longest.max(1) + 1];
        Ok(Socket { socket, manner, buffer, calls: 0, interface: interface.to_owned(), note })
    }

    /// The length of a message that has come, which lies in the buffer then.
    fn next(&mut self, sleep: Sleep) -> Result<Option<usize>> {
        let mut flags = RecvFlags::empty();
        if let (Manner::Blocks, Sleep::AtMost(time)) = (self.manner, sleep) {
            flags = RecvFlags::DONTWAIT;
            self.calls += 1;
            let time = Timespec::try_from(time).context("a time to sleep")?;
            match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&time)) {
                Ok(0) | Err(Errno::INTR) => return Ok(None),
                Ok(_) => {}
                Err(errno) => return Err(errno).context("waiting for a message"),
            }
        }
        self.calls += 1;
        match recv(&self.socket, &mut self.buffer[..], flags) {
            Ok((length, _)) => Ok(Some(length)),
            // An earlier message found nobody: the other end was not there yet.
            Err(Errno::AGAIN | Errno::INTR | Errno::CONNREFUSED) => Ok(None),
            Err(errno) => Err(errno).context("receiving a message"),
        }
    }
}

/// Whether a socket took a message.
fn was_taken(sent: rustix::io::Result<usize>) -> Result<bool> {
    match sent {
        Ok(_) => Ok(true),
        Err(Errno::AGAIN | Errno::NOBUFS | Errno::INTR | Errno::CONNREFUSED) => Ok(false),
        Err(errno) => Err(errno).context("sending a message"),
    }
}

impl End for Socket {
    fn sleeps(&self) -> bool {
        self.manner == Manner::Blocks
    }

    fn mac(&self) -> Option<Mac> {
        None
    }

    fn set_peer(&mut self, _mac: Mac) {}

    #[inline]
    fn send(&mut self, message: &[u8]) -> Result<bool> {
        self.calls += 1;
        was_taken(send(&self.socket, message, SendFlags::empty()))
    }

    #[inline]
    fn receive(&mut self, sleep: Sleep, mut taken: impl FnMut(&[u8]) -> Result<()>) -> Result<usize> {
        let Some(length) = self.next(sleep)? else { return Ok(0) };
        taken(&self.buffer[..length])?;
        Ok(1)
    }

    #[inline]
    fn echo(&mut self, sleep: Sleep) -> Result<usize> {
        let Some(length) = self.next(sleep)? else { return Ok(0) };
        self.calls += 1;
        // What does not go back is lost, and counted as such by who waits for it.
        was_taken(send(&self.socket, &self.buffer[..length], SendFlags::empty())).map(usize::from)
    }

    fn calls(&self) -> Result<Option<u64>> {
        Ok(Some(self.calls))
    }

    fn lost(&self) -> Result<Vec<Count>> {
        Ok([drops::of_sockets()?, drops::of_interface(&self.interface)].concat())
    }

    fn note(&self) -> Result<Option<String>> {
        Ok(self.note.clone())
    }
}
