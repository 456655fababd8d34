//! The ways to send.

use std::time::Duration;

use anyhow::{Context as _, Result};
use efvi::mock::VirtualTime;
use efvi::{Ctpio, CutThrough, PioRegion, TxPush, VirtualInterface, VirtualInterfaceBuilder};

use super::bench::{End, now};

/// A way to send, each on an X2.
#[derive(Clone, Copy)]
pub enum Send {
    Doorbell,
    Push,
    PioCopied,
    PioAhead,
    Alternative,
    StoreAndForward,
    CutThrough,
}

impl Send {
    pub const EACH: [Send; 7] = [
        Send::Doorbell,
        Send::Push,
        Send::PioCopied,
        Send::PioAhead,
        Send::Alternative,
        Send::StoreAndForward,
        Send::CutThrough,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Send::Doorbell => "DMA, doorbell",
            Send::Push => "DMA, TX push",
            Send::PioCopied => "PIO, copied by the call",
            Send::PioAhead => "PIO, copied before",
            Send::Alternative => "TX alternative, let go",
            Send::StoreAndForward => "CTPIO, store and forward",
            Send::CutThrough => "CTPIO, cut-through at 64",
        }
    }

    /// A VI that can send so.
    pub fn builder(self) -> VirtualInterfaceBuilder {
        let builder = VirtualInterface::builder();
        match self {
            Send::Doorbell => builder.tx_push(TxPush::Never),
            Send::Push | Send::PioCopied | Send::PioAhead => builder.tx_push(TxPush::Always),
            Send::Alternative => builder.alternatives(1, 4096),
            Send::StoreAndForward | Send::CutThrough => builder.ctpio(Ctpio::Poison),
        }
    }

    /// Does ahead what can be done ahead, sends, and says when it was told to.
    pub fn send(self, end: &mut End, frame: &[u8]) -> Result<Duration> {
        match self {
            Send::Doorbell | Send::Push => {
                let buffer = end.buffer(frame)?;
                let called = now();
                end.vi.split().0.send(buffer)?;
                Ok(called)
            }
            Send::PioCopied => {
                end.vi.link_pio(&PioRegion::new(&end.domain, 4096)?)?;
                let buffer = end.buffer(frame)?;
                let called = now();
                end.vi.split().0.send_pio(buffer)?;
                Ok(called)
            }
            Send::PioAhead => {
                let region = PioRegion::new(&end.domain, 4096)?;
                end.vi.link_pio(&region)?;
                let mut part = region.take(frame.len()).context("no room in the PIO region")?;
                let (mut tx, _) = end.vi.split();
                tx.write_pio(&mut part, 0, frame)?;
                let called = now();
                tx.send_pio_part(part)?;
                Ok(called)
            }
            Send::Alternative => {
                let buffer = end.buffer(frame)?;
                let (mut tx, _) = end.vi.split();
                let mut alternative = tx.alternative(0).context("no alternative")?;
                alternative.send(buffer)?;
                // Until the adapter has it.
                VirtualTime::advance(Duration::from_micros(10));
                let called = now();
                alternative.go()?;
                Ok(called)
            }
            Send::StoreAndForward => ctpio(end, frame, CutThrough::StoreAndForward),
            Send::CutThrough => ctpio(end, frame, CutThrough::After(64)),
        }
    }
}

fn ctpio(end: &mut End, frame: &[u8], cut_through: CutThrough) -> Result<Duration> {
    let buffer = end.buffer(frame)?;
    let called = now();
    end.vi.split().0.send_ctpio(buffer, cut_through)?;
    Ok(called)
}
