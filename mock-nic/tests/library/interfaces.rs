//! Interfaces of the machine as the wire: a VI at one end of a veth pair, the kernel at the other.
//!
//! Each test runs in a network namespace of its own, once by packet sockets and once by AF_XDP.

mod changes;
mod datapaths;
mod gone;
mod memory;
mod privileges;
mod slow;
mod tap;
mod withdrawal;

use crate::common::namespace::{PATIENCE, Veth, ip, over_each_wire, wait_for};
use crate::common::{Domain, Driver, Interface, Packet, Part, Queues, Spec, Stream, Vi, again, readable, role};
use efvi_sys::*;
use std::rc::Rc;

/// What a VI sends to the kernel.
const OUT: Packet =
    Packet { mac: Veth::FAR_MAC, vlan: None, protocol: 17, from: (Veth::OURS, 9001), to: (Veth::KERNELS, 9002) };
/// What the kernel sends to a VI.
const IN: Packet = Packet { mac: Veth::NEAR_MAC, from: OUT.to, to: OUT.from, ..OUT };

fn vi_on(interface: &str, flags: ef_vi_flags, filter: &Spec) -> Rc<Vi> {
    let vi = Domain::named(interface).vi(Queues { flags, ..Queues::default() }).unwrap();
    vi.filter(filter).unwrap();
    vi
}

fn vi(flags: ef_vi_flags) -> Rc<Vi> {
    let vi = vi_on(Veth::NEAR, flags, &Spec::local(&IN));
    vi.fill(0..64);
    vi
}

/// The next event of a VI's.
fn event(vi: &Vi) -> ef_event {
    wait_for("an event", || vi.poll(1).pop())
}

/// The next frame, of one buffer; not a discard: its checksums are right.
fn receive(vi: &Vi) -> Vec<u8> {
    let event = event(vi);
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
    vi.frame(&event)
}

/// Sends a frame and waits until it is done with.
fn send(vi: &Vi, frame: &[u8], id: usize) {
    assert_eq!(vi.send(id, frame), 0);
    let event = event(vi);
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_TX, "{event:?}");
    assert_eq!(vi.unbundle(&event), [id as i32]);
}

/// Whether the sum of a UDP datagram over IPv4 says that its checksum stands in it.
fn is_sum_right(frame: &[u8], ip: usize) -> bool {
    let length = usize::from(u16::from_be_bytes([frame[ip + 24], frame[ip + 25]]));
    let mut bytes =
        [&frame[ip + 12..ip + 20], &[0, 17], &(length as u16).to_be_bytes(), &frame[ip + 20..ip + 20 + length]]
            .concat();
    bytes.push(0);
    let sum: u32 = bytes.chunks_exact(2).map(|word| u32::from(u16::from_be_bytes([word[0], word[1]]))).sum();
    (sum & 0xffff) + (sum >> 16) == 0xffff || (sum >> 16) + (sum & 0xffff) == 0x1_fffe
}

fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + length) as u8).collect()
}

#[test]
fn a_port_has_its_interfaces_address_and_mtu() {
    over_each_wire("interfaces::a_port_has_its_interfaces_address_and_mtu", |_| {
        let _veth = Veth::new(4000, 1);
        let vi = vi_on(Veth::NEAR, 0, &Spec::local(&IN));
        assert_eq!((vi.mac(), vi.mtu()), (Veth::NEAR_MAC, 4014));
    });
}

/// A socket of the kernel's and a VI understand each other: the adapter fills in checksums that the kernel accepts, and
/// what the kernel leaves to an adapter is filled in on arrival.
#[test]
fn datagrams_go_both_ways() {
    over_each_wire("interfaces::datagrams_go_both_ways", |wire| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        socket.connect((std::net::Ipv4Addr::from(Veth::OURS), 9001)).unwrap();
        for flags in [0, EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS, EF_VI_RX_EVENT_MERGE] {
            let vi = vi(flags & EF_VI_RX_TIMESTAMPS);
            for length in [0, 1, 17, 18, 22, 333, 1472] {
                let sent = payload(length);
                socket.send(&sent).unwrap();
                let frame = receive(&vi);
                assert_eq!(frame.len(), (42 + length).max(60));
                assert_eq!(frame[42..42 + length], sent);
                assert!(is_sum_right(&frame, 14), "{length}");

                let mut frame = OUT.frame(&sent);
                let sum = OUT.transport_checksum_at();
                // The adapter fills it in.
                frame[sum..sum + 2].fill(0x5a);
                send(&vi, &frame, length);
                let mut got = [0; 2000];
                let count = socket.recv(&mut got).unwrap();
                assert_eq!(got[..count], sent);
            }
            let in_place = wire.starts_with("xdp") && (!is_sanitized() || vi.statistic("rx_in_place") > 0);
            let (ways, others) = if in_place {
                (["rx_in_place", "tx_in_place"], ["rx_copied"; 2])
            } else {
                (["rx_copied", "tx_copied"], ["rx_in_place", "tx_in_place"])
            };
            assert!(ways.iter().all(|way| vi.statistic(way) > 0), "{:?}", vi.statistics(false));
            assert!(others.iter().all(|way| vi.statistic(way) == 0), "{:?}", vi.statistics(false));
        }
    });
}

