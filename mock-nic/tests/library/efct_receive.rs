//! Receive on X3: references to packets in buffers that the adapter's driver owns.

use crate::common::efct::{MODELS, domain, receiving};
use crate::common::{Domain, Packet, Queues, Spec, Vi};
#[cfg(onload_since = "9.0.1")]
use crate::common::{Driver, Interface, release};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs, Model};

/// Packets of a superbuffer, of which a VI with a default receive ring has two.
const SUPERBUFFER: usize = if cfg!(miri) { 8 } else { 512 };

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

fn inject(port: &FabricPort, frame: &[u8]) {
    port.inject(frame, Fcs::Good).unwrap();
}

/// Injects a frame, and gives its event.
fn arrive(port: &FabricPort, vi: &Vi, frame: &[u8]) -> Option<ef_event> {
    inject(port, frame);
    let events = vi.poll(4);
    assert!(events.len() <= 1);
    events.first().copied()
}

#[test]
fn a_packet_is_a_reference_until_it_is_released() {
    let (port, vi) = receiving();
    let events: Vec<_> = (0..3).filter_map(|i| arrive(&port, &vi, &frame(i))).collect();
    let ids: Vec<_> = events.iter().map(|event| event.rx_ref().pkt_id).collect();
    for (i, event) in events.iter().enumerate() {
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX_REF);
        assert_eq!(vi.referenced(event), frame(i), "all are held");
    }
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    ids.iter().for_each(|id| vi.release(*id));
    assert_eq!(vi.packet(0xffff_ffff, 1), None, "no packet's id");
    assert_eq!(port.counters().rx_frames, 3);
}

#[test]
fn nothing_stands_before_a_frame_and_nothing_is_posted() {
    let (_port, vi) = receiving();
    assert_eq!((vi.prefix_len(), vi.buffer_len()), (0, 0));
    assert_eq!(vi.layout(), [(EF_VI_LAYOUT_FRAME, 0)]);
    assert_eq!(vi.receive_init(vi.buffer(0), 1), -libc::ENOSYS);
    assert_eq!(vi.receive_post(vi.buffer(0), 1), -libc::ENOSYS);
    vi.receive_push();
    assert_eq!(vi.receive_ring(), (511, 0, 511));
    assert_eq!(vi.flush(), 0);
    assert_eq!(vi.mtu(), 1514);
}

#[test]
fn a_discard_is_a_reference_too_and_says_why() {
    let (port, vi) = receiving();
    let discard = |frame: &[u8], fcs| {
        port.inject(frame, fcs).unwrap();
        let event = vi.poll(2)[0];
        assert_eq!(vi.referenced(&event), frame, "its data is there");
        vi.release(event.rx_ref().pkt_id);
        (EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_RX_REF_DISCARD).then(|| event.rx_ref_discard().flags)
    };
    let bad = |at: usize| {
        let mut bad = frame(0);
        bad[at] ^= 1;
        bad
    };
    let (network, transport) = (bad(Packet::UDP.ip_checksum_at()), bad(Packet::UDP.transport_checksum_at()));
    assert_eq!(discard(&frame(0), Fcs::Good), None);
    assert_eq!(discard(&frame(0), Fcs::Bad), Some(EF_VI_DISCARD_RX_ETH_FCS_ERR));
    assert_eq!(discard(&network, Fcs::Good), Some(EF_VI_DISCARD_RX_L3_CSUM_ERR));
    assert_eq!(discard(&transport, Fcs::Good), Some(EF_VI_DISCARD_RX_L4_CSUM_ERR));
    assert_eq!(port.counters().rx_discards, 3);
    let all = u64::from(
        EF_VI_DISCARD_RX_ETH_FCS_ERR
            | EF_VI_DISCARD_RX_ETH_LEN_ERR
            | EF_VI_DISCARD_RX_L3_CSUM_ERR
            | EF_VI_DISCARD_RX_L4_CSUM_ERR,
    );
    assert_eq!(vi.discards(), all, "the default");
    assert_eq!(vi.set_discards(EF_VI_DISCARD_RX_L3_CSUM_ERR | EF_VI_DISCARD_RX_TOBE_DISC), 0);
    assert_eq!(vi.discards(), EF_VI_DISCARD_RX_L3_CSUM_ERR.into(), "what the adapter can't tell is not kept");
    assert_eq!(discard(&frame(0), Fcs::Bad), None);
    assert_eq!(discard(&transport, Fcs::Good), None);
    assert_eq!(discard(&network, Fcs::Good), Some(EF_VI_DISCARD_RX_L3_CSUM_ERR));
}

