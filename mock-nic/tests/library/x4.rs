//! X4: two datapaths, one like X3's, one like X2's.

use crate::common::{Domain, Interface, Memory, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs, Model};
use std::rc::Rc;

const MIB: usize = 1 << 20;

fn port() -> FabricPort {
    Fabric::of(Model::X4).looped().unwrap()
}

fn express(port: &FabricPort) -> Rc<Vi> {
    Domain::express(port).vi(Queues::default()).unwrap()
}

#[test]
fn the_domains_flag_chooses_the_datapath() {
    let port = port();
    let arch = |domain: &Rc<Domain>| u32::from(domain.vi(Queues::default()).unwrap().nic_type().arch);
    let (full, express) = (Domain::on(&port), Domain::express(&port));
    assert_eq!((arch(&full), arch(&express)), (EF_VI_ARCH_EF10, EF_VI_ARCH_EF10CT));
    for model in [Model::X2, Model::X3] {
        let port = Fabric::of(model).looped().unwrap();
        let (driver, name) = (crate::common::Driver::open(), Interface::Name(port.name()));
        let refused = Domain::open(&driver, &name, crate::common::release::EXPRESS).err();
        assert_eq!(refused, Some(-libc::EOPNOTSUPP), "{model:?} has no other");
    }
}

/// `EF_VI_PD_FLAGS` chooses for a program that doesn't, of a domain and of what it asks about the interface.
#[test]
fn the_environment_chooses_the_datapath() {
    let name = if cfg!(onload_since = "9.1.0") { "express" } else { "llct" };
    if role().is_none() {
        let mut other = again("x4::the_environment_chooses_the_datapath", "chooses");
        other.env("EF_VI_PD_FLAGS", name);
        return succeeds(other);
    }
    let port = port();
    let domain = Domain::on(&port);
    assert_eq!(u32::from(domain.vi(Queues::default()).unwrap().nic_type().arch), EF_VI_ARCH_EF10CT);
    let mut value = 99;
    // SAFETY: an open handle, and room for the value.
    let rc = unsafe { ef_vi_capabilities_get(domain.driver.0, port.ifindex(), EF_VI_CAP_CTPIO_ONLY, &mut value) };
    assert_eq!((rc, value), (0, 1));
}

/// A domain is asked for its own datapath, an interface for either.
#[cfg(onload_since = "9.1.0")]
#[test]
fn each_datapath_has_its_capabilities() {
    let port = port();
    let (full, express) = (Domain::on(&port), Domain::express(&port));
    let of_interface = |capability| {
        let mut value = 99;
        // SAFETY: an open handle, and room for the value.
        let rc = unsafe { ef_vi_capabilities_get(full.driver.0, port.ifindex(), capability, &mut value) };
        assert_eq!(rc, 0);
        value
    };
    for (capability, on_full, on_express) in [
        (EF_VI_CAP_CTPIO_ONLY, 0, 1),
        (EF_VI_CAP_RX_REF, 0, 1),
        (EF_VI_CAP_RX_SHARED, 0, 1),
        (EF_VI_CAP_TXQ_SIZES, 512 | 1024 | 2048, 512),
        (EF_VI_CAP_MIN_BUFFER_MODE_SIZE, 2 << 20, 2 << 20),
        (EF_VI_CAP_EXTRA_DATAPATHS, EF_VI_EXTRA_DATAPATH_EXPRESS.into(), EF_VI_EXTRA_DATAPATH_EXPRESS.into()),
    ] {
        assert_eq!(full.capability(capability), Ok(on_full), "{capability}");
        assert_eq!(express.capability(capability), Ok(on_express), "{capability}");
        assert_eq!(of_interface(capability), on_full, "{capability}");
        assert_eq!(of_interface(capability | EF_VI_CAP_F_LLCT), on_express, "{capability}");
        for (flags, expected) in [(EF_PD_DEFAULT, on_full), (EF_PD_EXPRESS, on_express)] {
            let (handle, mut value) = (full.driver.0, 99);
            // SAFETY: as above.
            let rc =
                unsafe { ef_vi_capabilities_get_from_pd_flags(handle, port.ifindex(), flags, capability, &mut value) };
            assert_eq!((rc, value), (0, expected), "{capability}");
        }
    }
}

#[test]
fn memory_comes_in_pages_of_2_mib() {
    let port = port();
    for domain in [Domain::on(&port), Domain::express(&port)] {
        let refused = |offset, bytes| Memory::register(&domain, offset, bytes).err();
        assert_eq!(refused(4096, 2 * MIB), Some(-libc::EINVAL), "the base");
        assert_eq!(refused(0, MIB), Some(-libc::EINVAL), "the length");
        assert_eq!(refused(0, 4 * MIB), None);
    }
}

