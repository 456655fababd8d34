//! Filter specifications: what each setter notes, which go together, and the filter that comes of it.
//!
//! As in the real library the setters note and combine; what the adapter can't do is refused when the filter is added.

use crate::abi::*;
use crate::errno::{Errno, Result};
use crate::filter::{Filter, Match};
use crate::frame::{ETHERTYPE_IPV4, TCP, UDP};
use core::ffi::{c_int, c_uint, c_void};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

// What has been set, as `ef_filter_spec.type` and `ef_filter_cookie.filter_type` hold it.
const MAC: c_uint = 0x1;
const IP4: c_uint = 0x2;
const ALL_UNICAST: c_uint = 0x4;
const ALL_MULTICAST: c_uint = 0x8;
const VLAN: c_uint = 0x10;
const MISMATCH_UNICAST: c_uint = 0x20;
const MISMATCH_MULTICAST: c_uint = 0x40;
pub(super) const PORT_SNIFF: c_uint = 0x80;
const BLOCK_KERNEL: c_uint = 0x100;
const BLOCK_KERNEL_UNICAST: c_uint = 0x200;
const BLOCK_KERNEL_MULTICAST: c_uint = 0x400;
pub(super) const TX_PORT_SNIFF: c_uint = 0x800;
const IP_PROTO: c_uint = 0x1000;
const ETHER_TYPE: c_uint = 0x2000;
const IP6: c_uint = 0x4000;
/// A receive queue was chosen, which is not part of what the filter matches.
const DEST: c_uint = 0x8000;

// Where in `data` each of them stands.
const VLAN_AT: usize = 5;
const TYPE_AT: usize = 3;

/// Adds `what` to a specification that holds nothing, or one of `with`.
unsafe fn set(spec: *mut ef_filter_spec, what: c_uint, with: &[c_uint], data: &[(usize, c_uint)]) -> c_int {
    // SAFETY: the ABI's contract: a specification that was initialised.
    unsafe {
        let before = (*spec).type_ & !DEST;
        if before != 0 && !with.contains(&before) {
            return -libc::EPROTONOSUPPORT;
        }
        (*spec).type_ |= what;
        for &(at, value) in data {
            (*spec).data[at] = value;
        }
    }
    0
}

/// `ef_filter_spec_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_init(spec: *mut ef_filter_spec, flags: ef_filter_flags) {
    // SAFETY: the ABI's contract: room for a specification.
    unsafe { spec.write(ef_filter_spec { type_: 0, flags, data: [0; 12] }) };
}

/// `ef_filter_spec_set_ip4_local`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip4_local(
    spec: *mut ef_filter_spec,
    protocol: c_int,
    host_be32: c_uint,
    port_be16: c_int,
) -> c_int {
    // SAFETY: this call's contract.
    unsafe { ef_filter_spec_set_ip4_full(spec, protocol, host_be32, port_be16, 0, 0) }
}

/// `ef_filter_spec_set_ip4_full`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip4_full(
    spec: *mut ef_filter_spec,
    protocol: c_int,
    host_be32: c_uint,
    port_be16: c_int,
    rhost_be32: c_uint,
    rport_be16: c_int,
) -> c_int {
    let fields = [protocol as c_uint, host_be32, port_be16 as c_uint, rhost_be32, rport_be16 as c_uint];
    let data: [_; 5] = core::array::from_fn(|at| (at, fields[at]));
    // SAFETY: this call's contract.
    unsafe { set(spec, IP4, &[VLAN], &data) }
}

/// `ef_filter_spec_set_ip6_local`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip6_local(
    spec: *mut ef_filter_spec,
    protocol: c_int,
    host: *const libc::in6_addr,
    port_be16: c_int,
) -> c_int {
    let none = libc::in6_addr { s6_addr: [0; 16] };
    // SAFETY: this call's contract.
    unsafe { ef_filter_spec_set_ip6_full(spec, protocol, host, port_be16, &none, 0) }
}

/// `ef_filter_spec_set_ip6_full`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip6_full(
    spec: *mut ef_filter_spec,
    protocol: c_int,
    host: *const libc::in6_addr,
    port_be16: c_int,
    rhost: *const libc::in6_addr,
    rport_be16: c_int,
) -> c_int {
    // SAFETY: the ABI's contract: two addresses.
    let (host, rhost) = unsafe { (host.read_unaligned().s6_addr, rhost.read_unaligned().s6_addr) };
    let mut data = [(0, protocol as c_uint); 11];
    for word in 0..4 {
        let of = |address: &[u8; 16]| {
            let at = word * 4;
            c_uint::from_ne_bytes([address[at], address[at + 1], address[at + 2], address[at + 3]])
        };
        data[1 + word] = (1 + word, of(&host));
        data[6 + word] = (7 + word, of(&rhost));
    }
    data[5] = (6, port_be16 as c_uint);
    data[10] = (11, rport_be16 as c_uint);
    // SAFETY: this call's contract.
    unsafe { set(spec, IP6, &[VLAN], &data) }
}

