//! Sets of VIs.

use super::{Domain, Queues, Spec, Vi};
use efvi_sys::*;
use std::ffi::c_int;
use std::ptr;
use std::rc::Rc;

/// A set of VIs, freed when dropped.
pub struct Set {
    domain: Rc<Domain>,
    raw: *mut ef_vi_set,
}

impl Set {
    /// A set for so many VIs, or the call's negative result.
    pub fn new(domain: &Rc<Domain>, count: c_int) -> Result<Self, c_int> {
        let raw = Box::into_raw(Box::new(ef_vi_set { vis_res_id: 0, vis_pd: ptr::null_mut() }));
        let handle = domain.driver.0;
        // SAFETY: an allocated domain, and room for a set.
        let rc = unsafe { ef_vi_set_alloc_from_pd(raw, handle, domain.raw, handle, count) };
        let set = Self { domain: domain.clone(), raw };
        if rc == 0 { Ok(set) } else { Err(rc) }
    }

    /// The VI of that place, or of any if it is -1.
    pub fn vi(&self, index: c_int) -> Result<Rc<Vi>, c_int> {
        self.domain.vi_by(Queues::default(), |vi, domain, queues, share| {
            let (handle, Queues { events, receive, transmit, flags, .. }) = (domain.driver.0, queues);
            // SAFETY: an allocated set, and room for a VI.
            unsafe {
                ef_vi_alloc_from_set(
                    vi, handle, self.raw, handle, index, *events, *receive, *transmit, share, handle, *flags,
                )
            }
        })
    }

    pub fn filter(&self, spec: &Spec) -> Result<ef_filter_cookie, c_int> {
        let mut cookie = ef_filter_cookie { filter_id: -1, filter_type: -1 };
        // SAFETY: a set that was allocated, an initialised specification, and room for the cookie.
        let rc = unsafe { ef_vi_set_filter_add(self.raw, self.domain.driver.0, &spec.0, &mut cookie) };
        if rc == 0 { Ok(cookie) } else { Err(rc) }
    }

    pub fn unfilter(&self, mut cookie: ef_filter_cookie) -> c_int {
        // SAFETY: as above.
        unsafe { ef_vi_set_filter_del(self.raw, self.domain.driver.0, &mut cookie) }
    }

    pub fn free(&self) -> c_int {
        // SAFETY: what was allocated, or zeros; a second call is refused.
        unsafe { ef_vi_set_free(self.raw, self.domain.driver.0) }
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        self.free();
        // SAFETY: made in `new`.
        drop(unsafe { Box::from_raw(self.raw) });
    }
}
