//! Which way to send, chosen while the program runs.

use core::fmt;

use crate::capability::Capability;
use crate::domain::ProtectionDomain;
use crate::error::Result;
use crate::memory::Buffer;
use crate::pio::PioRegion;

use super::super::VirtualInterface;
use super::super::builder::{Ctpio, VirtualInterfaceBuilder};
use super::super::rejected::{RejectReason, Rejected};
use super::super::transmit::Transmit;
use super::CutThrough;

/// A way to send, for programs that run on several adapters.
///
/// [`best`](Self::best) asks what an adapter has, [`build`](Self::build) makes a VI that can send so, and
/// [`Transmit::send_by`] sends:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use efvi::*;
/// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
/// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
/// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
/// let mode = SendMode::best(&domain)?;
/// let mut vi = mode.build(VirtualInterface::builder(), &domain)?;
/// let (mut tx, _rx) = vi.split();
/// let mut buffer = pool.take().ok_or("the pool is empty")?;
/// buffer.write(&[0xff; 60])?;
/// tx.send_by(mode, buffer)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendMode {
    /// CTPIO, the wire starting then. With [`CutThrough::StoreAndForward`] no frame is ever poisoned.
    Ctpio(CutThrough),
    /// PIO.
    Pio,
    /// DMA.
    Dma,
}

impl SendMode {
    /// All modes, the fastest first. Cut-through is after 64 bytes: a mode with another threshold is as
    /// good for [`build`](Self::build) and [`Transmit::send_by`].
    pub const BY_LATENCY: [SendMode; 4] = [
        SendMode::Ctpio(CutThrough::After(64)),
        SendMode::Ctpio(CutThrough::StoreAndForward),
        SendMode::Pio,
        SendMode::Dma,
    ];

    /// The fastest mode that the domain's adapter has.
    ///
    /// # Errors
    /// [`Error::Capability`](crate::Error::Capability) when the driver can't answer.
    pub fn best(domain: &ProtectionDomain) -> Result<SendMode> {
        for mode in Self::BY_LATENCY {
            if mode.is_supported(domain)? {
                return Ok(mode);
            }
        }
        Ok(SendMode::Dma)
    }

    /// Whether the domain's adapter has this mode.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::SendMode;
    ///
    /// for mode in SendMode::BY_LATENCY {
    ///     println!("{mode:?}: {}", mode.is_supported(&domain)?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Capability`](crate::Error::Capability) when the driver can't answer.
    pub fn is_supported(self, domain: &ProtectionDomain) -> Result<bool> {
        let capability = match self {
            SendMode::Ctpio(_) => Capability::Ctpio,
            SendMode::Pio => Capability::Pio,
            SendMode::Dma => return Ok(true),
        };
        Ok(domain.capability(capability)?.is_some())
    }

    /// Builds a VI that can send so: with CTPIO, or linked with a PIO region of its own.
    ///
    /// # Errors
    /// As [`VirtualInterfaceBuilder::build`], and of PIO as [`PioRegion::new`].
    pub fn build(self, builder: VirtualInterfaceBuilder, domain: &ProtectionDomain) -> Result<VirtualInterface> {
        match self {
            SendMode::Ctpio(CutThrough::After(_)) => builder.ctpio(Ctpio::Poison).build(domain),
            SendMode::Ctpio(CutThrough::StoreAndForward) => builder.ctpio(Ctpio::NoPoison).build(domain),
            SendMode::Pio => {
                let vi = builder.build(domain)?;
                vi.link_pio(&PioRegion::new(domain, usize::MAX)?)?;
                Ok(vi)
            }
            SendMode::Dma => builder.build(domain),
        }
    }
}

impl fmt::Display for SendMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendMode::Ctpio(CutThrough::After(bytes)) => write!(f, "CTPIO, cut through after {bytes} bytes"),
            SendMode::Ctpio(CutThrough::StoreAndForward) => f.write_str("CTPIO, store and forward"),
            SendMode::Pio => f.write_str("PIO"),
            SendMode::Dma => f.write_str("DMA"),
        }
    }
}

impl Transmit<'_> {
    /// Sends a frame by this mode. By PIO, a frame that the region has no room for now, or that is too short for it,
    /// goes by DMA. The buffer comes back by [`Event::Sent`](crate::Event::Sent) in every mode. Costs the mode's own
    /// send, and a branch on the mode.
    ///
    /// # Errors
    /// As the mode's own send: [`send_ctpio`](Self::send_ctpio), [`send_pio`](Self::send_pio), [`send`](Self::send).
    #[inline]
    pub fn send_by(&mut self, mode: SendMode, buffer: Buffer) -> core::result::Result<(), Rejected> {
        match mode {
            SendMode::Ctpio(cut_through) => self.send_ctpio(buffer, cut_through),
            SendMode::Pio => match self.send_pio(buffer) {
                Err(Rejected { buffer, reason: RejectReason::PioFull | RejectReason::FrameTooShort { .. } }) => {
                    self.send(buffer)
                }
                outcome => outcome,
            },
            SendMode::Dma => self.send(buffer),
        }
    }
}
