//! Transmit descriptors as they stand in the ring: data to fetch by DMA, or an option.

/// The packet goes on in the next descriptor.
pub(super) const MORE: u64 = 1 << 62;
/// No data to fetch: a packet in the PIO region, or the choice of an alternative.
pub(super) const OPTION: u64 = 1 << 63;
/// An option: a packet in the PIO region.
const PIO: u64 = 1 << 61;

/// Bits of a DMA address.
const ADDRESS: u64 = (1 << 48) - 1;
/// The FIFO of an alternative that stands for the way straight to the wire.
const STRAIGHT: u64 = 0x1f;

/// What an option asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Send `length` bytes at `offset` in the PIO region.
    Pio { offset: usize, length: usize },
    /// What follows goes into this FIFO; with none, straight to the wire.
    Select(Option<u32>),
}

/// `length` bytes at a DMA address.
#[inline]
pub(super) fn data(address: u64, length: usize) -> u64 {
    address & ADDRESS | (length as u64) << 48
}

/// DMA address and length of what is to be fetched.
#[inline]
pub(super) fn source(descriptor: u64) -> (u64, usize) {
    (descriptor & ADDRESS, (descriptor >> 48) as usize & 0x3fff)
}

/// A packet in the PIO region.
#[inline]
pub(super) fn pio(offset: usize, length: usize) -> u64 {
    OPTION | PIO | (length as u64) << 16 | offset as u64
}

/// The choice of an alternative, by its FIFO.
#[inline]
pub(super) fn select(fifo: Option<u32>) -> u64 {
    OPTION | fifo.map_or(STRAIGHT, u64::from)
}

/// What an option says.
#[inline]
pub(super) fn choice(descriptor: u64) -> Choice {
    if descriptor & PIO != 0 {
        Choice::Pio { offset: descriptor as usize & 0xffff, length: (descriptor >> 16) as usize & 0xffff }
    } else {
        let fifo = descriptor & STRAIGHT;
        Choice::Select((fifo != STRAIGHT).then_some(fifo as u32))
    }
}

/// True if the descriptor may be written with the doorbell: one that stands for a whole packet.
#[inline]
pub(super) fn can_push(descriptor: u64) -> bool {
    // By the upper three bits: data of which no more follows, whatever the highest bit of its length, or a packet in the
    // PIO region.
    0b1010_0011_u8 >> (descriptor >> 61) & 1 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_read_back_as_they_were_written() {
        for (address, length) in [(0, 0), (ADDRESS, 4096), (0x7fff_1234_5678, 1514)] {
            assert_eq!(source(data(address, length)), (address, length));
            assert_eq!(source(data(address, length) | MORE), (address, length));
            assert_eq!(data(address, length) & (OPTION | MORE), 0);
        }
        for (offset, length) in [(0, 16), (4032, 64), (64, 1514), (0, 4096)] {
            assert_eq!(choice(pio(offset, length)), Choice::Pio { offset, length });
        }
        for fifo in [None, Some(0), Some(16), Some(30)] {
            assert_eq!(choice(select(fifo)), Choice::Select(fifo));
        }
    }

    #[test]
    fn only_a_whole_packet_can_be_pushed() {
        assert!(can_push(data(4096, 60)) && can_push(pio(64, 60)));
        assert!(!can_push(data(4096, 60) | MORE) && !can_push(select(Some(3))) && !can_push(select(None)));
    }
}
