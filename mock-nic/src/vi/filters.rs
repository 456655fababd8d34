//! The filters of a VI, and of a set of VIs.

use super::filter_spec::{self, PORT_SNIFF, TX_PORT_SNIFF};
use super::{adapter, efct, release, set};
use crate::abi::*;
use crate::errno::{Errno, Result, to_c};
use crate::faults::Fault;
use crate::filter::Filter;
use crate::trace::traced;
use crate::watch;
use crate::watch::exported;
use crate::wire::hardware_id;
use core::ffi::c_int;

/// The names of the filters by which a VI or a set sniffs. The application gets none: it removes them by their type.
#[derive(Default)]
pub(crate) struct Sniffs {
    received: Option<u32>,
    sent: Option<u32>,
}

impl Sniffs {
    fn of(&mut self, kind: u32) -> Option<&mut Option<u32>> {
        match kind {
            PORT_SNIFF => Some(&mut self.received),
            TX_PORT_SNIFF => Some(&mut self.sent),
            _ => None,
        }
    }
}

/// Adds the filter that a specification says.
pub(super) fn add(
    spec: &ef_filter_spec,
    sniffs: &mut Sniffs,
    install: impl FnOnce(Filter, bool) -> Result<u32>,
) -> Result<ef_filter_cookie> {
    let (filter, looped) = filter_spec::filter(spec)?;
    let id = install(filter, looped)?;
    let filter_id = match sniffs.of(spec.type_) {
        Some(sniff) => {
            *sniff = Some(id);
            -1
        }
        None => id as c_int,
    };
    Ok(ef_filter_cookie { filter_id, filter_type: spec.type_ as c_int })
}

/// Removes the filter that a cookie names.
pub(super) fn remove(
    cookie: &ef_filter_cookie,
    sniffs: &mut Sniffs,
    remove: impl FnOnce(u32) -> Result<()>,
) -> Result<i32> {
    let id = match sniffs.of(cookie.filter_type as u32) {
        Some(sniff) => sniff.take(),
        None => u32::try_from(cookie.filter_id).ok(),
    };
    remove(id.ok_or(Errno(libc::EINVAL))?)?;
    Ok(0)
}

/// Gives an added filter's cookie to who wants it.
pub(super) unsafe fn answer(added: Result<ef_filter_cookie>, cookie: *mut ef_filter_cookie) -> c_int {
    to_c(added.map(|added| {
        if !cookie.is_null() {
            // SAFETY: the ABI's contract: null, or room for a cookie.
            unsafe { cookie.write(added) };
        }
        0
    }))
}

/// Who may use the queue of a filter, by the filter's flags and the VI's.
fn access(filter: ef_filter_flags, vi: ef_vi_flags) -> efct::Access {
    if filter & EF_FILTER_FLAG_EXCLUSIVE_RXQ != 0 || vi & EF_VI_RX_EXCLUSIVE != 0 {
        efct::Access::Exclusive
    } else if release::is_shared(filter) {
        efct::Access::Shared
    } else {
        efct::Access::Default
    }
}

/// `ef_vi_filter_add`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_filter_add(
    vi: *mut ef_vi,
    _vi_dh: ef_driver_handle,
    spec: *const ef_filter_spec,
    cookie: *mut ef_filter_cookie,
) -> c_int {
    // SAFETY: this call's contract.
    unsafe {
        if watch::watching() {
            let [a, b, c, d, e, ..] = (*spec).data;
            let kind = (*spec).type_;
            let text = format_args!("ef_vi_filter_add({kind:#x}: {a:#x} {b:#x} {c:#x} {d:#x} {e:#x})");
            return watch::call(vi, text, watch::no_rule, || add_with_cookie(vi, spec, cookie));
        }
        add_with_cookie(vi, spec, cookie)
    }
}

unsafe fn add_with_cookie(vi: *mut ef_vi, spec: *const ef_filter_spec, cookie: *mut ef_filter_cookie) -> c_int {
    // SAFETY: the ABI's contract: an initialised specification, and a VI that was allocated.
    unsafe {
        let nic = &mut *adapter(vi);
        let (queue, access) = (filter_spec::queue(&*spec), access((*spec).flags & 0xffff, nic.flags));
        let mut sniffs = core::mem::take(&mut nic.sniffs);
        let added = add(&*spec, &mut sniffs, |filter, looped| {
            nic.domain.port.faults.refuse(Fault::NoFilter, libc::EBUSY)?;
            match nic.efct {
                Some(_) => efct::filter_add(nic, filter, queue, access),
                // Only adapters that share their queues have that.
                None if queue.is_some() => Err(Errno(libc::EOPNOTSUPP)),
                None => nic.link.filter_add(filter, looped),
            }
        });
        nic.sniffs = sniffs;
        answer(added, cookie)
    }
}

