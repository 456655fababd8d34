//! Driver handles, protection domains, and what their port says of itself.

use crate::common::{Directory, Domain, Driver, Interface, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use mock_nic::{Fabric, Fcs};
use std::ffi::CStr;
use std::rc::Rc;

fn refusal<T>(result: Result<Rc<T>, i32>) -> i32 {
    result.err().expect("the call succeeded")
}

#[test]
fn a_handle_is_closed_once() {
    let (a, b) = (Driver::open(), Driver::open());
    assert_ne!(a.0, b.0);
    assert_eq!(a.close(), 0);
    assert_eq!(a.close(), -libc::EBADF);
    assert_eq!(b.close(), 0);
}

#[test]
fn calls_on_a_closed_handle_are_bad_descriptors() {
    let port = Fabric::new().looped().unwrap();
    let driver = Driver::open();
    let domain = Domain::open(&driver, &Interface::Name(port.name()), EF_PD_DEFAULT).unwrap();
    driver.close();
    let again = Domain::open(&driver, &Interface::Name(port.name()), EF_PD_DEFAULT);
    assert_eq!(refusal(again), -libc::EBADF);
    assert_eq!(domain.capability(EF_VI_CAP_CTPIO), Err(-libc::EBADF));
    assert_eq!(crate::common::Memory::register(&domain, 0, 4096).err(), Some(-libc::EBADF));
}

#[test]
fn unknown_interfaces_are_no_devices_by_name_and_by_index() {
    let driver = Driver::open();
    for interface in [
        Interface::Name("no-such-nic"),
        Interface::Name(""),
        Interface::Name("a name longer than any interface's"),
        Interface::Index(0),
        Interface::Index(-1),
        Interface::Index(i32::MAX),
    ] {
        assert_eq!(refusal(Domain::open(&driver, &interface, EF_PD_DEFAULT)), -libc::ENODEV);
    }
}

/// Of the machine's own interfaces `lo` and those of Ethernet open, by name and by index, with their own address and MTU;
/// the others are `-ENODEV`. Nothing of this takes privileges.
#[test]
fn interfaces_of_the_machine_open_if_they_are_of_ethernet() {
    const ETHERNET: &str = "1";
    if role().is_none() {
        // `lo` is shared by all of a user's processes; this one keeps to itself.
        let directory = Directory::new();
        let mut other = again("driver::interfaces_of_the_machine_open_if_they_are_of_ethernet", "alone");
        other.env("EFVI_MOCK_DIR", directory.path());
        return succeeds(other);
    }
    let driver = Driver::open();
    let mut opened = 0;
    for entry in std::fs::read_dir("/sys/class/net").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let about = |what: &str| std::fs::read_to_string(format!("/sys/class/net/{name}/{what}"));
        // Not all that is listed there is an interface.
        let (Ok(index), Ok(kind)) = (about("ifindex"), about("type")) else { continue };
        for interface in [Interface::Name(&name), Interface::Index(index.trim().parse().unwrap())] {
            let opens = name == "lo" || kind.trim() == ETHERNET;
            match Domain::open(&driver, &interface, EF_PD_DEFAULT) {
                Ok(domain) => {
                    assert!(opens, "{name}");
                    assert_eq!(domain.interface_name(), name);
                    opened += 1;
                }
                Err(rc) => assert_eq!((opens, rc), (false, -libc::ENODEV), "{name}"),
            }
        }
    }
    assert!(opened >= 2);
}

#[test]
fn a_fabrics_port_opens_by_name_and_by_index() {
    let fabric = Fabric::new();
    let (a, b) = fabric.cable().unwrap();
    let driver = Driver::open();
    for port in [&a, &b] {
        for interface in [Interface::Name(port.name()), Interface::Index(port.ifindex())] {
            let domain = Domain::open(&driver, &interface, EF_PD_DEFAULT).unwrap();
            assert_eq!(domain.interface_name(), port.name());
            assert_eq!(domain.vi(Queues::default()).unwrap().mac(), port.mac());
        }
    }
    assert_ne!(a.mac(), b.mac());
}

/// A fabric that is gone with all that used it has taken its ports along.
#[test]
fn a_port_is_gone_when_nobody_uses_it() {
    let fabric = Fabric::new();
    let name = fabric.looped().unwrap().name().to_owned();
    let domain = Domain::named(&name);
    drop(fabric);
    let again = Domain::open(&domain.driver, &Interface::Name(&name), EF_PD_DEFAULT);
    drop((again.unwrap(), domain));
    assert_eq!(refusal(Domain::open(&Driver::open(), &Interface::Name(&name), EF_PD_DEFAULT)), -libc::ENODEV);
}

