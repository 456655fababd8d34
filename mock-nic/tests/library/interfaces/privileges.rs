//! What a process needs to use an interface, and what it is told without it.

use super::{IN, OUT, send};
use crate::common::namespace::{Veth, over_each_wire};
use crate::common::{Domain, Queues, Spec, again, role, succeeds};

/// The parts that run without a capability: the role is `lacks`, what is missing, and what is to come of it.
const ROLE: &str = "LIBRARY_TEST_ROLE";

/// Runs a part of the test without some capabilities. `CAP_SYS_ADMIN` has the rights of `CAP_BPF`, and of others where
/// programs are loaded: it is dropped, too.
fn without(capabilities: &[&str], test: &str, expected: &str) {
    let one = again(test, expected);
    let dropped: Vec<_> = capabilities.iter().chain(&["sys_admin"]).map(|name| format!("-{name}")).collect();
    let mut command = std::process::Command::new("setpriv");
    command.arg(format!("--inh-caps={}", dropped.join(","))).arg(format!("--bounding-set={}", dropped.join(",")));
    command.arg(one.get_program()).args(one.get_args()).env(ROLE, expected);
    succeeds(command);
}

/// Without a capability that it takes a VI is refused: `-EPERM`, with the name of what is missing, and of what would do.
#[test]
fn without_privileges_it_is_said_what_is_missing() {
    over_each_wire("interfaces::privileges::without_privileges_it_is_said_what_is_missing", |wire| {
        let _veth = Veth::new(1500, 1);
        let part = "interfaces::privileges::refused_or_served";
        let takes: &[&str] = if wire.starts_with("xdp") { &["net_raw", "net_admin", "bpf"] } else { &["net_raw"] };
        for capability in ["net_raw", "net_admin", "bpf"] {
            let lacks = if takes.contains(&capability) { format!("lacks {capability}") } else { "served".to_owned() };
            without(&[capability], part, &lacks);
        }
        without(takes, part, &format!("lacks {}", takes.join(" ")));
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
        without(&["net_admin", "bpf"], "interfaces::privileges::served_either_way", "either");
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
