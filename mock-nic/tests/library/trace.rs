//! What the mock writes on request: a line for each call and event, and the counters.

use crate::common::{Directory, Domain, Packet, Queues, Spec, again, role, succeeds};
use efvi_sys::*;

/// Sends a frame to itself in a process that logs as `log` says (`{}` stands for a file); what is in the file.
fn logged(test: &str, log: &str) -> Vec<String> {
    let directory = Directory::new();
    let file = directory.path().join("log");
    let mut run = again(test, "logged");
    run.env("EFVI_MOCK_DIR", directory.path());
    run.env("EFVI_MOCK_LOG", log.replace("{}", file.to_str().unwrap()));
    run.env("EFVI_MOCK_FAULTS", "duplicate@1");
    succeeds(run);
    std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

fn program() {
    let vi = Domain::named("lo").vi(Queues { flags: EF_VI_TX_CTPIO, ..Queues::default() }).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi.fill(0..8);
    let frame = Packet::UDP.sized(60, 0);
    assert_eq!(vi.send(5, &frame), 0);
    vi.drain();
    vi.send_ctpio(6, &frame, 64);
    assert_eq!(vi.transmit_init(vi.buffer(600), 60, 7), 0);
    vi.transmit_push();
    for event in vi.poll(4).iter().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX) {
        vi.unbundle(event);
    }
}

#[test]
fn calls_and_events_have_a_line_each() {
    if role().is_some() {
        return program();
    }
    let lines = logged("trace::calls_and_events_have_a_line_each", "trace:{}");
    // Without the time, and the VI's number.
    let calls: Vec<_> = lines
        .iter()
        .map(|line| line.split_once(' ').unwrap().1)
        .map(|line| line.strip_prefix("vi1 ").unwrap_or(line))
        .collect();
    let has = |wanted: &str| calls.iter().any(|call| call.starts_with(wanted));
    for wanted in [
        "ef_driver_open(",
        "ef_pd_alloc_by_name(lo, 0x0) = 0",
        "ef_memreg_alloc(0x",
        "ef_vi_alloc_from_pd(-1, -1, -1, ",
        "ef_vi_filter_add(",
        "ef_vi_transmit_init(0x",
        "ef_vi_transmit_unbundle(0x",
        "transmitv_ctpio(60, 0x",
        "transmit_ctpio_fallback(0x",
        "transmit_push()",
        "eventq_poll(16) = 2",
        "  RX q=0 id=0 len=60 ",
        "  TX q=0 descriptor=",
        "eventq_poll() = 0, 16 times",
        "ef_vi_free() = 0",
        "ef_memreg_free() = 0",
        "ef_pd_free(pd1) = 0",
        "ef_driver_close(",
    ] {
        assert!(has(wanted), "{wanted} is not in\n{}", calls.join("\n"));
    }
    assert!(calls.iter().any(|call| call.starts_with("transmit(0x") && call.ends_with(", 60, 5) = 0")));
    // What is posted before a push goes by the table; a line each.
    assert_eq!(calls.iter().filter(|call| call.starts_with("receive_init(")).count(), 8);
    assert!(lines.iter().all(|line| line.split_once('.').unwrap().0.parse::<u64>().is_ok()), "{lines:?}");
}

/// At the port's end, or the program's, one line with all counters and the faults that were set.
#[test]
fn counters_are_written_when_a_port_goes() {
    if role().is_some() {
        return program();
    }
    let lines = logged("trace::counters_are_written_when_a_port_goes", "counters:{}");
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.starts_with("lo: tx_frames=3 tx_bytes=180 "), "{line}");
    for wanted in [" rx_frames=3", " tx_unclaimed=1", " tx_ctpio_store_and_forward=1", " duplicate=1"] {
        assert!(line.contains(wanted), "{wanted} is not in {line}");
    }
}

/// Functions that have no line: they read or fill in the program's own structures, or compute, and nothing of the adapter's
/// changes; or all they do shows in another's line.
#[cfg(not(miri))]
const UNTRACED: &[&str] = &[
    // What a specification says is in the line of the call that adds the filter.
    "ef_filter_spec_",
    // Arithmetic on the program's own frames.
    "ef_ip_checksum",
    "ef_icmpv6_checksum",
    "ef_tcp_checksum",
    "ef_udp_checksum",
    // Constants of the library, the adapter, the domain or the VI.
    "ef_vi_version_str",
    "ef_vi_driver_interface_str",
    "ef_vi_capabilities_",
    "ef_pd_capabilities_get",
    "ef_pd_interface_name",
    "ef_vi_mtu",
    "ef_vi_get_pio_size",
    "ef_vi_transmit_alt_num_ids",
    "ef_eventq_capacity",
    // A look at the event queue's next slot.
    "ef_eventq_check_event",
    "efct_ef_eventq_check_event",
    // Takes an id off the ring for those who read events themselves.
    "ef_vi_rxq_next_desc_id",
    // Has the line of the call that it makes.
    "ef_pd_alloc_with_vport",
];

/// Every function that the headers declare is defined with a line of its own, or is one of those that have none. By the
/// sources' text: so it is of all calls, also those that no test makes.
// Miri has no files.
#[cfg(not(miri))]
#[test]
fn every_call_has_a_line_or_is_known_to_have_none() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.ends_with("abi") => {}
                path if path.is_dir() => folders.push(path),
                // Its own macro defines them.
                path if path.ends_with("checksum.rs") => {}
                path => sources += &std::fs::read_to_string(path).unwrap(),
            }
        }
    }
    let (mut declared, mut missing) = (0, Vec::new());
    for entry in std::fs::read_dir(root.join("../vendor/include/onload-9.2.0/etherfabric")).unwrap() {
        let header = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in header.lines().filter(|line| line.starts_with("extern ")) {
            // Attributes stand before some.
            let mut names = line.match_indices('(').map(|(at, _)| line[..at].rsplit([' ', '*']).next().unwrap());
            let Some(name) = names.find(|name| name.trim_start_matches('_').starts_with("ef")) else { continue };
            let name = name.trim_start_matches('_');
            declared += 1;
            // As the macros define it, or by its name in a line that is written by hand.
            let rest = sources.split_once(&format!("\n    fn {name}(")).and_then(|(_, rest)| rest.split_once("= "));
            let by_macro = rest.is_some_and(|(signature, _)| !signature.contains(['{', ';']))
                || sources.contains(&format!("\"{name}\", "));
            let by_hand =
                sources.lines().any(|line| line.contains("format_args!(\"") && line.contains(&format!("{name}(")));
            let known = UNTRACED.iter().any(|none| name.starts_with(none));
            if !(by_macro || by_hand || known) {
                missing.push(name.to_owned());
            }
            assert!(
                !((by_macro || by_hand) && known),
                "{name} has a line: it is not to be listed as one that has none"
            );
        }
    }
    assert!(missing.is_empty(), "without a line in the trace: {missing:?}");
    assert!(declared > 90, "{declared} functions are declared");
}