/// The driver has a domain that was freed until the handle is closed, and its port with it.
#[test]
fn a_freed_domain_is_gone_when_its_handle_is_closed() {
    let fabric = Fabric::new();
    let name = fabric.looped().unwrap().name().to_owned();
    let domain = Domain::named(&name);
    drop(fabric);
    let open = || Domain::open(&Driver::open(), &Interface::Name(&name), EF_PD_DEFAULT);
    assert_eq!(domain.free(), 0);
    drop(open().unwrap());
    assert_eq!(domain.driver.close(), 0);
    assert_eq!(refusal(open()), -libc::ENODEV);
}

#[test]
fn domain_flags_that_the_model_has_not_are_refused() {
    let port = Fabric::new().looped().unwrap();
    let driver = Driver::open();
    for (flags, errno) in [(EF_PD_VF, libc::ENODEV), (EF_PD_PHYS_MODE, libc::EPERM), (EF_PD_VPORT, libc::EOPNOTSUPP)] {
        let domain = Domain::open(&driver, &Interface::Name(port.name()), flags);
        assert_eq!(refusal(domain), -errno, "{flags:#x}");
    }
    Domain::open(&driver, &Interface::Name(port.name()), EF_PD_MCAST_LOOP).unwrap();
}

/// The VI, its memory, the domain, the handle.
#[test]
fn everything_is_freed_in_the_documented_order() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(vi.flush(), 0);
    assert_eq!(vi.free(), 0);
    assert_eq!(vi.memory.unregister(), 0);
    assert_eq!(domain.free(), 0);
    assert_eq!(domain.driver.close(), 0);
    // None of them twice.
    assert!(vi.free() < 0 && vi.memory.unregister() < 0 && domain.free() < 0);
}

/// A domain that is freed early: no more can be made in it, and what there is keeps working.
#[test]
fn a_domain_freed_before_its_vi_takes_nothing_new() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let vi = domain.vi(Queues::default()).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi.fill(0..8);
    let memory = vi.memory.address(0);
    assert_eq!(domain.free(), 0);
    // Before, it is asked for by the name that was freed.
    #[cfg(onload_since = "9.1.0")]
    assert!(domain.capability(EF_VI_CAP_CTPIO).is_err());
    assert!(crate::common::Memory::register(&domain, 0, 4096).is_err());
    let frame = Packet::UDP.sized(60, 0);
    port.inject(&frame, Fcs::Good).unwrap();
    assert_eq!(vi.frames(), [frame]);
    assert_eq!(memory, vi.memory.address(0));
}

#[test]
fn capabilities_say_what_there_is() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    assert_eq!(domain.capability(EF_VI_CAP_CTPIO), Ok(1));
    assert_eq!(domain.capability(EF_VI_CAP_CTPIO_ONLY), Ok(0));
    assert_eq!(domain.capability(EF_VI_CAP_HW_RX_TIMESTAMPING), Ok(1));
    assert_eq!(domain.capability(EF_VI_CAP_HW_TX_TIMESTAMPING), Ok(1));
    assert_eq!(domain.capability(EF_VI_CAP_MIN_BUFFER_MODE_SIZE), Ok(4096));
    assert_eq!(domain.capability(EF_VI_CAP_MAX), Err(-libc::ENOSYS));
    // Flags and filters that the library refuses are not offered.
    assert_eq!(domain.capability(EF_VI_CAP_VPORTS), Ok(0));
    assert_eq!(domain.capability(EF_VI_CAP_RX_FILTER_SET_DEST), Ok(0));
    for wanted in [
        EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN,
        EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL,
        EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH,
        EF_VI_CAP_TX_FILTER_TYPE_SNIFF,
        EF_VI_CAP_RX_FILTER_ETHERTYPE,
        EF_VI_CAP_HW_MULTICAST_LOOPBACK,
        EF_VI_CAP_RX_MERGE,
        EF_VI_CAP_PACKED_STREAM,
    ] {
        assert_eq!(domain.capability(wanted), Ok(1), "{wanted}");
    }
    assert_eq!(domain.capability(EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES), Ok(1024 | 64));
}

#[test]
fn the_library_says_its_version_and_that_it_is_the_mock() {
    // SAFETY: both give strings that stay.
    let (version, driver) =
        unsafe { (CStr::from_ptr(ef_vi_version_str()), CStr::from_ptr(ef_vi_driver_interface_str())) };
    assert_eq!((version.to_str(), driver), (Ok(RELEASE), c"mock-nic"));
}

#[test]
fn ports_end_with_an_error_and_come_back() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let fill = || -> Vec<Rc<Vi>> { std::iter::from_fn(|| domain.vi(Queues::default()).ok()).take(1000).collect() };
    let vis = fill();
    assert!((32..1000).contains(&vis.len()), "{}", vis.len());
    assert!(refusal(domain.vi(Queues::default())) < 0);
    let count = vis.len();
    drop(vis);
    assert_eq!(fill().len(), count);
}
