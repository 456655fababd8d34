//! The adapter's own memory to send from: PIO regions and TX alternatives.

use super::{Domain, Driver, Vi};
use efvi_sys::*;
use std::ffi::{c_int, c_uint};
use std::rc::Rc;

/// A PIO region. It goes back to its port when its driver handle is closed.
pub struct Pio {
    driver: Rc<Driver>,
    pub raw: *mut ef_pio,
}

impl Pio {
    /// A region on the domain's driver handle, or the call's negative result.
    pub fn alloc(domain: &Rc<Domain>, length: c_uint) -> Result<Self, c_int> {
        Self::alloc_on(&domain.driver, domain, length)
    }

    /// A region on another driver handle.
    pub fn alloc_on(driver: &Rc<Driver>, domain: &Rc<Domain>, length: c_uint) -> Result<Self, c_int> {
        // SAFETY: integers and pointers, for which zeros are valid.
        let raw = Box::into_raw(Box::new(unsafe { core::mem::zeroed::<ef_pio>() }));
        let pio = Self { driver: driver.clone(), raw };
        // SAFETY: room for a region, and an allocated domain.
        let rc = unsafe { ef_pio_alloc(raw, driver.0, domain.raw, length, domain.driver.0) };
        if rc == 0 { Ok(pio) } else { Err(rc) }
    }

    pub fn length(&self) -> c_uint {
        // SAFETY: an allocated region.
        unsafe { (*self.raw).pio_len }
    }

    pub fn link(&self, vi: &Vi) -> c_int {
        // SAFETY: an allocated region and VI.
        unsafe { ef_pio_link_vi(self.raw, self.driver.0, vi.raw, vi.domain.driver.0) }
    }

    pub fn unlink(&self, vi: &Vi) -> c_int {
        // SAFETY: an allocated region and VI.
        unsafe { ef_pio_unlink_vi(self.raw, self.driver.0, vi.raw, vi.domain.driver.0) }
    }

    /// Where the region is mapped, or was.
    pub fn mapping(&self) -> *mut u8 {
        // SAFETY: an allocated region.
        unsafe { (*self.raw).pio_io }
    }

    /// Resets that, so that the next link maps it.
    pub fn forget_mapping(&self) {
        // SAFETY: an allocated region.
        unsafe { (*self.raw).pio_io = core::ptr::null_mut() }
    }

    pub fn free(&self) -> c_int {
        // SAFETY: an allocated region; a second call is refused.
        unsafe { ef_pio_free(self.raw, self.driver.0) }
    }
}

impl Drop for Pio {
    fn drop(&mut self) {
        // SAFETY: made in `alloc_on`. A VI that it is still linked with reads nothing of the structure.
        drop(unsafe { Box::from_raw(self.raw) });
    }
}

// SAFETY of all calls below: as in the file on VIs.
impl Vi {
    pub fn pio_size(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_get_pio_size(self.raw) }
    }

    pub fn pio_memcpy(&self, offset: c_int, bytes: &[u8]) -> c_int {
        // SAFETY: see above.
        unsafe { ef_pio_memcpy(self.raw, bytes.as_ptr().cast(), offset, bytes.len() as c_int) }
    }

    pub fn transmit_pio(&self, offset: c_int, length: c_int, id: usize) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_pio(self.raw, offset, length, id as c_int) }
    }

    pub fn transmit_copy_pio(&self, offset: c_int, bytes: &[u8], id: usize) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_copy_pio(self.raw, offset, bytes.as_ptr().cast(), bytes.len() as c_int, id as c_int) }
    }

    pub fn pio_warm(&self) {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_pio_warm(self.raw) }
    }

    pub fn copy_pio_warm(&self, offset: c_int, bytes: &[u8]) {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_copy_pio_warm(self.raw, offset, bytes.as_ptr().cast(), bytes.len() as c_int) }
    }

    pub fn alternatives(&self, count: c_int, space: usize) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_alloc(self.raw, self.domain.driver.0, count, space) }
    }

    pub fn free_alternatives(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_free(self.raw, self.domain.driver.0) }
    }

    pub fn alternative_count(&self) -> c_uint {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_num_ids(self.raw) }
    }

    pub fn alternative_buffering(&self, ifindex: c_int, count: c_int) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_query_buffering(self.raw, ifindex, self.domain.driver.0, count) }
    }

    /// What `ef_vi_transmit_alt_usage` reads, or the call's negative result.
    pub fn alternative_overhead(&self) -> Result<ef_vi_transmit_alt_overhead, c_int> {
        let mut params = ef_vi_transmit_alt_overhead { pre_round: 0, mask: 0, post_round: 0 };
        // SAFETY: see above; room for the result.
        let rc = unsafe { ef_vi_transmit_alt_query_overhead(self.raw, &mut params) };
        if rc == 0 { Ok(params) } else { Err(rc) }
    }

    pub fn select(&self, alternative: c_uint) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_select(self.raw, alternative) }
    }

    pub fn select_normal(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_select_normal(self.raw) }
    }

    pub fn stop(&self, alternative: c_uint) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_stop(self.raw, alternative) }
    }

    pub fn go(&self, alternative: c_uint) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_go(self.raw, alternative) }
    }

    pub fn discard(&self, alternative: c_uint) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_alt_discard(self.raw, alternative) }
    }
}
