//! Interfaces of the machine to test with: a veth pair, in a network namespace that is gone with its last process.

use super::process::{again, role};
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

/// The ways frames can take: `EFVI_MOCK_WIRE`.
const WIRES: [&str; 4] = ["packet", "packet-blocks", "xdp", "xdp-generic"];

/// Runs a test's body in a namespace of its own, once for each way that frames can take; in this process it only sees to
/// that. Says why where that is not allowed.
pub fn over_each_wire(test: &str, body: impl Fn(&str)) {
    over_each_wire_with(test, &[], body);
}

/// The same with these variables set.
pub fn over_each_wire_with(test: &str, variables: &[(&str, &str)], body: impl Fn(&str)) {
    if let Some(wire) = role() {
        return body(&wire);
    }
    if !succeeds("unshare", &["--net", "ip", "link", "add", "type", "veth"]) {
        println!("skipped: {test}: to make network namespaces takes root, unshare and ip");
        return;
    }
    for wire in WIRES {
        let one = again(test, wire);
        let mut command = Command::new("unshare");
        command.arg("--net").arg(one.get_program()).args(one.get_args()).env("EFVI_MOCK_WIRE", wire);
        command.envs(variables.iter().copied());
        command.envs(one.get_envs().filter_map(|(name, value)| Some((name, value?))));
        // Memory for buffers is mapped, as programs do that care; after a large piece was freed the allocator would take it
        // from amid its own.
        command.env("MALLOC_MMAP_THRESHOLD_", "131072");
        super::process::succeeds(command);
    }
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Runs `ip`.
pub fn ip(line: &str) {
    let output = Command::new("ip").args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A veth pair: one end is for VIs, the other has an address of the kernel's.
pub struct Veth;

impl Veth {
    /// The VIs' end, and the kernel's.
    pub const NEAR: &str = "veth0";
    pub const FAR: &str = "veth1";
    /// The address that VIs have, of which the kernel knows where it is, and the kernel's.
    pub const OURS: [u8; 4] = [198, 18, 0, 1];
    pub const KERNELS: [u8; 4] = [198, 18, 0, 2];
    pub const NEAR_MAC: [u8; 6] = [2, 0, 0, 0, 9, 1];
    pub const FAR_MAC: [u8; 6] = [2, 0, 0, 0, 9, 2];

    /// Both ends up, with this MTU and so many queues.
    pub fn new(mtu: usize, queues: u32) -> Self {
        // The kernel says nothing of its own accord.
        std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").ok();
        let of = |mac: [u8; 6]| mac.map(|byte| format!("{byte:02x}")).join(":");
        let (near, far) = (of(Self::NEAR_MAC), of(Self::FAR_MAC));
        let counts = format!("numrxqueues {queues} numtxqueues {queues}");
        ip(&format!(
            "link add veth0 mtu {mtu} address {near} {counts} type veth peer name veth1 mtu {mtu} address {far} {counts}"
        ));
        ip("link set lo up");
        ip("addr add 198.18.0.2/24 dev veth1");
        ip("link set veth0 up");
        ip("link set veth1 up");
        ip(&format!("neigh add 198.18.0.1 lladdr {near} dev veth1"));
        Self
    }

    /// A socket of the kernel's at its end.
    pub fn socket(&self, port: u16) -> UdpSocket {
        let socket = UdpSocket::bind(SocketAddr::from((Self::KERNELS, port))).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    }
}

/// How long to wait for what should come at once.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Asks until there is an answer.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::yield_now();
    }
}
