//! What a VI sees to at an interface of the machine besides frames.

use super::{From, MachineLink, Xdp};
use crate::wire::Link;
use crate::wire::machine::said::say;
use crate::wire::outside::{Memory, Outside, Posted, State};

impl Outside for MachineLink {
    #[inline]
    fn push(&mut self) {
        match (&mut self.xdp, &mut self.sender) {
            (Xdp::Bound(end), _) => end.push(),
            (_, Some(sender)) => sender.push(),
            _ => {}
        }
    }

    #[inline]
    fn wants_memory(&self) -> bool {
        matches!(self.xdp, Xdp::Prepared(_))
    }

    fn offer(&mut self, memory: &Memory) -> bool {
        self.bind(memory)
    }

    fn post(&mut self, buffer: *mut u8, length: usize) -> Option<Posted> {
        let Xdp::Bound(end) = &mut self.xdp else { return None };
        // One in five, so that neither way runs out of them for the other.
        if self.receiver.is_some() && 4 * self.kept <= end.filled() {
            self.kept += 1;
            return Some(Posted::Aside);
        }
        end.post(buffer, length)
    }

    fn discard(&mut self) {
        match (&mut self.xdp, &self.arrived) {
            (Xdp::Bound(end), Some((_, From::Xdp))) => {
                self.arrived = None;
                end.discard();
            }
            _ => {
                let kept = self.kept;
                self.take();
                self.kept = kept;
            }
        }
    }

    #[inline]
    fn issued(&self) -> u32 {
        match &self.xdp {
            Xdp::Bound(end) => end.issued(),
            _ => 0,
        }
    }

    #[inline]
    fn completed(&mut self) -> u32 {
        match &mut self.xdp {
            Xdp::Bound(end) => end.completed(),
            _ => 0,
        }
    }

    fn state(&mut self) -> State {
        if let Some(sender) = &mut self.sender {
            self.cells.tx_refused.add(sender.refused());
        }
        if let Some(condition) = self.monitor.changed() {
            self.cells.link_changes.add(1);
            let running = if condition.running { "up" } else { "down" };
            match condition.gone {
                true => say(&self.interface, format_args!("has gone")),
                false => say(&self.interface, format_args!("is {running}, MTU {}", condition.mtu)),
            }
        }
        if self.broken || self.monitor.condition.gone { State::Gone } else { State::There }
    }
}
