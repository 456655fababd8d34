//! Statistics of a VI, as `ef_vi_stats_query` gives them: those of the adapter, and behind them the mock's own counters.

use super::{adapter, is_efct};
use crate::abi::*;
use crate::counters::Counters;
use crate::watch::exported;
use core::ffi::{CStr, c_int, c_void};
use core::mem::offset_of;
use once_cell::sync::Lazy;

/// The adapter's fields, each of 4 bytes, by the names that it has for them.
const ADAPTERS: [&CStr; 4] = [c"RX CRC errors", c"RX trunk errors", c"RX no descriptor errors", c"RX abort errors"];

/// The statistics as they lie in memory.
#[repr(C)]
struct Data {
    adapters: [u32; ADAPTERS.len()],
    own: Counters,
}

const FIELDS: usize = ADAPTERS.len() + Counters::NAMES.len();

/// A layout with its fields behind it, as C has it.
#[repr(C)]
struct Layout {
    head: ef_vi_stats_layout,
    fields: [ef_vi_stats_field_layout; FIELDS],
}

// SAFETY: it points to constant strings only.
unsafe impl Sync for Layout {}
// SAFETY: as above.
unsafe impl Send for Layout {}

static LAYOUT: Lazy<Layout> = Lazy::new(|| Layout {
    head: ef_vi_stats_layout {
        evsl_data_size: size_of::<Data>() as c_int,
        evsl_fields_num: FIELDS as c_int,
        evsl_fields: [],
    },
    fields: core::array::from_fn(|i| {
        let (name, at, size) = match i.checked_sub(ADAPTERS.len()) {
            None => (ADAPTERS[i], i * size_of::<u32>(), size_of::<u32>()),
            Some(own) => (Counters::NAMES[own], offset_of!(Data, own) + own * size_of::<u64>(), size_of::<u64>()),
        };
        ef_vi_stats_field_layout {
            evsfl_name: name.as_ptr().cast_mut(),
            evsfl_offset: at as c_int,
            evsfl_size: size as c_int,
        }
    }),
});

exported! {
    /// `ef_vi_stats_query_layout`.
    fn ef_vi_stats_query_layout(vi: *mut ef_vi, layout: *mut *const ef_vi_stats_layout) -> c_int = query_layout;
}

unsafe fn query_layout(vi: *mut ef_vi, layout: *mut *const ef_vi_stats_layout) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for the result.
    unsafe {
        // The library knows those of EF10 alone.
        if is_efct(vi) {
            return -libc::EINVAL;
        }
        *layout = (&raw const *LAYOUT).cast();
    }
    0
}

exported! {
    /// `ef_vi_stats_query`.
    fn ef_vi_stats_query(
        vi: *mut ef_vi, vi_dh: ef_driver_handle, data: *mut c_void, do_reset: c_int
    ) -> c_int = query;
}

unsafe fn query(vi: *mut ef_vi, _vi_dh: ef_driver_handle, data: *mut c_void, do_reset: c_int) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for what the layout says.
    unsafe {
        if is_efct(vi) {
            return -libc::EINVAL;
        }
        let nic = &*adapter(vi);
        let own = nic.counted.read();
        let adapters = [own.rx_crc_errors, own.rx_length_errors, own.rx_no_descriptor, own.rx_aborts];
        data.cast::<Data>().write_unaligned(Data { adapters: adapters.map(|count| count as u32), own });
        if do_reset != 0 {
            nic.counted.clear();
        }
    }
    0
}
