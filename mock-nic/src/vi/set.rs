//! Sets of VIs, over which received packets are spread by the hash of their flow.

use super::filters::{self, Sniffs};
use crate::abi::*;
use crate::domain::{self, Domain};
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::faults::Fault;
use crate::trace::traced;
use crate::wire::{self, Link};
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A set of VIs. It stays while the application has it, or any of its VIs is there.
pub(crate) struct Set {
    handle: ef_driver_handle,
    pub(super) domain: Arc<Domain>,
    count: usize,
    members: Box<dyn wire::Set>,
    /// Bit by index: the VIs that are allocated.
    taken: Mutex<u64>,
    sniffs: Mutex<Sniffs>,
}

/// A VI's place in its set, given back when it is dropped.
pub(crate) struct Seat {
    set: Arc<Set>,
    index: usize,
}

/// The sets, by resource id.
static SETS: Lazy<Mutex<HashMap<u32, Arc<Set>>>> = Lazy::new(Mutex::default);
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The set of that resource id.
pub(super) fn find(id: u32) -> Result<Arc<Set>> {
    lock(&SETS).get(&id).cloned().ok_or(Errno(libc::EINVAL))
}

impl Set {
    pub(super) fn filter_add(&self, spec: &ef_filter_spec) -> Result<ef_filter_cookie> {
        filters::add(spec, &mut lock(&self.sniffs), |filter, looped| {
            self.domain.port.faults.refuse(Fault::NoFilter, libc::EBUSY)?;
            self.members.filter_add(filter, looped)
        })
    }

    pub(super) fn filter_remove(&self, cookie: &ef_filter_cookie) -> Result<i32> {
        filters::remove(cookie, &mut lock(&self.sniffs), |id| self.members.filter_remove(id))
    }

    /// Takes the place of that index, or any if it is negative. `EDOM` if there is none such, `EEXIST` if it is taken,
    /// `ENOSPC` if all are.
    pub(super) fn seat(self: &Arc<Self>, index: c_int) -> Result<Seat> {
        let mut taken = lock(&self.taken);
        let index = match usize::try_from(index) {
            Ok(index) if index >= self.count => return Err(Errno(libc::EDOM)),
            Ok(index) if *taken >> index & 1 != 0 => return Err(Errno(libc::EEXIST)),
            Ok(index) => index,
            Err(_) => (0..self.count).find(|index| *taken >> index & 1 == 0).ok_or(Errno(libc::ENOSPC))?,
        };
        *taken |= 1 << index;
        Ok(Seat { set: self.clone(), index })
    }
}

impl Seat {
    /// Has the set steer to this VI.
    pub(super) fn join(&self, link: &dyn Link) -> Result<()> {
        self.set.members.join(self.index, link.member())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *lock(&self.set.taken) &= !(1 << self.index);
    }
}

traced! {
    /// `ef_vi_set_alloc_from_pd`. `-EOPNOTSUPP` on X3 and on X4's express datapath.
    fn ef_vi_set_alloc_from_pd(
        vi_set: *mut ef_vi_set, vi_set_dh: ef_driver_handle, pd: *mut ef_pd, pd_dh: ef_driver_handle, n_vis: c_int
    ) -> c_int = alloc_from_pd;
}

unsafe fn alloc_from_pd(
    vi_set: *mut ef_vi_set,
    vi_set_dh: ef_driver_handle,
    pd: *mut ef_pd,
    _pd_dh: ef_driver_handle,
    n_vis: c_int,
) -> c_int {
    let alloc = || {
        driver::check(vi_set_dh)?;
        // SAFETY: the ABI's contract: a domain that was allocated.
        let domain = domain::find(unsafe { (*pd).pd_resource_id })?;
        // There is no RSS on shared queues.
        if domain.datapath.efct {
            return Err(Errno(libc::EOPNOTSUPP));
        }
        let count = usize::try_from(n_vis).map_err(|_| Errno(libc::EINVAL))?;
        let members = domain.port.wire.set(count)?;
        let set = Set { handle: vi_set_dh, domain, count, members, taken: Mutex::new(0), sniffs: Mutex::default() };
        let id = NEXT_ID.fetch_add(1, Relaxed);
        lock(&SETS).insert(id, Arc::new(set));
        // SAFETY: the ABI's contract: room for a set.
        unsafe { vi_set.write(ef_vi_set { vis_res_id: id, vis_pd: pd }) };
        Ok(0)
    };
    to_c(alloc())
}

traced! {
    /// `ef_vi_set_free`. Its filters go when the driver handle is closed, unless one of its VIs is still there: then with the
    /// last of them.
    fn ef_vi_set_free(vi_set: *mut ef_vi_set, vi_set_dh: ef_driver_handle) -> c_int = free;
}

unsafe fn free(vi_set: *mut ef_vi_set, _vi_set_dh: ef_driver_handle) -> c_int {
    // SAFETY: the ABI's contract: a set that was allocated.
    let set = lock(&SETS).remove(unsafe { &(*vi_set).vis_res_id });
    let Some(set) = set else { return -libc::EINVAL };
    driver::keep(set.handle, set);
    0
}
