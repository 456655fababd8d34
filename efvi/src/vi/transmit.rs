//! The transmit half of a virtual interface.

use core::fmt;

use crate::memory::Buffer;

use super::batch::Batch;
use super::rejected::{RejectReason, Rejected};
use super::tx::CutThrough;
use super::{Inner, InnerRef};

/// The transmit half of a [`VirtualInterface`](crate::VirtualInterface).
///
/// A send moves the buffer to the adapter. It comes back by [`Event::Sent`](crate::Event::Sent) from a poll of the
/// receive half, or at once, in the error, if it was not taken.
///
/// # Sent in a batch, forgotten
/// A [`Batch`] whose drop does not run (by `mem::forget`) leaves its frames staged. They go with the next send or push.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let (mut tx, mut rx) = vi.split();
/// let mut buffer = pool.take().ok_or("the pool is empty")?;
/// buffer.write(&[0xff; 60])?;
/// tx.send(buffer)?;
/// while tx.space() < tx.capacity() {
///     drop(rx.poll()); // completions free the ring, and return the buffers
/// }
/// # Ok(())
/// # }
/// ```
pub struct Transmit<'vi> {
    inner: InnerRef<'vi>,
}

impl<'vi> Transmit<'vi> {
    #[inline]
    pub(super) fn new(inner: InnerRef<'vi>) -> Self {
        Transmit { inner }
    }

    #[inline(always)]
    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The same, for as long as the VI is borrowed.
    #[inline(always)]
    pub(super) fn inner_ref(&self) -> &InnerRef<'vi> {
        &self.inner
    }

    /// Sends a frame by DMA (`ef_vi_transmit`): the adapter fetches it from the buffer, which is not copied. It costs a
    /// store to the adapter; with TX push ([`TxPush`](crate::TxPush)) the adapter need not fetch the descriptor first.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, or the frame or the buffer is not one that can be sent.
    #[inline]
    pub fn send(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        let inner = self.inner;
        let buffer = inner.admit(buffer, &inner.tx.max_frame)?;
        inner.submit(buffer, |vi, dma, length, id| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one.
            unsafe { efvi_sys::ef_vi_transmit(vi, dma, length as i32, id) }
        })
    }

    /// Sends a frame by CTPIO: the processor writes it through to the adapter, which needs not fetch it
    /// (`ef_vi_transmit_ctpio`). The fallback by DMA follows at once (`ef_vi_transmit_ctpio_fallback`); the adapter
    /// uses it when the frame could not go the fast way, and completes the send whichever way it went.
    /// [`Sent::by_ctpio`](crate::Sent::by_ctpio) tells. Checksums are not filled in on this path.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back, as [`send`](Self::send) does, when the VI was built without CTPIO, and on X2
    /// when the frame is longer than 4092 bytes, which is what the aperture takes.
    #[inline]
    pub fn send_ctpio(&mut self, buffer: Buffer, cut_through: CutThrough) -> Result<(), Rejected> {
        let inner = self.inner;
        let buffer = inner.admit(buffer, &inner.tx.max_ctpio)?;
        // SAFETY: the VI is live and this its only thread.
        if unsafe { efvi_sys::ef_vi_transmit_space(inner.vi()) } <= 0 && !inner.is_warming() {
            // Before the first byte goes out: the fallback must not fail.
            return Err(Rejected::new(buffer, RejectReason::RingFull));
        }
        let threshold = cut_through.threshold();
        // SAFETY: the VI is live, this its only thread, and built with CTPIO, without which the longest frame is none
        // (building it found both calls in its table); the frame's bytes are readable; the fallback follows with the
        // same frame.
        unsafe { efvi_sys::ef_vi_transmit_ctpio(inner.vi(), buffer.as_ptr().cast(), buffer.len(), threshold) };
        inner.submit(buffer, |vi, dma, length, id| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one; CTPIO came right before.
            unsafe { efvi_sys::ef_vi_transmit_ctpio_fallback(vi, dma, length, id) }
        })
    }

    /// Adds a first frame to the ring without telling the adapter (`ef_vi_transmit_init`), for several frames to go
    /// by one doorbell. While the batch is open nothing else can be sent.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline]
    pub fn stage(&mut self, buffer: Buffer) -> Result<Batch<'_, 'vi>, Rejected> {
        self.inner.stage(buffer)?;
        Ok(Batch::new(self))
    }

    /// How many more frames the ring takes (`ef_vi_transmit_space`). A send whose completion a poll has found
    /// counts as done here, be it handed out yet or not.
    #[inline]
    pub fn space(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_transmit_space(self.inner.vi()) }.max(0) as usize
    }

    /// How many frames the ring holds when full: one fewer than its size (`ef_vi_transmit_capacity`).
    #[inline]
    pub fn capacity(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_transmit_capacity(self.inner.vi()) }.max(0) as usize
    }
}

