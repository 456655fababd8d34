//! What a process needs to use an interface, and what it is told without it.

use super::{IN, OUT, is_sanitized, receive, send, vi};
use crate::common::namespace::{Veth, over_each_wire};
use crate::common::{Domain, Queues, Spec, again, role, succeeds};

/// The parts that run without a capability: the role is `lacks`, what is missing, and what is to come of it.
const ROLE: &str = "LIBRARY_TEST_ROLE";

/// What AF_XDP takes.
const XDP: [&str; 4] = ["net_raw", "net_admin", "bpf", "perfmon"];

/// Runs a part of the test with the capabilities that `change` leaves, in the words of `setpriv`.
fn changed(change: &str, test: &str, expected: &str) {
    let one = again(test, expected);
    let mut command = std::process::Command::new("setpriv");
    command.arg(format!("--inh-caps={change}")).arg(format!("--bounding-set={change}"));
    command.arg(one.get_program()).args(one.get_args()).env(ROLE, expected);
    succeeds(command);
}

/// Without some. `CAP_SYS_ADMIN` has the rights of those that load programs: it is dropped, too.
fn without(capabilities: &[&str], test: &str, expected: &str) {
    let dropped: Vec<_> = capabilities.iter().chain(&["sys_admin"]).map(|name| format!("-{name}")).collect();
    changed(&dropped.join(","), test, expected);
}

/// With these and no other.
fn with(capabilities: &[&str], test: &str, expected: &str) {
    changed(&format!("-all,+{}", capabilities.join(",+")), test, expected);
}

/// Without a capability that it takes a VI is refused: `-EPERM`, with the name of what is missing, and of what would do.
#[test]
fn without_privileges_it_is_said_what_is_missing() {
    over_each_wire("interfaces::privileges::without_privileges_it_is_said_what_is_missing", |wire| {
        let _veth = Veth::new(1500, 1);
        let part = "interfaces::privileges::refused_or_served";
        let takes: &[&str] = if wire.starts_with("xdp") { &XDP } else { &XDP[..1] };
        for capability in XDP {
            let lacks = if takes.contains(&capability) { format!("lacks {capability}") } else { "served".to_owned() };
            without(&[capability], part, &lacks);
        }
        without(takes, part, &format!("lacks {}", takes.join(" ")));
    });
}

/// What is documented is enough: with just that AF_XDP serves, and packet sockets with one.
#[test]
fn the_privileges_that_are_named_are_enough() {
    over_each_wire("interfaces::privileges::the_privileges_that_are_named_are_enough", |wire| {
        let _veth = Veth::new(1500, 1);
        let xdp = wire.starts_with("xdp");
        let (takes, way) = if xdp { (&XDP[..], "tx_in_place") } else { (&XDP[..1], "tx_copied") };
        with(takes, "interfaces::privileges::served_by", &format!("by {way}"));
    });
}

/// Where either way will do, what AF_XDP takes and packet sockets don't is not missed.
#[test]
fn packet_sockets_serve_without_the_privileges_of_af_xdp() {
    over_each_wire("interfaces::privileges::packet_sockets_serve_without_the_privileges_of_af_xdp", |wire| {
        if !wire.starts_with("xdp") {
            return;
        }
        let _veth = Veth::new(1500, 1);
        without(&XDP[1..], "interfaces::privileges::served_either_way", "either");
    });
}

/// The part of them that is run without a capability.
#[test]
fn refused_or_served() {
    let role = role().unwrap_or_default();
    if role == "served" {
        return serves();
    }
    let Some(lacks) = role.strip_prefix("lacks ") else { return };
    assert_eq!(Domain::named(Veth::NEAR).vi(Queues::default()).err(), Some(-libc::EPERM));
    let why = mock_nic::take_refusal().unwrap();
    let names = lacks.split(' ').map(|name| format!("CAP_{}", name.to_uppercase())).collect::<Vec<_>>();
    // Packet sockets are no way out without CAP_NET_RAW.
    let instead = if lacks.contains("net_raw") { "cable0a" } else { "EFVI_MOCK_WIRE=packet" };
    let missing = format!("lacks {}: setcap {}+ep", names.join(", "), names.join(",").to_lowercase());
    for text in ["veth0: ", &missing, instead] {
        assert!(why.contains(text), "`{text}` is missing: {why}");
    }
    assert!(!why.contains('\n'), "{why}");
    assert_eq!(mock_nic::take_refusal(), None, "once");
}

/// The part that is run with no more than the wire takes: a frame each way.
#[test]
fn served_by() {
    let role = role().unwrap_or_default();
    let Some(way) = role.strip_prefix("by ") else { return };
    let vi = vi(0);
    send(&vi, &OUT.frame(b"long enough to go unpadded"), 1);
    let socket = Veth.socket(9002);
    socket.send_to(b"in", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
    assert_eq!(receive(&vi)[42..44], *b"in");
    assert!(vi.statistic(way) > 0 || is_sanitized(), "{:?}", vi.statistics(false));
}

/// The part that is run without what AF_XDP takes.
#[test]
fn served_either_way() {
    if role().as_deref() != Some("either") {
        return;
    }
    // SAFETY: this process runs this test alone.
    unsafe { std::env::remove_var("EFVI_MOCK_WIRE") };
    serves();
}

fn serves() {
    let vi = Domain::named(Veth::NEAR).vi(Queues::default()).unwrap();
    vi.filter(&Spec::local(&IN)).unwrap();
    send(&vi, &OUT.frame(b"served"), 1);
}
