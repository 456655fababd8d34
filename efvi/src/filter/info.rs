//! What the driver knows about a filter.

use efvi_sys::ef_filter_info;

/// What the driver says of a filter that was added (`ef_vi_filter_query`).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let filter = vi.filter_add(&efvi::Filter::ethertype(0x88b5))?;
/// if let Some(queue) = vi.filter_info(&filter)?.queue {
///     println!("by receive queue {queue}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterInfo {
    /// The adapter's number for the filter, as received packets carry it where the VI reports it.
    pub filter_id: Option<u32>,
    /// The receive queue that it steers to (X3 and X4).
    pub queue: Option<u32>,
    /// Whether that queue is the VI's alone.
    pub exclusive: bool,
}

impl FilterInfo {
    pub(crate) fn from_raw(raw: &ef_filter_info) -> Self {
        let valid = |field: u64| raw.valid_fields & field != 0;
        FilterInfo {
            filter_id: valid(efvi_sys::EF_FILTER_FIELD_ID as u64).then_some(raw.filter_id),
            queue: valid(efvi_sys::EF_FILTER_FIELD_QUEUE as u64).then_some(raw.q_id),
            exclusive: crate::release::is_exclusive(raw.flags),
        }
    }
}
