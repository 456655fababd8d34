//! Adapter ports, and how a program finds them: by an interface's name or index.

use crate::alias;
use crate::checks::Checks;
use crate::counters::{Cells, Counters};
use crate::errno::{Errno, Result};
use crate::faults::{self, Fault, Faults};
use crate::interface::Interface;
use crate::log::{Log, log};
use crate::model::Model;
use crate::pcap;
use crate::settings;
use crate::time::port_clock::PortClock;
use crate::time::{Costs, Pipeline};
use crate::vi::alternatives::Taken;
use crate::wire::machine::Machine;
use crate::wire::machine::netdev::{self, Netdev};
use crate::wire::replay::{self, Replay};
use crate::wire::switch::Switch;
use crate::wire::{Overruns, Wire};
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};
use once_cell::sync::Lazy;
use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The largest packet that a port carries, without its Ethernet header, unless it is made for others.
pub const MTU: usize = 1500;

/// The longest frame that any port carries: with a VLAN tag, without FCS.
pub const MAX_FRAME: usize = max_frame(MAX_MTU);

/// The largest MTU that a port can have.
pub const MAX_MTU: usize = 9000;

/// The longest frame of a port with that MTU.
pub const fn max_frame(mtu: usize) -> usize {
    mtu + 18
}

/// `EINVAL` unless a port can have that MTU, of which `most` is the largest. The smallest is what IPv4 asks of every link.
pub fn check_mtu(mtu: usize, most: usize) -> Result<usize> {
    if (68..=most).contains(&mtu) { Ok(mtu) } else { Err(Errno(libc::EINVAL)) }
}

/// `EFVI_MOCK_MTU`, of which `most` is the largest; none where it is not set.
pub(crate) fn mtu_from_outside(most: usize) -> Result<Option<usize>> {
    settings::read("EFVI_MOCK_MTU", |text| {
        let mtu = text.parse().ok().and_then(|mtu| check_mtu(mtu, most).ok());
        let why = if most < MAX_MTU { "; X3, and X4's express datapath, receive no longer frames" } else { "" };
        mtu.ok_or_else(|| format!("a number from 68 to {most}{why}"))
    })
}

/// A port of the adapter.
pub struct Port {
    /// The interface's name.
    pub name: CString,
    /// The interface's index.
    pub index: i32,
    /// What adapter it is of.
    pub model: Model,
    /// The port's address.
    pub mac: [u8; 6],
    /// The largest packet that it carries, without its Ethernet header, unless the wire says what that is now.
    mtu: usize,
    /// What it is plugged into.
    pub wire: Box<dyn Wire>,
    /// What goes wrong at it.
    pub(crate) faults: faults::state::Slot,
    /// Where its frames are written.
    pub(crate) capture: pcap::Slot,
    /// What is checked of the program's calls.
    pub(crate) checks: Option<Arc<Checks>>,
    pub(crate) clock: Arc<PortClock>,
    /// On virtual time what things cost, and the port's receive side; none on the machine's.
    time: Option<(Costs, Arc<Switch>)>,
    counted: Mutex<Counted>,
    /// CTPIO frames that are yet to underrun.
    underruns: AtomicU32,
    /// PIO regions that are taken.
    pub(crate) pio_taken: AtomicU32,
    /// What is taken for TX alternatives.
    pub(crate) alternatives: Mutex<Taken>,
}

/// What is counted of a VI: here, and on the wire.
#[derive(Clone)]
pub(crate) struct ViCounters {
    pub(crate) cells: Arc<Cells>,
    pub(crate) overruns: Arc<dyn Overruns>,
}

impl ViCounters {
    /// The counters now.
    pub(crate) fn read(&self) -> Counters {
        let counted = self.cells.read();
        let rx_abandoned = counted.rx_abandoned + self.overruns.abandoned();
        Counters { rx_overruns: self.overruns.read(), rx_abandoned, ..counted }
    }

    /// Sets all to 0.
    pub(crate) fn clear(&self) {
        self.cells.clear();
        self.overruns.clear();
    }
}

