//! An interface of the machine as the wire: a network card, a veth, whatever the kernel drives.
//!
//! Frames go through AF_XDP ([`crate::wire::xdp`]) or through packet sockets ([`crate::wire::packet`]). The first VI of a
//! process on an interface gets AF_XDP if it can be had; who can't have it gets a packet socket. `EFVI_MOCK_WIRE` asks for
//! one of the two, `EFVI_MOCK_LOG=wire` tells which it is and why.

mod link;
pub mod monitor;
pub mod netdev;
mod news;
mod place;
pub mod rules;
mod said;
mod set;

pub use said::take_refusal;

use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::settings;
use crate::wire::packet::Format;
use crate::wire::queues::{Queues, Wanted};
use crate::wire::xdp::Mode;
use crate::wire::{Attachment, Link, Set, Wire};
use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use monitor::Condition;
use netdev::Netdev;
use place::Place;
use rules::{Owner, Rules};
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Which way frames are to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// AF_XDP, or packet sockets where that can't be had.
    #[default]
    Any,
    /// AF_XDP.
    Xdp,
    /// AF_XDP, with the program in the network stack even where the driver would run it.
    GenericXdp,
    /// Packet sockets.
    Packet(Format),
}

impl Choice {
    /// `EFVI_MOCK_WIRE`.
    pub fn from_outside() -> Result<Self> {
        let choice = settings::read("EFVI_MOCK_WIRE", |text| match text {
            "xdp" => Ok(Self::Xdp),
            "xdp-generic" => Ok(Self::GenericXdp),
            "packet" => Ok(Self::Packet(Format::Slots)),
            "packet-blocks" => Ok(Self::Packet(Format::Blocks)),
            _ => Err("'xdp', 'xdp-generic', 'packet' or 'packet-blocks'".to_owned()),
        });
        Ok(choice?.unwrap_or_default())
    }

    /// Where an XDP program is to run, in the order in which that is tried.
    pub fn modes(self) -> &'static [Mode] {
        match self {
            Self::GenericXdp => &[Mode::Generic],
            _ => &[Mode::Driver, Mode::Generic],
        }
    }

    /// The format of packet sockets' rings.
    pub fn format(self) -> Format {
        match self {
            Self::Packet(format) => format,
            _ => Format::default(),
        }
    }
}

/// `EFVI_MOCK_BUSY_POLL`.
fn busy_poll() -> Result<Option<i32>> {
    settings::read("EFVI_MOCK_BUSY_POLL", |text| {
        let microseconds = text.parse().ok().filter(|&microseconds: &i32| (1..=1_000_000).contains(&microseconds));
        microseconds.ok_or_else(|| "microseconds from 1 to 1000000".to_owned())
    })
}

/// The wire.
pub struct Machine(Arc<Interface>);

/// An interface of the machine, as this process's VIs share it.
pub struct Interface {
    /// Its name.
    pub name: CString,
    /// What the kernel says of it.
    pub netdev: Netdev,
    /// The largest MTU that its port can have.
    pub most: usize,
    /// Which way frames are to go.
    pub choice: Choice,
    /// For how long the driver is polled, in microseconds; none unless asked for.
    pub busy_poll: Option<i32>,
    /// A VI has its queues.
    pub xdp_taken: AtomicBool,
    /// A VI has heard that it was deleted, or moved to another network namespace.
    gone: AtomicBool,
    /// What the log was last told of it.
    said: Mutex<Option<Condition>>,
    state: Mutex<Shared>,
    numbers: AtomicU64,
}

#[derive(Default)]
struct Shared {
    rules: Rules,
    places: Vec<Weak<Place>>,
}

impl Interface {
    /// The address as a number.
    pub fn mac(&self) -> u64 {
        let [a, b, c, d, e, f] = self.netdev.mac;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The name that it has now: it may have been renamed since it was opened. `ENODEV` if it is gone.
    pub fn name_now(&self) -> Result<CString> {
        if self.gone.load(Relaxed) { Err(Errno(libc::ENODEV)) } else { netdev::name_of(self.netdev.index) }
    }

    /// Its MTU now. `ENODEV` if it is gone.
    pub fn mtu(&self) -> Result<usize> {
        Ok(netdev::mtu(&self.name_now()?)?.min(self.most))
    }

    /// True of what no other VI has heard yet.
    fn is_news(&self, condition: Condition) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).replace(condition) != Some(condition)
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks something up in the filters.
    fn with_rules<T>(&self, look: impl FnOnce(&Rules) -> T) -> T {
        look(&self.lock().rules)
    }

