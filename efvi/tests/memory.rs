//! Packet memory: where it comes from, what is said of it, and several pools and domains.

mod common;

use common::*;
use efvi::mock::{Fabric, FabricPort, Fcs, Model};
use efvi::{
    Backing, Declined, Error, Event, Filter, Numa, PacketPool, Page, Pages, RejectReason, VirtualInterface, Wanted,
};

const HUGE: usize = 2 << 20;

fn port_of(model: Model) -> FabricPort {
    Fabric::of(model).looped().unwrap()
}

fn says(error: &dyn std::error::Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing: {text}");
    }
}

/// Each kind of pages that is asked for is had, or it is said which are not and why.
#[test]
fn pages_smaller_than_wished_for_are_said_with_the_reason() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    for wished in [Pages::Base, Pages::Huge2M, Pages::Huge1G] {
        let mut pool = PacketPool::builder().buffers(16).pages(wished).build(&domain).unwrap();
        let Backing::Mapped(got) = pool.backing() else { panic!("{pool:?}") };
        let missed: Vec<_> =
            [Pages::Huge1G, Pages::Huge2M].into_iter().filter(|pages| (got < *pages) && (*pages <= wished)).collect();
        let declined: Vec<_> = pool.declined().iter().filter(|said| matches!(said.wanted, Wanted::Pages(_))).collect();
        assert_eq!(
            declined.iter().map(|said| said.wanted).collect::<Vec<_>>(),
            missed.into_iter().map(Wanted::Pages).collect::<Vec<_>>()
        );
        for Declined { call, errno, .. } in declined {
            assert!(!call.is_empty() && errno.code() > 0);
        }
        assert_eq!(take_all(&mut pool).len(), 16);
    }
}

#[test]
fn pages_that_are_too_small_are_refused_where_they_will_not_do() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let builder = PacketPool::builder().buffers(16).pages(Pages::Huge1G).at_least(Pages::Huge2M);
    match builder.build(&domain(port.name())) {
        Ok(pool) => assert_ne!(pool.backing(), Backing::Mapped(Pages::Base)),
        Err(error) => {
            assert!(matches!(error, Error::Memory { pages: Pages::Huge2M, .. }), "{error:?}");
            says(&error, &["huge pages of 2 MiB", "vm.nr_hugepages"]);
        }
    }
}

/// X4 wants memory that is aligned to 2 MiB, on either datapath, and has it without being asked.
#[test]
fn an_adapter_that_wants_huge_pages_gets_such() {
    // Releases before 9.0 don't know the model.
    let Ok(port) = Fabric::of(Model::X4).looped() else { return };
    let domain = domain(port.name());
    let mut pool = PacketPool::builder().buffers(16).build(&domain).unwrap();
    let huge = Backing::Mapped(Pages::Huge2M);
    assert_eq!(pool.backing() == huge, !pool.declined().iter().any(|d| d.wanted == Wanted::Pages(Pages::Huge2M)));
    let first = take_all(&mut pool).iter_mut().map(|buffer| buffer.capacity_mut().as_ptr().addr()).min().unwrap();
    assert_eq!(first % HUGE, 0);

    // Given memory is held to the same.
    let error = PacketPool::builder().build_in(vec![Page::ZERO; 3], &[&domain]).unwrap_err();
    assert!(matches!(error, Error::GivenMemory { alignment: HUGE, unit: HUGE, bytes: 12288, .. }), "{error:?}");
    says(&error, &["2097152", "12288", "huge pages"]);

    // One pool for an X2 and an X4 suits both.
    let (other, _end) = Fabric::new().cable().unwrap();
    let other = common::domain(other.name());
    let mut shared = PacketPool::builder().buffers(16).build_shared(&[&other, &domain]).unwrap();
    assert_eq!(shared.take().unwrap().capacity_mut().as_ptr().addr() % 2048, 0);
    assert_eq!(shared.domains().len(), 2);
}

#[test]
fn every_model_takes_a_pool() {
    for model in [Model::X2, Model::X3, Model::X4] {
        let Ok(port) = Fabric::of(model).looped() else { continue };
        let mut pool = PacketPool::builder().buffers(8).build(&domain(port.name())).unwrap();
        assert_eq!(take_all(&mut pool).len(), 8, "{model:?}");
    }
}

