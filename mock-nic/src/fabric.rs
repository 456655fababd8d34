//! Ports within a process, joined by cables: for tests and benchmarks that need no second process.

use crate::checks::{Checks, Found};
use crate::counters::Counters;
use crate::errno::{Errno, Result};
use crate::faults::{Fault, Faults};
use crate::frame::Checksums;
use crate::model::Model;
use crate::port::{self, MTU, Port, register};
use crate::time::{ClockState, Costs};
use crate::wire::heap::Heap;
use crate::wire::switch::{Cable, Switch};
use crate::wire::{Attachment, Flags, Link, Outgoing, Piece, START, When, Wire};
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError};

/// A set of ports. They stay as long as it, or anything that uses them, does.
pub struct Fabric {
    model: Model,
    mtu: usize,
    checks: Option<Arc<Checks>>,
    costs: Option<Costs>,
    ports: Mutex<Vec<FabricPort>>,
}

/// A port of a fabric. A program opens it by its name, or its index, like an interface of the machine.
#[derive(Clone)]
pub struct FabricPort {
    port: Arc<Port>,
    inject: Arc<Mutex<Box<dyn Link>>>,
    /// The other end of the cable.
    far: Arc<Cable>,
}

/// Whether a frame's check sequence is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fcs {
    /// As sent.
    Good,
    /// Wrong: the frame was damaged, or its sender poisoned it.
    Bad,
}

/// Indices of fabric ports lie above those that the kernel gives out.
static NEXT_INDEX: AtomicI32 = AtomicI32::new(0x4000_0000);

impl Fabric {
    /// A fabric without ports. Those that it will make are of the model X2.
    pub fn new() -> Self {
        Self::of(Model::default())
    }

    /// A fabric without ports. Those that it will make are of this model.
    pub fn of(model: Model) -> Self {
        Self { model, mtu: MTU, costs: None, checks: None, ports: Mutex::default() }
    }

    /// Has the ports that it will make carry packets of up to so many bytes, 9000 at most, in place of 1500; 1964 on an
    /// X3. One that no port of the model can have is an error of the call that makes the port, `EINVAL`. On an X4 more
    /// than 1964 are an error of the call that makes a domain of the express datapath, `-EINVAL`.
    pub fn with_mtu(self, mtu: usize) -> Self {
        Self { mtu, ..self }
    }

    /// The same on virtual time ([`crate::VirtualTime`]), where things cost what is given.
    pub fn with_virtual_time(self, costs: Costs) -> Self {
        Self { costs: Some(costs), ..self }
    }

    /// Two ports joined by a cable: what one sends the other receives.
    pub fn cable(&self) -> Result<(FabricPort, FabricPort)> {
        let (a, b) = (self.end()?, self.end()?);
        let pair = (self.port(&a, &b)?, self.port(&b, &a)?);
        self.keep(&[&pair.0, &pair.1]);
        Ok(pair)
    }

    /// A port with a loopback plug: what its VIs send comes back to it.
    pub fn looped(&self) -> Result<FabricPort> {
        let end = self.end()?;
        let port = self.port(&end, &end)?;
        self.keep(&[&port]);
        Ok(port)
    }

    /// Has the calls of programs on its ports checked, and keeps what is found for [`Fabric::violations`].
    pub fn checked(self) -> Self {
        Self { checks: Some(Checks::kept()), ..self }
    }

    /// The mistakes that programs have made on its ports since this was last asked, in order; none unless it is
    /// [checked](Fabric::checked).
    pub fn violations(&self) -> Vec<Found> {
        self.checks.as_ref().map_or_else(Vec::new, |checks| checks.take())
    }

    /// What a port will be of, and its receive side.
    fn end(&self) -> Result<End> {
        if !self.model.in_release() {
            return Err(Errno(libc::EOPNOTSUPP));
        }
        let frame = port::max_frame(port::check_mtu(self.mtu, self.model.max_mtu())?);
        let index = NEXT_INDEX.fetch_add(1, Relaxed);
        let [_, b, c, d] = (index - 0x4000_0000).to_be_bytes();
        let mac = [2, 0, 1, b, c, d];
        Ok(End { index, mac, switch: Arc::new(Switch::new(Box::new(Heap::new(frame)), mac)) })
    }

    fn port(&self, near: &End, far: &End) -> Result<FabricPort> {
        let name = CString::new(format!("mock{}", near.index - 0x4000_0000)).map_err(|_| Errno(libc::EINVAL))?;
        let (near, far, index, mac) = (&near.switch, &far.switch, near.index, near.mac);
        // What is injected comes from the other end of the cable, as a further station there.
        let inject = Cable { near: far.clone(), far: near.clone() }.attach(Attachment::default())?;
        let wire = Box::new(Cable { near: near.clone(), far: far.clone() });
        let time = self.costs.map(|costs| (costs, near.clone()));
        let far = Cable { near: far.clone(), far: near.clone() };
        let mut port = Port::new(name, index, self.model, mac, self.mtu, wire, time);
        if let Some(checks) = &self.checks {
            port.checks = Some(checks.clone());
        }
        Ok(FabricPort { port: Arc::new(port), inject: Arc::new(Mutex::new(inject)), far: Arc::new(far) })
    }

    fn keep(&self, ports: &[&FabricPort]) {
        let mut kept = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(ports.iter().copied().cloned());
        let ports: Vec<_> = ports.iter().map(|p| &p.port).collect();
        register(&ports);
    }
}

impl Default for Fabric {
    fn default() -> Self {
        Self::new()
    }
}