    /// Changes the filters, and has all sockets follow. A change that one of them can't follow is taken back.
    fn change<T>(&self, change: impl FnOnce(&mut Shared) -> Result<T>) -> Result<T> {
        let mut shared = self.lock();
        let before = shared.rules.clone();
        let changed = change(&mut shared)?;
        if self.gone.load(Relaxed) {
            // Nothing takes frames there any more.
            return Ok(changed);
        }
        if let Err(e) = shared.follow(self) {
            shared.rules = before;
            shared.follow(self).ok();
            return Err(e);
        }
        Ok(changed)
    }

    /// Adds a filter of an owner's.
    fn filter_add(&self, owner: Owner, filter: Filter) -> Result<u32> {
        self.add(owner, owner, filter, |shared| shared.rules.add(owner, filter))
    }

    /// The shared queue to which a filter would steer.
    fn queue_for(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        self.lock().choose(filter, wanted)
    }

    /// Adds a filter that steers to a shared queue.
    fn queue_filter_add(&self, adder: Owner, filter: Filter, queue: u8, wanted: &Wanted) -> Result<u32> {
        let owner = Owner::Queue(queue, wanted.owner);
        self.add(adder, owner, filter, |shared| {
            // Others may have changed it since it was chosen.
            shared.choose(filter, &Wanted { queue: Some(queue), ..*wanted })?;
            shared.rules.insert(adder, owner, filter)
        })
    }

    fn add(
        &self,
        adder: Owner,
        owner: Owner,
        filter: Filter,
        add: impl FnOnce(&mut Shared) -> Result<u32>,
    ) -> Result<u32> {
        self.name_now()?;
        let id = self.change(add)?;
        let admitted = {
            let shared = self.lock();
            let mut places = shared.places.iter().filter_map(Weak::upgrade).filter(|place| place.owns(owner));
            places.try_for_each(|place| place.admit(self, &filter))
        };
        if let Err(e) = admitted {
            self.filter_remove(adder, id)?;
            return Err(e);
        }
        Ok(id)
    }

    /// Removes one of an owner's.
    fn filter_remove(&self, owner: Owner, id: u32) -> Result<()> {
        self.change(|shared| shared.rules.remove(owner, id))
    }

    /// An owner goes, and its filters with it.
    fn forget(&self, owner: Owner) {
        let mut shared = self.lock();
        shared.rules.forget(owner);
        if !self.gone.load(Relaxed) {
            // What can't follow keeps its old program until the next change: it takes less than it might.
            shared.follow(self).ok();
        }
    }
}

impl Shared {
    /// Has all that can follow the filters; the error is of the first that can't.
    fn follow(&mut self, interface: &Interface) -> Result<()> {
        self.places.retain(|place| place.strong_count() > 0);
        let mut all = Ok(());
        for place in self.places.iter().filter_map(Weak::upgrade) {
            all = all.and(place.follow(interface, &self.rules));
        }
        all
    }
}

impl Queues for Shared {
    fn steered(&self) -> impl Iterator<Item = (Filter, u8, u64)> {
        self.rules.queued()
    }

    fn users(&self, queue: u8) -> usize {
        self.places.iter().filter_map(Weak::upgrade).filter(|place| place.is_end_of(queue)).count()
    }
}

impl Machine {
    /// The interface of that name, whose port can have an MTU of up to `most`.
    pub fn open(name: &CStr, netdev: Netdev, most: usize) -> Result<Self> {
        Ok(Self(Arc::new(Interface {
            name: name.into(),
            netdev,
            most,
            choice: Choice::from_outside()?,
            busy_poll: busy_poll()?,
            xdp_taken: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            said: Mutex::default(),
            state: Mutex::default(),
            numbers: AtomicU64::new(1),
        })))
    }
}

impl Wire for Machine {
    fn attach(&self, how: Attachment) -> Result<Box<dyn Link>> {
        Ok(Box::new(link::MachineLink::open(&self.0, how)?))
    }

    fn set(&self, count: usize) -> Result<Box<dyn Set>> {
        if !(1..=crate::wire::table::SET_MEMBERS).contains(&count) {
            return Err(Errno(libc::EINVAL));
        }
        Ok(Box::new(set::Members::open(&self.0, count)))
    }

    fn mtu(&self) -> Option<Result<usize>> {
        Some(self.0.mtu())
    }

    fn is_named(&self, name: &CStr) -> bool {
        !self.0.gone.load(Relaxed) && netdev::index_of(name) == Some(self.0.netdev.index)
    }

    /// The kernel keeps no count of them.
    fn left_to_kernel(&self) -> u64 {
        0
    }
}
