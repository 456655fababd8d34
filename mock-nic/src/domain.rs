//! Protection domains, the memory registered with them, and what their port can do.

use crate::abi::*;
use crate::array::Array;
use crate::checks::resources;
use crate::dma::{LARGE_PAGE, PAGE, Space};
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::faults::Fault;
use crate::model::Datapath;
use crate::pd_flags;
use crate::port::{self, Port};
use crate::settings;
use crate::trace;
use crate::vi::{left, release};
use crate::wire::outside::Registered;
use core::ffi::{CStr, c_char, c_int, c_ulong, c_void};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A protection domain.
pub(crate) struct Domain {
    handle: ef_driver_handle,
    /// Its number.
    pub(crate) id: u32,
    pub(crate) flags: ef_pd_flags,
    pub(crate) port: Arc<Port>,
    /// What the application calls the interface: `ef_pd` points to it.
    name: CString,
    pub(crate) datapath: Datapath,
    pub(crate) space: Space,
    /// Where its registered memory is.
    regions: Mutex<Vec<Registered>>,
}

impl Domain {
    /// The registered memory that an address is in; an empty range for one in none.
    pub(crate) fn region(&self, address: usize) -> Registered {
        lock(&self.regions).iter().find(|region| region.range.contains(&address)).cloned().unwrap_or_default()
    }
}

/// Memory registered with a domain.
struct Region {
    handle: ef_driver_handle,
    domain: Arc<Domain>,
    registered: Registered,
    /// A DMA address for each page; what the C structure points to.
    addresses: Array<u64>,
}

/// The driver has it no more.
impl Drop for Region {
    fn drop(&mut self) {
        self.domain.space.unmap(self.addresses.elements());
    }
}

/// The domains, by resource id.
static DOMAINS: Lazy<Mutex<HashMap<u32, Arc<Domain>>>> = Lazy::new(Mutex::default);
/// The regions, by the address of their array.
static REGIONS: Lazy<Mutex<HashMap<usize, Region>>> = Lazy::new(Mutex::default);
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The domain of that resource id.
pub(crate) fn find(id: u32) -> Result<Arc<Domain>> {
    lock(&DOMAINS).get(&id).cloned().ok_or(Errno(libc::EINVAL))
}

/// The domain in which a DMA address is registered.
pub(crate) fn owner_of(address: u64) -> Option<u32> {
    let owns = |(id, domain): (&u32, &Arc<Domain>)| domain.space.reaches(address, 1).then_some(*id);
    lock(&DOMAINS).iter().find_map(owns)
}

/// True if any domain has registered memory there.
pub(crate) fn reaches(address: u64, length: usize) -> bool {
    lock(&DOMAINS).values().any(|domain| domain.space.reaches(address, length))
}

/// Flags that the model refuses, or that this version doesn't serve.
const REFUSED: ef_pd_flags = EF_PD_VPORT;

/// Flags for which memory is registered in large pages.
const LARGE_PAGES: ef_pd_flags = EF_PD_RX_PACKED_STREAM | EF_PD_MEMREG_64KiB;

unsafe fn alloc(
    pd: *mut ef_pd,
    handle: ef_driver_handle,
    flags: ef_pd_flags,
    port: impl FnOnce() -> Result<(Arc<Port>, CString)>,
) -> Result<i32> {
    driver::check(handle)?;
    let flags = pd_flags::from_environment(flags);
    if flags & REFUSED != 0 {
        return Err(Errno(libc::EOPNOTSUPP));
    }
    // Virtual functions are no longer given out.
    if flags & EF_PD_VF != 0 {
        return Err(Errno(libc::ENODEV));
    }
    // Physical addresses are for those whom the administrator lets use them.
    if flags & EF_PD_PHYS_MODE != 0 {
        return Err(Errno(libc::EPERM));
    }
    let (port, name) = port()?;
    let datapath = port.model.datapath(flags).ok_or(Errno(libc::EOPNOTSUPP))?;
    if datapath.efct && flags & EF_PD_RX_PACKED_STREAM != 0 {
        return Err(Errno(libc::EOPNOTSUPP));
    }
    let mtu = port.mtu()?;
    if mtu > datapath.max_mtu() {
        // If it is the variable's, or the interface's, that is said.
        let most = datapath.max_mtu();
        port::mtu_from_outside(most)?;
        let why = format!("an MTU up to {most} for the express datapath at {:?}, not {mtu}", port.name);
        settings::read("EFVI_MOCK_MODEL", |_| Err::<(), _>(why))?;
        return Err(Errno(libc::EINVAL));
    }
    let space = match flags & LARGE_PAGES {
        _ if datapath.efct => Space::linear(),
        0 => Space::new(),
        _ => Space::large(),
    }?;
    let id = NEXT_ID.fetch_add(1, Relaxed);
    resources::add(port.checks.as_ref(), "domains", id as usize, handle);
    let domain = Arc::new(Domain { handle, id, flags, port, name, datapath, space, regions: Mutex::default() });
    // SAFETY: the ABI's contract: room for a domain. All zero is a value of it.
    unsafe {
        let mut filled: ef_pd = core::mem::zeroed();
        filled.pd_flags = flags;
        filled.pd_resource_id = id;
        // Kept until the domain is freed.
        filled.pd_intf_name = domain.name.as_ptr().cast_mut();
        filled.pd_cluster_sock = -1;
        filled.pd_cluster_dh = -1;
        pd.write(filled);
    }
    lock(&DOMAINS).insert(id, domain);
    Ok(0)
}

