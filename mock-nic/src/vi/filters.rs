//! Filter specifications, and the filters of a VI.

use super::{adapter, efct, release};
use crate::abi::*;
use crate::errno::{Errno, Result, to_c};
use crate::faults::Fault;
use crate::filter::Filter;
use crate::frame::{TCP, UDP};
use crate::watch;
use core::ffi::{c_int, c_uint, c_void};

/// `ef_filter_spec.type` of a specification in which nothing has been set.
const NOTHING: c_uint = 0;
/// `ef_filter_spec.type` of one that holds a filter's words.
const FILTER: c_uint = 1;

/// The word of a specification that holds its queue's number, and one.
const DESTINATION: usize = 11;

/// Sets a specification's filter: it can hold one.
unsafe fn set(spec: *mut ef_filter_spec, filter: Option<Filter>) -> c_int {
    let Some(filter) = filter else {
        return -libc::EPROTONOSUPPORT;
    };
    // SAFETY: the ABI's contract: a specification that was initialised.
    unsafe {
        if (*spec).type_ != NOTHING {
            return -libc::EPROTONOSUPPORT;
        }
        (*spec).type_ = FILTER;
        for (to, word) in (*spec).data.iter_mut().zip(filter.to_words()) {
            *to = word;
        }
    }
    0
}

fn protocol(number: c_int) -> Option<u8> {
    u8::try_from(number).ok().filter(|p| [TCP, UDP].contains(p))
}

fn host(be: c_uint) -> u32 {
    u32::from_be(be)
}

fn port(be: c_int) -> u16 {
    u16::from_be(be as u16)
}

/// `ef_filter_spec_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_init(spec: *mut ef_filter_spec, flags: ef_filter_flags) {
    // SAFETY: the ABI's contract: room for a specification.
    unsafe { spec.write(ef_filter_spec { type_: NOTHING, flags, data: [0; 12] }) };
}

/// `ef_filter_spec_set_ip4_local`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip4_local(
    spec: *mut ef_filter_spec,
    number: c_int,
    host_be32: c_uint,
    port_be16: c_int,
) -> c_int {
    let filter =
        protocol(number).map(|protocol| Filter::Ip4Local { protocol, address: host(host_be32), port: port(port_be16) });
    // SAFETY: this call's contract.
    unsafe { set(spec, filter) }
}

/// `ef_filter_spec_set_ip4_full`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip4_full(
    spec: *mut ef_filter_spec,
    number: c_int,
    host_be32: c_uint,
    port_be16: c_int,
    rhost_be32: c_uint,
    rport_be16: c_int,
) -> c_int {
    let filter = protocol(number).map(|protocol| Filter::Ip4Full {
        protocol,
        address: host(host_be32),
        port: port(port_be16),
        remote_address: host(rhost_be32),
        remote_port: port(rport_be16),
    });
    // SAFETY: this call's contract.
    unsafe { set(spec, filter) }
}

/// `ef_filter_spec_set_eth_local`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_eth_local(
    spec: *mut ef_filter_spec,
    vlan_id: c_int,
    mac: *const c_void,
) -> c_int {
    // SAFETY: the ABI's contract: six bytes.
    let [a, b, c, d, e, f] = unsafe { mac.cast::<[u8; 6]>().read_unaligned() };
    let vlan = match vlan_id {
        EF_FILTER_VLAN_ID_ANY => None,
        id @ 0..4096 => Some(id as u16),
        _ => return -libc::EINVAL,
    };
    let filter = Filter::EthernetLocal { mac: u64::from_be_bytes([0, 0, a, b, c, d, e, f]), vlan };
    // SAFETY: this call's contract.
    unsafe { set(spec, Some(filter)) }
}

/// `ef_filter_spec_set_multicast_all`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_multicast_all(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, Some(Filter::AllMulticast)) }
}

/// `ef_filter_spec_set_dest`: the shared receive queue to steer to, by its number on the port.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_dest(spec: *mut ef_filter_spec, queue: c_int, flags: c_uint) -> c_int {
    let Ok(queue) = u8::try_from(queue) else {
        return -libc::EINVAL;
    };
    // No flag is known.
    if flags != 0 {
        return -libc::EINVAL;
    }
    // SAFETY: the ABI's contract: a specification that was initialised.
    unsafe { (*spec).data[DESTINATION] = c_uint::from(queue) + 1 };
    0
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

unsafe fn add(vi: *mut ef_vi, spec: *const ef_filter_spec) -> Result<i32> {
    // SAFETY: the ABI's contract: an initialised specification, and a VI that was allocated.
    unsafe {
        let mut words = [0; 6];
        words.copy_from_slice(&(&(*spec).data)[..6]);
        let filter = ((*spec).type_ == FILTER).then(|| Filter::from_words(&words)).flatten();
        let filter = filter.ok_or(Errno(libc::EINVAL))?;
        let nic = &mut *adapter(vi);
        nic.domain.port.faults.refuse(Fault::NoFilter, libc::EBUSY)?;
        let queue = (&(*spec).data)[DESTINATION].checked_sub(1);
        let id = if nic.efct.is_some() {
            efct::filter_add(nic, filter, queue.map(|queue| queue as u8), access((*spec).flags, nic.flags))?
        } else if queue.is_some() {
            return Err(Errno(libc::EOPNOTSUPP));
        } else {
            nic.link.filter_add(filter)?
        };
        Ok(id as i32)
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
            let [kind, a, b, c, d, e, ..] = (*spec).data;
            let text = format_args!("ef_vi_filter_add({kind}: {a:#x} {b:#x} {c:#x} {d:#x} {e:#x})");
            return watch::call(vi, text, watch::no_rule, || add_with_cookie(vi, spec, cookie));
        }
        add_with_cookie(vi, spec, cookie)
    }
}

unsafe fn add_with_cookie(vi: *mut ef_vi, spec: *const ef_filter_spec, cookie: *mut ef_filter_cookie) -> c_int {
    // SAFETY: the ABI's contract: an initialised specification; the cookie is null or has room.
    unsafe {
        match add(vi, spec) {
            Ok(id) => {
                if !cookie.is_null() {
                    cookie.write(ef_filter_cookie { filter_id: id, filter_type: (*spec).data[0] as c_int });
                }
                0
            }
            Err(Errno(errno)) => -errno,
        }
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
        let Ok(id) = u32::try_from((*cookie).filter_id) else {
            return -libc::EINVAL;
        };
        let nic = &mut *adapter(vi);
        let removed = if nic.efct.is_some() { efct::filter_remove(nic, id) } else { nic.link.filter_remove(id) };
        to_c(removed.map(|()| 0))
    }
}
