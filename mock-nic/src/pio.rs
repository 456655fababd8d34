//! PIO: memory of the adapter that a program writes packets into, to send them without a DMA.
//!
//! A port has a limited number of regions. As with the real driver, what gives a region back is the end of its driver
//! handle: `ef_pio_free` frees what the library has of it.

use crate::abi::*;
use crate::array::Array;
use crate::checks::Violation;
use crate::checks::rules::State;
use crate::domain;
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::faults::Fault;
use crate::port::Port;
use crate::trace::traced;
use crate::vi::adapter;
use crate::watch::{self, Checked};
use core::ffi::{c_int, c_uint, c_void};
use core::fmt;
use core::ops::Deref;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed};
use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a port has for PIO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of a region.
    pub(crate) size: usize,
    /// How many regions there are.
    pub(crate) count: u32,
}

/// The adapter is written to in words of this many bytes.
pub(crate) const WORD: usize = 8;

/// A region of the adapter's memory.
pub(crate) struct Region {
    id: u32,
    port: Arc<Port>,
    /// The adapter's memory, whole words whatever the length that was asked for.
    io: Array<u8>,
    /// The library's copy, from which `ef_pio_memcpy` fills up words.
    copy: Array<u8>,
    /// Bytes of it that may be used.
    length: usize,
    /// The VI whose part of the adapter's address space `pio_io` points into; 0 when that is not mapped.
    window: AtomicUsize,
    /// The program has freed it: the library's copy is gone, and the adapter's memory is the handle's still.
    freed: AtomicBool,
}

// SAFETY: its arrays are only reached through pointers, by threads that use VIs linked with it; as with the adapter's
// memory, two that write to the same part are at odds with each other.
unsafe impl Sync for Region {}

impl Region {
    /// The adapter's memory at `offset`; none unless `bytes` from there on lie within the region.
    #[inline]
    pub(crate) fn at(&self, offset: usize, bytes: usize) -> Option<*mut u8> {
        (offset <= self.length && bytes <= self.length - offset).then(|| self.io.base.wrapping_add(offset))
    }

    /// A mistake of the program's with it.
    #[cold]
    fn report(&self, violation: Violation, what: fmt::Arguments<'_>) {
        if let Some(checks) = &self.port.checks {
            checks.report(violation, format_args!("PIO region {}: {what}", self.id));
        }
    }

    /// The same if it was freed.
    fn report_freed(&self, what: &str) {
        if self.freed.load(Relaxed) {
            self.report(Violation::UseAfterFree, format_args!("{what} after it was freed"));
        }
    }

    /// Whether what the library writes gets to the adapter. If not, `pio_io` is left over from a link that is gone: the
    /// real library's stores fault then, or change whatever has come to lie there.
    #[inline]
    pub(crate) fn is_mapped(&self) -> bool {
        self.window.load(Relaxed) != 0
    }
}

/// A region that a VI is linked with.
pub(crate) struct Linked {
    region: Arc<Region>,
    vi: usize,
}

impl Deref for Linked {
    type Target = Region;

    fn deref(&self) -> &Region {
        &self.region
    }
}

impl Drop for Linked {
    fn drop(&mut self) {
        // Nothing that is written through a VI that is gone gets anywhere.
        let _ = self.region.window.compare_exchange(self.vi, 0, Relaxed, Relaxed);
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        self.port.pio_taken.fetch_sub(1, Relaxed);
    }
}

/// A region as its driver handle has it.
struct Owned {
    handle: ef_driver_handle,
    region: Arc<Region>,
}

static REGIONS: Lazy<Mutex<HashMap<u32, Owned>>> = Lazy::new(Mutex::default);
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

fn regions() -> MutexGuard<'static, HashMap<u32, Owned>> {
    REGIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A driver handle was closed: its regions go back to their ports, those that are linked as soon as they are unlinked.
pub(crate) fn close(handle: ef_driver_handle) {
    let mut kept = regions();
    let (gone, rest) = kept.drain().partition(|(_, owned): &(u32, Owned)| owned.handle == handle);
    *kept = rest;
    drop(kept);
    let _: HashMap<u32, Owned> = gone;
}

