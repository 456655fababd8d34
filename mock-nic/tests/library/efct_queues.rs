//! Shared receive queues on X3: filters steer to a queue, and whoever is attached to it gets what it gets.

use crate::common::{Domain, Packet, Packet6, Part, Queues, Spec, Vi};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs, Model};
use std::rc::Rc;

const OTHER: Packet = Packet { to: ([192, 0, 2, 2], 10), ..Packet::UDP };

fn port() -> FabricPort {
    Fabric::of(Model::X3).looped().unwrap()
}

fn vi(port: &FabricPort) -> Rc<Vi> {
    Domain::on(port).vi(Queues::default()).unwrap()
}

fn exclusive(mut spec: Spec) -> Spec {
    spec.set_flags(EF_FILTER_FLAG_EXCLUSIVE_RXQ);
    spec
}

/// Injects the packet's frame, and gives what each VI got, and from which queue.
fn got(port: &FabricPort, packet: &Packet, vis: &[&Vi]) -> Vec<Vec<u32>> {
    let frame = packet.sized(100, 0);
    port.inject(&frame, Fcs::Good).unwrap();
    let take = |vi: &&Vi| {
        let take = |event: &ef_event| {
            assert_eq!(vi.referenced(event), frame);
            vi.release(event.rx_ref().pkt_id);
            event.rx_ref().q_id
        };
        vi.drain().iter().map(take).collect()
    };
    vis.iter().map(take).collect()
}

/// The driver chooses a queue that nobody uses, and another filter of the VI goes to the same.
#[test]
fn each_vi_has_a_queue_while_there_are_enough() {
    let port = port();
    let (a, b) = (vi(&port), vi(&port));
    a.filter(&Spec::udp()).unwrap();
    b.filter(&Spec::local(&OTHER)).unwrap();
    a.filter(&Spec::all_multicast()).unwrap();
    assert_eq!(got(&port, &Packet::UDP, &[&a, &b]), [vec![1], vec![]]);
    assert_eq!(got(&port, &OTHER, &[&a, &b]), [vec![], vec![2]]);
    assert_eq!(got(&port, &Packet::MULTICAST, &[&a, &b]), [vec![1], vec![]]);
}

/// An equal filter leads to the same queue, unicast or multicast: each VI gets a reference of its own.
#[test]
fn vis_with_equal_filters_share_a_queue() {
    for packet in [Packet::UDP, Packet::MULTICAST] {
        let port = port();
        let (a, b) = (vi(&port), vi(&port));
        a.filter(&Spec::local(&packet)).unwrap();
        b.filter(&Spec::local(&packet)).unwrap();
        assert_eq!(got(&port, &packet, &[&a, &b]), [[1], [1]]);
        b.free();
        assert_eq!(got(&port, &packet, &[&a]), [[1]]);
    }
}

/// On a shared queue a VI gets what others' filters ask for: it has to look at what it gets.
#[test]
fn a_queue_gives_all_that_it_gets_to_all_that_are_attached() {
    let port = port();
    let (a, b) = (vi(&port), vi(&port));
    a.filter(&Spec::udp().on_queue(5)).unwrap();
    b.filter(&Spec::local(&OTHER).on_queue(5)).unwrap();
    assert_eq!(got(&port, &Packet::UDP, &[&a, &b]), [[5], [5]]);
    assert_eq!(got(&port, &OTHER, &[&a, &b]), [[5], [5]]);
    // Who holds all his packets loses his own frames, not the other's.
    let held = if cfg!(miri) { 16 } else { 1024 } - 2;
    for _ in 0..held {
        port.inject(&OTHER.sized(100, 0), Fcs::Good).unwrap();
        assert_eq!(a.poll(1).len(), 1);
        b.release(b.poll(1)[0].rx_ref().pkt_id);
    }
    assert_eq!(got(&port, &OTHER, &[&a, &b]), [vec![], vec![5]]);
    assert_eq!(port.counters().rx_no_descriptor, 1);
}

