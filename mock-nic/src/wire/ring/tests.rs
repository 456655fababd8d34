use super::*;
use crate::frame::Checksums;
use crate::wire::Piece;
use std::alloc::{Layout, alloc_zeroed, dealloc};

struct Owned(Place);

fn layout(geometry: Geometry) -> Layout {
    Layout::from_size_align(geometry.ring_bytes(), 4096).unwrap()
}

impl Owned {
    fn new() -> Self {
        Self::of(1518)
    }
    fn of(frame: usize) -> Self {
        let geometry = Geometry::of(frame);
        // SAFETY: the layout has a size.
        let ring = NonNull::new(unsafe { alloc_zeroed(layout(geometry)) }.cast()).unwrap();
        Self(Place { ring, geometry })
    }
    fn ends(&self, generation: u32) -> (Sender, Receiver) {
        // SAFETY: the tests make one pair at a time and drop the ring last.
        unsafe { (Sender::new(self.0, generation), Receiver::new(self.0, generation)) }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.0.ring.as_ptr().cast(), layout(self.0.geometry)) }
    }
}

fn send(sender: &mut Sender, bytes: &[u8]) -> bool {
    let piece = Piece { base: bytes.as_ptr(), length: bytes.len() };
    let frame =
        Outgoing { pieces: &[piece], length: bytes.len(), checksums: Checksums::default(), flags: Flags::default() };
    sender.send(&frame, 77)
}

fn receive(receiver: &mut Receiver) -> Option<Vec<u8>> {
    let arrival = receiver.peek()?;
    assert_eq!(arrival.stamp, 77);
    // SAFETY: the arrival is valid until `take`.
    let bytes = unsafe { core::slice::from_raw_parts(arrival.bytes, arrival.length) }.to_vec();
    receiver.take();
    Some(bytes)
}

#[test]
fn frames_arrive_once_in_order_over_many_laps() {
    let ring = Owned::new();
    let (mut sender, mut receiver) = ring.ends(1);
    for i in 0..3 * SLOTS + 5 {
        let frame = vec![i as u8; 60 + i % 100];
        assert!(send(&mut sender, &frame));
        assert_eq!(receive(&mut receiver), Some(frame));
        assert_eq!(receive(&mut receiver), None);
    }
}

#[test]
fn a_frame_that_arrives_is_seen_by_who_looks_for_its_start() {
    let ring = Owned::new();
    let (mut sender, mut receiver) = ring.ends(1);
    for lap in 0..2 * SLOTS as u8 as usize + 3 {
        assert!(sender.begin(&[lap as u8; 62], 77));
        assert!(receiver.peek().is_none(), "not before it is whole");
        let start = receiver.peek_start().unwrap();
        assert_eq!((start.length, start.stamp, start.flags), (62, 77, Flags::ARRIVING));
        sender.finish(62, &[9; 8], Flags::FCS_BAD);
        let whole = receiver.peek_start().unwrap();
        assert_eq!((whole.length, whole.flags), (70, Flags::FCS_BAD));
        let frame = receive(&mut receiver).unwrap();
        assert_eq!((&frame[..62], &frame[62..]), (&[lap as u8; 62][..], &[9; 8][..]));
        assert!(receiver.peek_start().is_none());
    }
}

#[test]
fn a_full_ring_refuses_and_keeps_what_it_has() {
    let ring = Owned::new();
    let (mut sender, mut receiver) = ring.ends(1);
    for i in 0..SLOTS {
        assert!(send(&mut sender, &[i as u8; 60]));
    }
    assert!(!send(&mut sender, &[99; 60]));
    assert_eq!(receive(&mut receiver), Some(vec![0; 60]));
    assert!(send(&mut sender, &[98; 60]));
    assert!(!send(&mut sender, &[97; 60]));
    for i in 1..SLOTS {
        assert_eq!(receive(&mut receiver), Some(vec![i as u8; 60]));
    }
    assert_eq!(receive(&mut receiver), Some(vec![98; 60]));
    assert_eq!(receive(&mut receiver), None);
}

#[test]
fn short_frames_are_padded_and_long_ones_refused() {
    for longest in [1518, 9018] {
        long_ones_are_refused(longest);
    }
}

fn long_ones_are_refused(longest: usize) {
    let ring = Owned::of(longest);
    let (mut sender, mut receiver) = ring.ends(1);
    let room = ring.0.geometry.frame();
    assert!((longest..longest + 1024).contains(&room));
    assert!(send(&mut sender, &[1; 14]));
    let frame = receive(&mut receiver).unwrap();
    assert_eq!((frame.len(), &frame[..15]), (60, [[1; 14].as_slice(), &[0]].concat().as_slice()));
    assert!(!send(&mut sender, &vec![1; room + 1]));
    assert!(send(&mut sender, &vec![1; room]));
    assert_eq!(receive(&mut receiver).unwrap().len(), room);
}

#[test]
fn a_new_sender_goes_on_where_a_killed_one_stopped() {
    let ring = Owned::new();
    let (mut sender, mut receiver) = ring.ends(1);
    for i in 0..5 {
        assert!(send(&mut sender, &[i; 60]));
    }
    receive(&mut receiver);
    // Killed while writing the sixth frame: bytes are there, the commit is not.
    // SAFETY: the tests own the ring.
    unsafe { frame(ring.0.slot(5)).write_bytes(0xee, 30) };
    let (mut sender, _) = ring.ends(1);
    assert!(send(&mut sender, &[5; 60]));
    for i in 1..6 {
        assert_eq!(receive(&mut receiver), Some(vec![i; 60]));
    }
    assert_eq!(receive(&mut receiver), None);
}

#[test]
fn a_new_receiver_does_not_get_its_predecessors_frames() {
    let ring = Owned::new();
    let (mut sender, mut receiver) = ring.ends(1);
    for i in 0..3 {
        assert!(send(&mut sender, &[i; 60]));
    }
    receive(&mut receiver);
    // The sender has not noticed yet and sends one more to the old generation.
    // SAFETY: the only receiver from here on.
    let mut receiver = unsafe { Receiver::new(ring.0, 3) };
    assert!(send(&mut sender, &[3; 60]));
    let (mut sender, _) = ring.ends(3);
    assert!(send(&mut sender, &[4; 60]));
    assert_eq!(receive(&mut receiver), Some(vec![4; 60]));
}

#[test]
fn a_generation_that_comes_round_does_not_bring_old_frames_back() {
    let ring = Owned::new();
    let (mut sender, _) = ring.ends(1);
    for i in 0..5 {
        assert!(send(&mut sender, &[i; 60]));
    }
    // Nobody took them, and the place is another's now, whose generation is by chance the same in the slots.
    let (mut sender, mut receiver) = ring.ends(1 + (1 << 17));
    assert_eq!(receive(&mut receiver), None);
    for i in 0..2 * SLOTS {
        assert!(send(&mut sender, &[i as u8; 60]));
        assert_eq!(receive(&mut receiver), Some(vec![i as u8; 60]));
    }
}

#[test]
fn a_full_ring_is_found_full_by_a_new_sender() {
    let ring = Owned::new();
    let (mut sender, mut receiver) = ring.ends(1);
    while send(&mut sender, &[1; 60]) {}
    let (mut sender, _) = ring.ends(1);
    assert!(!send(&mut sender, &[2; 60]));
    receive(&mut receiver);
    assert!(send(&mut sender, &[2; 60]));
}
