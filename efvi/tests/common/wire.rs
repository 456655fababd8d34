//! What ports are plugged into: cables of the mock's own; or, in a process that the suite has started for that, the ends of
//! veth pairs, which are interfaces of the machine.

use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use efvi::mock::{self, Counters, Errno, Fcs, Model, OpenPort};
use efvi::{Ctpio, CutThrough, Driver, PacketPool, PdFlags, ProtectionDomain, VirtualInterface};

/// Set where ports are ends of veth pairs: the model of them all, and its datapath.
pub const OVER_VETH: &str = "EFVI_TEST_OVER_VETH";

/// The values of [`OVER_VETH`].
pub const MODELS: &[(&str, Model, PdFlags)] = &[
    ("x2", Model::X2, PdFlags::empty()),
    ("x3", Model::X3, PdFlags::empty()),
    ("x4", Model::X4, PdFlags::empty()),
    #[cfg(onload_since = "9.0.1")]
    ("x4-express", Model::X4, PdFlags::EXPRESS),
];

/// Why something of a test is not carried by an interface of the machine.
pub mod why {
    pub const CHECK_SEQUENCE: &str = "the kernel makes check sequences itself, all of them good";
    pub const KERNELS: &str = "nobody counts the frames that are left to the kernel";
    pub const LOOPS: &str = "what a port sends does not come back to it";
    pub const MEMORY: &str = "it is of `lo`, which is memory";
    pub const NO_WIRE: &str = "it is about types alone";
    pub const ONE_TAKES: &str = "AF_XDP takes a frame away from all others";
    /// As the log says it of a VI that gives AF_XDP up.
    pub const SHARED: &str = "it gets what other VIs of this process get, too";
    pub const ORDER: &str = "whether a send is done before a frame comes is chance";
    pub const TAKEN: &str = "nobody says whether a filter takes a frame";
    pub const SETS: &str = "VIs of a set go by packet sockets";
}

/// The model of all ports, where they are ends of veth pairs.
pub fn over_veth() -> Option<(Model, PdFlags)> {
    static MODEL: OnceLock<Option<(Model, PdFlags)>> = OnceLock::new();
    *MODEL.get_or_init(|| {
        let asked = std::env::var(OVER_VETH).ok()?;
        let found = MODELS.iter().find(|(name, ..)| *name == asked);
        let (_, model, flags) = found.unwrap_or_else(|| panic!("{OVER_VETH}={asked}: no model"));
        Some((*model, *flags))
    })
}

/// Ends a test that an interface of the machine does not carry.
pub fn only_in_memory(why: &str) {
    assert!(over_veth().is_none(), "\nnot carried: {why}");
}

/// The same of one that packet sockets carry, but AF_XDP does not.
pub fn not_by_xdp(why: &str) {
    if std::env::var_os("EFVI_MOCK_WIRE").is_none() {
        only_in_memory(why);
    }
}

/// True where a part of a test is left out, because an interface of the machine does not carry it.
pub fn left_out(why: &str) -> bool {
    if over_veth().is_some() {
        println!("left out: {why}");
    }
    over_veth().is_some()
}

/// Ends a test that is of other models than this process's.
pub fn of_another_model() -> ! {
    panic!("\nof another model");
}

/// How long what was sent may take to its receiver.
pub fn settling() -> Duration {
    Duration::from_millis(match over_veth() {
        None => 0,
        // Blocks are handed over after a millisecond, or two.
        Some(_) if std::env::var("EFVI_MOCK_WIRE").is_ok_and(|wire| wire == "packet-blocks") => 20,
        Some(_) => 2,
    })
}

/// Calls it until it has found nothing, and nothing is on its way any more.
pub fn until_quiet(mut found: impl FnMut() -> bool) {
    let mut quiet = Instant::now();
    loop {
        if found() {
            quiet = Instant::now();
        } else if quiet.elapsed() >= settling() {
            return;
        }
    }
}

/// Makes ports.
pub struct Fabric {
    model: Model,
    mtu: usize,
}

impl Fabric {
    pub fn new() -> Self {
        Self::of(Model::default())
    }

    pub fn of(model: Model) -> Self {
        if over_veth().is_some_and(|(ours, _)| ours != model) {
            of_another_model();
        }
        Self { model, mtu: MTU }
    }

    pub fn with_mtu(self, mtu: usize) -> Self {
        Self { mtu, ..self }
    }

    /// Two ports, joined: what one sends the other receives.
    pub fn cable(&self) -> Result<(Port, Port), Errno> {
        if over_veth().is_some() {
            let [near, far] = veth(self.mtu);
            println!("over {near} {far}");
            let port = |name: &str, other: &str| Port::Veth(name.into(), Injector::at(other));
            return Ok((port(&near, &far), port(&far, &near)));
        }
        let (near, far) = mock::Fabric::of(self.model).with_mtu(self.mtu).cable()?;
        Ok((Port::Fabric(near), Port::Fabric(far)))
    }
}

