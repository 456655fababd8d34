//! The page for C users, against the interface's facts and against the crate: what it names is there, and what there is it
//! names.

// Reads files, and is as right on any interpreter.
#![cfg(not(miri))]
// Of older releases the crate lacks items.
#![cfg(onload_since = "9.2.0")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use efvi::*;
use generator::facts::{Facts, Releases};

const PAGE: &str = include_str!("../docs/for_c_users.md");

/// The release that the page is about.
const RELEASE: &str = "9.2.0";

/// Stands for an argument, in code that is compiled and never run.
fn any<T>() -> T {
    unreachable!("the items are only named")
}

/// The names of items of the crate, and code that has each: it does not compile when one is gone.
macro_rules! items {
    (
        types: $($ty:ident),*;
        values: $($owner:ident::$value:ident),*;
        calls: $($callee:ident::$call:ident($($argument:expr),*)),*;
        fields: $($structure:ident$(<$lifetime:lifetime>)?::$field:ident),*;
    ) => {
        #[allow(unused_imports, reason = "they are only to be there")]
        mod types {
            $(use efvi::$ty as _;)*
        }

        /// What the page may name.
        fn items() -> Vec<String> {
            $(let _ = $owner::$value;)*
            $(let _ = || { let _ = $callee::$call($($argument),*); };)*
            $(let _ = |structure: $structure$(<$lifetime>)?| { let _ = structure.$field; };)*
            [
                $(stringify!($ty),)*
                $(concat!(stringify!($owner), "::", stringify!($value)),)*
                $(concat!(stringify!($callee), "::", stringify!($call)),)*
                $(concat!(stringify!($structure), "::", stringify!($field)),)*
            ].map(str::to_owned).to_vec()
        }
    };
}

/// Stands for a program's.
struct Handler;

impl EventHandler for Handler {}

