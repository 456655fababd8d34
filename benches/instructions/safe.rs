//! By the safe crate.

use anyhow::{Context as _, Result, ensure};
use efvi::{
    Ctpio, CutThrough, Driver, Event, Filter, MacAddress, PacketPool, ProtectionDomain, Receive, Transmit,
    VirtualInterface,
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
fn op_completion(rx: &mut Receive<'_>, pool: &mut PacketPool) -> usize {
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
fn op_receive(rx: &mut Receive<'_>, sum: &mut u64) -> usize {
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

/// As `op_completion`, by the other form of the loop.
#[inline(never)]
fn op_each_completion(rx: &mut Receive<'_>, pool: &mut PacketPool) -> usize {
    let mut completed = 0;
    rx.poll().for_each(|event| {
        if let Event::Sent(sent) = event {
            pool.put(sent.buffer);
            completed += 1;
        }
    });
    completed
}

/// As `op_receive`, by the other form of the loop.
#[inline(never)]
fn op_each_receive(rx: &mut Receive<'_>, sum: &mut u64) -> usize {
    let mut received = 0;
    rx.poll().for_each(|event| {
        if let Event::Received(packet) = event {
            if let Some(word) = packet.first_chunk() {
                *sum = sum.wrapping_add(u64::from_le_bytes(*word));
            }
            received += 1;
        }
    });
    received
}

type Polls = (fn(&mut Receive<'_>, &mut PacketPool) -> usize, fn(&mut Receive<'_>, &mut u64) -> usize);
const NEXT: Polls = (op_completion, op_receive);
const EACH: Polls = (op_each_completion, op_each_receive);

pub fn run(ctpio: bool, each: bool, count: u64) -> Result<()> {
    let driver = Driver::open()?;
    let domain = ProtectionDomain::open(&driver, INTERFACE)?;
    let pool = || PacketPool::builder().buffers(BUFFERS).build(&domain);
    let (mut near_pool, mut far_pool) = (pool()?, pool()?);
    let mut near = VirtualInterface::builder().ctpio(Ctpio::NoPoison).build(&domain)?;
    let mut far = VirtualInterface::builder().build(&domain)?;
    far.filter_add(&Filter::ethernet_local(MacAddress(MAC), None))?;
    let (mut tx, mut near_rx) = near.split();
    let (_, mut far_rx) = far.split();
    for _ in 0..POSTED {
        far_rx.post(far_pool.take().context("the pool has as many")?)?;
    }
    let mut prepared = Vec::new();
    while let Some(mut buffer) = near_pool.take() {
        let frame = buffer.capacity_mut();
        frame[..6].copy_from_slice(&MAC);
        frame[12..14].copy_from_slice(&[0x88, 0xb5]);
        prepared.push(buffer);
    }
    prepared.into_iter().for_each(|buffer| near_pool.put(buffer));

    let mut sum = 0;
    for _ in 0..count {
        ensure!(op_empty_poll(&mut near_rx), "an empty poll");
        let sent = if ctpio { op_ctpio(&mut tx, &mut near_pool) } else { op_send(&mut tx, &mut near_pool) };
        ensure!(sent, "a send");
        let (completion, receive) = if each { EACH } else { NEXT };
        ensure!(completion(&mut near_rx, &mut near_pool) == 1, "its completion");
        ensure!(receive(&mut far_rx, &mut sum) == 1, "its reception");
    }
    ensure!(sum != 0, "reading the frames");
    Ok(())
}