impl fmt::Debug for Transmit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit").field("space", &self.space()).field("capacity", &self.capacity()).finish()
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use std::vec::Vec;

    use crate::mock::Fabric;
    use crate::{Driver, Event, PacketPool, ProtectionDomain, RejectReason, SendError, Timestamps, VirtualInterface};

    /// The library has room again for all that an event completed before their buffers are handed out: the slots hold
    /// both. `Slots::fill` asserts that none of them is in use.
    #[test]
    fn a_ring_is_filled_again_while_its_completions_are_handed_out() {
        const REFILLED: usize = if cfg!(miri) { 100 } else { 3000 };
        for timestamps in [Timestamps::empty(), Timestamps::TX] {
            let (port, _other) = Fabric::new().cable().unwrap();
            let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
            let mut pool = PacketPool::builder().buffers(1024).buffer_size(256).build(&domain).unwrap();
            let builder = VirtualInterface::builder().tx_capacity(512).timestamps(timestamps);
            let mut vi = builder.build(&domain).unwrap();
            let (mut tx, mut rx) = vi.split();
            let mut sequence = 0_u64;
            let mut fill = |tx: &mut crate::Transmit<'_>| {
                let mut count = 0;
                loop {
                    let mut buffer = pool.take().unwrap();
                    buffer.write(&[0; 60]).unwrap();
                    buffer[20..28].copy_from_slice(&sequence.to_le_bytes());
                    match tx.send(buffer) {
                        Ok(()) => (sequence, count) = (sequence + 1, count + 1),
                        Err(rejected) => {
                            assert_eq!(rejected.reason, RejectReason::RingFull);
                            assert_eq!(tx.space(), 0);
                            return count;
                        }
                    }
                }
            };
            let (mut sent, mut refilled) = (fill(&mut tx), 0);
            let mut done = 0;
            while done < sent {
                let mut events = rx.poll();
                while let Some(event) = events.next() {
                    let Event::Sent(back) = event else { panic!("{event:?}") };
                    assert_eq!(back.buffer[20..28], (done as u64).to_le_bytes(), "in order");
                    done += 1;
                    if refilled < REFILLED {
                        refilled += fill(&mut tx);
                    }
                }
                sent = tx.capacity() + refilled;
            }
            assert!(refilled >= REFILLED, "{refilled}");
            assert_eq!((done, tx.space()), (sent, tx.capacity()));
        }
    }

    /// The adapter refuses a frame that the check of the length would not have let through.
    #[test]
    fn a_failed_send_gives_its_buffer_back_and_the_queue_is_dead() {
        let (port, _other) = Fabric::new().cable().unwrap();
        let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(8).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().build(&domain).unwrap();
        vi.inner().tx.max_frame.set(2048);
        let (mut tx, mut rx) = vi.split();
        let mut sized = |length| {
            let mut buffer = pool.take().unwrap();
            buffer.set_len(length).unwrap();
            buffer
        };
        tx.send(sized(60)).unwrap();
        tx.send(sized(2048)).unwrap();
        tx.send(sized(61)).unwrap();

        let (mut sent, mut failed) = (0, 0);
        for _ in 0..10 {
            let mut events = rx.poll();
            while let Some(event) = events.next() {
                match event {
                    Event::Sent(done) => {
                        assert_eq!(done.buffer.len(), 60);
                        sent += 1;
                    }
                    Event::SendFailed(lost) => {
                        assert_eq!((lost.reason, lost.into_frame().bytes()), (SendError::TooLong, 2048));
                        failed += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!((sent, failed), (1, 1));
        let rejected = tx.send(sized(60)).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::QueueFailed);
        assert_eq!(tx.stage(rejected.buffer).unwrap_err().reason, RejectReason::QueueFailed);

        // The frame behind the failed one stays with the adapter until the VI is gone.
        let free = |pool: &mut PacketPool| core::iter::from_fn(|| pool.take()).collect::<Vec<_>>().len();
        assert_eq!(free(&mut pool), 7);
        drop(vi);
        assert_eq!(free(&mut pool), 8);
    }
}
