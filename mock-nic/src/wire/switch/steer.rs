//! Where frames go.

use super::Switch;
use crate::filter::Filter;
use crate::frame::{self, Flow};
use crate::wire::queues;
use crate::wire::table::{Installed, Table, Target};
use core::sync::atomic::Ordering::*;

/// The address of all stations.
const BROADCAST: u64 = 0xffff_ffff_ffff;

/// Where the frames of a flow go, the stations bit by bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    /// Those whose filters take them: one for unicast frames, any number for multicast ones.
    pub(super) takers: u64,
    /// Those that get copies.
    pub(super) copies: u64,
    /// They are the kernel's, too.
    pub(super) kernel: bool,
    /// Either of the two.
    pub(super) elsewhere: bool,
}

/// Flows whose routes a sender remembers, at most.
const FLOWS: usize = 64;

/// What is known of a flow, as of an edition of the filter table.
#[derive(Clone, Copy)]
struct Remembered<K, V> {
    flow: K,
    edition: u64,
    known: V,
}

/// What is known of some flows, each in a place that its hash gives.
pub(super) struct Memo<K, V>([Option<Remembered<K, V>>; FLOWS]);

impl<K: Copy + PartialEq, V: Copy> Memo<K, V> {
    pub(super) fn new() -> Self {
        Self([None; FLOWS])
    }

    #[inline]
    pub(super) fn get(&self, hash: usize, flow: K, edition: u64) -> Option<V> {
        match &self.0[hash % FLOWS] {
            Some(about) if about.flow == flow && about.edition == edition => Some(about.known),
            _ => None,
        }
    }

    pub(super) fn set(&mut self, hash: usize, flow: K, edition: u64, known: V) {
        self.0[hash % FLOWS] = Some(Remembered { flow, edition, known });
    }
}

impl Table {
    fn installed(&self) -> impl Iterator<Item = (usize, Installed)> {
        self.filters.iter().enumerate().filter_map(|(index, entry)| Some((index, self.filter(entry)?)))
    }

    /// The station to which an installed filter steers frames of the flow, as a bit; no bit if it is not there.
    fn bit(&self, installed: &Installed, flow: &Flow) -> u64 {
        self.station(installed.target, || frame::hash(flow)).map_or(0, |station| 1 << station)
    }
}

/// Of filters that match a flow, what comes of them.
#[derive(Default)]
struct Takers {
    all: u64,
    best: Option<(u32, u64)>,
}

impl Takers {
    fn add(&mut self, rank: u32, bit: u64) {
        self.all |= bit;
        if self.best.is_none_or(|(other, _)| rank > other) {
            self.best = Some((rank, bit));
        }
    }

    /// Those that get the frame; none if nobody wants it, which is another thing than a VI that is not there.
    fn of(&self, multicast: bool) -> Option<u64> {
        self.best.map(|(_, one)| if multicast { self.all } else { one })
    }
}

impl Switch {
    /// Where frames of the flow go that arrive at the port.
    pub(super) fn steer(&self, flow: &Flow) -> Route {
        let table = self.table();
        let multicast = flow.is_multicast();
        let (mut takers, mut leftovers) = (Takers::default(), Takers::default());
        let (mut sniffers, mut promiscuous, mut blocked) = (0, 0, false);
        for (_, installed) in table.installed() {
            match installed.filter {
                Filter::Sniff { promiscuous: true } => promiscuous |= table.bit(&installed, flow),
                Filter::Sniff { promiscuous: false } => sniffers |= table.bit(&installed, flow),
                Filter::BlockKernel { unicast, multicast: group } => blocked |= if multicast { group } else { unicast },
                filter if filter.matches(flow) => {
                    let to = if filter.is_mismatch() { &mut leftovers } else { &mut takers };
                    to.add(filter.rank(), table.bit(&installed, flow));
                }
                _ => {}
            }
        }
        let kernel = !blocked && [self.mac, BROADCAST].contains(&flow.mac());
        let wanted = takers.of(multicast).or(if kernel { None } else { leftovers.of(multicast) });
        let takers = queues::sharing(table, wanted.unwrap_or(0));
        let delivered = kernel || wanted.is_some();
        let copies = promiscuous | if delivered { sniffers } else { 0 };
        // What a VI in sniff mode has filters for it copies, and does not take from the kernel.
        let only_copied = takers != 0 && takers & !(sniffers | promiscuous) == 0;
        let (copies, kernel) = (copies & !takers, kernel && (wanted.is_none() || only_copied));
        Route { takers, copies, kernel, elsewhere: kernel || copies != 0 }
    }

    /// To which stations of the port multicast goes that one of them sends, by station. Those of its own domain get none.
    pub(super) fn steer_looped(&self, flow: &Flow, sender: usize) -> u64 {
        let table = self.table();
        let domain = |id: usize| (table.stations[id].process.load(Relaxed), table.stations[id].domain.load(Relaxed));
        let matching = table.installed().filter(|(_, installed)| installed.looped && installed.filter.matches(flow));
        let stations = matching.filter_map(|(_, installed)| table.station(installed.target, || frame::hash(flow)));
        stations.filter(|&station| domain(station) != domain(sender)).fold(0, |bits, station| bits | 1 << station)
    }

    /// The place of the filter by which a station gets frames of the flow: its own, or one of those that share its queue.
    pub(super) fn filter_of(&self, flow: &Flow, station: usize) -> Option<u16> {
        let sharing = queues::sharing(self.table(), 1 << station);
        let matching = self.table().installed().filter(|(_, installed)| {
            installed.filter.matches(flow) && self.table().bit(installed, flow) & sharing != 0
        });
        matching.max_by_key(|(_, installed)| installed.filter.rank()).map(|(index, _)| index as u16)
    }

    /// The place of the filter by which a station gets all of its frames; none if it, or those that share its queue, have
    /// more than one, or if there are sets, whose filters reach it only now and then.
    pub(super) fn only_filter(&self, station: usize) -> Option<u16> {
        let sharing = queues::sharing(self.table(), 1 << station);
        let mut only = None;
        for (index, installed) in self.table().installed() {
            let Target::Station(..) = installed.target else { return None };
            if self.table().bit(&installed, &Flow::default()) & sharing != 0 && only.replace(index as u16).is_some() {
                return None;
            }
        }
        only
    }

    /// Notes which stations get copies of what the port sends: those that send look at it each time.
    pub(super) fn note_sniffers(&self) {
        let table = self.table();
        let sniffing = table.installed().filter(|(_, installed)| installed.filter == Filter::SniffSent);
        // A set's copies go to the first of its VIs that the hash of nothing gives.
        let bits = sniffing.fold(0, |bits, (_, installed)| bits | table.bit(&installed, &Flow::default()));
        table.sniffers.store(bits, Release);
    }
}