/// `ef_filter_spec_set_vlan`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_vlan(spec: *mut ef_filter_spec, vlan_id: c_int) -> c_int {
    let with = [IP4, IP6, MISMATCH_MULTICAST, MISMATCH_UNICAST, IP_PROTO, ETHER_TYPE];
    // SAFETY: this call's contract.
    unsafe { set(spec, VLAN, &with, &[(VLAN_AT, vlan_id as c_uint)]) }
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
    let mac = [c_uint::from_ne_bytes([a, b, c, d]), c_uint::from_ne_bytes([e, f, 0, 0])];
    let data = [(0, vlan_id as c_uint), (1, mac[0]), (2, mac[1])];
    // SAFETY: this call's contract.
    unsafe { set(spec, MAC, &[IP_PROTO, ETHER_TYPE], &data) }
}

/// `ef_filter_spec_set_unicast_all`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_unicast_all(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, ALL_UNICAST, &[], &[]) }
}

/// `ef_filter_spec_set_multicast_all`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_multicast_all(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, ALL_MULTICAST, &[], &[]) }
}

/// `ef_filter_spec_set_unicast_mismatch`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_unicast_mismatch(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, MISMATCH_UNICAST, &[VLAN], &[]) }
}

/// `ef_filter_spec_set_multicast_mismatch`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_multicast_mismatch(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, MISMATCH_MULTICAST, &[VLAN], &[]) }
}

/// `ef_filter_spec_set_port_sniff`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_port_sniff(spec: *mut ef_filter_spec, promiscuous: c_int) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, PORT_SNIFF, &[], &[(0, (promiscuous != 0).into())]) }
}

/// `ef_filter_spec_set_tx_port_sniff`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_tx_port_sniff(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, TX_PORT_SNIFF, &[], &[]) }
}

/// `ef_filter_spec_set_block_kernel`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_block_kernel(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, BLOCK_KERNEL, &[], &[]) }
}

/// `ef_filter_spec_set_block_kernel_multicast`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_block_kernel_multicast(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, BLOCK_KERNEL_MULTICAST, &[], &[]) }
}

/// `ef_filter_spec_set_block_kernel_unicast`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_block_kernel_unicast(spec: *mut ef_filter_spec) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, BLOCK_KERNEL_UNICAST, &[], &[]) }
}

/// `ef_filter_spec_set_eth_type`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_eth_type(spec: *mut ef_filter_spec, ether_type_be16: u16) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, ETHER_TYPE, &[VLAN, MAC], &[(TYPE_AT, ether_type_be16.into())]) }
}

/// `ef_filter_spec_set_ip_proto`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_ip_proto(spec: *mut ef_filter_spec, ip_proto: u8) -> c_int {
    // SAFETY: this call's contract.
    unsafe { set(spec, IP_PROTO, &[VLAN, MAC], &[(TYPE_AT, ip_proto.into())]) }
}

/// `ef_filter_spec_set_user_mark`: for adapters that mark packets, which none is any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_user_mark(_: *mut ef_filter_spec, _: u32, _: c_int) -> c_int {
    -libc::EOPNOTSUPP
}

/// `ef_filter_spec_set_user_flag`: as for marks.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_user_flag(_: *mut ef_filter_spec, _: u8, _: c_int) -> c_int {
    -libc::EOPNOTSUPP
}

/// `ef_filter_spec_set_dest`. There are no flags.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_filter_spec_set_dest(spec: *mut ef_filter_spec, dest: c_int, flags: c_uint) -> c_int {
    let Ok(dest) = u8::try_from(dest) else { return -libc::EINVAL };
    if flags != 0 {
        return -libc::EINVAL;
    }
    // SAFETY: the ABI's contract: a specification that was initialised.
    unsafe {
        (*spec).type_ |= DEST;
        // An IPv6 filter leaves no room in the data; the flags are few.
        (*spec).flags = (*spec).flags & 0xffff | c_uint::from(dest) << 16;
    }
    0
}

/// The receive queue that a specification chooses.
pub(super) fn queue(spec: &ef_filter_spec) -> Option<u8> {
    (spec.type_ & DEST != 0).then_some((spec.flags >> 16) as u8)
}