/// A VI may send before it has buffers to receive into, or while it has none.
#[test]
fn a_vi_may_send_before_it_posts() {
    over_each_wire("interfaces::a_vi_may_send_before_it_posts", |wire| {
        let veth = Veth::new(1500, 2);
        let socket = veth.socket(9002);
        for flags in [0, EF_VI_RX_TIMESTAMPS, EF_VI_RX_EVENT_MERGE, EF_VI_TX_CTPIO] {
            let vi = vi_on(Veth::NEAR, flags, &Spec::local(&IN));
            match flags {
                EF_VI_TX_CTPIO => assert_eq!(vi.send_ctpio(1, &OUT.frame(b"first"), EF_VI_CTPIO_CT_THRESHOLD_SNF), 0),
                _ => assert_eq!(vi.send(1, &OUT.frame(b"first")), 0),
            }
            assert_eq!(vi.unbundle(&event(&vi)), [1]);
            let mut got = [0; 100];
            assert_eq!(socket.recv(&mut got).unwrap(), 5);
            for id in 0..200_usize {
                vi.fill(id..id + 1);
                vi.poll(1);
                // Descriptors are taken in eights.
                if id % 8 == 7 {
                    socket.send_to(b"then", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
                    let event = event(&vi);
                    let buffer = match EF_EVENT_TYPE(&event) {
                        EF_EVENT_TYPE_RX_MULTI => vi.unbundle_receive(&event)[0],
                        EF_EVENT_TYPE_RX => EF_EVENT_RX_RQ_ID(&event) as usize,
                        other => panic!("{other}"),
                    };
                    assert_eq!(vi.memory.read(buffer * Vi::BUFFER + vi.prefix_len() + 42, 4), b"then");
                }
            }
            // By CTPIO nothing is known of the memory.
            let known = wire.starts_with("xdp") && flags != EF_VI_TX_CTPIO;
            let in_place = known && (!is_sanitized() || vi.statistic("rx_in_place") > 0);
            assert_eq!(vi.statistic("rx_in_place"), if in_place { 25 } else { 0 }, "{:?}", vi.statistics(false));
        }
    });
}

/// Packets of a stream are copied, whichever way they come.
#[test]
fn packed_streams_are_received() {
    over_each_wire("interfaces::packed_streams_are_received", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let open = |flags| Domain::open(&Driver::open(), &Interface::Name(Veth::NEAR), flags);
        let mut stream = Stream::new(&open(EF_PD_RX_PACKED_STREAM).unwrap(), EF_VI_RX_PS_BUF_SIZE_64K, 16);
        stream.vi.filter(&Spec::local(&IN)).unwrap();
        (0..16).for_each(|buffer| stream.post(buffer));
        // The first poll hands the buffers over.
        assert!(stream.poll(1).is_empty());
        for length in [18, 700, 1472] {
            let sent = payload(length);
            socket.send_to(&sent, std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
            let packets = wait_for("a packet", || stream.poll(1).pop()).1;
            assert_eq!(packets[0].frame[42..], sent);
            send(&stream.vi, &OUT.frame(&sent), 1);
            let mut got = [0; 2000];
            assert_eq!(socket.recv(&mut got).unwrap(), length);
        }
    });
}

/// Sanitizers may leave no free addresses beside what they allocate: then all is copied.
fn is_sanitized() -> bool {
    ["ASAN_OPTIONS", "TSAN_OPTIONS"].iter().any(|name| std::env::var_os(name).is_some())
}

/// A send by CTPIO goes as it was written.
#[test]
fn ctpio_frames_leave_with_the_call() {
    over_each_wire("interfaces::ctpio_frames_leave_with_the_call", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi(EF_VI_TX_CTPIO);
        let frame = OUT.frame(&payload(100));
        vi.ctpio(&frame, EF_VI_CTPIO_CT_THRESHOLD_SNF);
        let mut got = [0; 200];
        assert_eq!(socket.recv(&mut got).unwrap(), 100, "before the fallback");
        assert_eq!(vi.fallback(vi.load(3, &frame), frame.len(), 3), 0);
        let event = event(&vi);
        assert_eq!((EF_EVENT_TYPE(&event), EF_EVENT_TX_CTPIO(&event)), (EF_EVENT_TYPE_TX, 1));
        assert_eq!(vi.unbundle(&event), [3]);
    });
}