/// `ef_pd_alloc`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pd_alloc(
    pd: *mut ef_pd,
    handle: ef_driver_handle,
    ifindex: c_int,
    flags: ef_pd_flags,
) -> c_int {
    // SAFETY: this call's contract.
    let rc = to_c(unsafe { alloc(pd, handle, flags, || port::by_index(ifindex)) });
    trace::call(format_args!("ef_pd_alloc({ifindex}, {flags:#x})"), rc)
}

/// `ef_pd_alloc_by_name`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pd_alloc_by_name(
    pd: *mut ef_pd,
    handle: ef_driver_handle,
    name: *const c_char,
    flags: ef_pd_flags,
) -> c_int {
    if name.is_null() {
        return -libc::EINVAL;
    }
    // SAFETY: this call's contract: a string.
    let rc = to_c(unsafe { alloc(pd, handle, flags, || port::by_name(CStr::from_ptr(name))) });
    trace::call(format_args!("ef_pd_alloc_by_name({}, {flags:#x})", trace::Text(name)), rc)
}

/// `ef_pd_alloc_with_vport`: the model's virtual ports are not served.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pd_alloc_with_vport(
    pd: *mut ef_pd,
    handle: ef_driver_handle,
    name: *const c_char,
    flags: ef_pd_flags,
    _vlan_id: c_int,
) -> c_int {
    // SAFETY: this call's contract.
    unsafe { ef_pd_alloc_by_name(pd, handle, name, flags | EF_PD_VPORT) }
}

/// `ef_pd_interface_name`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pd_interface_name(pd: *mut ef_pd) -> *const c_char {
    // SAFETY: the ABI's contract: a domain that was allocated.
    unsafe { (*pd).pd_intf_name }
}

/// `ef_pd_free`. The driver has it until its handle is closed; VIs and memory of the domain keep what they need of it until
/// they are gone themselves.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pd_free(pd: *mut ef_pd, _handle: ef_driver_handle) -> c_int {
    // SAFETY: the ABI's contract: a domain that was allocated.
    let id = unsafe { (*pd).pd_resource_id };
    let domain = lock(&DOMAINS).remove(&id);
    resources::remove("domains", id as usize);
    let rc = match domain {
        Some(domain) => {
            driver::keep(domain.handle, domain);
            0
        }
        None => -libc::EINVAL,
    };
    trace::call(format_args!("ef_pd_free(pd{id})"), rc)
}

unsafe fn register(
    mr: *mut ef_memreg,
    handle: ef_driver_handle,
    pd: *mut ef_pd,
    base: *mut c_void,
    bytes: usize,
) -> Result<i32> {
    // SAFETY: the ABI's contract: a domain that was allocated.
    let domain = find(unsafe { (*pd).pd_resource_id })?;
    let large = domain.space.is_large();
    let page = domain.datapath.page().max(if large { LARGE_PAGE } else { 0 });
    // Whole pages where they are large; where they are small half of one will do.
    let unit = if page == PAGE { PAGE / 2 } else { page };
    if base.is_null() || !base.addr().is_multiple_of(page) || bytes == 0 || !bytes.is_multiple_of(unit) {
        return Err(Errno(libc::EINVAL));
    }
    domain.port.faults.refuse(Fault::NoMemory, libc::ENOMEM)?;
    let addresses = Array::from(if large {
        domain.space.map_large(base.cast(), bytes / LARGE_PAGE)?
    } else {
        domain.space.map(base.cast(), bytes.div_ceil(PAGE))?
    });
    let array = addresses.base;
    // SAFETY: the ABI's contract: room for the registration.
    unsafe { mr.write(ef_memreg { mr_dma_addrs: array, mr_dma_addrs_base: array }) };
    resources::add(domain.port.checks.as_ref(), "memory registrations", array.addr(), handle);
    let registered = Registered::new(base.addr()..base.addr() + bytes);
    lock(&domain.regions).push(registered.clone());
    lock(&REGIONS).insert(array.addr(), Region { handle, domain, registered, addresses });
    Ok(0)
}

