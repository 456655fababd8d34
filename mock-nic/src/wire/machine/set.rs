//! A set of VIs on an interface of the machine. The kernel gives each of them all that the set takes; each keeps what the
//! hash of the flow says is its own.

use super::Interface;
use super::rules::Owner;
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::wire::Set;
use std::sync::{Arc, Weak};

pub(super) struct Members {
    interface: Arc<Interface>,
    number: u64,
    count: usize,
}

impl Members {
    pub(super) fn open(interface: &Arc<Interface>, count: usize) -> Self {
        Self { interface: interface.clone(), number: interface.number(), count }
    }

    fn owner(&self) -> Owner {
        Owner::Set(self.number)
    }
}

impl Set for Members {
    fn join(&self, index: usize, member: u64) -> Result<()> {
        if index >= self.count {
            return Err(Errno(libc::EDOM));
        }
        {
            let shared = self.interface.lock();
            let mut places = shared.places.iter().filter_map(Weak::upgrade);
            let place = places.find(|place| place.number == member).ok_or(Errno(libc::EINVAL))?;
            place.join(self.number, index, self.count)?;
        }
        // Its program takes what the set takes.
        self.interface.change(|_| Ok(()))
    }

    fn filter_add(&self, filter: Filter, _looped: bool) -> Result<u32> {
        self.interface.filter_add(self.owner(), filter)
    }

    fn filter_remove(&self, id: u32) -> Result<()> {
        self.interface.filter_remove(self.owner(), id)
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        self.interface.forget(self.owner());
    }
}