fn alloc(pd: u32, hint: c_uint, handle: ef_driver_handle) -> Result<ef_pio> {
    driver::check(handle)?;
    let domain = domain::find(pd)?;
    let port = domain.port.clone();
    let limits = domain.datapath.pio().ok_or(Errno(libc::EOPNOTSUPP))?;
    port.faults.refuse(Fault::NoPio, libc::ENOSPC)?;
    port.pio_taken
        .fetch_update(Relaxed, Relaxed, |taken| (taken < limits.count).then_some(taken + 1))
        .map_err(|_| Errno(libc::ENOSPC))?;
    let id = NEXT_ID.fetch_add(1, Relaxed);
    let length = limits.size.min(hint as usize);
    let (io, copy) = (Array::new(limits.size, 0), Array::new(limits.size, 0));
    let region =
        Arc::new(Region { id, port, io, copy, length, window: AtomicUsize::new(0), freed: AtomicBool::new(false) });
    let pio = ef_pio {
        pio_buffer: region.copy.base,
        pio_io: ptr::null_mut(),
        pio_resource_id: id,
        pio_len: length as c_uint,
    };
    regions().insert(id, Owned { handle, region });
    Ok(pio)
}

traced! {
    /// `ef_pio_alloc`. `-ENOSPC` when the port's regions are used up.
    fn ef_pio_alloc(
        pio: *mut ef_pio, pio_dh: ef_driver_handle, pd: *mut ef_pd, len_hint: c_uint, pd_dh: ef_driver_handle
    ) -> c_int = alloc_region;
}

unsafe fn alloc_region(
    pio: *mut ef_pio,
    pio_dh: ef_driver_handle,
    pd: *mut ef_pd,
    len_hint: c_uint,
    _pd_dh: ef_driver_handle,
) -> c_int {
    // SAFETY: the ABI's contract: an allocated domain.
    let id = unsafe { (*pd).pd_resource_id };
    to_c(alloc(id, len_hint, pio_dh).map(|filled| {
        // SAFETY: the ABI's contract: room for a region.
        unsafe { pio.write(filled) };
        0
    }))
}

traced! {
    /// `ef_pio_free`. A region must not be linked when it is freed; like the real library, this looks no more whether it
    /// is. A second call, which corrupts the heap there, is `-EINVAL`.
    fn ef_pio_free(pio: *mut ef_pio, pio_dh: ef_driver_handle) -> c_int = free;
}

unsafe fn free(pio: *mut ef_pio, _pio_dh: ef_driver_handle) -> c_int {
    // SAFETY: the ABI's contract: a region that was allocated.
    let id = unsafe { (*pio).pio_resource_id };
    let known = regions();
    let Some(Owned { region, .. }) = known.get(&id) else { return -libc::EINVAL };
    if region.freed.swap(true, Relaxed) {
        region.report(Violation::UseAfterFree, format_args!("freed a second time"));
        return -libc::EINVAL;
    }
    // The table has one reference, each VI that it is linked to another.
    if Arc::strong_count(region) > 1 {
        region.report(Violation::PioInUse, format_args!("freed while a VI is linked with it"));
    }
    0
}

traced! {
    /// `ef_pio_link_vi`. A VI has one region at most: `-EALREADY`. Both must be of one adapter: `-EINVAL`. As the real
    /// library, this maps the region only if `pio_io` is null, and links one that was freed: its handle has it still.
    fn ef_pio_link_vi(
        pio: *mut ef_pio, pio_dh: ef_driver_handle, vi: *mut ef_vi, vi_dh: ef_driver_handle
    ) -> c_int = link;
}

