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
        match &mut self.xdp {
            Xdp::Bound(end) => end.post(buffer, length),
            _ => None,
        }
    }

    fn discard(&mut self) {
        match (&mut self.xdp, &self.arrived) {
            (Xdp::Bound(end), Some((_, From::Xdp))) => {
                self.arrived = None;
                end.discard();
            }
            _ => self.take(),
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
        self.cells.system_calls.add(1);
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
