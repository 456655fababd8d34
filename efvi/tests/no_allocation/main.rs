//! Nothing on the data path allocates, or frees, once set up.

#[path = "../common/mod.rs"]
mod common;
mod counting;
mod receives;
mod sends;

use common::*;
use counting::expect_none;
use efvi::{Buffer, Ctpio, CutThrough, Event, PacketPool, Receive, Timestamps, Transmit, VirtualInterface};

/// The data path of one round: take, write, send in each way, poll, receive, keep and forward, post, put.
struct Round<'vi, 'pool> {
    tx: Transmit<'vi>,
    rx: Receive<'vi>,
    pool: &'pool mut PacketPool,
    their_tx: Transmit<'vi>,
    their_rx: Receive<'vi>,
    their_pool: &'pool mut PacketPool,
    frame: &'pool [u8],
}

impl Round<'_, '_> {
    fn buffer(&mut self) -> Buffer {
        let mut buffer = self.pool.take().unwrap();
        buffer.write(self.frame).unwrap();
        buffer
    }

    fn run(&mut self) {
        // Each kind of send.
        let buffer = self.buffer();
        self.tx.send(buffer).unwrap();
        let buffer = self.buffer();
        self.tx.send_ctpio(buffer, CutThrough::After(64)).unwrap();
        let (first, second) = (self.buffer(), self.buffer());
        let mut batch = self.tx.stage(first).unwrap();
        batch.add(second).unwrap();
        batch.push();
        let buffer = self.buffer();
        for undone in self.tx.stage(buffer).unwrap().undo() {
            self.pool.put(undone);
        }
        // A refusal.
        let rejected = self.tx.send(self.pool.take().unwrap()).unwrap_err();
        drop(rejected);

        let mut received = 0;
        while received < 4 {
            let mut events = self.their_rx.poll();
            while let Some(event) = events.next() {
                match event {
                    Event::Received(packet) => {
                        received += 1;
                        assert!(packet.timestamp().is_ok());
                        assert_eq!(packet[..], *self.frame);
                        if received % 2 == 0 {
                            // Forwarded, though to nobody: no filter takes it.
                            self.their_tx.send(packet.keep(self.their_pool).unwrap()).unwrap();
                        }
                    }
                    Event::Sent(sent) => drop(sent),
                    other => panic!("{other:?}"),
                }
            }
        }
        self.their_rx.fill(self.their_pool).unwrap();

        let mut sent = 0;
        while sent < 4 {
            let mut events = self.rx.poll();
            while let Some(event) = events.next() {
                match event {
                    Event::Sent(done) => {
                        sent += 1;
                        assert!(done.timestamp.is_some());
                        self.pool.put(done.buffer);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn the_data_path_does_not_allocate() {
    let builder = VirtualInterface::builder().ctpio(Ctpio::Poison).timestamps(Timestamps::RX | Timestamps::TX);
    let (mut a, mut b) = pair(builder);
    let frame = udp(a.station, b.station, b"no allocation for this frame");
    let (tx, rx, pool) = a.start();
    let (their_tx, their_rx, their_pool) = b.start();
    let mut round = Round { tx, rx, pool, their_tx, their_rx, their_pool, frame: &frame };
    expect_none(|| round.run());
}
