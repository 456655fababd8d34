//! A VI gives AF_XDP up for what it shares.
//!
//! AF_XDP takes a frame away from all others. What several VIs of the process want, multicast, is left to packet sockets,
//! of which each VI has one. But whoever has AF_XDP has given it the posted buffers, and has none for what comes otherwise.
//! So when the first such frame is there the VI goes on by packet sockets alone.

use super::{MachineLink, Xdp};
use crate::wire::Arrival;
use crate::wire::outside::Outside;
use crate::wire::packet::Receiver;

impl MachineLink {
    /// What the packet socket has, unless that waits until AF_XDP was given up.
    #[inline]
    pub(super) fn next_beside(&mut self) -> Option<Arrival> {
        if matches!(self.xdp, Xdp::No) {
            return self.next_packet();
        }
        self.crowded = self.receiver.as_mut().is_some_and(Receiver::has_frame);
        None
    }

    /// Gives AF_XDP up, in steps; true with the last. First the packet socket gets all that the VI's filters take, and the
    /// program nothing more. What AF_XDP has received by then comes before what the socket has.
    #[cold]
    pub(super) fn withdraw(&mut self) -> bool {
        if let Some(steering) = self.place.with_takers(|takers| takers.xdp.take()) {
            self.withdrawn = true;
            self.broken |= self.admit_to_packets().is_err();
            // It goes with its sockets, if not before.
            steering.steer(&[]).ok();
            return false;
        }
        if self.arrived.is_some() || self.has_xdp() {
            return false;
        }
        if !self.has_sent_all() {
            return false;
        }
        if let (Xdp::Bound(end), Some(interrupt)) = (&self.xdp, &self.interrupt) {
            end.descriptors().for_each(|fd| interrupt.forget(fd));
        }
        self.xdp = Xdp::No;
        self.crowded = false;
        self.broken |= self.use_packets("it gets what other VIs of this process get, too").is_err();
        true
    }

    /// True once all that was sent through AF_XDP has left, or is lost and counted.
    fn has_sent_all(&mut self) -> bool {
        self.push();
        if self.monitor.condition.has_link() {
            let Xdp::Bound(end) = &mut self.xdp else { return true };
            return end.unfinished() == 0;
        }
        self.abandon();
        true
    }

    fn has_xdp(&mut self) -> bool {
        let Xdp::Bound(end) = &mut self.xdp else { return false };
        end.has_frame()
    }
}
