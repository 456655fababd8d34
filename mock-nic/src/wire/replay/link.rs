//! A VI's end of a wire that a capture is fed to.

use super::alarm::Alarm;
use super::feeder::Feeder;
use crate::counters::Cells;
use crate::errno::Result;
use crate::filter::Filter;
use crate::interrupt::Interrupt;
use crate::wire::pass::pass;
use crate::wire::queues::Wanted;
use crate::wire::{Arrival, Link, OnWire, Outgoing, When};
use std::sync::Arc;

pub(super) struct ReplayLink {
    inner: Box<dyn Link>,
    feeder: Arc<Feeder>,
    cells: Arc<Cells>,
    /// What wakes it: frames that another VI's poll fed, and the next frame's time.
    sleep: Option<(Arc<Interrupt>, Arc<Interrupt>, Alarm)>,
    /// It has counted that the capture has ended.
    down: bool,
}

impl ReplayLink {
    pub(super) fn new(inner: Box<dyn Link>, feeder: Arc<Feeder>, cells: Arc<Cells>) -> Self {
        Self { inner, feeder, cells, sleep: None, down: false }
    }

    #[inline]
    fn look(&mut self, mut peek: impl FnMut(&mut dyn Link) -> Option<Arrival>) -> Option<Arrival> {
        if let Some(arrival) = peek(&mut *self.inner) {
            return Some(arrival);
        }
        if !self.down {
            self.feeder.feed(|| peek(&mut *self.inner).is_some());
            if self.feeder.has_ended() {
                self.down = true;
                self.cells.link_changes.add(1);
            }
        }
        peek(&mut *self.inner)
    }
}

impl Link for ReplayLink {
    pass!(take filter_remove has_filter filter_of member queue_for overruns);

    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire {
        self.inner.transmit(frame, when)
    }

    fn arrival(&mut self) -> Option<Arrival> {
        self.look(|link| link.arrival())
    }

    fn arriving(&mut self) -> Option<Arrival> {
        self.look(|link| link.arriving())
    }

    fn interrupt(&mut self) -> Result<Arc<Interrupt>> {
        if let Some((interrupt, ..)) = &self.sleep {
            return Ok(interrupt.clone());
        }
        let (interrupt, inner, alarm) = (Arc::new(Interrupt::with_others()?), self.inner.interrupt()?, Alarm::new()?);
        interrupt.watch(inner.fd())?;
        interrupt.watch(alarm.fd())?;
        self.sleep = Some((interrupt.clone(), inner, alarm));
        Ok(interrupt)
    }

    fn prime(&mut self) {
        let Some((interrupt, inner, alarm)) = &self.sleep else { return };
        inner.clear();
        self.inner.prime();
        alarm.set(self.feeder.wait());
        interrupt.arm();
    }

    fn filter_add(&mut self, filter: Filter, looped: bool) -> Result<u32> {
        let id = self.inner.filter_add(filter, looped)?;
        self.feeder.open();
        Ok(id)
    }

    fn queue_filter_add(&mut self, filter: Filter, queue: u8, wanted: &Wanted) -> Result<u32> {
        let id = self.inner.queue_filter_add(filter, queue, wanted)?;
        self.feeder.open();
        Ok(id)
    }
}