/// An event has the number of the filter that steered the packet, as `ef_vi_filter_query` gives it, whosever filter it is;
/// so has that of a discard.
#[test]
fn events_say_which_filter_it_was() {
    let port = port();
    let (a, b) = (vi(&port), vi(&port));
    let add = |vi: &Vi, packet: &Packet| {
        let cookie = vi.filter(&Spec::local(packet).on_queue(5)).unwrap();
        (cookie, vi.query(&cookie).unwrap().1)
    };
    let told = |frame: &[u8]| {
        port.inject(frame, Fcs::Good).unwrap();
        [&a, &b].map(|vi| {
            let event = vi.drain()[0];
            vi.release(event.rx_ref().pkt_id);
            match EF_EVENT_TYPE(&event) {
                EF_EVENT_TYPE_RX_REF_DISCARD => event.rx_ref_discard().filter_id,
                _ => event.rx_ref().filter_id,
            }
        })
    };
    let (unused, _) = add(&a, &Packet::TCP);
    let (_, udp) = add(&a, &Packet::UDP);
    let (removed, other) = add(&b, &OTHER);
    assert_ne!(udp, other);
    assert_eq!(told(&Packet::UDP.sized(100, 0)), [udp; 2]);
    assert_eq!(told(&OTHER.sized(100, 0)), [other; 2], "another VI's");
    let mut broken = Packet::UDP.sized(100, 0);
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(told(&broken), [udp; 2], "a discard");
    assert_eq!((a.unfilter(unused), b.unfilter(removed)), (0, 0));
    assert_eq!(told(&Packet::UDP.sized(100, 0)), [udp; 2], "the only one that is left");
}

#[test]
fn a_queue_can_be_named() {
    let port = port();
    let (a, b) = (vi(&port), vi(&port));
    a.filter(&Spec::udp().on_queue(3)).unwrap();
    a.filter(&Spec::local(&OTHER).on_queue(0)).unwrap();
    assert_eq!(got(&port, &Packet::UDP, &[&a]), [[3]]);
    assert_eq!(got(&port, &OTHER, &[&a]), [[0]]);
    assert_eq!(b.filter(&Spec::udp().on_queue(4)).err(), Some(-libc::EEXIST), "the filter leads to another");
    assert_eq!(b.filter(&Spec::udp().on_queue(99)).err(), Some(-libc::EINVAL));
    let (x2, mut spec) = (Fabric::new().looped().unwrap(), Spec::udp());
    assert_eq!(spec.set_queue(-1, 0), -libc::EINVAL);
    assert_eq!(spec.set_queue(1, 1), -libc::EINVAL, "no flag is known");
    let x2 = vi(&x2);
    assert_eq!(x2.filter(&Spec::udp().on_queue(1)).err(), Some(-libc::EOPNOTSUPP), "an X2 has no such queues");
}

/// A VI attaches to eight queues at most.
#[test]
fn a_vi_has_so_many_queues() {
    let port = port();
    let a = vi(&port);
    let to = |queue: u16| Packet { to: ([10, 0, 0, 1], queue), ..OTHER };
    let filter = |queue: u16| a.filter(&Spec::local(&to(queue)).on_queue(queue.into())).map(|_| ());
    // Under Miri a port has no more places.
    let most = if cfg!(miri) { 4 } else { 8 };
    for queue in 0..most {
        filter(queue).unwrap();
    }
    assert!(cfg!(miri) || filter(most) == Err(-libc::ENOSPC));
    for queue in 0..most {
        assert_eq!(got(&port, &to(queue), &[&a]), [[u32::from(queue)]]);
    }
}

/// A queue of one's own: nobody else attaches to it, and it is not had where others are.
#[test]
fn an_exclusive_queue_is_its_domains() {
    let port = port();
    let (a, b) = (vi(&port), vi(&port));
    let own = a.filter(&exclusive(Spec::udp().on_queue(3))).unwrap();
    b.filter(&Spec::local(&OTHER).on_queue(4)).unwrap();
    let refused = Some(-libc::EPERM);
    assert_eq!(b.filter(&Spec::local(&Packet::MULTICAST).on_queue(3)).err(), refused);
    assert_eq!(b.filter(&Spec::udp()).err(), refused, "its filter leads there");
    assert_eq!(a.filter(&exclusive(Spec::local(&Packet::MULTICAST).on_queue(4))).err(), refused);
    assert_eq!(a.filter(&exclusive(Spec::full(&Packet::TCP))).err(), refused, "more than it asks for would come");
    assert_eq!(a.filter(&exclusive(Spec::local(&Packet::MULTICAST))).map(|_| ()), Ok(()));
    assert_eq!(got(&port, &Packet::UDP, &[&a, &b]), [vec![3], vec![]]);
    assert_eq!(got(&port, &Packet::MULTICAST, &[&a, &b]), [vec![3], vec![]]);
    // Without its filters the queue is anybody's.
    assert_eq!(a.unfilter(own), 0);
    assert_eq!(b.filter(&Spec::udp().on_queue(3)).err(), refused);
    a.free();
    b.filter(&Spec::udp().on_queue(3)).unwrap();
    assert_eq!(got(&port, &Packet::UDP, &[&b]), [[3]]);
}

