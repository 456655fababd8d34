//! Ports that carry longer packets than 1500 bytes.

use crate::common::{Directory, Domain, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use mock_nic::{Errno, Fabric, FabricPort, Fcs};
use std::rc::Rc;

const LONGEST: usize = 9014;

fn jumbo() -> (FabricPort, FabricPort) {
    Fabric::new().with_mtu(9000).cable().unwrap()
}

fn vi(port: &FabricPort, flags: ef_vi_flags) -> Rc<Vi> {
    let vi = Domain::on(port).vi(Queues { flags, ..Queues::default() }).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi
}

/// Puts a frame together of the events that it came in, checking each: SOP on the first, CONT on all but the last, and
/// the bytes so far.
fn whole(vi: &Vi, events: &[ef_event]) -> Vec<u8> {
    let (mut frame, mut so_far) = (Vec::new(), 0);
    for (i, event) in events.iter().enumerate() {
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX);
        assert_eq!(EF_EVENT_RX_SOP(event) != 0, i == 0);
        assert_eq!(EF_EVENT_RX_CONT(event) != 0, i + 1 < events.len());
        let bytes = EF_EVENT_RX_BYTES(event) as usize - so_far;
        frame.extend(vi.memory.read(EF_EVENT_RX_RQ_ID(event) as usize * Vi::BUFFER, bytes));
        so_far += bytes;
    }
    frame.split_off(vi.prefix_len())
}

/// Sends a frame from pieces of buffers, as many as it needs.
fn send(vi: &Vi, frame: &[u8]) {
    let pieces: Vec<_> =
        frame.chunks(Vi::BUFFER).enumerate().map(|(i, piece)| (vi.load(i, piece), piece.len())).collect();
    assert_eq!(vi.transmitv(&pieces, 7), 0);
    assert_eq!(vi.sent(), [7]);
}

#[test]
fn the_mtu_is_the_ports() {
    for mtu in [68, 1500, 4000, 9000] {
        let port = Fabric::new().with_mtu(mtu).looped().unwrap();
        let vi = vi(&port, 0);
        assert_eq!(vi.mtu(), mtu + 14, "with the Ethernet header");
        let longest = Packet::UDP.sized(mtu + 14, 0);
        assert_eq!(port.inject(&[&longest[..], &[0; 5]].concat(), Fcs::Good), Err(Errno(libc::EMSGSIZE)));
        port.inject(&longest, Fcs::Good).unwrap();
    }
    for mtu in [0, 67, 9001, usize::MAX] {
        assert_eq!(Fabric::new().with_mtu(mtu).looped().err(), Some(Errno(libc::EINVAL)), "{mtu}");
        assert_eq!(Fabric::new().with_mtu(mtu).cable().err(), Some(Errno(libc::EINVAL)), "{mtu}");
    }
}

/// A buffer holds 1792 bytes unless set; longer frames go on in the next ones.
#[test]
fn long_frames_span_buffers() {
    let (near, far) = jumbo();
    for flags in [0, EF_VI_RX_TIMESTAMPS] {
        let (tx, rx) = (vi(&near, flags & !EF_VI_RX_TIMESTAMPS), vi(&far, flags));
        rx.fill(0..504);
        for length in [60, 1778, 1779, 1792, 1793, 3584, 3585, 5000, 9013, LONGEST] {
            let frame = Packet::UDP.sized(length, length);
            send(&tx, &frame);
            let events = rx.drain();
            assert_eq!(events.len(), (rx.prefix_len() + length).div_ceil(1792), "{length}");
            assert_eq!(whole(&rx, &events), frame);
        }
    }
}

/// Checksums of long frames are filled in and checked as of others.
#[test]
fn checksums_of_long_frames_are_right() {
    let (near, far) = jumbo();
    let (tx, rx) = (vi(&near, 0), vi(&far, 0));
    rx.fill(0..504);
    let right = Packet::UDP.sized(8000, 3);
    let mut wrong = right.clone();
    wrong[40..42].fill(0x55);
    send(&tx, &wrong);
    assert_eq!(whole(&rx, &rx.drain()), right);
    wrong[7999] ^= 1;
    far.inject(&wrong, Fcs::Good).unwrap();
    let last = *rx.drain().last().unwrap();
    assert_eq!((EF_EVENT_TYPE(&last), EF_EVENT_RX_DISCARD_BYTES(&last)), (EF_EVENT_TYPE_RX_DISCARD, 8000));
}

