//! Every order in which the two ends of a ring may see each other's loads and stores, by ci/loom.sh.
//!
//! A frame's stamp stands for all of its bytes. Tried by hand, each of these alone is found: `Relaxed` where a slot is
//! committed and where the receiver looks at that; where the receiver gives the slot back and where a sender, or its
//! successor, looks at that; where a ring is announced and where that is seen; and a receiver that begins before
//! `start`.

use super::*;
use crate::frame::Checksums;
use crate::wire::Piece;
use loom::sync::Arc;
use loom::sync::atomic::AtomicBool;
use loom::thread;
use std::alloc::{Layout, alloc_zeroed, dealloc};

/// An empty ring, in memory that outlives its ends.
struct Model(Place);

// SAFETY: as for the ring's ends.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

fn layout(geometry: Geometry) -> Layout {
    Layout::from_size_align(geometry.ring_bytes(), 4096).unwrap()
}

impl Model {
    fn new() -> Arc<Self> {
        let geometry = Geometry::of(60);
        // SAFETY: the layout has a size.
        let ring = NonNull::new(unsafe { alloc_zeroed(layout(geometry)) }.cast::<Ring>()).unwrap();
        let place = Place { ring, geometry };
        let word = || AtomicU64::new(0);
        // Zeros are no words of loom's.
        let head = Ring { taken: word(), start: word(), generation: AtomicU32::new(0), _line: [0; 27] };
        // SAFETY: there is room for the ring's first line, and for its slots.
        unsafe {
            ring.write(head);
            for position in 0..SLOTS as u64 {
                place.slot(position).write(Slot { commit: word(), stamp: Watched::default() });
            }
        }
        Arc::new(Self(place))
    }

    fn sender(&self, generation: u32) -> Sender {
        // SAFETY: the ring outlives it, and the models have one at a time.
        unsafe { Sender::new(self.0, generation) }
    }

    fn receiver(&self, generation: u32) -> Receiver {
        // SAFETY: as above.
        unsafe { Receiver::new(self.0, generation) }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and its ends are gone. Its words own nothing.
        unsafe { dealloc(self.0.ring.as_ptr().cast(), layout(self.0.geometry)) }
    }
}

/// Sends a frame that is told by its number.
fn send(sender: &mut Sender, number: u64) -> bool {
    let bytes = [number as u8; 14];
    let piece = Piece { base: bytes.as_ptr(), length: bytes.len() };
    let (checksums, flags) = (Checksums::default(), Flags::default());
    sender.send(&Outgoing { pieces: &[piece], length: bytes.len(), checksums, flags }, number)
}

fn receive(receiver: &mut Receiver) -> Option<u64> {
    let arrival = receiver.peek()?;
    // SAFETY: the arrival is valid until `take`.
    assert_eq!(u64::from(unsafe { *arrival.bytes }), arrival.stamp);
    receiver.take();
    Some(arrival.stamp)
}

/// What a receiver finds that looks three times while `send` is at work, and then until nothing is left; and what was
/// sent. It is the receiver that has a thread of its own: loom keeps one access of each word by which to choose the next
/// order, and a sender's looks for its position would hide the receiver's.
fn both_ends(mut receiver: Receiver, send: impl FnOnce() -> Vec<u64>) -> (Vec<u64>, Vec<u64>) {
    let looks = thread::spawn(move || {
        let received: Vec<u64> = (0..3).filter_map(|_| receive(&mut receiver)).collect();
        (receiver, received)
    });
    let sent = send();
    let (mut receiver, mut received) = looks.join().unwrap();
    received.extend(core::iter::from_fn(|| receive(&mut receiver)));
    (sent, received)
}

#[test]
fn what_is_sent_arrives_whole_once_and_in_order_and_what_is_dropped_does_not() {
    loom::model(|| {
        let model = Model::new();
        let (mut sender, receiver) = (model.sender(1), model.receiver(1));
        // One more than there are slots: it is dropped, or has the slot of one that was taken.
        let send = || (1..=SLOTS as u64 + 1).filter(|&n| send(&mut sender, n)).collect();
        let (sent, received) = both_ends(receiver, send);
        assert_eq!(received, sent);
        assert!(sent.len() >= SLOTS);
    });
}

/// The successor learns only from the ring where it is. What its predecessor did it sees: it was given the place after
/// the kernel lifted the dead one's lock.
#[test]
fn a_sender_killed_while_it_writes_is_succeeded_without_loss() {
    loom::model(|| {
        let model = Model::new();
        let receiver = model.receiver(1);
        let (sent, received) = both_ends(receiver, || {
            let mut killed = model.sender(1);
            let mut sent = vec![1];
            assert!(send(&mut killed, 1));
            // The next slot is written, and not committed.
            // SAFETY: the slot is this sender's.
            unsafe { stamp(model.0.slot(1)).write(99) };
            let mut successor = model.sender(1);
            sent.extend((2..=3).filter(|&n| send(&mut successor, n)));
            sent
        });
        assert_eq!(received, sent);
    });
}

/// The station's next user takes the ring up when it is announced, by a bit that the sender sets. Its generation is by
/// chance the same in the slots as the last user's.
#[test]
fn a_station_s_next_user_gets_its_own_frames_only() {
    const NEXT: u32 = 1 + (1 << 15);
    loom::model(|| {
        let model = Model::new();
        let announced = Arc::new(AtomicBool::new(false));
        let mut old = model.receiver(1);
        let receiver = {
            let (model, announced) = (model.clone(), announced.clone());
            thread::spawn(move || {
                let first = receive(&mut old);
                assert!(first.is_none_or(|n| n == 1), "{first:?}");
                announced.load(Acquire).then(|| {
                    let mut new = model.receiver(NEXT);
                    let received = receive(&mut new);
                    (new, received)
                })
            })
        };
        let mut sender = model.sender(1);
        assert!(send(&mut sender, 1));
        // It has found that the station is another's.
        let mut sender = model.sender(NEXT);
        announced.store(true, Release);
        let sent: Vec<u64> = (2..=3).filter(|&n| send(&mut sender, n)).collect();
        let (mut new, mut received) = match receiver.join().unwrap() {
            Some((new, first)) => (new, Vec::from_iter(first)),
            None => (model.receiver(NEXT), Vec::new()),
        };
        received.extend(core::iter::from_fn(|| receive(&mut new)));
        assert_eq!(received, sent);
    });
}
