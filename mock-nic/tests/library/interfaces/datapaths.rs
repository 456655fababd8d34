//! What a VI's datapath promises beside frames that go and come, kept over an interface of the machine, too.

use super::{IN, OUT, event, is_sanitized, receive, send, socket_options, vi, vi_on};
use crate::common::namespace::{Veth, ip, over_each_wire, over_each_wire_with};
use crate::common::{Domain, Driver, Interface, Packet, Queues, Spec, Vi, again, succeeds};
use efvi_sys::*;
use std::ffi::c_int;
use std::net::SocketAddr;

/// The push hands buffers over: frames that come before the first poll have them.
#[test]
fn buffers_are_there_from_the_push_on() {
    over_each_wire("interfaces::datapaths::buffers_are_there_from_the_push_on", |_| {
        let veth = Veth::new(1500, 1);
        let vi = vi_on(Veth::NEAR, 0, &Spec::local(&IN));
        vi.fill(0..8);
        let socket = veth.socket(9002);
        for number in 0..8 {
            socket.send_to(&[number; 20], SocketAddr::from((Veth::OURS, 9001))).unwrap();
        }
        for number in 0..8 {
            assert_eq!(receive(&vi)[42..62], [number; 20]);
        }
    });
}

/// AF_XDP takes frames away from all others: what several VIs get, multicast, comes to a VI that has AF_XDP as well, and
/// nothing else that it gets or sends is lost for that.
#[test]
fn multicast_goes_to_all_beside_af_xdp() {
    let test = "interfaces::datapaths::multicast_goes_to_all_beside_af_xdp";
    over_each_wire(test, |wire| {
        // Who asks for AF_XDP gets no second VI; who asks for nothing gets it for the first.
        if wire.starts_with("xdp") {
            let mut any = again(test, "any");
            any.env_remove("EFVI_MOCK_WIRE");
            return succeeds(any);
        }
        let veth = Veth::new(1500, 1);
        let group = ([239, 1, 2, 3], 9010);
        let to_group = Spec::local(&Packet { mac: [1, 0, 0x5e, 1, 2, 3], to: group, ..IN });
        let [first, second] = [(); 2].map(|()| Domain::named(Veth::NEAR).vi(Queues::default()).unwrap());
        for vi in [&first, &second] {
            vi.fill(0..64);
            vi.filter(&to_group).unwrap();
        }
        first.filter(&Spec::local(&IN)).unwrap();
        ip("route add 239.0.0.0/8 dev veth1");
        let socket = veth.socket(9002);
        for number in 0..100 {
            socket.send_to(&[number; 20], SocketAddr::from((Veth::OURS, 9001))).unwrap();
            socket.send_to(&[number; 30], SocketAddr::from(group)).unwrap();
            let mut got = [(); 2].map(|()| receive_again(&first));
            got.sort_unstable_by_key(Vec::len);
            assert_eq!((&got[0][42..62], &got[1][42..72]), (&[number; 20][..], &[number; 30][..]));
            assert_eq!(receive_again(&second)[42..72], [number; 30]);
            assert_eq!(first.send(1, &super::OUT.frame(b"and out")), 0);
            let sent = event(&first);
            assert_eq!(first.unbundle(&sent), [1]);
        }
        assert!(first.poll(4).is_empty() && second.poll(4).is_empty(), "each once");
    });
}

/// The next frame; its buffer is posted again.
fn receive_again(vi: &Vi) -> Vec<u8> {
    let event = event(vi);
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
    let id = EF_EVENT_RX_RQ_ID(&event) as usize;
    let frame = vi.frame(&event);
    vi.fill(id..id + 1);
    frame
}

/// What waits in an alternative leaves when that is told to go, not with a later call.
#[test]
fn alternatives_go_at_once() {
    over_each_wire("interfaces::datapaths::alternatives_go_at_once", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi_on(Veth::NEAR, EF_VI_TX_ALT, &Spec::local(&IN));
        assert_eq!((vi.alternatives(1, 1024), vi.stop(0), vi.select(0)), (0, 0, 0));
        assert_eq!(vi.send(1, &super::OUT.frame(b"wait for it")), 0);
        let sent = event(&vi);
        assert_eq!((EF_EVENT_TYPE(&sent), vi.unbundle(&sent)), (EF_EVENT_TYPE_TX, vec![1]));
        assert_eq!(vi.go(0), 0);
        let mut got = [0; 100];
        assert_eq!(socket.recv(&mut got).unwrap(), 11);
        assert_eq!(EF_EVENT_TYPE(&event(&vi)), EF_EVENT_TYPE_TX_ALT);
    });
}