unsafe fn link(pio: *mut ef_pio, pio_dh: ef_driver_handle, vi: *mut ef_vi, vi_dh: ef_driver_handle) -> c_int {
    if let Err(e) = driver::check(pio_dh).and(driver::check(vi_dh)) {
        return to_c(Err(e));
    }
    // SAFETY: the ABI's contract: a region and a VI that were allocated, used by this thread alone.
    unsafe {
        let region = match regions().get(&(*pio).pio_resource_id) {
            Some(owned) => owned.region.clone(),
            None => return -libc::EINVAL,
        };
        region.report_freed("linked");
        let nic = &mut *adapter(vi);
        if !Arc::ptr_eq(&region.port, &nic.domain.port) || (*vi).vi_txq.mask == 0 {
            return -libc::EINVAL;
        }
        // The port may have another datapath, with PIO.
        if nic.domain.datapath.pio().is_none() {
            return -libc::EOPNOTSUPP;
        }
        if nic.pio.is_some() {
            return -libc::EALREADY;
        }
        let id = ptr::from_mut(nic).addr();
        if (*pio).pio_io.is_null() {
            (*pio).pio_io = region.io.base;
            region.window.store(id, Relaxed);
        }
        (*vi).linked_pio = pio;
        nic.pio = Some(Linked { region, vi: id });
        0
    }
}

traced! {
    /// `ef_pio_unlink_vi`. `-EALREADY` if the VI has no region, `-EINVAL` if it has another. As the real library, this
    /// unmaps the region, whichever VI it was mapped for, and leaves `pio_io` and `linked_pio` as they are.
    fn ef_pio_unlink_vi(
        pio: *mut ef_pio, pio_dh: ef_driver_handle, vi: *mut ef_vi, vi_dh: ef_driver_handle
    ) -> c_int = unlink;
}

unsafe fn unlink(pio: *mut ef_pio, _pio_dh: ef_driver_handle, vi: *mut ef_vi, _vi_dh: ef_driver_handle) -> c_int {
    // SAFETY: as in `ef_pio_link_vi`.
    unsafe {
        let nic = &mut *adapter(vi);
        match &nic.pio {
            None => return -libc::EALREADY,
            Some(region) if region.id != (*pio).pio_resource_id => return -libc::EINVAL,
            Some(_) => {}
        }
        if let Some(linked) = nic.pio.take() {
            linked.region.window.store(0, Relaxed);
        }
        0
    }
}

/// `ef_vi_get_pio_size`. `-EINVAL` if the VI has no region.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_get_pio_size(vi: *mut ef_vi) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated.
    let region = unsafe { &(*adapter(vi)).pio };
    region.as_ref().map_or(-libc::EINVAL, |region| region.length as c_int)
}

/// `ef_pio_memcpy`. The adapter is written to in whole words: what a word's other bytes get is what the library's copy
/// has there, which knows nothing of `ef_vi_transmit_copy_pio`. `-EINVAL` if the bytes don't lie within the region.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pio_memcpy(vi: *mut ef_vi, base: *const c_void, offset: c_int, len: c_int) -> c_int {
    // SAFETY: this call's contract.
    unsafe {
        if watch::watching() {
            let text = format_args!("ef_pio_memcpy({base:p}, {offset}, {len})");
            let rule = |rules: &mut State, vi: &Checked<'_>| {
                rules.write_pio(vi, offset, len);
                if let Some(region) = &vi.nic().pio {
                    region.report_freed("its copy written to");
                }
            };
            return watch::call(vi, text, rule, || write(vi, base, offset, len));
        }
        write(vi, base, offset, len)
    }
}

unsafe fn write(vi: *mut ef_vi, base: *const c_void, offset: c_int, len: c_int) -> c_int {
    let (Ok(offset), Ok(bytes)) = (usize::try_from(offset), usize::try_from(len)) else {
        return -libc::EINVAL;
    };
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    let nic = unsafe { &mut *adapter(vi) };
    let Some(region) = &nic.pio else {
        return -libc::EINVAL;
    };
    if region.at(offset, bytes).is_none() {
        return -libc::EINVAL;
    }
    if let Some(time) = &mut nic.time {
        time.pio(bytes);
    }
    let (from, to) = (offset / WORD * WORD, (offset + bytes).next_multiple_of(WORD));
    // SAFETY: within both arrays, which are whole words long; the program gives `len` bytes of its own.
    unsafe {
        region.copy.base.add(offset).copy_from_nonoverlapping(base.cast(), bytes);
        if !region.is_mapped() {
            return 0;
        }
        region.io.base.add(from).copy_from_nonoverlapping(region.copy.base.add(from), to - from);
    }
    0
}
