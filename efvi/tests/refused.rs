//! What is refused: each error names what, and says what to do.

mod common;

use common::*;
use efvi::mock::{Fabric, Model};
use efvi::{
    CutThrough, Driver, Error, Filter, MacAddress, PacketPool, ProtectionDomain, RejectReason, Ring, VirtualInterface,
};

/// The text holds each of the parts.
#[track_caller]
fn says(error: &dyn std::error::Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
}

#[test]
fn an_unknown_interface() {
    let driver = Driver::open().unwrap();
    let error = ProtectionDomain::open(&driver, "no-such-if0").unwrap_err();
    says(&error, &["ef_pd_alloc", "no-such-if0", "ENODEV", "mock adapter"]);
    assert!(matches!(error, Error::Interface { errno, .. } if errno.code() == 19));
    for name in ["", "a\0b"] {
        assert!(matches!(ProtectionDomain::open(&driver, name), Err(Error::InterfaceName { .. })));
    }
    for index in [0x3fff_ffff, u32::MAX] {
        let error = ProtectionDomain::builder().open_index(&driver, index).unwrap_err();
        says(&error, &["ef_pd_alloc", &index.to_string(), "ENODEV"]);
    }
}

#[test]
fn an_interface_by_its_index() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let driver = Driver::open().unwrap();
    let domain = ProtectionDomain::builder().open_index(&driver, port.ifindex() as u32).unwrap();
    assert_eq!(domain.interface(), port.name());
    let vi = VirtualInterface::builder().build(&domain).unwrap();
    assert_eq!(vi.interface(), port.name());
    assert_eq!(vi.mac().unwrap().octets(), port.mac());
}

#[test]
fn a_capacity_that_is_no_power_of_two() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    let builder = VirtualInterface::builder();
    for (builder, ring, nearest) in [
        (builder.rx_capacity(500), Ring::Receive, 512),
        (builder.tx_capacity(1), Ring::Transmit, 2),
        (builder.event_capacity(5000), Ring::Event, 4096),
    ] {
        let error = builder.build(&domain).unwrap_err();
        says(&error, &[&ring.to_string(), "power of two", &nearest.to_string()]);
        assert!(matches!(error, Error::Capacity { .. }));
    }
    // A power of two, but more than any adapter has.
    let error = builder.rx_capacity(1 << 30).build(&domain).unwrap_err();
    says(&error, &["ef_vi_alloc_from_pd", port.name(), "EINVAL"]);
}

#[test]
fn pools_that_can_not_be() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    for (size, nearest) in [(0, "256"), (100, "256"), (1500, "2048"), (8192, "4096"), (usize::MAX, "4096")] {
        let error = PacketPool::builder().buffer_size(size).build(&domain).unwrap_err();
        says(&error, &[&size.to_string(), nearest, "power of two"]);
    }
    for buffers in [0, usize::MAX] {
        let error = PacketPool::builder().buffers(buffers).build(&domain).unwrap_err();
        says(&error, &[&buffers.to_string(), "at least"]);
    }
    // More than the system has addresses for.
    let error = PacketPool::builder().buffers(1 << 40).buffer_size(4096).build(&domain).unwrap_err();
    says(&error, &["mmap", "ENOMEM", "fewer"]);
}

#[test]
fn frames_that_can_not_be_sent() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    let mtu = a.vi.mtu().unwrap();
    let (mut tx, _, pool) = a.start();

    let rejected = tx.send(pool.take().unwrap()).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::FrameEmpty);
    says(&rejected, &["empty"]);

    let mut buffer = rejected.buffer;
    buffer.set_len(mtu as usize + 1).unwrap();
    let reason = RejectReason::FrameTooLong { len: mtu + 1, max: mtu };
    let rejected = tx.send(buffer).unwrap_err();
    assert_eq!(rejected.reason, reason);
    says(&rejected, &[&mtu.to_string(), &(mtu + 1).to_string(), "shorten"]);
    let rejected = tx.stage(rejected.buffer).unwrap_err();
    assert_eq!(rejected.reason, reason);
    assert_eq!(rejected.buffer.len(), mtu as usize + 1, "the buffer comes back as it was");

    let mut buffer = rejected.buffer;
    buffer.set_len(mtu as usize).unwrap();
    let rejected = tx.send_ctpio(buffer, CutThrough::After(64)).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::CtpioDisabled);
    says(&rejected, &["ctpio", "send"]);
    tx.send(rejected.buffer).unwrap();
}