/// The queue and the payload's first byte of the next packet, which is given back.
fn reference(vi: &Vi) -> (c_int, u8) {
    let event = event(vi);
    let frame = vi.referenced(&event);
    vi.release(event.rx_ref().pkt_id);
    (event.rx_ref().q_id as c_int, frame[42])
}

/// Shared receive queues, of X3: an equal filter leads to the same queue, and each VI there gets all that the queue gets,
/// also by filters of others, for as long as there are any.
#[test]
fn vis_share_receive_queues() {
    let test = "interfaces::datapaths::vis_share_receive_queues";
    over_each_wire_with(test, &[("EFVI_MOCK_MODEL", "x3")], |wire| {
        let veth = Veth::new(1500, 1);
        let domain = Domain::named(Veth::NEAR);
        if wire.starts_with("xdp") {
            assert_eq!(domain.vi(Queues::default()).err(), Some(-libc::EOPNOTSUPP), "it has no buffers to write to");
            return;
        }
        let socket = veth.socket(9002);
        let send = |port: u16, text: u8| {
            socket.send_to(&[text; 30], SocketAddr::from((Veth::OURS, port))).unwrap();
        };
        let to = |port: u16| Spec::local(&Packet { to: (Veth::OURS, port), ..IN });
        let [a, b, c] = [(); 3].map(|()| domain.vi(Queues::default()).unwrap());
        let first = a.filter(&to(9001)).unwrap();
        let second = b.filter(&to(9001)).unwrap();
        c.filter(&to(9003)).unwrap();
        send(9001, 1);
        let (queue, _) = reference(&a);
        assert_eq!(reference(&b), (queue, 1), "an equal filter");
        send(9003, 2);
        let (other, text) = reference(&c);
        assert!(other != queue && text == 2, "nobody else's while there are some");

        let third = b.filter(&to(9004).on_queue(queue)).unwrap();
        assert_eq!(c.filter(&to(9004).on_queue(other)).err(), Some(-libc::EEXIST), "it steers elsewhere");
        send(9004, 3);
        assert_eq!([&a, &b].map(|vi| reference(vi)), [(queue, 3); 2], "what the other asked for");
        assert_eq!(b.unfilter(second), 0);
        send(9001, 4);
        assert_eq!([&a, &b].map(|vi| reference(vi)), [(queue, 4); 2], "who is attached stays so");
        assert_eq!(a.unfilter(first), 0);
        send(9001, 5);
        send(9004, 6);
        assert_eq!([&a, &b].map(|vi| reference(vi)), [(queue, 6); 2], "no filter, no frame");
        assert_eq!((b.unfilter(third), a.unfilter(first)), (0, -libc::EINVAL));
        assert!(c.poll(4).is_empty());
    });
}

/// With the kernel polling the driver for it AF_XDP serves, too; in copy mode that changes nothing. It is no matter of packet
/// sockets.
#[test]
fn the_driver_may_be_polled() {
    let test = "interfaces::datapaths::the_driver_may_be_polled";
    over_each_wire_with(test, &[("EFVI_MOCK_BUSY_POLL", "20")], |wire| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi(0);
        for number in 0..20 {
            send(&vi, &OUT.frame(&[number; 20]), number.into());
            let mut got = [0; 100];
            assert_eq!(socket.recv(&mut got).unwrap(), 20);
            socket.send_to(&got[..20], SocketAddr::from((Veth::OURS, 9001))).unwrap();
            assert_eq!(receive(&vi)[42..62], [number; 20]);
        }
        let preferred = socket_options(libc::SOL_SOCKET, libc::SO_PREFER_BUSY_POLL, 0_i32).contains(&1);
        assert_eq!(preferred, wire.starts_with("xdp"));
        let in_place = if wire.starts_with("xdp") && !is_sanitized() { 20 } else { vi.statistic("tx_in_place") };
        assert_eq!(vi.statistic("tx_in_place"), in_place, "{:?}", vi.statistics(false));
    });
}

/// A time that is none is refused, and not taken for another.
#[test]
fn a_bad_time_to_poll_the_driver_is_refused() {
    over_each_wire("interfaces::datapaths::a_bad_time_to_poll_the_driver_is_refused", |_| {
        let _veth = Veth::new(1500, 1);
        let driver = Driver::open();
        for time in ["0", "-1", "1000001", "long", "20us"] {
            // SAFETY: this process runs this test alone.
            unsafe { std::env::set_var("EFVI_MOCK_BUSY_POLL", time) };
            let domain = Domain::open(&driver, &Interface::Name(Veth::NEAR), 0);
            let refused = domain.and_then(|domain| domain.vi(Queues::default()));
            assert_eq!(refused.err(), Some(-libc::EINVAL), "{time}");
        }
    });
}