/// `ef_memreg_alloc`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_memreg_alloc(
    mr: *mut ef_memreg,
    mr_dh: ef_driver_handle,
    pd: *mut ef_pd,
    _pd_dh: ef_driver_handle,
    p_mem: *mut c_void,
    len_bytes: usize,
) -> c_int {
    left::catch_up();
    // SAFETY: this call's contract.
    let rc = to_c(driver::check(mr_dh).and_then(|()| unsafe { register(mr, mr_dh, pd, p_mem, len_bytes) }));
    trace::call(format_args!("ef_memreg_alloc({p_mem:p}, {len_bytes})"), rc)
}

/// `ef_memreg_free`: DMA to the memory faults from here on, which the real one lets through, to pages that it still has.
/// The driver has the pages, and their addresses, until the handle is closed that registered them.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_memreg_free(mr: *mut ef_memreg, _mr_dh: ef_driver_handle) -> c_int {
    left::catch_up();
    // SAFETY: the ABI's contract: a registration.
    let key = unsafe { (*mr).mr_dma_addrs_base.addr() };
    let Some(region) = lock(&REGIONS).remove(&key) else {
        return -libc::EINVAL;
    };
    resources::memory_freed(&region.domain, region.addresses.elements());
    resources::remove("memory registrations", key);
    // What the same addresses are next may be other pages.
    region.registered.end();
    lock(&region.domain.regions).retain(Registered::lasts);
    region.domain.space.disconnect(region.addresses.elements());
    driver::keep(region.handle, region);
    // SAFETY: as above.
    unsafe { mr.write(ef_memreg { mr_dma_addrs: ptr::null_mut(), mr_dma_addrs_base: ptr::null_mut() }) };
    trace::call(format_args!("ef_memreg_free()"), 0)
}

unsafe fn capability(datapath: Datapath, wanted: ef_vi_capability, value: *mut c_ulong) -> Result<i32> {
    let found = datapath.capability(wanted).ok_or(Errno(libc::ENOSYS))?;
    // SAFETY: the ABI's contract: room for the value.
    unsafe { value.write(found) };
    Ok(0)
}

/// What a port has on the datapath that a domain's flags choose. The question may name the datapath, too.
unsafe fn port_capability(
    handle: ef_driver_handle,
    ifindex: c_int,
    flags: ef_pd_flags,
    cap: ef_vi_capability,
    value: *mut c_ulong,
) -> Result<i32> {
    driver::check(handle)?;
    let (port, _) = port::by_index(ifindex)?;
    let (cap, named) = release::capability_flags(cap);
    let flags = pd_flags::from_environment(flags) | named;
    let datapath = port.model.datapath(flags).ok_or(Errno(libc::EOPNOTSUPP))?;
    // SAFETY: the ABI's contract: room for the value.
    unsafe { capability(datapath, cap, value) }
}

/// `ef_vi_capabilities_get`: of a domain without flags.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_capabilities_get(
    handle: ef_driver_handle,
    ifindex: c_int,
    cap: ef_vi_capability,
    value: *mut c_ulong,
) -> c_int {
    // SAFETY: this call's contract.
    to_c(unsafe { port_capability(handle, ifindex, EF_PD_DEFAULT, cap, value) })
}

/// `ef_vi_capabilities_get_from_pd_flags`: of the domain that these flags would make.
#[cfg(onload_since = "9.1.0")]
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_capabilities_get_from_pd_flags(
    handle: ef_driver_handle,
    ifindex: c_int,
    flags: ef_pd_flags,
    cap: ef_vi_capability,
    value: *mut c_ulong,
) -> c_int {
    if flags & REFUSED != 0 {
        return -libc::EOPNOTSUPP;
    }
    // SAFETY: this call's contract.
    to_c(unsafe { port_capability(handle, ifindex, flags, cap, value) })
}

/// `ef_pd_capabilities_get`.
#[cfg(onload_since = "9.1.0")]
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_pd_capabilities_get(
    handle: ef_driver_handle,
    pd: *mut ef_pd,
    _pd_dh: ef_driver_handle,
    cap: ef_vi_capability,
    value: *mut c_ulong,
) -> c_int {
    // SAFETY: the ABI's contract: a domain that was allocated.
    let datapath = driver::check(handle).and_then(|()| Ok(find(unsafe { (*pd).pd_resource_id })?.datapath));
    // SAFETY: this call's contract.
    to_c(datapath.and_then(|datapath| unsafe { capability(datapath, cap, value) }))
}

/// `ef_vi_capabilities_max`.
#[unsafe(no_mangle)]
extern "C" fn ef_vi_capabilities_max() -> c_int {
    EF_VI_CAP_MAX as c_int - 1
}
