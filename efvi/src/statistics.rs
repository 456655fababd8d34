//! What an adapter has counted.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::CStr;
use core::fmt;
use core::ptr;

use efvi_sys::{ef_driver_handle, ef_vi, ef_vi_stats_field_layout, ef_vi_stats_layout};

/// A VI's statistics: names and counts, as the adapter's layout has them (`ef_vi_stats_query_layout`).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
/// for (name, count) in &vi.statistics()? {
///     println!("{name}: {count}");
/// }
/// # assert!(vi.statistics()?.get("RX CRC errors").is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Statistics {
    fields: Vec<(String, u64)>,
}

impl Statistics {
    /// The count of that name.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.fields.iter().find(|field| field.0 == name).map(|field| field.1)
    }

    /// All, in the adapter's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Asks for the layout, then for the data; the call that failed and its result otherwise.
    ///
    /// # Safety
    /// The VI is live and this its only thread, and the handle open.
    pub(crate) unsafe fn query(
        vi: *mut ef_vi,
        handle: ef_driver_handle,
        reset: bool,
    ) -> Result<Self, (&'static str, i32)> {
        let mut layout: *const ef_vi_stats_layout = ptr::null();
        // SAFETY: the same contract; there is room for the pointer.
        let code = unsafe { efvi_sys::ef_vi_stats_query_layout(vi, &mut layout) };
        if code < 0 || layout.is_null() {
            return Err(("ef_vi_stats_query_layout", code.min(-1)));
        }
        // SAFETY: the call succeeded: a layout, which stays, with as many fields behind it as it says.
        let (size, fields) = unsafe {
            let fields = (&raw const (*layout).evsl_fields).cast::<ef_vi_stats_field_layout>();
            let count = usize::try_from((*layout).evsl_fields_num).unwrap_or(0);
            ((*layout).evsl_data_size, core::slice::from_raw_parts(fields, count))
        };
        // Words, since the library may write it as structures of words.
        let mut data = vec![0_u64; usize::try_from(size).unwrap_or(0).div_ceil(8)];
        // SAFETY: the same contract; there is room for as much as the layout says.
        let code = unsafe { efvi_sys::ef_vi_stats_query(vi, handle, data.as_mut_ptr().cast(), reset.into()) };
        if code < 0 {
            return Err(("ef_vi_stats_query", code));
        }
        let bytes: Vec<u8> = data.iter().flat_map(|word| word.to_ne_bytes()).collect();
        Ok(Statistics { fields: fields.iter().filter_map(|field| read(field, &bytes)).collect() })
    }
}

/// A field's name and value; `None` of one that is not within the data, or of more than 8 bytes.
fn read(field: &ef_vi_stats_field_layout, data: &[u8]) -> Option<(String, u64)> {
    let start = usize::try_from(field.evsfl_offset).ok()?;
    let bytes = data.get(start..start.checked_add(usize::try_from(field.evsfl_size).ok()?)?)?;
    let mut value = [0; 8];
    value.get_mut(..bytes.len())?.copy_from_slice(bytes);
    if field.evsfl_name.is_null() {
        return None;
    }
    // SAFETY: not null, so a string of the library's, which stays.
    let name = unsafe { CStr::from_ptr(field.evsfl_name) }.to_string_lossy().into_owned();
    Some((name, u64::from_le_bytes(value)))
}

impl<'a> IntoIterator for &'a Statistics {
    type Item = (&'a str, u64);
    type IntoIter = Box<dyn Iterator<Item = (&'a str, u64)> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl fmt::Debug for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_where_it_lies_and_not_beyond_the_data() {
        let field = |offset, size| ef_vi_stats_field_layout {
            evsfl_name: c"count".as_ptr().cast_mut(),
            evsfl_offset: offset,
            evsfl_size: size,
        };
        let data: Vec<u8> = (1..=16).collect();
        assert_eq!(read(&field(4, 4), &data), Some(("count".into(), 0x0807_0605)));
        assert_eq!(read(&field(8, 8), &data), Some(("count".into(), 0x100f_0e0d_0c0b_0a09)));
        for (offset, size) in [(12, 8), (-1, 4), (4, -4), (0, 9), (i32::MAX, i32::MAX)] {
            assert_eq!(read(&field(offset, size), &data), None, "{offset} {size}");
        }
    }
}