/// The index of the port of this name, if a fabric has it: what `if_nametoindex` says of an interface of the machine.
pub fn port_index(name: &core::ffi::CStr) -> Option<u32> {
    port::find(|port| port.name.as_c_str() == name).and_then(|port| u32::try_from(port.index).ok())
}

/// An end of a cable.
struct End {
    index: i32,
    mac: [u8; 6],
    switch: Arc<Switch>,
}

impl FabricPort {
    /// The name under which a program opens the port.
    pub fn name(&self) -> &str {
        self.port.name.to_str().unwrap_or_default()
    }

    /// The index under which a program opens the port.
    pub fn ifindex(&self) -> i32 {
        self.port.index
    }

    /// The port's address.
    pub fn mac(&self) -> [u8; 6] {
        self.port.mac
    }

    /// What the port's VIs have counted.
    pub fn counters(&self) -> Counters {
        self.port.counters()
    }

    /// Frames that arrived for the host and that no VI took: its kernel has them. Those are frames to the port's address
    /// and to all stations, unless a VI has the kernel blocked.
    pub fn left_to_kernel(&self) -> u64 {
        self.port.wire.left_to_kernel()
    }

    /// Sets what goes wrong at this port from now on, in place of what went wrong before. Occasions and counts start
    /// anew. What it does to frames on the wire it does to those that this port sends.
    pub fn set_faults(&self, faults: &Faults) {
        self.port.set_faults(faults);
    }

    /// The kinds of fault that are set, once each, and how often each has happened.
    pub fn faults(&self) -> Vec<(Fault, u64)> {
        self.port.faults.counts()
    }

    /// Writes the frames that the port's VIs send and receive from now on into a new file, in the format of pcap with
    /// stamps in nanoseconds. A capture that was under way ends. The error is the file's.
    pub fn capture(&self, file: impl AsRef<std::path::Path>) -> Result<()> {
        self.port.capture.start(file.as_ref())
    }

    /// Ends a capture.
    pub fn end_capture(&self) {
        self.port.capture.stop();
    }

    /// Has the writers of the next CTPIO frames on this port be too slow for the wire. A frame that cuts through is
    /// poisoned, as the adapter does with what it has begun to send; one that is buffered whole does not go out; either
    /// way the fallback sends it.
    pub fn underrun_ctpio(&self, frames: u32) {
        self.port.underrun_next(frames);
    }

    /// Puts the port's clock into a state, from the next timestamp on.
    pub fn set_clock(&self, state: ClockState) {
        self.port.clock.set_state(state);
    }

    /// Has the port's clock run away from the right time, by so many microseconds a second; 0 brings it back.
    pub fn set_clock_drift(&self, parts_per_million: i64) {
        self.port.clock.set_drift(parts_per_million);
    }

    /// Puts a frame on the wire towards this port, as it is: its checksums are not filled in.
    ///
    /// `EMSGSIZE` if it is longer than the port carries, `ENOENT` if no VI's filter takes it.
    pub fn inject(&self, frame: &[u8], fcs: Fcs) -> Result<()> {
        if frame.len() > self.port.max_frame() {
            return Err(Errno(libc::EMSGSIZE));
        }
        let pieces = [Piece { base: frame.as_ptr(), length: frame.len() }];
        let flags = if fcs == Fcs::Bad { Flags::FCS_BAD } else { Flags::default() };
        let mut link = self.inject.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = Outgoing { pieces: &pieces, length: frame.len(), checksums: Checksums::default(), flags };
        // Its first byte leaves the other end of the cable now.
        let sent = link.transmit(&frame, When::At(self.port.clock.ticks()));
        if sent.claimed { Ok(()) } else { Err(Errno(libc::ENOENT)) }
    }

    /// Puts the first bytes of a frame on the wire towards this port, the rest of which is yet to come: X3 and X4 show
    /// them to a program that looks (`efct_vi_rx_future_peek`). On the machine's time nothing else begins a frame: what a VI
    /// sends is there whole, by CTPIO too, however early it cuts through. On virtual time its first bytes are seen when they
    /// would have come, while it is still written, and the rest when that would have.
    ///
    /// `EINVAL` if they are fewer than the 62 that such a program may read, `EMSGSIZE` if they are more than the port
    /// carries, `ENOENT` if no VI's filter takes the frame, or none has room for it.
    pub fn begin(&self, start: &[u8]) -> Result<Arriving> {
        if start.len() < START {
            return Err(Errno(libc::EINVAL));
        }
        if start.len() > self.port.max_frame() {
            return Err(Errno(libc::EMSGSIZE));
        }
        // Others may send meanwhile: a station of its own.
        let mut link = self.far.attach(Attachment::default())?;
        if !link.begin(start, self.port.clock.ticks()) {
            return Err(Errno(libc::ENOENT));
        }
        Ok(Arriving { link, begun: start.len(), longest: self.port.max_frame(), whole: false })
    }
}

/// A frame of which the first bytes are on the wire. Dropped, it breaks off there: what follows is a bad check sequence.
pub struct Arriving {
    link: Box<dyn Link>,
    begun: usize,
    longest: usize,
    whole: bool,
}

impl Arriving {
    /// Puts the rest of the frame on the wire, which may be nothing but the check sequence.
    ///
    /// `EMSGSIZE` if the frame is longer than the port carries: it breaks off then.
    pub fn finish(mut self, rest: &[u8], fcs: Fcs) -> Result<()> {
        if self.begun + rest.len() > self.longest {
            return Err(Errno(libc::EMSGSIZE));
        }
        self.whole = true;
        self.link.finish(rest, if fcs == Fcs::Bad { Flags::FCS_BAD } else { Flags::default() });
        Ok(())
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.whole {
            self.link.finish(&[], Flags::FCS_BAD);
        }
    }
}
