//! By the safe crate.

use anyhow::{Context as _, Result, ensure};
use efvi::{
    Ctpio, CutThrough, Driver, Event, EventHandler, Filter, MacAddress, Packet, PacketPool, ProtectionDomain, Receive,
    Sent, Transmit, VirtualInterface,
};

use crate::{BUFFERS, FRAME, INTERFACE, MAC, POSTED};

#[inline(never)]
fn op_empty_poll(rx: &mut Receive<'_>) -> bool {
    rx.poll().is_empty()
}

#[inline(never)]
fn op_send(tx: &mut Transmit<'_>, pool: &mut PacketPool) -> bool {
    let Some(mut buffer) = pool.take() else { return false };
    buffer.set_len(FRAME).is_ok() && tx.send(buffer).is_ok()
}

#[inline(never)]
fn op_ctpio(tx: &mut Transmit<'_>, pool: &mut PacketPool) -> bool {
    let Some(mut buffer) = pool.take() else { return false };
    buffer.set_len(FRAME).is_ok() && tx.send_ctpio(buffer, CutThrough::After(FRAME as u32)).is_ok()
}

#[inline(never)]
fn op_completion(rx: &mut Receive<'_>, pool: &mut PacketPool) -> u64 {
    let mut completed = 0;
    let mut events = rx.poll();
    while let Some(event) = events.next() {
        if let Event::Sent(sent) = event {
            pool.put(sent.buffer);
            completed += 1;
        }
    }
    completed
}

#[inline(never)]
fn op_receive(rx: &mut Receive<'_>, sum: &mut u64) -> u64 {
    let mut received = 0;
    let mut events = rx.poll();
    while let Some(event) = events.next() {
        if let Event::Received(packet) = event {
            if let Some(word) = packet.first_chunk() {
                *sum = sum.wrapping_add(u64::from_le_bytes(*word));
            }
            received += 1;
        }
    }
    received
}

/// What it does with a completion.
struct Sender {
    pool: PacketPool,
    completed: u64,
}

impl EventHandler for Sender {
    fn sent(&mut self, sent: Sent) {
        self.pool.put(sent.buffer);
        self.completed += 1;
    }
}

/// What it does with a frame.
#[derive(Default)]
struct Receiver {
    sum: u64,
    received: u64,
}

impl EventHandler for Receiver {
    fn received(&mut self, packet: Packet<'_>) {
        if let Some(word) = packet.first_chunk() {
            self.sum = self.sum.wrapping_add(u64::from_le_bytes(*word));
        }
        self.received += 1;
    }
}

/// As `op_completion`, by the other form of the loop.
#[inline(never)]
fn op_dispatch_completion(rx: &mut Receive<'_>, sender: &mut Sender) {
    rx.poll().dispatch(sender);
}

/// As `op_receive`, by the other form of the loop.
#[inline(never)]
fn op_dispatch_receive(rx: &mut Receive<'_>, receiver: &mut Receiver) {
    rx.poll().dispatch(receiver);
}

pub fn run(ctpio: bool, dispatch: bool, count: u64) -> Result<()> {
    let driver = Driver::open()?;
    let domain = ProtectionDomain::open(&driver, INTERFACE)?;
    let pool = || PacketPool::builder().buffers(BUFFERS).build(&domain);
    let (near_pool, mut far_pool) = (pool()?, pool()?);
    let mut near = VirtualInterface::builder().ctpio(Ctpio::NoPoison).build(&domain)?;
    let mut far = VirtualInterface::builder().build(&domain)?;
    far.filter_add(&Filter::ethernet_local(MacAddress(MAC), None))?;
    let (mut tx, mut near_rx) = near.split();
    let (_, mut far_rx) = far.split();
    for _ in 0..POSTED {
        far_rx.post(far_pool.take().context("the pool has as many")?)?;
    }
    let (mut sender, mut receiver) = (Sender { pool: near_pool, completed: 0 }, Receiver::default());
    let mut prepared = Vec::new();
    while let Some(mut buffer) = sender.pool.take() {
        let frame = buffer.capacity_mut();
        frame[..6].copy_from_slice(&MAC);
        frame[12..14].copy_from_slice(&[0x88, 0xb5]);
        prepared.push(buffer);
    }
    prepared.into_iter().for_each(|buffer| sender.pool.put(buffer));

    for done in 1..=count {
        ensure!(op_empty_poll(&mut near_rx), "an empty poll");
        let sent = if ctpio { op_ctpio(&mut tx, &mut sender.pool) } else { op_send(&mut tx, &mut sender.pool) };
        ensure!(sent, "a send");
        if dispatch {
            op_dispatch_completion(&mut near_rx, &mut sender);
            op_dispatch_receive(&mut far_rx, &mut receiver);
        } else {
            sender.completed += op_completion(&mut near_rx, &mut sender.pool);
            receiver.received += op_receive(&mut far_rx, &mut receiver.sum);
        }
        ensure!(sender.completed == done, "its completion");
        ensure!(receiver.received == done, "its reception");
    }
    ensure!(receiver.sum != 0, "reading the frames");
    Ok(())
}
