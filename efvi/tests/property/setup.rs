//! What a sequence runs on.

use efvi::mock::Model;
use efvi::{Ctpio, PdFlags, Timestamps, TxPush, VirtualInterface, VirtualInterfaceBuilder};
use proptest::prelude::*;

use crate::common::models;

/// An adapter and how its VIs are built.
#[derive(Clone, Debug)]
pub struct Setup {
    pub model: Model,
    pub flags: PdFlags,
    /// Whether the adapter receives into memory of its own.
    pub by_reference: bool,
    pub builder: VirtualInterfaceBuilder,
    /// Whether the VIs have PIO regions.
    pub pio: bool,
    /// How many events a poll takes at most.
    pub batch: usize,
    /// How many buffers each end's pool has: fewer than its rings hold, or more.
    pub buffers: usize,
}

pub fn setups() -> impl Strategy<Value = Setup> {
    let rings = (0..3_u32, 0..3_u32, prop::sample::select(vec![2_usize, 16, 64]));
    let sends = prop::sample::select(vec![TxPush::Default, TxPush::Always, TxPush::Never, TxPush::Below(3)]);
    let ctpio = prop::sample::select(vec![Ctpio::Poison, Ctpio::NoPoison]);
    let timestamps = (0..4_u32).prop_map(Timestamps::from_bits_truncate);
    let rest = (sends, ctpio, timestamps, any::<bool>(), any::<bool>(), 16..3000_usize);
    (prop::sample::select(models()), rings, rest).prop_map(
        |((model, flags, by_reference), (rx, tx, batch), (tx_push, ctpio, timestamps, merge, pio, buffers))| {
            let builder = VirtualInterface::builder().ctpio(ctpio).timestamps(timestamps);
            let builder = match batch {
                2 => builder.event_batch::<2>(),
                16 => builder,
                _ => builder.event_batch::<64>(),
            };
            let mut setup = Setup { model, flags, by_reference, builder, pio: pio && !by_reference, batch, buffers };
            if !by_reference {
                // Other adapters have one size of transmit rings, no descriptors to push, no PIO, and merge nothing.
                setup.builder = setup.builder.tx_capacity(512 << tx).tx_push(tx_push).merge_events(merge);
            }
            setup.builder = setup.builder.rx_capacity(512 << rx);
            setup
        },
    )
}
