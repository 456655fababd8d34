//! What becomes of an interface while a VI uses it: it goes down and comes up, gets another MTU, or goes away.
//!
//! ef_vi has no event for a link: to a program an adapter whose link is down is one whose sends complete and reach nobody,
//! and so it is here. What is lost is counted by what was in its way.

use super::{MachineLink, Xdp};
use crate::frame::{ETHERTYPE_VLAN, HEADER_BYTES};
use crate::wire::Outgoing;
use crate::wire::machine::monitor::Condition;
use crate::wire::machine::said::say;
use core::sync::atomic::Ordering::Relaxed;

/// The Ethernet header.
const HEADER: usize = 14;
/// A VLAN's tag, by which a frame may be longer.
const TAG: usize = 4;
/// Where the tag stands.
const TAG_AT: usize = 12;

/// How many times something does not leave for one time that is asked why.
const ASK: u32 = 64;

impl MachineLink {
    /// The longest frame without a tag that the interface takes now: none while nothing leaves it.
    pub(super) fn longest_now(&self) -> usize {
        let condition = self.monitor.condition;
        if condition.has_link() { (HEADER + condition.mtu).min(self.frame - TAG) } else { 0 }
    }

    /// Hears what has changed, and heeds it.
    #[cold]
    pub(super) fn look(&mut self) {
        self.cells.system_calls.add(1);
        let Some(condition) = self.monitor.changed() else { return };
        self.cells.link_changes.add(1);
        self.unsent = 0;
        self.longest = self.longest_now();
        self.interface.gone.fetch_or(condition.gone, Relaxed);
        if self.interface.is_news(condition) {
            self.say(condition);
        }
        if !condition.has_link() {
            self.take_back();
        }
    }

    fn say(&self, condition: Condition) {
        let (interface, mtu, own) = (&*self.interface, condition.mtu, self.frame - TAG - HEADER);
        let state = match (condition.up, condition.carrier) {
            (true, true) => "up",
            (true, false) => "up without a carrier",
            (false, _) => "down",
        };
        if condition.gone {
            say(interface, format_args!("has gone: it was deleted, or moved to another network namespace"));
        } else if !condition.has_link() {
            say(interface, format_args!("is {state}, MTU {mtu}: what is sent is lost (tx_no_link)"));
        } else if mtu < own {
            say(interface, format_args!("is {state}, MTU {mtu}: longer frames are lost (tx_too_long)"));
        } else if mtu > own {
            say(
                interface,
                format_args!("is {state}, MTU {mtu}: open VIs keep to {own}, those allocated from now on don't"),
            );
        } else {
            say(interface, format_args!("is {state}, MTU {mtu}"));
        }
    }

    /// The same of what the kernel has not announced yet.
    #[cold]
    pub(super) fn look_closely(&mut self) {
        self.monitor.ask().ok();
        self.look();
    }

    /// Whether a frame can go that is longer than those without a tag. One that can't is counted.
    #[cold]
    pub(super) fn fits(&mut self, frame: &Outgoing<'_>) -> bool {
        let mut scratch = [0; HEADER_BYTES];
        let tag = frame.header(&mut scratch).get(TAG_AT..TAG_AT + 2);
        let more = if tag == Some(&ETHERTYPE_VLAN.to_be_bytes()) { TAG } else { 0 };
        let fits = |link: &Self| link.longest != 0 && frame.length <= link.longest + more;
        if fits(self) {
            return true;
        }
        self.look_closely();
        let longest = self.longest;
        match fits(self) {
            true => return true,
            false if longest == 0 => self.cells.tx_no_link.add(1),
            false => self.cells.tx_too_long.add(1),
        }
        false
    }

    /// A frame was not taken although it could go when that was last heard.
    #[cold]
    pub(super) fn refused(&mut self) {
        self.look_why();
        self.count_refused(1);
    }

    /// Something of what was sent has not left: it may be lost, or wait.
    #[cold]
    pub(super) fn unsent(&mut self) {
        self.look_why();
        self.count_taken_back();
    }

    /// Looks why something did not leave. An interface that is merely full is not asked each time.
    fn look_why(&mut self) {
        let asks = self.unsent.is_multiple_of(ASK);
        self.unsent = self.unsent.wrapping_add(1);
        if asks { self.look_closely() } else { self.look() }
    }

    fn count_taken_back(&mut self) {
        let refused = match (&mut self.xdp, &mut self.sender) {
            (Xdp::Bound(end), _) => end.refused(),
            (_, Some(sender)) => sender.refused(),
            _ => 0,
        };
        self.count_refused(refused);
    }

    /// Nothing leaves any more: what waits for that is lost.
    fn take_back(&mut self) {
        match (&mut self.xdp, &mut self.sender) {
            (Xdp::Bound(end), _) => end.take_back(),
            (_, Some(sender)) => sender.take_back(),
            _ => {}
        }
        self.count_taken_back();
    }

    /// The same before AF_XDP is given up, which ends what the driver still has.
    pub(super) fn abandon(&mut self) {
        self.take_back();
        if let Xdp::Bound(end) = &mut self.xdp
            && end.zero_copy
        {
            let unfinished = end.unfinished();
            self.count_refused(unfinished.into());
        }
    }

    fn count_refused(&self, frames: u64) {
        let has_link = self.monitor.condition.has_link();
        let counter = if has_link { &self.cells.tx_refused } else { &self.cells.tx_no_link };
        counter.add(frames);
    }
}
