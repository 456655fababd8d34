//! The sizes that a ring can have.

use core::fmt;

/// A set of sizes, each a power of two: which capacities an adapter's rings can have.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let sizes = domain.capabilities()?.rx_ring_sizes();
/// let rx_capacity = sizes.iter().find(|size| *size >= 1000).or(sizes.largest()).unwrap_or(512);
/// assert!(sizes.contains(rx_capacity));
/// let vi = efvi::VirtualInterface::builder().rx_capacity(rx_capacity).build(&domain)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sizes {
    /// A bit for each size, which is its value.
    mask: u64,
}

impl Sizes {
    pub(crate) const fn from_mask(mask: u64) -> Self {
        Sizes { mask }
    }

    /// Whether a ring can have this size.
    pub const fn contains(self, size: u32) -> bool {
        size.is_power_of_two() && self.mask & size as u64 != 0
    }

    /// The smallest; `None` of an empty set.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// let sizes = domain.capabilities()?.tx_ring_sizes();
    /// println!("from {:?} to {:?}", sizes.smallest(), sizes.largest());
    /// # Ok(())
    /// # }
    /// ```
    pub fn smallest(self) -> Option<u32> {
        self.iter().next()
    }

    /// The largest; `None` of an empty set.
    pub fn largest(self) -> Option<u32> {
        self.iter().last()
    }

    /// All of them, from the smallest up.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (0..32).map(|bit| 1_u32 << bit).filter(move |size| self.contains(*size))
    }
}

impl fmt::Debug for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn a_set_has_its_sizes_and_no_others() {
        let sizes = Sizes::from_mask(512 | 1024 | 1 << 31 | 1 << 40);
        assert!(sizes.contains(512) && !sizes.contains(513) && !sizes.contains(1536) && !sizes.contains(0));
        assert_eq!(sizes.iter().collect::<Vec<_>>(), [512, 1024, 1 << 31]);
        assert_eq!((sizes.smallest(), sizes.largest()), (Some(512), Some(1 << 31)));
        assert_eq!((Sizes::default().smallest(), Sizes::default().largest()), (None, None));
        assert_eq!(format!("{:?}", Sizes::from_mask(6)), "{2, 4}");
    }
}