/// A port: one of a fabric, or an end of a veth pair, by its name.
pub enum Port {
    Fabric(mock::FabricPort),
    Veth(String, Injector),
}

impl Port {
    /// The name under which it is opened.
    pub fn name(&self) -> &str {
        match self {
            Self::Fabric(port) => port.name(),
            Self::Veth(name, _) => name,
        }
    }

    /// What the port's VIs have counted.
    pub fn counters(&self) -> Counters {
        OpenPort::find(self.name()).expect("somebody has it open").counters()
    }

    /// Has the writers of the next CTPIO frames be too slow.
    pub fn underrun_ctpio(&self, frames: u32) {
        OpenPort::find(self.name()).expect("somebody has it open").underrun_ctpio(frames);
    }

    /// Puts a frame on the wire towards this port, as it is.
    pub fn inject(&self, frame: &[u8], fcs: Fcs) -> Result<(), Errno> {
        match self {
            Self::Fabric(port) => port.inject(frame, fcs),
            Self::Veth(_, injector) => {
                if fcs == Fcs::Bad {
                    only_in_memory(why::CHECK_SEQUENCE);
                }
                injector.send(frame);
                Ok(())
            }
        }
    }

    /// The same of a frame that may be nobody's. Says whether a filter takes it, where that is known at once.
    pub fn offer(&self, frame: &[u8]) -> Option<bool> {
        let taken = self.inject(frame, Fcs::Good).is_ok();
        matches!(self, Self::Fabric(_)).then_some(taken)
    }

    /// The port of a fabric, which this is unless the test is not carried.
    pub fn of_fabric(&self, why: &str) -> &mock::FabricPort {
        let Self::Fabric(port) = self else { panic!("\nnot carried: {why}") };
        port
    }
}

/// The MTU unless a test asks for another.
const MTU: usize = 1500;

/// Pairs made at once, for the tests to come.
const AHEAD: usize = 16;

/// The two ends of a veth pair that nobody else has. They go with the process's network namespace.
fn veth(mtu: usize) -> [String; 2] {
    static MADE: Mutex<(usize, Vec<[String; 2]>)> = Mutex::new((0, Vec::new()));
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let (count, free) = &mut *made;
    if mtu == MTU
        && let Some(pair) = free.pop()
    {
        return pair;
    }
    // Nothing but the tests' frames is to be there.
    std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").ok();
    let mut script = String::new();
    let mut pairs = Vec::new();
    for _ in 0..if mtu == MTU { AHEAD } else { 1 } {
        let [near, far] = ["a", "b"].map(|side| format!("efvi{count}{side}"));
        *count += 1;
        script += &format!("link add {near} mtu {mtu} type veth peer name {far} mtu {mtu}\n");
        script += &format!("link set {near} up\nlink set {far} up\n");
        pairs.push([near, far]);
    }
    ip(&["-batch", "-"], &script);
    // The kernel takes a moment to say that they are up, and wakes who listens for that.
    let start = Instant::now();
    let is_up = |all: &str, name: &str| {
        all.lines().any(|line| line.split_once('@').is_some_and(|(own, rest)| own == name && rest.contains(" UP ")))
    };
    loop {
        let all = ip(&["-brief", "link"], "");
        if pairs.iter().flatten().all(|name| is_up(&all, name)) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "the veth pairs do not come up: {all}");
    }
    let pair = pairs.pop().expect("there is one at least");
    free.extend(pairs);
    pair
}

/// Runs `ip` with something to read.
fn ip(arguments: &[&str], input: &str) -> String {
    let mut command = Command::new("ip");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("there is ip");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "ip {arguments:?}: {input}");
    String::from_utf8(output.stdout).unwrap()
}

/// Sends frames as they are: a VI at the other end of a veth pair, made when it is first used.
pub struct Injector {
    interface: String,
    sender: Mutex<Option<(VirtualInterface, PacketPool)>>,
}

impl Injector {
    fn at(interface: &str) -> Self {
        Self { interface: interface.into(), sender: Mutex::default() }
    }

    fn send(&self, frame: &[u8]) {
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let (vi, pool) = sender.get_or_insert_with(|| {
            let (_, flags) = over_veth().expect("there are veth pairs");
            let driver = Driver::open().unwrap();
            let domain = ProtectionDomain::builder().flags(flags).open(&driver, &self.interface).unwrap();
            let pool = PacketPool::builder().buffers(1024).build(&domain).unwrap();
            // A frame that is written through gets no checksums.
            (VirtualInterface::builder().ctpio(Ctpio::Poison).build(&domain).unwrap(), pool)
        });
        let mut buffer = pool.take().unwrap();
        buffer.write(frame).unwrap();
        let (mut tx, mut rx) = vi.split();
        tx.send_ctpio(buffer, CutThrough::StoreAndForward).unwrap();
        let sent = super::wait_sent(&mut rx, 1).remove(0);
        pool.put(sent.buffer);
    }
}