#[test]
fn a_numa_node_that_is_not_there_is_an_error_and_one_that_is_has_the_memory() {
    let port = port_of(Model::X2);
    let domain = domain(port.name());
    let build = |numa| PacketPool::builder().buffers(4).numa(numa).build(&domain);
    let error = build(Numa::Node(4000)).unwrap_err();
    says(&error, &["mbind", "NUMA node", "EINVAL"]);
    // The interface has no node that is known, so it is any.
    for numa in [Numa::Any, Numa::OfInterface] {
        let pool = build(numa).unwrap();
        assert!(pool.declined().is_empty(), "{:?}", pool.declined());
    }
    if let Some(node) = build(Numa::Any).unwrap().numa_node() {
        match build(Numa::Node(node)) {
            Ok(pool) => assert_eq!(pool.numa_node(), Some(node)),
            Err(error) => says(&error, &["mbind"]),
        }
    }
}

#[test]
fn given_memory_is_used_as_it_is() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let memory = vec![Page::ZERO; 4].into_boxed_slice();
    let range = memory.as_ptr_range();
    let mut pool = PacketPool::builder().buffer_size(1024).build_in(memory, &[&a.domain]).unwrap();
    assert_eq!((pool.buffers(), pool.buffer_size(), pool.backing()), (16, 1024, Backing::Given));
    let (mut tx, mut completions) = a.vi.split();
    let (_, mut rx, _) = b.start();
    let buffer = udp_buffer(&mut pool, from, to, b"given");
    assert!(range.contains(&buffer.as_ptr().cast()));
    tx.send(buffer).unwrap();
    wait_sent(&mut completions, 1);
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"given")]);
    assert_eq!(take_all(&mut pool).len(), 16);

    // A leaked slice serves, too.
    let slice: &'static mut [Page] = vec![Page::ZERO; 2].leak();
    let pool = PacketPool::builder().build_in(slice, &[&a.domain]).unwrap();
    assert_eq!(pool.buffers(), 4);
}

#[test]
fn given_memory_that_can_not_be_registered() {
    let port = port_of(Model::X2);
    let domain = domain(port.name());
    let builder = PacketPool::builder();
    let error = builder.build_in(Vec::<Page>::new(), &[&domain]).unwrap_err();
    says(&error, &["0 bytes", "efvi::Page"]);
    let error = builder.build_in(vec![Page::ZERO], &[]).unwrap_err();
    says(&error, &["no protection domain"]);
    let error = builder.build_shared(&[]).unwrap_err();
    assert!(matches!(error, Error::NoDomain));
    let error = builder.buffer_size(3000).build_in(vec![Page::ZERO], &[&domain]).unwrap_err();
    assert!(matches!(error, Error::BufferSize { requested: 3000, nearest: 4096 }));
}

/// A forwarder: received on one port, sent on another, from where it lies.
#[test]
fn a_buffer_of_a_shared_pool_goes_on_from_port_to_port() {
    let fabric = Fabric::new();
    let [(a, _left), (b, right)] = [fabric.cable().unwrap(), fabric.cable().unwrap()];
    let (near, far) = (domain(a.name()), domain(b.name()));
    // A domain that is named twice is registered with once.
    let mut pool = PacketPool::builder().buffers(64).build_shared(&[&near, &far, &near]).unwrap();
    let named: Vec<_> = pool.domains().map(|domain| domain.interface().to_owned()).collect();
    assert_eq!(named, [a.name(), b.name()]);
    let mut other = End::new(right.name(), address(2, 2), VirtualInterface::builder());
    other.vi.filter_add(&Filter::all_multicast()).unwrap();
    let (_, mut arrived, _) = other.start();
    let mut from = VirtualInterface::builder().build(&near).unwrap();
    let mut to = VirtualInterface::builder().build(&far).unwrap();
    from.filter_add(&Filter::all_multicast()).unwrap();
    let (mut tx, mut done) = to.split();
    let (_, mut rx) = from.split();

    // Often enough that each buffer goes there and back again.
    for sequence in 0..if cfg!(miri) { 5 } else { 300 } {
        // In eights, as the adapter takes them: fewer than there are, so that each comes round in turn.
        while rx.capacity() - rx.space() < 16 {
            rx.post(pool.take().unwrap()).unwrap();
        }
        let frame: Vec<u8> = [&[0xff; 6][..], &[2; 6], &[0x88, 0xb5], &payload(sequence)[..]].concat();
        a.inject(&frame, Fcs::Good).unwrap();
        let kept = wait(&mut rx, |event| match event {
            Event::Received(packet) => Some(packet.keep(&mut pool).unwrap()),
            other => panic!("{other:?}"),
        });
        let place = kept.as_ptr();
        tx.send(kept).unwrap();
        let sent = wait_sent(&mut done, 1).remove(0);
        assert_eq!(sent.buffer.as_ptr(), place, "not copied");
        let at_the_end = wait_received(&mut arrived, 1).remove(0);
        assert_eq!(at_the_end[..frame.len()], frame);
    }
}

