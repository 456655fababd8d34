//! A set of VIs: its place in the tables.

use super::Switch;
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::wire::Set;
use crate::wire::table::Target;
use core::sync::atomic::Ordering::*;
use std::sync::Arc;

pub(super) struct Members {
    switch: Arc<Switch>,
    id: usize,
    generation: u32,
}

impl Members {
    pub(super) fn open(switch: &Arc<Switch>, count: usize) -> Result<Self> {
        let (id, generation) = switch.open_set(count)?;
        Ok(Self { switch: switch.clone(), id, generation })
    }

    fn target(&self) -> Target {
        Target::Set(self.id, self.generation)
    }
}

impl Set for Members {
    fn join(&self, index: usize, member: u64) -> Result<()> {
        self.switch.change(|table| {
            let set = &table.sets[self.id];
            let place = set.members.get(index).filter(|_| index < set.count.load(Relaxed) as usize);
            place.ok_or(Errno(libc::EDOM))?.store(member, Release);
            Ok(())
        })
    }

    fn filter_add(&self, filter: Filter, looped: bool) -> Result<u32> {
        self.switch.filter_add(self.target(), filter, looped)
    }

    fn filter_remove(&self, id: u32) -> Result<()> {
        self.switch.filter_remove(self.target(), id)
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        // Its filters go with it, as a station's do.
        let table = self.switch.table();
        table.sets[self.id].state.close(self.generation);
        table.edition.fetch_add(1, Release);
    }
}
