//! Statistics of a VI, as `ef_vi_stats_query` gives them: the adapter's counters.

use super::{adapter, is_efct};
use crate::abi::*;
use crate::counters::Counters;
use core::ffi::{c_int, c_void};
use once_cell::sync::Lazy;

/// A layout with its fields behind it, as C has it.
#[repr(C)]
struct Layout {
    head: ef_vi_stats_layout,
    fields: [ef_vi_stats_field_layout; Counters::NAMES.len()],
}

// SAFETY: it points to constant strings only.
unsafe impl Sync for Layout {}
// SAFETY: as above.
unsafe impl Send for Layout {}

static LAYOUT: Lazy<Layout> = Lazy::new(|| Layout {
    head: ef_vi_stats_layout {
        evsl_data_size: size_of::<Counters>() as c_int,
        evsl_fields_num: Counters::NAMES.len() as c_int,
        evsl_fields: [],
    },
    fields: core::array::from_fn(|i| ef_vi_stats_field_layout {
        evsfl_name: Counters::NAMES[i].as_ptr().cast_mut(),
        evsfl_offset: (i * size_of::<u64>()) as c_int,
        evsfl_size: size_of::<u64>() as c_int,
    }),
});

/// `ef_vi_stats_query_layout`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_stats_query_layout(vi: *mut ef_vi, layout: *mut *const ef_vi_stats_layout) -> c_int {
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

/// `ef_vi_stats_query`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_stats_query(
    vi: *mut ef_vi,
    _vi_dh: ef_driver_handle,
    data: *mut c_void,
    do_reset: c_int,
) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for what the layout says.
    unsafe {
        if is_efct(vi) {
            return -libc::EINVAL;
        }
        let nic = &*adapter(vi);
        data.cast::<Counters>().write_unaligned(nic.counted.read());
        if do_reset != 0 {
            nic.counted.clear();
        }
    }
    0
}
