//! What can't be done, and what is said of it.

use super::common::*;

#[test]
fn an_unknown_interface_is_named() {
    let wire = Wire::new("unknown");
    for end in ["ping", "pong"] {
        wire.run(&format!("{end} nosuch0")).failed("nosuch0");
    }
}

#[test]
fn a_payload_beyond_the_mtu_is_an_error_with_the_range() {
    let wire = Wire::new("large");
    wire.run("-n 10 -w 0 -s 22,1473").failed("give sizes from 0 to 1472");
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_help_is_0() {
    let wire = Wire::new("usage");
    for line in ["--no-such-option", "ping", "pang lo", "-n 0", "-s 9-1", "-m rdma", "-c x", "pong lo -n 5"] {
        let ended = wire.run(line);
        assert_eq!(ended.status.code(), Some(2), "{line}: {ended:#?}");
        assert_eq!(ended.stdout, "", "{line}");
        assert!(ended.stderr.starts_with("error: "), "{line}: {ended:#?}");
    }
    let help = wire.run("--help").succeeded();
    assert!(help.stdout.contains("--cut-through"));
}

#[test]
fn a_cpu_that_is_not_there_is_named() {
    let wire = Wire::new("cpu");
    wire.run("pong lo --cpu 100000").failed("pong can't be kept on CPU 100000");
    wire.run("--cpu 100000").failed("ping can't be kept on CPU 100000");
}
