//! What an end of a wire has to offer to be compared.

use std::time::Duration;

use anyhow::Result;
use examples::frame::Mac;

use super::drops::Count;

/// An end of a wire that carries messages.
pub trait End {
    /// True if it may sleep while nothing comes.
    fn sleeps(&self) -> bool;

    /// The Ethernet address at which it is reached; none where the kernel sees to it.
    fn mac(&self) -> Option<Mac>;

    /// Where its messages go.
    fn set_peer(&mut self, mac: Mac);

    /// Sends a message; false if there is no room for it now.
    fn send(&mut self, message: &[u8]) -> Result<bool>;

    /// Hands over messages that have come, and says how many. An end that sleeps may do so for as long as `sleep` says
    /// if there are none.
    fn receive(&mut self, sleep: Sleep, taken: impl FnMut(&[u8]) -> Result<()>) -> Result<usize>;

    /// Sends messages that have come back to where they came from, and says how many. The same holds.
    fn echo(&mut self, sleep: Sleep) -> Result<usize>;

    /// True if nothing that was sent still waits here.
    fn is_done(&self) -> bool {
        true
    }

    /// How many system calls it has made so far to send and to look for messages; none if nobody counts them.
    fn calls(&self) -> Result<Option<u64>>;

    /// What it has counted so far of messages that were lost at it.
    fn lost(&self) -> Result<Vec<Count>>;

    /// What else is to be said of it.
    fn note(&self) -> Result<Option<String>> {
        Ok(None)
    }
}

/// How long an end may sleep that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sleep {
    /// Until something comes, or a while is over.
    UntilNews,
    /// So long at most.
    AtMost(Duration),
}