/// `ef_vi_filter_del`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_filter_del(
    vi: *mut ef_vi,
    _vi_dh: ef_driver_handle,
    cookie: *mut ef_filter_cookie,
) -> c_int {
    // SAFETY: this call's contract.
    unsafe {
        if watch::watching() {
            let text = format_args!("ef_vi_filter_del({:#x})", (*cookie).filter_id);
            return watch::call(vi, text, watch::no_rule, || delete(vi, cookie));
        }
        delete(vi, cookie)
    }
}

unsafe fn delete(vi: *mut ef_vi, cookie: *mut ef_filter_cookie) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and a filter's cookie.
    unsafe {
        let nic = &mut *adapter(vi);
        let mut sniffs = core::mem::take(&mut nic.sniffs);
        let removed = remove(&*cookie, &mut sniffs, |id| match nic.efct {
            Some(_) => efct::filter_remove(nic, id),
            None => nic.link.filter_remove(id),
        });
        nic.sniffs = sniffs;
        to_c(removed)
    }
}

exported! {
    /// `ef_vi_filter_query`: the filter's id, as packets carry it; and its queue, on adapters that share their queues.
    fn ef_vi_filter_query(
        vi: *mut ef_vi, vi_dh: ef_driver_handle, cookie: *const ef_filter_cookie, info: *mut ef_filter_info, size: usize
    ) -> c_int = query;
}

unsafe fn query(
    vi: *mut ef_vi,
    _vi_dh: ef_driver_handle,
    cookie: *const ef_filter_cookie,
    info: *mut ef_filter_info,
    size: usize,
) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and a filter's cookie.
    let (nic, id) = unsafe { (&mut *adapter(vi), (*cookie).filter_id) };
    let found = u32::try_from(id).ok().and_then(|id| {
        let (fields, queue) = match &nic.efct {
            Some(_) => (EF_FILTER_FIELD_ID | EF_FILTER_FIELD_QUEUE, efct::filter_queue(nic, id)?),
            None => nic.link.has_filter(id).then_some((EF_FILTER_FIELD_ID, 0))?,
        };
        let filter_id = hardware_id(id).into();
        Some(ef_filter_info { valid_fields: fields.into(), flags: 0, filter_id, q_id: queue.into() })
    });
    let Some(found) = found else { return -libc::EINVAL };
    let bytes = size.min(size_of::<ef_filter_info>());
    // SAFETY: the ABI's contract: room for so many bytes.
    unsafe { info.cast::<u8>().copy_from_nonoverlapping((&raw const found).cast(), bytes) };
    0
}

traced! {
    /// `ef_vi_set_filter_add`.
    fn ef_vi_set_filter_add(
        vi_set: *mut ef_vi_set, vi_set_dh: ef_driver_handle, spec: *const ef_filter_spec, cookie: *mut ef_filter_cookie
    ) -> c_int = add_to_set;
}

unsafe fn add_to_set(
    vi_set: *mut ef_vi_set,
    _vi_set_dh: ef_driver_handle,
    spec: *const ef_filter_spec,
    cookie: *mut ef_filter_cookie,
) -> c_int {
    // SAFETY: the ABI's contract: an initialised specification, and a set that was allocated.
    unsafe {
        let added = set::find((*vi_set).vis_res_id).and_then(|set| set.filter_add(&*spec));
        answer(added, cookie)
    }
}

traced! {
    /// `ef_vi_set_filter_del`.
    fn ef_vi_set_filter_del(
        vi_set: *mut ef_vi_set, vi_set_dh: ef_driver_handle, cookie: *mut ef_filter_cookie
    ) -> c_int = delete_of_set;
}

unsafe fn delete_of_set(vi_set: *mut ef_vi_set, _vi_set_dh: ef_driver_handle, cookie: *mut ef_filter_cookie) -> c_int {
    // SAFETY: the ABI's contract: a set that was allocated, and a filter's cookie.
    unsafe { to_c(set::find((*vi_set).vis_res_id).and_then(|set| set.filter_remove(&*cookie))) }
}