/// The kernel takes a frame with priority and without a VLAN as its own; a VLAN's is a VI's by its filter.
#[test]
fn vlan_tags_go_both_ways() {
    over_each_wire("interfaces::vlan_tags_go_both_ways", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi(0);
        send(&vi, &Packet { vlan: Some(5 << 13), ..OUT }.frame(&payload(50)), 0);
        let mut got = [0; 200];
        assert_eq!(socket.recv(&mut got).unwrap(), 50);

        let tagged = Packet { vlan: Some(7), to: (Veth::KERNELS, 9003), ..OUT };
        let other = vi_on(Veth::FAR, 0, &Spec::of(&[Part::Local(tagged), Part::Vlan(7)]));
        other.fill(0..64);
        other.poll(1);
        for (id, vlan) in [(1, Some(8)), (2, None), (3, Some(7)), (4, Some(3 << 13 | 7))] {
            send(&vi, &Packet { vlan, ..tagged }.sized(200, id), id);
        }
        assert_eq!(receive(&other), tagged.sized(200, 3));
        assert_eq!(receive(&other), Packet { vlan: Some(3 << 13 | 7), ..tagged }.sized(200, 4));
        assert!(other.poll(1).is_empty());
    });
}

/// A frame that is longer than a buffer takes several, in order.
#[test]
fn long_frames_go_both_ways() {
    over_each_wire("interfaces::long_frames_go_both_ways", |_| {
        let veth = Veth::new(9000, 1);
        let socket = veth.socket(9002);
        socket.connect((std::net::Ipv4Addr::from(Veth::OURS), 9001)).unwrap();
        let vi = vi(0);
        for length in [100, 1700, 1800, 3600, 8972] {
            let sent = payload(length);
            socket.send(&sent).unwrap();
            let mut frame = Vec::new();
            loop {
                let event = event(&vi);
                assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
                let bytes = EF_EVENT_RX_BYTES(&event) as usize - frame.len();
                frame.extend(vi.memory.read(EF_EVENT_RX_RQ_ID(&event) as usize * Vi::BUFFER, bytes));
                if EF_EVENT_RX_CONT(&event) == 0 {
                    break;
                }
            }
            assert_eq!(frame[42..], sent);
            assert!(is_sum_right(&frame, 14), "{length}");

            let frame = OUT.frame(&sent);
            let pieces: Vec<_> =
                frame.chunks(Vi::BUFFER).enumerate().map(|(i, piece)| (vi.load(i, piece), piece.len())).collect();
            assert_eq!(vi.transmitv(&pieces, 7), 0);
            assert_eq!(vi.unbundle(&event(&vi)), [7]);
            let mut got = vec![0; 10_000];
            let count = socket.recv(&mut got).unwrap();
            assert_eq!(got[..count], sent);
        }
    });
}

/// Buffers come back in the order in which they were filled, whichever queue of the interface filled them, with the id
/// that they were posted with; each is used once.
#[test]
fn each_posted_buffer_is_used_once() {
    over_each_wire("interfaces::each_posted_buffer_is_used_once", |_| {
        let veth = Veth::new(1500, 4);
        let vi = vi(0);
        let mut posted = [true; 64];
        for round in 0..10_u16 {
            // Flows that differ, so that the queues do.
            let sockets: Vec<_> = (0..8).map(|i| veth.socket(9100 + round * 8 + i)).collect();
            for (i, socket) in sockets.iter().enumerate() {
                let to = std::net::SocketAddr::from((Veth::OURS, 9001));
                socket.send_to(&[round as u8, i as u8, 77], to).unwrap();
            }
            let mut got = Vec::new();
            for _ in 0..8 {
                let event = event(&vi);
                assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
                let id = EF_EVENT_RX_RQ_ID(&event) as usize;
                assert!(std::mem::take(&mut posted[id]), "buffer {id} twice");
                let frame = vi.frame(&event);
                assert_eq!((frame[42], frame[44]), (round as u8, 77));
                got.push((frame[43], id));
            }
            got.sort_unstable();
            assert!(got.iter().map(|(number, _)| *number).eq(0..8), "{got:?}");
            for (_, id) in got {
                vi.fill(id..id + 1);
                posted[id] = true;
            }
        }
    });
}