/// Without buffers for the rest the frame is truncated, and the next one whole.
#[test]
fn a_long_frame_without_buffers_is_truncated() {
    let (_near, far) = jumbo();
    let rx = vi(&far, 0);
    rx.set_buffer_len(512);
    rx.fill(0..8);
    far.inject(&Packet::UDP.sized(9000, 0), Fcs::Good).unwrap();
    let events = rx.drain();
    let (last, pieces) = events.split_last().unwrap();
    assert_eq!(pieces.len(), 8);
    assert!(pieces.iter().all(|piece| EF_EVENT_RX_CONT(piece) != 0));
    assert_eq!(EF_EVENT_TYPE(last), EF_EVENT_TYPE_RX_NO_DESC_TRUNC);
    rx.fill(8..24);
    far.inject(&Packet::UDP.sized(4000, 1), Fcs::Good).unwrap();
    assert_eq!(whole(&rx, &rx.drain()), Packet::UDP.sized(4000, 1));
}

/// The longest frame is as long as the port's MTU with its header and a VLAN tag; what is longer is an error of the send.
#[test]
fn a_send_longer_than_the_port_carries_is_too_big() {
    let (near, far) = jumbo();
    let (tx, rx) = (vi(&near, 0), vi(&far, 0));
    rx.fill(0..64);
    let tagged = Packet { vlan: Some(5), ..Packet::UDP };
    send(&tx, &tagged.sized(9018, 0));
    assert_eq!(whole(&rx, &rx.drain()), tagged.sized(9018, 0));
    let too_long = tagged.sized(9019, 0);
    let pieces: Vec<_> = too_long.chunks(2048).enumerate().map(|(i, piece)| (tx.load(i, piece), piece.len())).collect();
    assert_eq!(tx.transmitv(&pieces, 7), 0);
    let events = tx.drain();
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[0]), EF_EVENT_TX_ERROR_2BIG);
}

/// A CTPIO frame is at most 4 KiB less its header, whatever the port carries.
#[test]
fn ctpio_takes_frames_of_its_aperture() {
    let (near, far) = jumbo();
    let (tx, rx) = (vi(&near, EF_VI_TX_CTPIO), vi(&far, 0));
    rx.fill(0..64);
    for (length, by_ctpio) in [(4092, true), (4093, false)] {
        let frame = Packet::UDP.sized(length, 1);
        tx.ctpio(&frame, 64);
        let pieces: Vec<_> =
            frame.chunks(2048).enumerate().map(|(i, piece)| (tx.load(i, piece), piece.len())).collect();
        assert_eq!(tx.fallback_vector(&pieces, 1), 0);
        let events = tx.drain();
        assert_eq!(EF_EVENT_TX_CTPIO(&events[0]) != 0, by_ctpio);
        assert_eq!(tx.unbundle(&events[0]), [1]);
        assert_eq!(whole(&rx, &rx.drain()), frame);
    }
}

/// Many long frames keep their order and their bytes.
#[test]
fn long_frames_keep_their_order() {
    let (near, far) = jumbo();
    let (tx, rx) = (vi(&near, 0), vi(&far, 0));
    let mut posted = 0;
    let mut post = |count: usize| {
        for _ in 0..count {
            let id = posted % Vi::HALF;
            assert_eq!(rx.receive_init(rx.buffer(id), id as i32), 0);
            posted += 1;
        }
        rx.receive_push();
    };
    post(504);
    for number in 0..300 {
        let frame = Packet::UDP.sized(60 + number * 97 % (LONGEST - 60), number);
        send(&tx, &frame);
        let events = rx.drain();
        assert_eq!(whole(&rx, &events), frame, "{number}");
        post(events.len());
    }
}

/// `lo` carries 1500 bytes, unless the variable says another MTU; one that there can't be is an error.
#[test]
fn the_mtu_of_lo_is_a_variable() {
    const TEST: &str = "jumbo::the_mtu_of_lo_is_a_variable";
    let run = |role: &str, mtu: &str| {
        let directory = Directory::new();
        let mut process = again(TEST, role);
        process.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_MTU", mtu);
        succeeds(process);
        assert!(directory.files().is_empty(), "{:?} are left", directory.files());
    };
    match role().as_deref() {
        None => {
            run("jumbo", "9000");
            run("plain", "");
            run("refused", "9001");
            run("refused", "many");
        }
        Some("refused") => {
            use crate::common::{Driver, Interface};
            let refusal = Domain::open(&Driver::open(), &Interface::Name("lo"), EF_PD_DEFAULT);
            assert_eq!(refusal.err(), Some(-libc::EINVAL));
        }
        Some(role) => {
            let vi = Domain::named("lo").vi(Queues::default()).unwrap();
            let longest = if role == "jumbo" { 9014 } else { 1514 };
            assert_eq!(vi.mtu(), longest);
            vi.filter(&Spec::udp()).unwrap();
            vi.fill(0..64);
            let frame = Packet::UDP.sized(longest, 3);
            let pieces: Vec<_> =
                frame.chunks(2048).enumerate().map(|(i, piece)| (vi.load(i, piece), piece.len())).collect();
            assert_eq!(vi.transmitv(&pieces, 1), 0);
            let events = vi.drain();
            let received: Vec<_> = events.into_iter().filter(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX).collect();
            assert_eq!(whole(&vi, &received), frame);
        }
    }
}
