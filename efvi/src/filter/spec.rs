//! A filter as ef_vi describes it.

use core::mem::MaybeUninit;
use core::net::{Ipv4Addr, SocketAddr, SocketAddrV6};

use efvi_sys::ef_filter_spec;

use crate::error::Errno;
use crate::mac::MacAddress;

use super::{Filter, Kind, Transport};

impl Filter {
    /// The filter as ef_vi describes it.
    pub(crate) fn spec(&self) -> Result<ef_filter_spec, Errno> {
        let mut spec = MaybeUninit::<ef_filter_spec>::zeroed();
        // SAFETY: the call initialises the structure that it is given.
        unsafe { efvi_sys::ef_filter_spec_init(spec.as_mut_ptr(), self.flags.bits()) };
        // SAFETY: initialised by the line above.
        let mut spec = unsafe { spec.assume_init() };
        let vlan = match self.vlan {
            Some(4096..) => return Err(Errno::from_return(-libc::EINVAL)),
            vlan => vlan.map(i32::from),
        };
        self.set_kind(&mut spec)?;
        match (self.mac, vlan) {
            // An address takes its VLAN along.
            (Some(mac), vlan) => set_mac(&mut spec, vlan.unwrap_or(efvi_sys::EF_FILTER_VLAN_ID_ANY), mac)?,
            // SAFETY: the structure is initialised.
            (None, Some(vlan)) => checked(unsafe { efvi_sys::ef_filter_spec_set_vlan(&mut spec, vlan) })?,
            (None, None) => {}
        }
        if let Some(queue) = self.queue {
            // SAFETY: the structure is initialised.
            checked(unsafe { efvi_sys::ef_filter_spec_set_dest(&mut spec, queue.into(), 0) })?;
        }
        Ok(spec)
    }

    fn set_kind(&self, spec: &mut ef_filter_spec) -> Result<(), Errno> {
        let code = match self.kind {
            Kind::Local(transport, SocketAddr::V4(local)) => {
                let (protocol, host, port) = (transport.number(), host(*local.ip()), port(local.port()));
                // SAFETY: the structure is initialised; the rest are values.
                unsafe { efvi_sys::ef_filter_spec_set_ip4_local(spec, protocol, host, port) }
            }
            Kind::Local(transport, SocketAddr::V6(local)) => {
                let address = host6(local);
                // SAFETY: the structure is initialised, and the address read during the call.
                unsafe {
                    efvi_sys::ef_filter_spec_set_ip6_local(spec, transport.number(), &address, port(local.port()))
                }
            }
            Kind::Full(transport, SocketAddr::V4(local), SocketAddr::V4(remote)) => {
                let protocol = transport.number();
                let (near, near_port) = (host(*local.ip()), port(local.port()));
                let (far, far_port) = (host(*remote.ip()), port(remote.port()));
                // SAFETY: the structure is initialised; the rest are values.
                unsafe { efvi_sys::ef_filter_spec_set_ip4_full(spec, protocol, near, near_port, far, far_port) }
            }
            Kind::Full(transport, SocketAddr::V6(local), SocketAddr::V6(remote)) => {
                let protocol = transport.number();
                let (near, near_port) = (host6(local), port(local.port()));
                let (far, far_port) = (host6(remote), port(remote.port()));
                // SAFETY: the structure is initialised, and the addresses read during the call.
                unsafe { efvi_sys::ef_filter_spec_set_ip6_full(spec, protocol, &near, near_port, &far, far_port) }
            }
            // Ends of different IP versions.
            Kind::Full(..) => -libc::EINVAL,
            // Said by the address alone.
            Kind::Ethernet => 0,
            Kind::EtherType(ethertype) => {
                // SAFETY: the structure is initialised.
                unsafe { efvi_sys::ef_filter_spec_set_eth_type(spec, ethertype.to_be()) }
            }
            Kind::IpProtocol(protocol) => {
                // SAFETY: the structure is initialised.
                unsafe { efvi_sys::ef_filter_spec_set_ip_proto(spec, protocol) }
            }
            Kind::Sniff { promiscuous } => {
                // SAFETY: the structure is initialised.
                unsafe { efvi_sys::ef_filter_spec_set_port_sniff(spec, promiscuous.into()) }
            }
            kind => {
                let set: unsafe extern "C" fn(*mut ef_filter_spec) -> i32 = match kind {
                    Kind::AllUnicast => efvi_sys::ef_filter_spec_set_unicast_all,
                    Kind::AllMulticast => efvi_sys::ef_filter_spec_set_multicast_all,
                    Kind::UnicastMismatch => efvi_sys::ef_filter_spec_set_unicast_mismatch,
                    Kind::MulticastMismatch => efvi_sys::ef_filter_spec_set_multicast_mismatch,
                    Kind::SniffSent => efvi_sys::ef_filter_spec_set_tx_port_sniff,
                    Kind::BlockKernelUnicast => efvi_sys::ef_filter_spec_set_block_kernel_unicast,
                    Kind::BlockKernelMulticast => efvi_sys::ef_filter_spec_set_block_kernel_multicast,
                    _ => efvi_sys::ef_filter_spec_set_block_kernel,
                };
                // SAFETY: the structure is initialised.
                unsafe { set(spec) }
            }
        };
        checked(code)
    }
}

impl Transport {
    fn number(self) -> i32 {
        match self {
            Transport::Udp => libc::IPPROTO_UDP,
            Transport::Tcp => libc::IPPROTO_TCP,
        }
    }
}

fn checked(code: i32) -> Result<(), Errno> {
    if code < 0 { Err(Errno::from_return(code)) } else { Ok(()) }
}

fn set_mac(spec: &mut ef_filter_spec, vlan: i32, mac: MacAddress) -> Result<(), Errno> {
    let octets = mac.octets();
    // SAFETY: the structure is initialised and six bytes of address are read.
    checked(unsafe { efvi_sys::ef_filter_spec_set_eth_local(spec, vlan, octets.as_ptr().cast()) })
}

/// An address with its bytes in network order, as ef_vi takes it.
fn host(address: Ipv4Addr) -> u32 {
    u32::from_ne_bytes(address.octets())
}

fn host6(address: SocketAddrV6) -> libc::in6_addr {
    libc::in6_addr { s6_addr: address.ip().octets() }
}

/// A port with its bytes in network order.
fn port(port: u16) -> i32 {
    i32::from(port.to_be())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_turned_to_network_order() {
        assert_eq!(host(Ipv4Addr::new(10, 1, 2, 3)).to_ne_bytes(), [10, 1, 2, 3]);
        assert_eq!((port(0x1234) as u16).to_ne_bytes(), [0x12, 0x34]);
    }

    #[test]
    fn a_vlan_out_of_range_is_refused() {
        for filter in [Filter::ethernet_local(MacAddress::BROADCAST, 4096), Filter::unicast_mismatch().vlan(4096)] {
            assert_eq!(filter.spec().err().map(Errno::code), Some(libc::EINVAL));
        }
    }

    #[test]
    fn ends_of_two_ip_versions_are_refused() {
        let (four, six) = ("10.0.0.1:1".parse::<SocketAddr>().unwrap(), "[::1]:1".parse::<SocketAddr>().unwrap());
        assert_eq!(Filter::udp_full(four, six).spec().err().map(Errno::code), Some(libc::EINVAL));
    }
}