/// A frame that a fault throws away leaves its buffer posted.
#[test]
fn faults_take_no_buffers() {
    over_each_wire("interfaces::faults_take_no_buffers", |wire| {
        if role().as_deref() == Some("faulty") {
            return;
        }
        let veth = Veth::new(1500, 1);
        let mut faulty = again("interfaces::receives_with_faults", wire);
        faulty.env("EFVI_MOCK_FAULTS", "link_down/2").env("LIBRARY_TEST_ROLE", "faulty");
        let running = faulty.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let socket = veth.socket(9002);
        wait_for("its end", || {
            for _ in 0..8 {
                socket.send_to(b"half of them", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
            std::fs::read_to_string(format!("/proc/{}/stat", running.id()))
                .map_or(true, |stat| stat.contains(") Z"))
                .then_some(())
        });
        let output = running.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    });
}

/// The part of it that has the faults.
#[test]
fn receives_with_faults() {
    if role().as_deref() != Some("faulty") {
        return;
    }
    let vi = vi(0);
    // Eight buffers are posted, whatever is thrown away: they come back one after the other.
    for round in 0..200 {
        let event = event(&vi);
        assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{round}");
        let id = EF_EVENT_RX_RQ_ID(&event) as usize;
        vi.fill(id..id + 1);
    }
    assert!(vi.statistic("rx_faulted") >= 100);
}

/// Several VIs share an interface: unicast goes to the one with the most specific filter, multicast to each that wants it.
#[test]
fn several_vis_share_an_interface() {
    over_each_wire("interfaces::several_vis_share_an_interface", |wire| {
        let veth = Veth::new(1500, 1);
        let first = vi(0);
        // The second is not alone any more: packet sockets, unless AF_XDP alone is asked for.
        let second = Domain::named(Veth::NEAR).vi(Queues::default());
        let Ok(second) = second else {
            assert_eq!(second.err(), Some(-libc::EBUSY));
            assert!(wire.starts_with("xdp"));
            return;
        };
        let socket = veth.socket(9002);
        second.fill(0..64);
        second.filter(&Spec::full(&IN)).unwrap();
        assert_eq!(second.filter(&Spec::local(&IN)).err(), Some(-libc::EEXIST), "another VI's");
        second.poll(1);
        socket.send_to(b"for the second", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
        assert_eq!(receive(&second)[42..56], *b"for the second");
        let other = veth.socket(9005);
        other.send_to(b"for the first", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
        assert_eq!(receive(&first)[42..55], *b"for the first");

        let group = ([239, 1, 2, 3], 9010);
        let to_group = Packet { mac: [1, 0, 0x5e, 1, 2, 3], to: group, ..IN };
        for vi in [&first, &second] {
            vi.filter(&Spec::local(&to_group)).unwrap();
        }
        ip("route add 239.0.0.0/8 dev veth1");
        socket.send_to(b"for both", std::net::SocketAddr::from(group)).unwrap();
        for vi in [&first, &second] {
            assert_eq!(receive(vi)[42..50], *b"for both");
            assert!(vi.poll(4).is_empty(), "once");
        }
    });
}

/// What no filter takes is the kernel's, and what one takes gets no answer from it.
#[test]
fn the_kernel_keeps_what_is_its_own_and_keeps_quiet() {
    over_each_wire("interfaces::the_kernel_keeps_what_is_its_own_and_keeps_quiet", |_| {
        let veth = Veth::new(1500, 1);
        let taken = Packet { to: (Veth::KERNELS, 9002), ..OUT };
        // At the kernel's end, for the kernel's own address.
        let far = vi_on(Veth::FAR, 0, &Spec::local(&taken));
        far.fill(0..64);
        far.poll(1);
        let near = vi_on(Veth::NEAR, 0, &Spec::of(&[Part::Protocol(1)]));
        near.fill(0..64);
        near.poll(1);
        let socket = veth.socket(9003);
        send(&near, &taken.frame(b"ours"), 1);
        assert_eq!(receive(&far)[42..46], *b"ours");
        send(&near, &Packet { to: (Veth::KERNELS, 9003), ..OUT }.frame(b"the kernel's"), 2);
        let mut got = [0; 100];
        assert_eq!(socket.recv(&mut got).unwrap(), 12);
        // Port 9009 is nobody's: that is answered, and is the only thing that is.
        send(&near, &Packet { to: (Veth::KERNELS, 9009), ..OUT }.frame(b"nobody's"), 3);
        let answer = receive(&near);
        assert_eq!((answer[23], &answer[34..36]), (1, &[3, 3][..]), "port unreachable");
        assert!(answer.ends_with(b"nobody's"));
        assert!(near.poll(4).is_empty());
        far.poll(1);
        assert!(far.poll(4).is_empty(), "the rest is not its");
    });
}

/// A VI that sleeps is woken by a frame, by a completion, and by an interface that goes away.
#[test]
fn sleepers_are_woken() {
    over_each_wire("interfaces::sleepers_are_woken", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi(0);
        let milliseconds = PATIENCE.as_millis() as i32;
        assert_eq!(vi.wait(Some(1000)), -libc::ETIMEDOUT);
        for _ in 0..3 {
            assert_eq!(vi.prime(), 0);
            assert!(!readable(&vi.domain.driver, 0));
            socket.send_to(b"wake up", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
            assert!(readable(&vi.domain.driver, milliseconds));
            assert_eq!(receive(&vi)[42..49], *b"wake up");
        }
        assert_eq!(vi.prime(), 0);
        assert_eq!(vi.send(0, &OUT.frame(b"out")), 0);
        assert!(readable(&vi.domain.driver, milliseconds));
        assert_eq!(vi.unbundle(&event(&vi)), [0]);
        assert_eq!(vi.prime(), 0);
        ip("link del veth1");
        assert!(readable(&vi.domain.driver, milliseconds));
        assert_eq!(EF_EVENT_TYPE(&event(&vi)), EF_EVENT_TYPE_RESET);
    });
}

/// Arrivals have timestamps of the kernel's, close to the time of day.
#[test]
fn arrivals_are_stamped() {
    over_each_wire("interfaces::arrivals_are_stamped", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi(EF_VI_RX_TIMESTAMPS);
        let mut last = 0;
        for round in 1..=5 {
            let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
            socket.send_to(b"when", std::net::SocketAddr::from((Veth::OURS, 9001))).unwrap();
            let event = event(&vi);
            let time = vi.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap();
            let stamp = u128::from(time.seconds) * 1_000_000_000 + u128::from(time.nanoseconds);
            // The port's clock may be a little off the machine's.
            assert!(now().abs_diff(stamp) < 5_000_000_000 && stamp > last, "{stamp} {last}");
            last = stamp;
            assert_eq!(vi.statistic("rx_stamped_by_kernel"), round);
        }
        assert_eq!(vi.statistic("rx_stamped_late"), 0);
    });
}

/// What an option says of each of this process's sockets that have it.
fn socket_options<T: Copy>(level: i32, option: i32, room: T) -> Vec<T> {
    let of = |fd: i32| {
        let (mut value, mut length) = (room, size_of::<T>() as libc::socklen_t);
        // SAFETY: a system call that writes no more than there is room for; what has no such option is refused.
        let rc = unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &raw mut length) };
        (rc == 0).then_some(value)
    };
    (0..256).filter_map(of).collect()
}

/// How often the kernel has emptied the transmit rings of AF_XDP.
fn rings_emptied() -> u64 {
    // Six words, the last of which is that.
    socket_options(libc::SOL_XDP, libc::XDP_STATISTICS, [0_u64; 6]).iter().map(|words| words[5]).sum()
}

/// A doorbell is one system call, for one frame and for several, which leave in their order. One that is alone goes past the
/// rings of AF_XDP: that is quicker.
#[test]
fn a_doorbell_is_one_call() {
    over_each_wire("interfaces::a_doorbell_is_one_call", |wire| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let vi = vi(0);
        let mut got = [0; 100];
        let mut number = 0;
        for frames in [1, 1, 7, 1, 2] {
            let (before, emptied) = (vi.statistic("system_calls"), rings_emptied());
            for id in 0..frames {
                let frame = OUT.frame(&[number + id as u8; 20]);
                assert_eq!(vi.transmit_init(vi.load(id, &frame), frame.len(), id), 0);
            }
            vi.transmit_push();
            assert_eq!(vi.statistic("system_calls"), before + 1, "{frames} frames");
            let by_ring = wire.starts_with("xdp") && frames > 1;
            assert_eq!(rings_emptied() > emptied, by_ring, "{frames} frames");
            let mut sent = Vec::new();
            while sent.len() < frames {
                sent.extend(vi.unbundle(&event(&vi)));
            }
            assert!(sent.iter().copied().eq(0..frames as i32), "{sent:?}");
            for _ in 0..frames {
                assert_eq!(socket.recv(&mut got).unwrap(), 20);
                assert_eq!(got[..20], [number; 20]);
                number += 1;
            }
        }
    });
}