/// Holding one packet keeps its superbuffer; when all are kept, frames are lost, until one is given back whole.
#[test]
fn frames_are_lost_while_all_superbuffers_are_held() {
    let (port, vi) = receiving();
    let mut held = Vec::new();
    for number in 0..2 * SUPERBUFFER {
        let event = arrive(&port, &vi, &frame(number)).unwrap();
        if number == 5 || number == SUPERBUFFER {
            held.push(event);
        } else {
            vi.release(event.rx_ref().pkt_id);
        }
    }
    for number in 0..3 {
        assert!(arrive(&port, &vi, &frame(number)).is_none());
    }
    assert_eq!(port.counters().rx_no_descriptor, 3);
    assert_eq!(vi.referenced(&held[0]), frame(5), "what is held is not written to");
    vi.release(held[1].rx_ref().pkt_id);
    for number in 0..3 * SUPERBUFFER {
        let event = arrive(&port, &vi, &frame(number)).unwrap();
        assert_eq!(vi.referenced(&event), frame(number));
        vi.release(event.rx_ref().pkt_id);
    }
    assert_eq!(vi.referenced(&held[0]), frame(5), "still");
    assert_eq!(port.counters().rx_no_descriptor, 3);
}

/// A larger receive ring has more superbuffers.
#[test]
fn the_ring_size_says_how_many_packets_can_be_held() {
    let port = Fabric::of(Model::X3).looped().unwrap();
    let vi = Domain::on(&port).vi(Queues { receive: 2048, ..Queues::default() }).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    assert_eq!(vi.receive_ring().0, 2047);
    for number in 0..4 * SUPERBUFFER {
        assert!(arrive(&port, &vi, &frame(number)).is_some());
    }
    assert!(arrive(&port, &vi, &frame(0)).is_none());
}

/// The time is in the packet, with or without the VI's flag, and needs no other event.
#[test]
fn a_packet_keeps_its_time_while_it_is_held() {
    let (port, vi) = receiving();
    let first = arrive(&port, &vi, &frame(0)).unwrap().rx_ref().pkt_id;
    let time = vi.packet_time(first).unwrap();
    assert_eq!(time.flags, EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC);
    let mut last = (time.seconds, time.nanoseconds);
    for number in 0..20 {
        let id = arrive(&port, &vi, &frame(number)).unwrap().rx_ref().pkt_id;
        let time = vi.packet_time(id).unwrap();
        assert!((time.seconds, time.nanoseconds) >= last);
        last = (time.seconds, time.nanoseconds);
        vi.release(id);
    }
    let again = vi.packet_time(first).unwrap();
    assert_eq!((again.seconds, again.nanoseconds), (time.seconds, time.nanoseconds));
}

/// An ordinary frame can be seen before it is polled, at the place where it is received.
#[test]
fn a_frame_is_seen_before_its_event() {
    let (port, vi) = receiving();
    assert_eq!(vi.peek(), None);
    for number in 0..SUPERBUFFER + 2 {
        let sent = frame(number);
        inject(&port, &sent);
        assert_eq!(vi.peek().unwrap(), sent[..60]);
        let address = vi.peek_address();
        let event = vi.future_poll()[0];
        let id = event.rx_ref().pkt_id;
        assert_eq!((vi.packet_address(id), vi.referenced(&event)), (address, sent));
        vi.release(id);
        assert_eq!(vi.peek(), None);
    }
    inject(&port, &frame(1));
    assert!(vi.peek().is_some());
    assert_eq!(vi.references(), [frame(1)], "an ordinary poll gives it, too");
}

/// While a packet arrives its start can be seen, and no more; its event comes when it is whole.
#[test]
fn a_frame_that_is_arriving_shows_its_start_only() {
    let (port, vi) = receiving();
    let sent = frame(3);
    let (start, rest) = sent.split_at(62);
    let arriving = port.begin(start).unwrap();
    assert_eq!(vi.peek().unwrap(), sent[..60]);
    assert!(vi.future_poll().is_empty() && vi.poll(4).is_empty() && !vi.has_event());
    // What comes from elsewhere meanwhile is behind it.
    inject(&port, &frame(4));
    assert!(vi.future_poll().is_empty() && vi.poll(4).is_empty());
    assert_eq!(vi.peek().unwrap(), sent[..60]);
    arriving.finish(rest, Fcs::Good).unwrap();
    assert_eq!(vi.references(), [sent, frame(4)]);
}

/// Work done on a packet's start may have to be undone.
#[test]
fn a_frame_that_was_seen_may_be_a_discard() {
    let (port, vi) = receiving();
    let sent = frame(3);
    let (start, rest) = sent.split_at(80);
    for broken in [true, false] {
        let arriving = port.begin(start).unwrap();
        assert!(vi.peek().is_some());
        if broken {
            drop(arriving);
        } else {
            arriving.finish(rest, Fcs::Bad).unwrap();
        }
        let events = vi.future_poll();
        assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_RX_REF_DISCARD);
        assert_eq!(vi.referenced(&events[0]), if broken { start } else { &sent });
        assert_ne!(events[0].rx_ref_discard().flags & EF_VI_DISCARD_RX_ETH_FCS_ERR, 0);
    }
    assert_eq!(port.begin(&sent[..61]).err().map(|e| e.0), Some(libc::EINVAL), "fewer than may be read");
    assert_eq!(port.begin(&[0; 62]).err().map(|e| e.0), Some(libc::ENOENT), "nobody's");
}