/// Every way to send and to post asks for the address in the VI's own domain.
#[test]
fn a_shared_buffer_is_known_to_every_call_and_to_no_other_domain() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(efvi::Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let mut pool = PacketPool::builder().buffers(64).build_shared(&[&b.domain, &a.domain]).unwrap();
    let mut small = PacketPool::builder().buffers(2).buffer_size(512).build_shared(&[&a.domain, &b.domain]).unwrap();
    let foreign = port_of(Model::X2);
    let foreign = domain(foreign.name());
    let mut stranger = VirtualInterface::builder().build(&foreign).unwrap();
    let (_, mut rx, _) = b.start();
    let (mut tx, mut completions) = a.vi.split();

    tx.send(udp_buffer(&mut pool, from, to, b"dma")).unwrap();
    tx.send_ctpio(udp_buffer(&mut pool, from, to, b"ctpio"), efvi::CutThrough::After(64)).unwrap();
    let mut batch = tx.stage(udp_buffer(&mut pool, from, to, b"first")).unwrap();
    batch.add(udp_buffer(&mut pool, from, to, b"second")).unwrap();
    batch.push();
    wait_sent(&mut completions, 4);
    let expected = [&b"dma"[..], b"ctpio", b"first", b"second"].map(|body| udp(from, to, body));
    assert_eq!(wait_received(&mut rx, 4), expected);

    // What is wrong with a frame is still found.
    let mut buffer = pool.take().unwrap();
    buffer.set_len(2048).unwrap();
    assert!(matches!(tx.send(buffer).unwrap_err().reason, RejectReason::FrameTooLong { len: 2048, .. }));
    assert_eq!(tx.send(pool.take().unwrap()).unwrap_err().reason, RejectReason::FrameEmpty);
    let rejected = stranger.split().0.send(udp_buffer(&mut pool, from, to, b"lost")).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::WrongDomain);
    says(&rejected, &["build_shared"]);
    assert_eq!(rejected.buffer[..], udp(from, to, b"lost"));
    assert_eq!(stranger.split().1.post(rejected.buffer).unwrap_err().reason, RejectReason::WrongDomain);

    let reason = rx.post(small.take().unwrap()).unwrap_err().reason;
    assert!(matches!(reason, RejectReason::BufferTooSmall { capacity: 512, .. }), "{reason:?}");
}

/// Small buffers to send, large ones to receive into: of one VI, several pools at a time.
#[test]
fn several_pools_of_one_vi() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let mut small = PacketPool::builder().buffers(32).buffer_size(256).build(&a.domain).unwrap();
    let mut given = PacketPool::builder().build_in(vec![Page::ZERO; 16], &[&a.domain]).unwrap();
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for buffer in [
        udp_buffer(&mut small, from, to, b"small"),
        udp_buffer(&mut given, from, to, b"given"),
        udp_buffer(pool, from, to, b"usual"),
    ] {
        tx.send(buffer).unwrap();
    }
    // All handed to one pool: each goes home.
    for sent in wait_sent(&mut completions, 3) {
        pool.put(sent.buffer);
    }
    let sent = [&b"small"[..], b"given", b"usual"].map(|body| udp(from, to, body));
    assert_eq!(wait_received(&mut rx, 3), sent);
    assert_eq!((take_all(&mut small).len(), take_all(&mut given).len()), (32, 32));
}
