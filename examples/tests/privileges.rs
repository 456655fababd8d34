//! `ping_pong` on an interface of the machine that it may not use: one line says what is missing and what else would do.
#![cfg(feature = "mock-nic")]

use std::path::PathBuf;
use std::process::{Command, Output};

/// The example, which cargo builds before the tests of its package.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples/ping_pong");
    assert!(program.exists(), "{program:?} is missing: `cargo build -p examples --example ping_pong` builds it");
    program
}

/// Runs a ping without some capabilities on one end of a veth pair, in a network namespace that is gone with it. None where
/// that is not allowed.
fn without(capabilities: &[&str], wire: &str) -> Option<Output> {
    let probe = Command::new("unshare").args(["--net", "ip", "link", "add", "type", "veth"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: to make network namespaces takes root, unshare and ip");
        return None;
    }
    // CAP_SYS_ADMIN has the rights of CAP_BPF, too.
    let dropped: Vec<_> = capabilities.iter().chain(&["sys_admin"]).map(|name| format!("-{name}")).collect();
    let dropped = dropped.join(",");
    let script = "ip link add near0 type veth peer name far0 && ip link set near0 up && ip link set far0 up || exit 99
        exec setpriv --inh-caps=\"$1\" --bounding-set=\"$1\" \"$2\" ping near0 -n 1 -w 0";
    let mut command = Command::new("unshare");
    command.args(["--net", "sh", "-c", script, "sh", &dropped]).arg(program());
    Some(command.env("EFVI_MOCK_WIRE", wire).output().unwrap())
}

#[test]
fn a_missing_capability_is_said_in_one_line() {
    let cases: [(&str, &[&str], &str); 5] = [
        ("packet", &["net_raw"], "`lo`"),
        ("xdp", &["net_raw"], "`lo`"),
        ("xdp", &["net_admin"], "EFVI_MOCK_WIRE=packet"),
        ("xdp", &["bpf"], "EFVI_MOCK_WIRE=packet"),
        ("xdp", &["net_raw", "net_admin", "bpf"], "`lo`"),
    ];
    for (wire, capabilities, instead) in cases {
        let Some(output) = without(capabilities, wire) else { return };
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.status.code() != Some(99), "{wire} {capabilities:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let names = capabilities.iter().map(|name| format!("CAP_{}", name.to_uppercase())).collect::<Vec<_>>();
        let missing = format!("lacks {}: setcap {}+ep", names.join(", "), names.join(",").to_lowercase());
        for part in ["near0", "EPERM", &missing, "root", instead] {
            assert!(said.contains(part), "`{part}` is missing: {said}");
        }
    }
}
