//! The whole path once, in little: what Miri runs, which takes minutes for the larger tests.

mod common;

use common::{Station, address, domain, expect_quiet, udp, udp_buffer, wait, wait_sent};
use efvi::mock::{Fabric, Fcs};
use efvi::{
    Ctpio, CutThrough, DiscardReason, Event, Filter, PacketPool, Timestamps, VirtualInterface, VirtualInterfaceBuilder,
};

/// A VI with sixteen buffers posted, its pool, and where it is.
fn end(interface: &str, host: u8, builder: VirtualInterfaceBuilder) -> (VirtualInterface, PacketPool, Station) {
    let domain = domain(interface);
    let mut pool = PacketPool::builder().buffers(32).build(&domain).unwrap();
    let mut vi = builder.build(&domain).unwrap();
    vi.filter_add(&Filter::udp_local(address(host, 7))).unwrap();
    let station = Station { mac: vi.mac().unwrap(), address: address(host, 7) };
    let (_, mut rx) = vi.split();
    for _ in 0..16 {
        rx.post(pool.take().unwrap()).unwrap();
    }
    (vi, pool, station)
}

#[test]
fn each_way_to_send_and_to_receive() {
    let fabric = Fabric::new();
    let (near, far) = fabric.cable().unwrap();
    let builder = VirtualInterface::builder().timestamps(Timestamps::RX | Timestamps::TX).ctpio(Ctpio::NoPoison);
    let (mut vi, mut pool, here) = end(near.name(), 1, builder);
    let (mut other, mut other_pool, there) = end(far.name(), 2, builder);
    let (mut tx, mut done) = vi.split();
    let (mut other_tx, mut rx) = other.split();

    // By DMA, by CTPIO, and in a batch; completions give the buffers back.
    tx.send(udp_buffer(&mut pool, here, there, b"dma")).unwrap();
    tx.send_ctpio(udp_buffer(&mut pool, here, there, b"ctpio"), CutThrough::After(64)).unwrap();
    let mut batch = tx.stage(udp_buffer(&mut pool, here, there, b"one")).unwrap();
    batch.add(udp_buffer(&mut pool, here, there, b"two")).unwrap();
    batch.push();
    drop(tx.stage(udp_buffer(&mut pool, here, there, b"taken back")).unwrap());
    let sent = wait_sent(&mut done, 4);
    assert_eq!(sent.iter().map(|s| s.by_ctpio).collect::<Vec<_>>(), [false, true, false, false]);
    assert!(sent.iter().all(|s| s.timestamp.is_some()));
    for sent in sent {
        pool.put(sent.buffer);
    }

    // Received: looked at, posted again, kept, and sent back from where it lies.
    let (mut kept, mut count) = (Vec::new(), 0);
    wait(&mut rx, |event| {
        let Event::Received(packet) = event else { panic!("{event:?}") };
        let expected = [b"dma".as_slice(), b"ctpio", b"one", b"two"][count];
        assert_eq!(packet.frame(), udp(here, there, expected));
        packet.timestamp().unwrap();
        count += 1;
        // Every second is kept, the others are posted again.
        if count.is_multiple_of(2) {
            kept.push(packet.keep(&mut other_pool).unwrap());
        }
        (count == 4).then_some(())
    });
    let mut echo = kept.pop().unwrap();
    echo.copy_from_slice(&udp(there, here, b"ctpio"));
    other_tx.send(echo).unwrap();
    drop(wait_sent(&mut rx, 1));
    wait(&mut done, |event| matches!(event, Event::Received(p) if *p == *udp(there, here, b"ctpio")).then_some(()));

    // Damaged on the wire.
    far.inject(&udp(here, there, b"bad"), Fcs::Bad).unwrap();
    let reason = wait(&mut rx, |event| match event {
        Event::Discarded(packet) => Some(packet.reason()),
        other => panic!("{other:?}"),
    });
    assert_eq!(reason, DiscardReason::Crc);
    expect_quiet(&mut rx);

    // A batch and a poll that are forgotten, and a buffer that outlives everything, dropped on another thread.
    let last = pool.take().unwrap();
    std::mem::forget(tx.stage(udp_buffer(&mut pool, here, there, b"forgotten")).unwrap());
    tx.send(udp_buffer(&mut pool, here, there, b"after it")).unwrap();
    std::mem::forget(done.poll());
    assert_eq!(common::wait_received(&mut rx, 2), [udp(here, there, b"forgotten"), udp(here, there, b"after it")]);
    drop((pool, other_pool));
    drop((vi, other, fabric));
    std::thread::spawn(move || drop(last)).join().unwrap();
}
