//! What can be asked: capabilities, statistics; and how a VI ends.

mod common;

use common::*;
use efvi::mock::{Fabric, Fault, Faults, Fcs, Model};
use efvi::{Capability, Driver, Error, Event, Filter, PdFlags, ProtectionDomain, VirtualInterface};

#[test]
fn capabilities_of_an_x2() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    let can = domain.capabilities().unwrap();
    for capability in
        [Capability::Ctpio, Capability::RxTimestamps, Capability::FilterUdpLocal, Capability::TxPushAlways]
    {
        assert!(can.has(capability), "{capability}");
        assert_eq!(domain.capability(capability).unwrap(), can.value(capability));
    }
    for capability in [Capability::CtpioOnly, Capability::RxShared, Capability::VirtualPorts] {
        assert!(!can.has(capability), "{capability}");
    }
    // The sizes are those with which a VI can be built.
    for (size, builds) in [(512, true), (4096, true), (1 << 20, false)] {
        assert_eq!(can.rx_ring_sizes().contains(size), builds, "{size}");
        assert_eq!(VirtualInterface::builder().rx_capacity(size).build(&domain).is_ok(), builds, "{size}");
    }
    let pio = can.pio().unwrap();
    assert!(pio.regions > 0 && pio.region_size >= 1024, "{pio:?}");
    let alternatives = can.tx_alternatives().unwrap();
    assert!(alternatives.count > 0 && alternatives.buffers > 0 && alternatives.buffer_size > 0);
    assert_eq!(can.min_page(), Some(4096));
    assert!(can.event_queue_sizes().largest() >= can.tx_ring_sizes().largest());
    let text = format!("{can:?}");
    assert!(text.contains("Ctpio") && !text.contains("CtpioOnly"), "{text}");
}

#[test]
fn capabilities_can_be_asked_for_without_a_domain() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let driver = Driver::open().unwrap();
    let can = driver.capabilities(port.ifindex() as u32, PdFlags::empty()).unwrap();
    assert_eq!(can, domain(port.name()).capabilities().unwrap());
    let error = driver.capabilities(u32::MAX, PdFlags::empty()).unwrap_err();
    assert!(matches!(error, Error::Capability { .. }), "{error:?}");
}

#[test]
fn capabilities_differ_between_models() {
    let port = Fabric::of(Model::X3).looped().unwrap();
    let can = domain(port.name()).capabilities().unwrap();
    assert!(can.has(Capability::CtpioOnly) && can.pio().is_none() && can.tx_alternatives().is_none(), "{can:?}");
}

#[test]
fn statistics_count_and_start_again() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = End::new(port.name(), address(1, 7), VirtualInterface::builder());
    end.vi.filter_add(&Filter::ethertype(0x88b5)).unwrap();
    let (_, mut rx, _) = end.start();
    let bad = |rx: &efvi::Receive<'_>| rx.vi().statistics().unwrap().get("RX CRC errors").unwrap();
    assert_eq!(bad(&rx), 0);
    let mut frame = [2; 60];
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    for _ in 0..3 {
        port.inject(&frame, Fcs::Bad).unwrap();
    }
    for _ in 0..10 {
        while rx.poll().next().is_some() {}
    }
    assert_eq!(bad(&rx), 3);
    let taken = rx.vi().take_statistics().unwrap();
    assert_eq!(taken.get("RX CRC errors"), Some(3));
    assert_eq!(taken.get("no such"), None);
    assert_eq!(taken.iter().len(), (&taken).into_iter().count());
    assert_eq!(bad(&rx), 0);
}

#[test]
fn closing_gives_all_buffers_back() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    let all = a.pool.buffers();
    a.start();
    assert!(take_all(&mut a.pool).len() < all);
    a.vi.close().unwrap();
    assert_eq!(take_all(&mut a.pool).len(), all);
}

#[test]
fn domains_with_flags() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let driver = Driver::open().unwrap();
    let open = |flags| ProtectionDomain::builder().flags(flags).open(&driver, port.name());
    for flags in [PdFlags::MULTICAST_LOOP, PdFlags::IGNORE_EXCLUSION, PdFlags::PACKED_STREAM] {
        open(flags).unwrap();
    }
    for (flags, code) in [(PdFlags::PHYSICAL_ADDRESSES, libc::EPERM), (PdFlags::VIRTUAL_FUNCTION, libc::ENODEV)] {
        assert!(matches!(open(flags), Err(Error::Interface { errno, .. }) if errno.code() == code), "{flags:?}");
    }
    // The adapter has no virtual ports, which its capabilities say too.
    let refused = ProtectionDomain::builder().virtual_port(Some(5)).open(&driver, port.name());
    assert!(matches!(refused, Err(Error::Interface { errno, .. }) if errno.code() == libc::EOPNOTSUPP));
    let index = port.ifindex() as u32;
    let refused = ProtectionDomain::builder().virtual_port(None).open_index(&driver, index);
    assert!(matches!(refused, Err(Error::Interface { errno, .. }) if errno.code() == libc::EINVAL));
}

/// The adapter is reset under a VI: one event says so, and a new VI works.
#[test]
fn a_reset_is_reported_once() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = End::new(port.name(), address(1, 7), VirtualInterface::builder());
    end.vi.filter_add(&Filter::ethertype(0x88b5)).unwrap();
    port.set_faults(&Faults::builder().on(Fault::Reset, 2..3).build());
    let (_, mut rx, _) = end.start();
    let mut frame = [2; 60];
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    let mut seen = Vec::new();
    for _ in 0..4 {
        port.inject(&frame, Fcs::Good).unwrap();
        let mut events = rx.poll();
        while let Some(event) = events.next() {
            seen.push(matches!(event, Event::Reset));
        }
    }
    assert_eq!(seen.iter().filter(|reset| **reset).count(), 1, "{seen:?}");
    assert_eq!(seen.last(), Some(&true), "nothing after it");
    drop(end);
    let mut end = End::new(port.name(), address(1, 7), VirtualInterface::builder());
    end.vi.filter_add(&Filter::ethertype(0x88b5)).unwrap();
    let (_, mut rx, _) = end.start();
    port.inject(&frame, Fcs::Good).unwrap();
    assert_eq!(wait_received(&mut rx, 1).len(), 1);
}
