//! What a VI sees to at an interface of the machine besides frames.

use super::{From, MachineLink, Xdp};
use crate::wire::Link;
use crate::wire::outside::{Memory, Outside, Posted, State};

impl Outside for MachineLink {
    #[inline]
    fn push(&mut self) {
        let all = match (&mut self.xdp, &mut self.sender) {
            (Xdp::Bound(end), _) => end.push(),
            (_, Some(sender)) => sender.push(),
            _ => true,
        };
        if !all {
            self.unsent();
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

    #[inline]
    fn withdraws(&mut self) -> bool {
        self.crowded && self.withdraw()
    }

    fn is_withdrawing(&self) -> bool {
        self.crowded
    }

    fn state(&mut self) -> State {
        self.look();
        if let Some(receiver) = &self.receiver {
            receiver.forget_error();
        }
        if self.broken || self.monitor.condition.gone { State::Gone } else { State::There }
    }
}
