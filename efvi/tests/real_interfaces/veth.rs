//! A veth pair to test with, in a network namespace that is gone with its last process: `near` is for VIs, `far` has an
//! address of the kernel's.

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use efvi::MacAddress;

use crate::common::{Station, address};

/// Set in the run that has a namespace of its own.
const INSIDE: &str = "EFVI_TEST_NAMESPACE";

/// The ways that frames can take: `EFVI_MOCK_WIRE`.
pub const WIRES: &[&str] = &["xdp", "packet", "packet-blocks"];

/// Runs `ip`.
pub fn ip(line: &str) {
    let output = Command::new("ip").args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes the pair, both ends up.
pub fn make() {
    ip("link add near mtu 1500 address 02:00:00:00:09:01 type veth peer name far address 02:00:00:00:09:02");
    ip("addr add 192.0.2.2/24 dev far");
    ["lo", "near", "far"].iter().for_each(|name| ip(&format!("link set {name} up")));
    know_near();
}

/// Tells the kernel where the VIs' address is, which it forgets with a link.
pub fn know_near() {
    ip("neigh replace 192.0.2.1 lladdr 02:00:00:00:09:01 dev far");
}

/// The kernel's socket at the far end, and where that is. It waits for what is on its way, not for what is lost.
pub fn socket() -> (UdpSocket, Station) {
    let socket = UdpSocket::bind(("192.0.2.2", 7002)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    (socket, Station { mac: MacAddress([2, 0, 0, 0, 9, 2]), address: address(2, 7002) })
}

/// Runs a test's body in a namespace of its own, once for each of these ways of the frames. Says why where that is not
/// allowed.
pub fn over(wires: &[&str], test: &str, body: impl Fn()) {
    if std::env::var_os(INSIDE).is_some() {
        make();
        return body();
    }
    let probe = Command::new("unshare").args(["--net", "ip", "link", "add", "type", "veth"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: {test}: to make network namespaces takes root, unshare and ip");
        return;
    }
    for wire in wires {
        let mut again = Command::new("unshare");
        again.arg("--net").arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
        // Memory of a frame's buffers is mapped, as programs do that care.
        again.env("MALLOC_MMAP_THRESHOLD_", "131072");
        let output = again.env(INSIDE, "1").env("EFVI_MOCK_WIRE", wire).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success() && said.contains("1 passed"), "{wire}:\n{said}");
    }
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{what}: not within ten seconds");
        std::thread::yield_now();
    }
}
