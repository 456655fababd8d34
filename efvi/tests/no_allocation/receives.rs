//! Each way to receive.

use efvi::mock::{Fabric, Fcs};
use efvi::{
    Ctpio, CutThrough, Driver, Event, Filter, HeldPacket, PacketPool, PdFlags, ProtectionDomain, Receive, StreamBuffer,
    Transmit, VirtualInterface,
};

use super::common::{self, End, Station, filled, udp, wait};
use super::counting::expect_none;

/// A port on which each model hears itself, with an end and a frame for it.
fn on_each_model(mut run: impl FnMut(&mut End, &[u8], bool)) {
    for (model, flags, by_reference) in common::models() {
        let port = Fabric::of(model).looped().unwrap();
        let mut end = common::end(port.name(), 1, flags, VirtualInterface::builder().ctpio(Ctpio::Poison));
        let frame = udp(end.station, end.station, &[3; 200]);
        end.vi.split().1.fill(&mut end.pool).unwrap();
        run(&mut end, &frame, by_reference);
    }
}

fn send(tx: &mut Transmit<'_>, pool: &mut PacketPool, frame: &[u8]) {
    tx.send_ctpio(filled(pool, frame), CutThrough::After(64)).unwrap();
}

/// Takes a frame, by this, and the completion of its send.
fn take<T>(rx: &mut Receive<'_>, pool: &mut PacketPool, mut each: impl FnMut(Event<'_>) -> T) -> T {
    let (mut sent, mut received) = (false, None);
    wait(rx, |event| {
        match event {
            Event::Sent(done) => {
                pool.put(done.buffer);
                sent = true;
            }
            other => received = Some(each(other)),
        }
        if sent { received.take() } else { None }
    })
}

/// Takes the completion of a send.
fn completed(rx: &mut Receive<'_>, pool: &mut PacketPool) {
    wait(rx, |event| match event {
        Event::Sent(done) => {
            pool.put(done.buffer);
            Some(())
        }
        other => panic!("{other:?}"),
    });
}

fn hold(event: Event<'_>) -> HeldPacket {
    match event {
        Event::Received(packet) => packet.hold().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn packets_held_past_their_poll() {
    on_each_model(|end, frame, by_reference| {
        let (mut tx, mut rx) = end.vi.split();
        let pool = &mut end.pool;
        // Several are out at a time.
        let mut held = [const { None }; 5];
        let mut next = 0;
        expect_none(|| {
            send(&mut tx, pool, frame);
            let packet = take(&mut rx, pool, hold);
            assert_eq!((&packet[..], packet.is_reference()), (frame, by_reference));
            let oldest: Option<HeldPacket> = held[next].replace(packet);
            next = (next + 1) % held.len();
            if let Some(oldest) = oldest {
                if next == 0 {
                    let copy = oldest.into_buffer(pool).unwrap();
                    pool.put(copy);
                } else {
                    drop(oldest);
                }
            }
            rx.fill(pool).unwrap();
        });
    });
}

#[test]
fn frames_that_are_arriving() {
    on_each_model(|end, frame, by_reference| {
        if !by_reference {
            return;
        }
        let (mut tx, mut rx) = end.vi.split();
        let pool = &mut end.pool;
        expect_none(|| {
            send(&mut tx, pool, frame);
            let mut arriving = rx.peek().expect("it arrives");
            assert_eq!(arriving.start()[..], frame[..62]);
            let mut events = loop {
                match arriving.poll() {
                    Ok(events) => break events,
                    Err(not_yet) => arriving = not_yet,
                }
            };
            let Some(Event::Received(packet)) = events.next() else { panic!("the frame") };
            assert_eq!(packet[..], *frame);
            drop(events);
            completed(&mut rx, pool);
        });
    });
}

#[test]
fn polls_for_received_frames_alone() {
    on_each_model(|end, frame, _| {
        let (mut tx, mut rx) = end.vi.split();
        let pool = &mut end.pool;
        expect_none(|| {
            send(&mut tx, pool, frame);
            let (mut sent, mut received) = (false, false);
            while !received {
                let mut events = rx.poll_received();
                while let Some(event) = events.next() {
                    match event {
                        Event::Received(packet) => received = packet[..] == *frame,
                        Event::Sent(done) => {
                            pool.put(done.buffer);
                            sent = true;
                        }
                        other => panic!("{other:?}"),
                    }
                }
            }
            if !sent {
                completed(&mut rx, pool);
            }
        });
    });
}

#[test]
fn merged_events() {
    let builder = VirtualInterface::builder().merge_events(true);
    let (mut a, mut b) = common::pair(builder);
    let frame = udp(a.station, b.station, &[1; 60]);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, their_pool) = b.start();
    expect_none(|| {
        for _ in 0..5 {
            tx.send(filled(pool, &frame)).unwrap();
        }
        let mut received = 0;
        wait(&mut rx, |event| {
            let Event::Received(packet) = event else { panic!("{event:?}") };
            assert_eq!(packet[..], frame);
            received += 1;
            if received % 2 == 0 {
                let kept = packet.keep(their_pool).unwrap();
                their_pool.put(kept);
            }
            (received == 5).then_some(())
        });
        rx.fill(their_pool).unwrap();
        let mut sent = 0;
        wait(&mut completions, |event| {
            let Event::Sent(done) = event else { panic!("{event:?}") };
            pool.put(done.buffer);
            sent += 1;
            (sent == 5).then_some(())
        });
    });
}

#[test]
fn a_packed_stream() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let driver = Driver::open().unwrap();
    let domain = ProtectionDomain::builder().flags(PdFlags::PACKED_STREAM).open(&driver, port.name()).unwrap();
    let mut pool = PacketPool::builder().buffers(8).build(&domain).unwrap();
    let mut vi = VirtualInterface::builder().packed_stream(StreamBuffer::Kib64, 16).build(&domain).unwrap();
    let station = Station { mac: vi.mac().unwrap(), address: common::address(1, 7000) };
    vi.filter_add(&Filter::udp_local(station.address)).unwrap();
    let frame = udp(station, station, &[9; 700]);
    let (_, mut rx) = vi.split();
    // Through all buffers, several times.
    expect_none(|| {
        for _ in 0..7 {
            port.inject(&frame, Fcs::Good).unwrap();
        }
        let mut received = 0;
        wait(&mut rx, |event| {
            let Event::Packed(packets) = event else { panic!("{event:?}") };
            for packet in packets {
                assert_eq!(packet.frame(), frame);
                let copy = packet.copy(&mut pool).unwrap();
                pool.put(copy);
                received += 1;
            }
            (received == 7).then_some(())
        });
    });
}