// An item that the page begins to name goes here. Those with a type parameter or `impl` arguments are among the calls.
items! {
    types:
        Buffer, Capabilities, Capability, DeadQueue, Driver, Error, Event, EventHandler, Filter, PackedPackets, Packet, PacketPool, Page, PdFlags, PioRegion,
        ProtectionDomain, Receive, Rejected, Transmit, ViSet;
    values:
        Arriving::poll, Packet::hold, PackedPacket::frame, Receive::peek, Receive::poll_received,
        VirtualInterfaceBuilder::packed_stream, Alternative::discard, Alternative::go, Alternative::send, Alternative::space, Alternative::stop, Alternative::usage,
        CtpioFallback::finish, DeadQueue::revive, Event::Alternative, Interface::pace, PioRegion::length, PioRegion::new,
        Transmit::alternatives, Transmit::send_pio, Transmit::send_pio_copy, Transmit::send_pio_part, Transmit::warm, Transmit::warm_pio_copy, Transmit::warm_pio_part,
        Transmit::send_ctpio_copy, Transmit::write_ctpio, Transmit::write_ctpio_copy, Transmit::write_pio,
        Interface::link_pio, Interface::unlink_pio, VirtualInterfaceBuilder::alternatives, Warming::end,
        Batch::add, Batch::push, Batch::undo, Capability::ALL, DiscardedPacket::frame, DiscardedPacket::reason,
        Driver::capabilities, Driver::open, Event::Software, EventTimer::clear, EventTimer::prime, EventTimer::run,
        EventTimer::zero, Events::is_empty, Events::next, Filter::all_multicast, Filter::all_unicast,
        Filter::block_kernel, Filter::block_kernel_multicast, Filter::block_kernel_unicast, Filter::ethertype,
        Filter::flags, Filter::ip_protocol, Filter::mac, Filter::multicast_mismatch, Filter::queue, Filter::sniff,
        Filter::sniff_sent, Filter::unicast_mismatch, Filter::vlan, FilterGuard::remove, Interface::filter_add,
        Interface::filter_info, Interface::filter_remove, Interface::filter_scoped, Interface::mac, Interface::mtu, Interface::set_discards,
        Interface::software_events, Interface::statistics, Interface::take_statistics, Library::driver_interface,
        Library::version, Packet::continues, Packet::frame, Packet::is_start, Packet::keep, Packet::timestamp,
        PacketPoolBuilder::buffer_size, PacketPoolBuilder::build, PacketPoolBuilder::build_shared,
        ProtectionDomain::capabilities, ProtectionDomain::capability, ProtectionDomain::interface,
        ProtectionDomain::open, ProtectionDomainBuilder::open, ProtectionDomainBuilder::open_index,
        ProtectionDomainBuilder::virtual_port, Receive::capacity, Receive::event_fd, Receive::fill, Receive::poll,
        Receive::post, Receive::prime, Receive::space, Receive::timer, RejectReason::RingFull, SoftwareEvents::put,
        Transmit::capacity, Transmit::send, Transmit::send_ctpio, Transmit::space, Transmit::stage, TxPush::Below, checksum::fill, checksum::is_correct,
        ViSet::filter_add, ViSet::filter_remove, ViSet::filter_scoped, ViSet::new, VirtualInterface::close,
        VirtualInterfaceBuilder::build, VirtualInterfaceBuilder::build_at, VirtualInterfaceBuilder::build_in,
        VirtualInterfaceBuilder::event_capacity, VirtualInterfaceBuilder::merge_events;
    calls:
        Filter::ethernet_local(any(), None), Filter::tcp_full(any::<std::net::SocketAddr>(), any::<std::net::SocketAddr>()),
        Filter::tcp_local(any::<std::net::SocketAddr>()), Filter::udp_local(any::<std::net::SocketAddr>()),
        Filter::udp_full(any::<std::net::SocketAddr>(), any::<std::net::SocketAddr>()),
        PacketPoolBuilder::build_in(any(), any::<Vec<Page>>(), any()), Receive::wait(any(), None),
        Transmit::send_pieces(any(), any::<Pieces>()), Transmit::send_ctpio_pieces(any(), any::<Pieces>(), any()),
        SharedEventQueue::capacity(any::<&SharedEventQueue<()>>()),
        Events::dispatch(any::<Events<'_>>(), any::<&mut Handler>()),
        SharedEvents::next(any::<&mut SharedEvents<'_, ()>>()), SharedPoll::poll(any::<&mut SharedPoll<'_, ()>>()),
        SharedPoll::prime(any::<&mut SharedPoll<'_, ()>>()), SharedPoll::wait(any::<&mut SharedPoll<'_, ()>>(), None);
    fields:
        SendFailed<'static>::reason, Sent::buffer, Sent::by_ctpio, Timestamp::fraction, Timestamp::nanoseconds,
        Timestamp::seconds, Timestamp::sync;
}

/// A row of the page's tables.
struct Row<'a> {
    in_c: Vec<&'a str>,
    here: Vec<&'a str>,
    note: &'a str,
}

fn rows(page: &str) -> Vec<Row<'_>> {
    let lines = page.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let &[in_c, here, note] = &cells[..] else { panic!("a row of three cells: {line}") };
            let here = if here == "none" { Vec::new() } else { links(here) };
            assert_eq!(here.is_empty(), cells[1] == "none", "an item or none: {line}");
            assert!(!here.is_empty() || !note.is_empty(), "why there is none: {line}");
            Row { in_c: quoted(in_c), here, note }
        })
        .collect()
}

/// What is between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What is between backquotes within brackets: links to items.
fn links(text: &str) -> Vec<&str> {
    text.split("[`").skip(1).filter_map(|rest| rest.split_once("`]")).map(|(name, _)| name).collect()
}

fn facts() -> Facts {
    let all = Releases::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../vendor/abi")).unwrap();
    all.get(RELEASE).unwrap().clone()
}

