//! Sets of VIs spread what they receive.

use std::net::SocketAddrV4;
use std::thread;

use crate::common::*;
use efvi::mock::Fcs;
use efvi::{Error, Filter, MacAddress, PacketPool, ProtectionDomain, ViSet, VirtualInterface};

const TO: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::new(192, 0, 2, 1), 7000);

fn set_of(count: usize) -> (Port, ProtectionDomain, ViSet) {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    let set = ViSet::new(&domain, count).unwrap();
    assert_eq!(set.count(), count);
    (port, domain, set)
}

/// A frame of the flow from this port.
fn flow(from: u16) -> Vec<u8> {
    let mac = MacAddress([2, 0, 0, 0, 0, 1]);
    udp(Station { mac, address: address(9, from) }, Station { mac, address: TO }, &from.to_be_bytes())
}

#[test]
fn flows_are_spread_and_each_goes_one_way() {
    const FLOWS: u16 = if cfg!(miri) { 8 } else { 40 };
    let (port, domain, set) = set_of(4);
    set.filter_add(&Filter::udp_local(TO)).unwrap();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let mut vi = VirtualInterface::builder().rx_capacity(512).build_in(&set).unwrap();
            let mut pool = PacketPool::builder().buffers(256).build(&domain).unwrap();
            vi.split().1.fill(&mut pool).unwrap();
            (vi, pool)
        })
        .collect();
    for from in (0..FLOWS).chain(0..FLOWS) {
        port.inject(&flow(from), Fcs::Good).unwrap();
    }
    // Each VI in a thread of its own.
    let threads = workers.into_iter().map(|(mut vi, pool)| {
        thread::spawn(move || {
            let (_, mut rx) = vi.split();
            let mut flows = Vec::new();
            rx.poll_each(|frame| flows.push(u16::from_be_bytes([body(frame)[0], body(frame)[1]])));
            drop(pool);
            flows
        })
    });
    let threads: Vec<_> = threads.collect();
    let mut seen: Vec<Vec<u16>> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(seen.iter().filter(|flows| !flows.is_empty()).count() > 1, "spread over more than one: {seen:?}");
    for flows in &mut seen {
        flows.sort_unstable();
        assert!(flows.chunks(2).all(|pair| pair.len() == 2 && pair[0] == pair[1]), "both of a flow: {flows:?}");
    }
    assert_eq!(seen.iter().map(Vec::len).sum::<usize>(), 2 * usize::from(FLOWS));
}

trait PollEach {
    /// Polls until there has been nothing for a while.
    fn poll_each(&mut self, each: impl FnMut(&[u8]));
}

impl PollEach for efvi::Receive<'_> {
    fn poll_each(&mut self, mut each: impl FnMut(&[u8])) {
        let mut idle = 0;
        until_quiet(|| {
            idle += 1;
            each_event(self.poll(), |event| {
                let efvi::Event::Received(packet) = event else { panic!("{event:?}") };
                idle = 0;
                each(&packet);
            });
            idle < 100
        });
    }
}

#[test]
fn a_place_is_taken_once() {
    let (_port, _domain, set) = set_of(2);
    let code = |result: efvi::Result<VirtualInterface>| match result {
        Err(Error::VirtualInterface { call: "ef_vi_alloc_from_set", errno, .. }) => errno.code(),
        other => panic!("{other:?}"),
    };
    let builder = VirtualInterface::builder();
    assert_eq!(code(builder.build_at(&set, 2)), libc::EDOM);
    let second = builder.build_at(&set, 1).unwrap();
    assert_eq!(code(builder.build_at(&set, 1)), libc::EEXIST);
    let _first = builder.build_in(&set).unwrap();
    assert_eq!(code(builder.build_in(&set)), libc::ENOSPC);
    drop(second);
    builder.build_at(&set, 1).unwrap();
}

#[test]
fn filters_of_a_set_are_its_own_and_go_with_their_guard() {
    let (port, domain, set) = set_of(1);
    let mut pool = PacketPool::builder().buffers(64).build(&domain).unwrap();
    let mut vi = VirtualInterface::builder().build_in(&set).unwrap();
    let (_, mut rx) = vi.split();
    rx.fill(&mut pool).unwrap();
    let guard = set.filter_scoped(&Filter::udp_local(TO)).unwrap();
    port.inject(&flow(1), Fcs::Good).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [&flow(1)[..]]);
    drop(guard);
    assert_ne!(port.offer(&flow(1)), Some(true), "it is nobody's");
    expect_quiet(&mut rx);
    let id = set.filter_add(&Filter::udp_local(TO)).unwrap();
    assert!(matches!(rx.vi().filter_remove(id), Err(Error::ForeignFilter { .. })));
}

#[test]
fn a_set_lives_as_long_as_its_vis() {
    let (port, domain, set) = set_of(2);
    let mut pool = PacketPool::builder().buffers(64).build(&domain).unwrap();
    let mut vis = [0, 1].map(|place| VirtualInterface::builder().build_at(&set, place).unwrap());
    set.filter_add(&Filter::udp_local(TO)).unwrap();
    drop((set, domain));
    let mut received = 0;
    for vi in &mut vis {
        let (_, mut rx) = vi.split();
        for _ in 0..16 {
            rx.post(pool.take().unwrap()).unwrap();
        }
    }
    port.inject(&flow(3), Fcs::Good).unwrap();
    for vi in &mut vis {
        vi.split().1.poll_each(|_| received += 1);
    }
    assert_eq!(received, 1);
    assert_eq!(vis[0].interface(), port.name());
}

#[test]
fn sizes_that_no_set_has() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    for count in [0, 100_000, usize::MAX] {
        let error = ViSet::new(&domain, count).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Set { .. }), "{error:?}");
        assert!(text.contains("ef_vi_set_alloc_from_pd") && text.contains(port.name()), "{text}");
    }
}