/// The counters of the port's VIs: of those that are, and the sum of those that were.
#[derive(Default)]
struct Counted {
    live: Vec<ViCounters>,
    past: Counters,
}

/// Indices of captures lie above those of cables, and below those of fabrics.
const CAPTURES_AT: i32 = 0x3000_0000;

static NEXT_CAPTURE: AtomicI32 = AtomicI32::new(0);

/// The ports of this process.
static PORTS: Lazy<Mutex<Vec<Weak<Port>>>> = Lazy::new(|| {
    // SAFETY: registers a function that is safe to call at exit.
    // If it can't be registered, a file may be left for the next run to reuse.
    #[cfg(not(miri))]
    unsafe {
        libc::atexit(leave)
    };
    Mutex::default()
});

/// For a program that ends without freeing its resources: shared-memory files must not outlive their last user.
#[cfg(not(miri))]
extern "C" fn leave() {
    // Another thread may be opening a port, which takes some milliseconds; one that was stopped must not stop the exit.
    let Some(ports) = (0..200).find_map(|_| {
        PORTS.try_lock().ok().or_else(|| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            None
        })
    }) else {
        return;
    };
    for port in ports.iter().filter_map(Weak::upgrade) {
        port.log_counters();
        port.wire.leave();
        // Its file is gone; dropping the port later must not look for it again.
        core::mem::forget(port);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes ports known; those that nobody uses any more are forgotten.
pub fn register(ports: &[&Arc<Port>]) {
    let mut known = lock(&PORTS);
    known.retain(|p| p.strong_count() > 0);
    known.extend(ports.iter().map(|p| Arc::downgrade(p)));
}

/// The port behind an interface's name, and that name.
pub fn by_name(name: &CStr) -> Result<(Arc<Port>, CString)> {
    let here = alias::resolve(name)?;
    let port = find(|port| port.name == here && port.wire.is_named(&here)).map_or_else(|| open(&here), Ok)?;
    Ok((port, name.to_owned()))
}

/// The port behind an interface's index, and its name.
pub fn by_index(index: i32) -> Result<(Arc<Port>, CString)> {
    if let Some(port) = find(|port| port.index == index && port.mtu().is_ok()) {
        let name = port.name.clone();
        return Ok((port, name));
    }
    by_name(&netdev::name_of(index)?)
}

/// The first port that is wanted, of those that there are.
pub fn find(wanted: impl Fn(&Port) -> bool) -> Option<Arc<Port>> {
    lock(&PORTS).iter().filter_map(Weak::upgrade).find(|port| wanted(port))
}

/// What an interface's name says.
enum Named<'a> {
    Memory(Interface),
    Machine(Netdev),
    Capture(&'a Path),
}

impl<'a> Named<'a> {
    fn parse(name: &'a CStr) -> Result<Self> {
        if let Some(path) = replay::file_of(name) {
            return Ok(Self::Capture(path));
        }
        Interface::parse(name).map(Self::Memory).or_else(|_| netdev::find(name).map(Self::Machine))
    }

    /// True of a port that is this one.
    fn is(&self, name: &CStr, port: &Port) -> Result<bool> {
        Ok(match self {
            Self::Memory(interface) => port.index == interface.index()?,
            Self::Machine(netdev) => port.index == netdev.index,
            Self::Capture(_) => port.name.as_c_str() == name,
        })
    }
}

/// Opens an interface.
fn open(name: &CStr) -> Result<Arc<Port>> {
    let named = Named::parse(name)?;
    // Held until it is registered: two threads must not join twice.
    let mut known = lock(&PORTS);
    for port in known.iter().filter_map(Weak::upgrade) {
        if named.is(name, &port)? && port.mtu().is_ok() {
            return Ok(port);
        }
    }
    let model = settings::read("EFVI_MOCK_MODEL", Model::parse)?.unwrap_or_default();
    let costs = costs_from_outside()?;
    let port = match named {
        Named::Memory(interface) => of_memory(name, interface, model, costs)?,
        Named::Machine(netdev) => {
            must_be_real(name, costs, "an interface of the machine")?;
            of_machine(name, netdev, model)?
        }
        Named::Capture(path) => {
            must_be_real(name, costs, "a capture")?;
            of_capture(name, path, model)?
        }
    };
    let port = Arc::new(port);
    if let Some(faults) = settings::read("EFVI_MOCK_FAULTS", |text| text.parse::<Faults>().map_err(|e| e.to_string()))?
    {
        port.set_faults(&faults);
    }
    if let Some(path) = settings::read("EFVI_MOCK_PCAP", |value| Ok(pcap_file(value, name)))? {
        port.capture.start(&path)?;
    }
    known.retain(|p| p.strong_count() > 0);
    known.push(Arc::downgrade(&port));
    Ok(port)
}

/// A port on a wire that is memory.
fn of_memory(name: &CStr, interface: Interface, model: Model, costs: Option<Costs>) -> Result<Port> {
    let mtu = mtu_from_outside(model.max_mtu())?.unwrap_or(MTU);
    let index = interface.index()?;
    let wire = interface.plug(max_frame(mtu), costs.as_ref())?;
    let time = costs.map(|costs| (costs, wire.near.clone()));
    Ok(Port::new(name.into(), index, model, interface.mac(), mtu, Box::new(wire), time))
}

/// Virtual time has no meaning where frames come in real time.
fn must_be_real(name: &CStr, costs: Option<Costs>, what: &str) -> Result<()> {
    if costs.is_none() {
        return Ok(());
    }
    eprintln!("mock-nic: EFVI_MOCK_CLOCK=virtual: expected real for {}, {what}", name.to_string_lossy());
    Err(Errno(libc::EINVAL))
}

/// A port to which a capture's frames come, of the largest MTU that the model has.
fn of_capture(name: &CStr, path: &Path, model: Model) -> Result<Port> {
    let number = NEXT_CAPTURE.fetch_add(1, Relaxed);
    let [_, b, c, d] = number.to_be_bytes();
    let mac = [2, 0, 3, b, c, d];
    let mtu = model.max_mtu().min(MAX_MTU);
    let wire = Replay::open(path, mac, max_frame(mtu))?;
    let clock = wire.time().map(PortClock::of_capture);
    let mut port = Port::new(name.into(), CAPTURES_AT + number, model, mac, mtu, Box::new(wire), None);
    if let Some(clock) = clock {
        port.clock = Arc::new(clock);
    }
    Ok(port)
}

/// A port on an interface of the machine, whose address and MTU it has.
fn of_machine(name: &CStr, netdev: Netdev, model: Model) -> Result<Port> {
    let most = model.max_mtu();
    if netdev.mtu > most && most < MAX_MTU {
        let model = settings::read("EFVI_MOCK_MODEL", |model| Ok(model.to_owned()))?.unwrap_or_default();
        eprintln!(
            "mock-nic: EFVI_MOCK_MODEL={model}: expected an MTU up to {most} at {}, not {}",
            name.to_string_lossy(),
            netdev.mtu
        );
        return Err(Errno(libc::EINVAL));
    }
    let wire = Machine::open(name, netdev, MAX_MTU)?;
    let mtu = netdev.mtu.min(MAX_MTU);
    Ok(Port::new(name.into(), netdev.index, model, netdev.mac, mtu, Box::new(wire), None))
}

/// `EFVI_MOCK_PCAP`: `%i` in it stands for the interface's name.
fn pcap_file(value: &str, interface: &CStr) -> PathBuf {
    settings::path_of(&value.replace("%i", &interface.to_string_lossy()))
}

/// The costs of virtual time, if that is asked for.
fn costs_from_outside() -> Result<Option<Costs>> {
    let is_virtual = settings::read("EFVI_MOCK_CLOCK", |value| match value {
        "real" => Ok(false),
        "virtual" => Ok(true),
        _ => Err("real, or virtual".to_owned()),
    })?;
    let costs = settings::read("EFVI_MOCK_COSTS", Costs::parse)?.unwrap_or_default();
    Ok(is_virtual.unwrap_or(false).then_some(costs))
}

impl Port {
    /// A port that is plugged in. `time` is given for virtual time: what things cost, and the port's receive side.
    pub fn new(
        name: CString,
        index: i32,
        model: Model,
        mac: [u8; 6],
        mtu: usize,
        wire: Box<dyn Wire>,
        time: Option<(Costs, Arc<Switch>)>,
    ) -> Self {
        // The machine's clock is started now: its first use calibrates it, which takes some milliseconds.
        let clock = Arc::new(PortClock::new(time.is_some()));
        Self {
            name,
            index,
            model,
            mac,
            mtu,
            wire,
            faults: Default::default(),
            capture: Default::default(),
            // A value that is none has been an error of the driver's handle before a port is used.
            checks: Checks::asked().ok().flatten(),
            clock,
            time,
            counted: Mutex::default(),
            underruns: AtomicU32::new(0),
            pio_taken: AtomicU32::new(0),
            alternatives: Mutex::default(),
        }
    }

    /// The largest packet that it carries now, without its Ethernet header. `ENODEV` of one whose interface has gone.
    pub fn mtu(&self) -> Result<usize> {
        self.wire.mtu().unwrap_or(Ok(self.mtu))
    }

    /// The longest frame that it carries, on a wire of which that does not change.
    #[inline]
    pub fn max_frame(&self) -> usize {
        max_frame(self.mtu)
    }

    /// Writes the counters, the faults and the number of the program's mistakes, if that is asked for: one line.
    fn log_counters(&self) {
        let Ok(Log { counters: Some(sink), .. }) = log() else { return };
        let mut line = format!("{}:", self.name.to_string_lossy());
        for (name, value) in self.counters().named() {
            line += &format!(" {name}={value}");
        }
        for (fault, count) in self.faults.counts() {
            line += &format!(" {fault}={count}");
        }
        if let Some(checks) = &self.checks {
            line += &format!(" violations={}", checks.count());
        }
        sink.line(format_args!("{line}"));
    }

    /// What virtual time costs here.
    pub(crate) fn costs(&self) -> Option<Costs> {
        self.time.as_ref().map(|(costs, _)| *costs)
    }

    /// The way of a VI's frames, on virtual time.
    pub(crate) fn pipeline(&self) -> Option<Box<Pipeline>> {
        self.time.as_ref().map(|(costs, switch)| Box::new(Pipeline::new(*costs, switch.clone())))
    }

    /// Sets what goes wrong from now on.
    pub(crate) fn set_faults(&self, faults: &Faults) {
        self.faults.set(faults);
        if let Some(parts_per_million) = faults.drift() {
            self.clock.set_drift(parts_per_million);
        }
    }

    /// Has the writers of the next CTPIO frames be too slow for the wire.
    pub fn underrun_next(&self, frames: u32) {
        faults::arm();
        self.underruns.store(frames, Relaxed);
    }

    /// True if the writer of this CTPIO frame is too slow.
    #[inline]
    pub(crate) fn underruns(&self) -> bool {
        faults::armed()
            && (self.faults.happens(Fault::CtpioUnderrun)
                || self.underruns.fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1)).is_ok())
    }

    /// Adds a VI's counters to the port's.
    pub(crate) fn count(&self, counters: &ViCounters) {
        lock(&self.counted).live.push(counters.clone());
    }

    /// A VI is about to go; what it counted stays.
    pub(crate) fn uncount(&self, counters: &ViCounters) {
        let mut counted = lock(&self.counted);
        counted.live.retain(|other| !Arc::ptr_eq(&other.cells, &counters.cells));
        counted.past += counters.read();
    }

    /// What the port's VIs, in this process, have counted.
    pub fn counters(&self) -> Counters {
        let counted = lock(&self.counted);
        let mut total = counted.past;
        for counters in &counted.live {
            total += counters.read();
        }
        total
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.log_counters();
    }
}