/// Who does not look for the start gets a frame when it is whole, whatever came meanwhile.
#[test]
fn a_frame_that_nobody_peeked_at_comes_when_it_is_whole() {
    let (port, vi) = receiving();
    let sent = frame(3);
    let arriving = port.begin(&sent[..70]).unwrap();
    assert!(vi.poll(4).is_empty());
    inject(&port, &frame(4));
    assert_eq!(vi.references(), [frame(4)]);
    arriving.finish(&sent[70..], Fcs::Good).unwrap();
    assert_eq!(vi.references(), [sent]);
}

#[test]
fn events_wait_to_be_polled() {
    let (port, vi) = receiving();
    assert!(!vi.has_event());
    inject(&port, &frame(0));
    assert!(vi.has_event());
    assert!(!vi.has_many_events(1), "received packets are not in the event queue");
    assert_eq!(vi.references(), [frame(0)]);
    assert!(!vi.has_event());
    vi.send(1, &[2; 60]);
    vi.send(2, &[2; 60]);
    assert!(vi.has_event() && vi.has_many_events(2) && !vi.has_many_events(3));
    assert_eq!(vi.sent(), [1, 2]);
}

/// A poll for received packets alone leaves the rest.
#[cfg(onload_since = "9.0.2")]
#[test]
fn received_packets_can_be_polled_for_alone() {
    let (port, vi) = receiving();
    vi.send(1, &[2; 60]);
    inject(&port, &frame(0));
    let mut events = [ef_event::default(); 4];
    // SAFETY: an allocated VI, and room for four events.
    let poll = |events: &mut [ef_event; 4]| unsafe { ef_receive_poll(vi.raw, events.as_mut_ptr(), 4) };
    assert_eq!(poll(&mut events), 1);
    assert_eq!(vi.referenced(&events[0]), frame(0));
    assert_eq!(poll(&mut events), 0);
    assert_eq!(vi.sent(), [1]);
    assert_eq!(vi.domain.capability(EF_VI_CAP_RX_POLL), Ok(1));
}

/// A packet of a superbuffer has room for frames of 1982 bytes, headers and a VLAN tag among them: a port with a larger
/// MTU could not keep what it promises. An X4 has another datapath for those.
#[test]
fn an_mtu_is_refused_for_which_a_packet_of_a_superbuffer_has_no_room() {
    const MOST: usize = 1964;
    for &model in MODELS {
        let port = Fabric::of(model).with_mtu(MOST).looped().unwrap();
        let vi = domain(&port, model).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        let frame = Packet::UDP.sized(MOST + 18, 0);
        assert_eq!(vi.send(0, &frame), 0);
        let events = vi.drain();
        let received = events.iter().find(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX_REF).unwrap();
        assert_eq!(vi.referenced(received), frame, "{model:?}");
    }
    assert_eq!(Fabric::of(Model::X3).with_mtu(MOST + 1).looped().err().unwrap().0, libc::EINVAL);
    #[cfg(onload_since = "9.0.1")]
    {
        let port = Fabric::of(Model::X4).with_mtu(MOST + 1).looped().unwrap();
        let domain = |flags| Domain::open(&Driver::open(), &Interface::Name(port.name()), flags);
        assert_eq!(domain(release::EXPRESS).err(), Some(-libc::EINVAL));
        assert!(domain(EF_PD_DEFAULT).is_ok());
    }
}

/// Freeing a VI takes all with it; what it held is no hindrance.
#[test]
fn a_vi_is_freed_with_packets_held() {
    let (port, vi) = receiving();
    for number in 0..10 {
        arrive(&port, &vi, &frame(number)).unwrap();
    }
    assert_eq!(vi.free(), 0);
    assert_eq!(port.inject(&frame(0), Fcs::Good).unwrap_err().0, libc::ENOENT, "its filter has gone");
    assert_eq!(port.counters().rx_frames, 10);
}

/// A receiver that is behind gets as many as its array has room for.
#[test]
fn a_poll_fills_the_array() {
    let (port, vi) = receiving();
    for number in 0..7 {
        inject(&port, &frame(number));
    }
    let polls: Vec<_> = (0..4).map(|_| vi.poll(3)).collect();
    assert_eq!(polls.iter().map(Vec::len).collect::<Vec<_>>(), [1, 3, 3, 0]);
    let received = polls.iter().flatten().map(|event| vi.referenced(event));
    assert_eq!(received.collect::<Vec<_>>(), (0..7).map(frame).collect::<Vec<_>>());
}
