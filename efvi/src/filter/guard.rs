//! A filter that goes with its guard.

use core::fmt;
use core::mem::ManuallyDrop;

use crate::error::Result;

use super::FilterId;

/// Something that has filters.
pub(crate) trait Steer {
    fn remove(&self, filter: FilterId) -> Result<()>;
}

/// A filter that is removed when this is dropped. [`Interface::filter_scoped`](crate::Interface::filter_scoped) and
/// [`ViSet::filter_scoped`](crate::ViSet::filter_scoped) make it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::Filter;
///
/// let vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let auction = vi.filter_scoped(&Filter::ethertype(0x88b5))?;
/// println!("{:?}", vi.filter_info(auction.id())?);
/// auction.remove()?; // or drop it, or `leave` it for as long as the VI
/// # Ok(())
/// # }
/// ```
#[must_use = "the filter is removed when its guard is dropped: keep the guard, or use `filter_add`"]
pub struct FilterGuard<'a> {
    owner: &'a dyn Steer,
    filter: ManuallyDrop<FilterId>,
}

impl<'a> FilterGuard<'a> {
    pub(crate) fn new(owner: &'a dyn Steer, filter: FilterId) -> Self {
        FilterGuard { owner, filter: ManuallyDrop::new(filter) }
    }

    /// The filter's identity, to ask about it.
    pub fn id(&self) -> &FilterId {
        &self.filter
    }

    /// Removes the filter (`ef_vi_filter_del`, `ef_vi_set_filter_del`), and says how that went; dropping the guard does
    /// not.
    ///
    /// # Errors
    /// [`Error::FilterRemove`](crate::Error::FilterRemove).
    pub fn remove(self) -> Result<()> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: taken once: the guard's drop does not run.
        let filter = unsafe { ManuallyDrop::take(&mut this.filter) };
        this.owner.remove(filter)
    }

    /// Lets the filter stay as long as its VI or set does.
    pub fn leave(self) -> FilterId {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: taken once: the guard's drop does not run.
        unsafe { ManuallyDrop::take(&mut this.filter) }
    }
}

impl Drop for FilterGuard<'_> {
    fn drop(&mut self) {
        // SAFETY: taken once: `remove` and `leave` keep this from running.
        let filter = unsafe { ManuallyDrop::take(&mut self.filter) };
        // Whoever wants to know calls `remove`. What fails here goes with the VI.
        self.owner.remove(filter).ok();
    }
}

impl fmt::Debug for FilterGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FilterGuard").field(self.id()).finish()
    }
}