#[test]
fn the_express_datapath_is_x3s() {
    let port = port();
    let vi = express(&port);
    vi.filter(&Spec::udp()).unwrap();
    let frame = Packet::UDP.sized(100, 1);
    assert_eq!(vi.send(7, &frame), 0);
    let events = vi.drain();
    assert_eq!(vi.referenced(&events[0]), frame);
    assert_eq!(vi.unbundle(&events[1]), [7]);
    assert!(vi.packet_time(events[0].rx_ref().pkt_id).is_ok());
    vi.ctpio(&frame, 64);
    assert_eq!(vi.peek().unwrap(), frame[..60]);
    assert_eq!(vi.receive_init(vi.buffer(0), 1), -libc::ENOSYS);
}

#[test]
fn the_other_datapath_is_x2s() {
    let port = port();
    let vi = Domain::on(&port).vi(Queues { flags: EF_VI_TX_CTPIO, ..Queues::default() }).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi.fill(0..8);
    let frame = Packet::UDP.sized(100, 1);
    assert_eq!(vi.send(7, &frame), 0);
    let events = vi.drain();
    assert_eq!(vi.unbundle(&events[0]), [7]);
    assert_eq!(vi.frame(&events[1]), frame);
    assert_eq!(vi.fifo().2, i32::MAX as u32, "no FIFO to count");
    assert_eq!(vi.peek(), None);
    assert_eq!(vi.packet(0, 1), None);
}

/// A filter's queue is its domain's own, unless it is to be shared.
#[test]
fn queues_are_exclusive_unless_they_are_to_be_shared() {
    let port = port();
    let (a, b) = (express(&port), express(&port));
    a.filter(&Spec::udp()).unwrap();
    assert_eq!(b.filter(&Spec::udp()).err(), Some(-libc::EPERM));
    #[cfg(onload_since = "9.1.0")]
    {
        let shared = || {
            let mut spec = Spec::local(&Packet::TCP);
            spec.set_flags(EF_FILTER_FLAG_SHARED_RXQ);
            spec
        };
        a.filter(&shared()).unwrap();
        b.filter(&shared()).unwrap();
        port.inject(&Packet::TCP.sized(100, 0), Fcs::Good).unwrap();
        assert_eq!((a.references().len(), b.references().len()), (1, 1));
    }
}

/// Multicast is copied to the queues of all that ask for it; a filter on both ends is the adapter's own.
#[test]
fn multicast_is_replicated_and_both_ends_are_matched() {
    let port = port();
    let (a, b) = (express(&port), express(&port));
    for vi in [&a, &b] {
        vi.filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    }
    port.inject(&Packet::MULTICAST.sized(100, 0), Fcs::Good).unwrap();
    assert_eq!((a.references().len(), b.references().len()), (1, 1));
    a.filter(&Spec::full(&Packet::UDP)).unwrap();
    let stranger = Packet { from: ([10, 9, 8, 7], 6), ..Packet::UDP };
    assert!(port.inject(&stranger.sized(100, 0), Fcs::Good).is_err());
    port.inject(&Packet::UDP.sized(100, 0), Fcs::Good).unwrap();
    assert_eq!(a.references().len(), 1);
}

/// The number of superbuffers can be set before a VI gets attached to a queue; an X3's are its driver's.
#[cfg(onload_since = "9.1-next")]
#[test]
fn the_number_of_superbuffers_can_be_set() {
    let port = port();
    let vi = express(&port);
    let set = |vi: &Vi, count| {
        // SAFETY: an allocated VI on a datapath with shared queues.
        unsafe { ef_vi_set_shrub_client_buffer_count(vi.raw, count) }
    };
    assert_eq!(set(&vi, 0), -libc::EINVAL);
    assert_eq!(set(&vi, 1 << 20), -libc::EINVAL);
    assert_eq!(set(&vi, 4), 0);
    vi.filter(&Spec::udp()).unwrap();
    let packets = if cfg!(miri) { 8 } else { 512 };
    for _ in 0..4 * packets {
        port.inject(&Packet::UDP.sized(100, 0), Fcs::Good).unwrap();
        assert_eq!(vi.poll(2).len(), 1);
    }
    port.inject(&Packet::UDP.sized(100, 0), Fcs::Good).unwrap();
    assert!(vi.poll(2).is_empty());
    let (_port, x3) = crate::common::efct::receiving();
    assert_eq!(set(&x3, 4), -libc::EOPNOTSUPP);
}