#[test]
fn a_buffer_of_another_domain() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let mut other = PacketPool::builder().buffers(8).build(&domain(a.vi.interface())).unwrap();
    let (mut tx, mut rx) = a.vi.split();
    for pool in [&mut other, &mut b.pool] {
        let mut buffer = pool.take().unwrap();
        buffer.set_len(60).unwrap();
        let rejected = tx.send(buffer).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::WrongDomain);
        says(&rejected, &["another protection domain"]);
        let rejected = rx.post(rejected.buffer).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::WrongDomain);
        assert_eq!(rejected.buffer.len(), 60);
        assert_eq!(rx.fill(pool), Err(RejectReason::WrongDomain));
    }
    // A second pool of the same domain is as good as the first.
    let mut second = PacketPool::builder().buffers(8).build(&a.domain).unwrap();
    assert_eq!(rx.fill(&mut second), Ok(8));
}

#[test]
fn a_buffer_too_small_to_receive_into() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let mut small = PacketPool::builder().buffers(8).buffer_size(1024).build(&a.domain).unwrap();
    let (mut tx, mut rx) = a.vi.split();
    let rejected = rx.post(small.take().unwrap()).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::BufferTooSmall { capacity: 1024, needed: 1792 });
    says(&rejected, &["1024", "1792"]);
    assert_eq!(rx.fill(&mut small), Err(rejected.reason));
    // It is good for sending.
    let (from, to) = (a.station, b.station);
    tx.send(udp_buffer(&mut small, from, to, b"small")).unwrap();
    let (_, mut their_rx, _) = b.start();
    assert_eq!(wait_received(&mut their_rx, 1), [udp(from, to, b"small")]);
}

#[test]
fn a_full_receive_ring() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    let (_, mut rx, pool) = a.start();
    assert_eq!((rx.space(), rx.capacity()), (0, 511));
    let rejected = rx.post(pool.take().unwrap()).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::RingFull);
    says(&rejected, &["full", "poll"]);
}

#[test]
fn a_frame_longer_than_its_buffer() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut pool = PacketPool::builder().buffers(2).buffer_size(512).build(&domain(port.name())).unwrap();
    let mut buffer = pool.take().unwrap();
    buffer.write(&[7; 100]).unwrap();
    let error = buffer.write(&[8; 513]).unwrap_err();
    assert_eq!((error.length, error.capacity), (513, 512));
    says(&error, &["513", "512", "larger buffers"]);
    assert_eq!(buffer[..], [7; 100], "as it was");
    assert_eq!(buffer.set_len(513), Err(error));
    assert_eq!(buffer.len(), 100);
    buffer.set_len(512).unwrap();
    assert_eq!(buffer.len(), 512);
}

#[test]
fn filters_that_can_not_be_added() {
    let (a, b) = pair(VirtualInterface::builder());
    let mac = a.station.mac;
    let local = Filter::udp_local(a.station.address);
    let error = a.vi.filter_add(&local).unwrap_err();
    says(&error, &["ef_vi_filter_add", &a.station.address.to_string(), a.vi.interface(), "EEXIST", "once"]);

    let error = a.vi.filter_add(&Filter::ethernet_local(mac, 4096)).unwrap_err();
    says(&error, &["VLAN 4096", "EINVAL"]);

    // Another VI's filter.
    let theirs = b.vi.filter_add(&Filter::all_multicast()).unwrap();
    assert!(matches!(a.vi.filter_remove(theirs), Err(Error::ForeignFilter { .. })));
}

#[test]
fn more_filters_than_fit() {
    let (a, _b) = pair(VirtualInterface::builder());
    let mut added = Vec::new();
    let error = loop {
        match a.vi.filter_add(&Filter::udp_local(address(3, 10_000 + added.len() as u16))) {
            Ok(filter) => added.push(filter),
            Err(error) => break error,
        }
        assert!(added.len() < 50_000, "no limit in sight");
    };
    says(&error, &["EBUSY", "full", "remove", a.vi.interface()]);
    a.vi.filter_remove(added.remove(0)).unwrap();
    let mac = MacAddress([2, 0, 0, 0, 0, 9]);
    a.vi.filter_add(&Filter::ethernet_local(mac, None)).unwrap();
}

/// What an adapter without descriptors can't do is told by the call, before anything is done with the VI.
#[test]
fn tx_push_on_an_adapter_without_descriptors() {
    let port = Fabric::of(Model::X3).looped().unwrap();
    let domain = domain(port.name());
    let error = VirtualInterface::builder().tx_push(efvi::TxPush::Always).build(&domain).unwrap_err();
    says(&error, &[port.name(), "EF_VI_TX_PUSH_ALWAYS", "EOPNOTSUPP"]);
    PacketPool::builder().buffers(4).build(&domain).unwrap();
}