/// The functions and the macros with parameters of ef_vi's own headers.
fn interface() -> BTreeSet<String> {
    let facts = facts();
    let functions = facts.functions.iter().map(|(name, function)| (name, &function.header));
    let macros = facts.function_macros.iter().map(|(name, definition)| (name, &definition.header));
    let all = functions.chain(macros).filter(|(_, header)| header.starts_with("etherfabric/"));
    all.map(|(name, _)| name.to_owned()).collect()
}

/// The crate's sources, less their unit tests.
fn sources() -> String {
    fn read(directory: &Path, all: &mut String) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, all);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                all.push_str(text.split("\nmod tests {").next().unwrap_or_default());
            }
        }
    }
    let mut all = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    all
}

/// The whole words of a text.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

#[test]
fn every_function_and_macro_is_on_the_page_once() {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let rows = rows(PAGE);
    for name in rows.iter().flat_map(|row| &row.in_c) {
        *times.entry(name).or_default() += 1;
    }
    let interface = interface();
    let missing: Vec<_> = interface.iter().filter(|name| !times.contains_key(name.as_str())).collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
    let unknown: Vec<_> = times.keys().filter(|name| !interface.contains(**name)).collect();
    assert!(unknown.is_empty(), "on the page, and not in Onload {RELEASE}: {unknown:?}");
    let repeated: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(repeated.is_empty(), "on the page more than once: {repeated:?}");
    assert!(interface.len() > 200, "{} names: the facts are not read", interface.len());
}

#[test]
fn every_item_that_the_page_names_is_in_the_crate() {
    let named: BTreeSet<String> = links(PAGE).into_iter().map(str::to_owned).collect();
    let items: BTreeSet<String> = items().into_iter().collect();
    let unknown: Vec<_> = named.difference(&items).collect();
    assert!(unknown.is_empty(), "on the page, and not among this test's items: {unknown:?}");
    let unused: Vec<_> = items.difference(&named).collect();
    assert!(unused.is_empty(), "among this test's items, and no longer on the page: {unused:?}");
}

/// A call that the crate makes has a safe item, and a safe item's documentation or code says which call it is.
#[test]
fn the_page_says_of_each_call_what_the_sources_say() {
    let sources = sources();
    let called: BTreeSet<&str> = sources
        .split("efvi_sys::")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .collect();
    let mentioned = words(&sources);
    let mut wrong = Vec::new();
    for row in rows(PAGE) {
        for name in row.in_c {
            if row.here.is_empty() {
                let is_inside = row.note.starts_with("used inside");
                if called.contains(name) != is_inside {
                    let is = if is_inside { "not called" } else { "called" };
                    wrong.push(format!("{name} is {is}, and the page says: none, {}", row.note));
                }
            } else if !name.starts_with("EF_EVENT_") && !mentioned.contains(name) {
                // What an event holds is read by its fields.
                wrong.push(format!("{name} is {:?}, says the page, and no source does", row.here));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(called.len() > 50, "{} names: the sources are not read", called.len());
}

#[test]
fn a_table_is_read_as_it_is_meant() {
    let page =
        "| in C | here | |\n|---|---|---|\n| `a`<br>`b` | [`X::y`]<br>[`Z`] | with [`W`] |\n| `c` | none | why |\n";
    let rows = rows(page);
    assert_eq!(
        (&rows[0].in_c[..], &rows[0].here[..], rows[0].note),
        (&["a", "b"][..], &["X::y", "Z"][..], "with [`W`]")
    );
    assert_eq!((&rows[1].in_c[..], rows[1].here.len(), rows[1].note), (&["c"][..], 0, "why"));
    assert_eq!(links(page), ["X::y", "Z", "W"]);
    for bad in ["| `a` | none | |\n", "| `a` | Driver | |\n", "| `a` | [`X`] |\n"] {
        assert!(std::panic::catch_unwind(|| self::rows(bad).len()).is_err(), "{bad}");
    }
}