/// The filter that a specification says, and whether it takes multicast that this host sends.
///
/// `EINVAL` of what says no filter, `EPROTONOSUPPORT` of what no filter of the adapter says.
pub(super) fn filter(spec: &ef_filter_spec) -> Result<(Filter, bool)> {
    let data = &spec.data;
    let vlan = if spec.type_ & VLAN != 0 { vlan(data[VLAN_AT])? } else { None };
    let any = Match { vlan, ..Match::default() };
    let fields = match spec.type_ & !(VLAN | DEST) {
        IP4 => Match { vlan, ..ipv4(data)? },
        IP6 => Match { vlan, ..ipv6(data)? },
        MAC => mac(data)?,
        kind if kind == MAC | IP_PROTO => protocol(mac(data)?, data),
        kind if kind == MAC | ETHER_TYPE => ethertype(mac(data)?, data),
        IP_PROTO => protocol(any, data),
        ETHER_TYPE => ethertype(any, data),
        kind => return Ok((other(kind, spec.type_ & VLAN != 0, vlan, data)?, false)),
    };
    Ok((Filter::Match(fields), spec.flags & EF_FILTER_FLAG_MCAST_LOOP_RECEIVE != 0))
}

fn other(kind: c_uint, tagged: bool, vlan: Option<u16>, data: &[c_uint; 12]) -> Result<Filter> {
    Ok(match kind {
        MISMATCH_UNICAST => Filter::UnicastMismatch { vlan },
        MISMATCH_MULTICAST => Filter::MulticastMismatch { vlan },
        _ if tagged => return Err(Errno(libc::EINVAL)),
        ALL_UNICAST => Filter::AllUnicast,
        ALL_MULTICAST => Filter::AllMulticast,
        PORT_SNIFF => Filter::Sniff { promiscuous: data[0] != 0 },
        TX_PORT_SNIFF => Filter::SniffSent,
        BLOCK_KERNEL => Filter::BlockKernel { unicast: true, multicast: true },
        BLOCK_KERNEL_UNICAST => Filter::BlockKernel { unicast: true, multicast: false },
        BLOCK_KERNEL_MULTICAST => Filter::BlockKernel { unicast: false, multicast: true },
        _ => return Err(Errno(libc::EINVAL)),
    })
}

fn vlan(id: c_uint) -> Result<Option<u16>> {
    match id as c_int {
        EF_FILTER_VLAN_ID_ANY => Ok(None),
        id @ 0..4096 => Ok(Some(id as u16)),
        _ => Err(Errno(libc::EINVAL)),
    }
}

fn transport(number: c_uint) -> Result<u8> {
    let known = u8::try_from(number).ok().filter(|p| [TCP, UDP].contains(p));
    known.ok_or(Errno(libc::EPROTONOSUPPORT))
}

fn port(be: c_uint) -> u16 {
    u16::from_be(be as u16)
}

fn ipv4(data: &[c_uint; 12]) -> Result<Match> {
    let end = |at: usize| (IpAddr::V4(Ipv4Addr::from(u32::from_be(data[at]))), port(data[at + 1]));
    // As the driver has it: no remote address is a filter for the local end.
    let from = (data[3] != 0).then(|| end(3));
    Ok(Match::ip(transport(data[0])?, end(1), from))
}

fn ipv6(data: &[c_uint; 12]) -> Result<Match> {
    let end = |at: usize, port_at: usize| {
        let mut bytes = [0; 16];
        for (to, word) in bytes.chunks_exact_mut(4).zip(&data[at..at + 4]) {
            to.copy_from_slice(&word.to_ne_bytes());
        }
        (IpAddr::V6(Ipv6Addr::from(bytes)), port(data[port_at]))
    };
    let from = (data[11] != 0).then(|| end(7, 11));
    Ok(Match::ip(transport(data[0])?, end(1, 6), from))
}

fn mac(data: &[c_uint; 12]) -> Result<Match> {
    let ([a, b, c, d], [e, f, ..]) = (data[1].to_ne_bytes(), data[2].to_ne_bytes());
    let mac = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    Ok(Match { mac: Some(mac), vlan: vlan(data[0])?, ..Match::default() })
}

fn protocol(fields: Match, data: &[c_uint; 12]) -> Match {
    Match { ethertype: Some(ETHERTYPE_IPV4), protocol: Some(data[TYPE_AT] as u8), ..fields }
}

fn ethertype(fields: Match, data: &[c_uint; 12]) -> Match {
    Match { ethertype: Some(port(data[TYPE_AT])), ..fields }
}