/// The same for all filters of a VI with the flag.
#[test]
fn a_vi_can_ask_for_exclusive_queues() {
    let port = port();
    let a = Domain::on(&port).vi(Queues { flags: EF_VI_RX_EXCLUSIVE, ..Queues::default() }).unwrap();
    let b = vi(&port);
    a.filter(&Spec::udp()).unwrap();
    assert_eq!(b.filter(&Spec::udp()).err(), Some(-libc::EPERM));
}

/// The adapter has no filters on both ends: it steers by the near one, and more comes than was asked for.
#[test]
fn a_filter_on_both_ends_lets_more_through() {
    let port = port();
    let a = vi(&port);
    let cookie = a.filter(&Spec::full(&Packet::UDP)).unwrap();
    let stranger = Packet { from: ([10, 9, 8, 7], 6), ..Packet::UDP };
    assert_eq!(got(&port, &stranger, &[&a]), [[1]]);
    assert_eq!(a.unfilter(cookie), 0);
    assert_eq!(a.unfilter(cookie), -libc::EINVAL, "gone");
    assert!(port.inject(&stranger.sized(100, 0), Fcs::Good).is_err());
}

/// A filter's queue can be asked for.
#[test]
fn a_filter_tells_its_queue() {
    let port = port();
    let (a, b) = (vi(&port), vi(&port));
    let (one, other) = (a.filter(&Spec::udp().on_queue(3)).unwrap(), a.filter(&Spec::local(&OTHER)).unwrap());
    let known = u64::from(EF_FILTER_FIELD_ID | EF_FILTER_FIELD_QUEUE);
    let (fields, id, queue) = a.query(&one).unwrap();
    assert_eq!((fields, queue), (known, 3));
    let (fields, another, queue) = a.query(&other).unwrap();
    assert_eq!((fields, queue), (known, 3), "the VI's own");
    assert_ne!(id, another);
    assert_eq!(b.query(&one), Err(-libc::EINVAL), "another's");
}

/// The adapter has fewer kinds of filters than an X2; the others are refused.
#[test]
fn there_are_filters_that_it_has_not() {
    let port = port();
    let a = vi(&port);
    for part in [Part::Local6(Packet6::UDP), Part::AllUnicast, Part::Sniff(true), Part::Ethertype(0x0806)] {
        assert_eq!(a.filter(&Spec::of(&[part])).err(), Some(-libc::EPROTONOSUPPORT), "{part:?}");
    }
    let tagged = Spec::of(&[Part::Local(Packet::UDP), Part::Vlan(5)]);
    assert_eq!(a.filter(&tagged).err(), Some(-libc::EPROTONOSUPPORT));
    let station = [Part::Ethernet([2, 0, 0, 0, 0, 2], 5)];
    assert_eq!(a.filter(&Spec::of(&station)).map(|_| ()), Ok(()));
}

#[test]
fn a_vi_without_a_receive_ring_has_no_filters() {
    let port = port();
    let a = Domain::on(&port).vi(Queues { receive: 0, ..Queues::default() }).unwrap();
    assert_eq!(a.filter(&Spec::udp()).err(), Some(-libc::EINVAL));
    assert_eq!(a.send(1, &[2; 60]), 0);
    assert_eq!(a.sent(), [1]);
}

/// The queue at which a packet was seen is polled, and no other.
#[test]
fn a_future_poll_is_of_one_queue() {
    let port = port();
    let a = vi(&port);
    a.filter(&Spec::udp().on_queue(3)).unwrap();
    a.filter(&Spec::local(&OTHER).on_queue(7)).unwrap();
    port.inject(&OTHER.sized(100, 0), Fcs::Good).unwrap();
    assert!(a.peek().is_some());
    port.inject(&Packet::UDP.sized(100, 0), Fcs::Good).unwrap();
    a.send(1, &[2; 60]);
    let events = a.future_poll();
    assert_eq!(events.iter().map(|event| event.rx_ref().q_id).collect::<Vec<_>>(), [7]);
    assert!(a.future_poll().is_empty());
    assert_eq!(a.drain().len(), 2);
}
