//! Filters: which of the frames that arrive at the adapter a virtual interface receives.

use core::fmt;
use core::mem::MaybeUninit;
use core::net::SocketAddrV4;

use efvi_sys::{ef_filter_cookie, ef_filter_spec};

use crate::error::Errno;
use crate::mac::MacAddress;

/// What a filter matches. It takes effect when a VI adds it:
/// [`VirtualInterface::filter_add`](crate::VirtualInterface::filter_add).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    UdpLocal(SocketAddrV4),
    UdpFull { local: SocketAddrV4, remote: SocketAddrV4 },
    EthernetLocal { mac: MacAddress, vlan: Option<u16> },
    AllMulticast,
}

impl Filter {
    /// UDP over IPv4 to this address and port, from anyone (`ef_filter_spec_set_ip4_local`).
    pub const fn udp_local(local: SocketAddrV4) -> Self {
        Filter { kind: Kind::UdpLocal(local) }
    }

    /// UDP over IPv4 to this address and port, from that one (`ef_filter_spec_set_ip4_full`).
    pub const fn udp_full(local: SocketAddrV4, remote: SocketAddrV4) -> Self {
        Filter { kind: Kind::UdpFull { local, remote } }
    }

    /// All frames to this Ethernet address, in one VLAN (below 4096) or, with `None`, in any or none
    /// (`ef_filter_spec_set_eth_local`).
    pub fn ethernet_local(mac: MacAddress, vlan: impl Into<Option<u16>>) -> Self {
        Filter { kind: Kind::EthernetLocal { mac, vlan: vlan.into() } }
    }

    /// All multicast frames (`ef_filter_spec_set_multicast_all`).
    pub const fn all_multicast() -> Self {
        Filter { kind: Kind::AllMulticast }
    }

    /// The filter as ef_vi describes it.
    pub(crate) fn spec(&self) -> Result<ef_filter_spec, Errno> {
        const UDP: i32 = libc::IPPROTO_UDP;
        let mut spec = MaybeUninit::<ef_filter_spec>::zeroed();
        // SAFETY: the call initialises the structure that it is given.
        unsafe { efvi_sys::ef_filter_spec_init(spec.as_mut_ptr(), efvi_sys::EF_FILTER_FLAG_NONE) };
        // SAFETY: initialised by the line above.
        let mut spec = unsafe { spec.assume_init() };
        let code = match self.kind {
            Kind::UdpLocal(local) => {
                let (host, port) = network_order(local);
                // SAFETY: the structure is initialised; the rest are values.
                unsafe { efvi_sys::ef_filter_spec_set_ip4_local(&mut spec, UDP, host, port) }
            }
            Kind::UdpFull { local, remote } => {
                let (host, port) = network_order(local);
                let (remote_host, remote_port) = network_order(remote);
                // SAFETY: as above.
                unsafe { efvi_sys::ef_filter_spec_set_ip4_full(&mut spec, UDP, host, port, remote_host, remote_port) }
            }
            Kind::EthernetLocal { mac, vlan } => {
                let vlan = match vlan {
                    None => efvi_sys::EF_FILTER_VLAN_ID_ANY,
                    Some(vlan) if vlan < 4096 => i32::from(vlan),
                    Some(_) => return Err(Errno::from_return(-libc::EINVAL)),
                };
                let octets = mac.octets();
                // SAFETY: the structure is initialised and six bytes of address are read.
                unsafe { efvi_sys::ef_filter_spec_set_eth_local(&mut spec, vlan, octets.as_ptr().cast()) }
            }
            Kind::AllMulticast => {
                // SAFETY: the structure is initialised.
                unsafe { efvi_sys::ef_filter_spec_set_multicast_all(&mut spec) }
            }
        };
        if code < 0 { Err(Errno::from_return(code)) } else { Ok(spec) }
    }
}

/// Address and port with their bytes in network order, as ef_vi takes them.
fn network_order(address: SocketAddrV4) -> (u32, i32) {
    (u32::from_ne_bytes(address.ip().octets()), i32::from(address.port().to_be()))
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::UdpLocal(local) => write!(f, "UDP to {local}"),
            Kind::UdpFull { local, remote } => write!(f, "UDP from {remote} to {local}"),
            Kind::EthernetLocal { mac, vlan: None } => write!(f, "Ethernet to {mac}"),
            Kind::EthernetLocal { mac, vlan: Some(vlan) } => write!(f, "Ethernet to {mac} in VLAN {vlan}"),
            Kind::AllMulticast => f.write_str("all multicast"),
        }
    }
}

/// Identifies a filter that a VI has, to remove it by
/// ([`VirtualInterface::filter_remove`](crate::VirtualInterface::filter_remove)). The VI's filters also go with the VI.
pub struct FilterId {
    pub(crate) cookie: ef_filter_cookie,
    pub(crate) vi: u64,
}

impl fmt::Debug for FilterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterId").field("filter_id", &self.cookie.filter_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;
    use core::net::Ipv4Addr;

    #[test]
    fn addresses_are_turned_to_network_order() {
        let (host, port) = network_order(SocketAddrV4::new(Ipv4Addr::new(10, 1, 2, 3), 0x1234));
        assert_eq!(host.to_ne_bytes(), [10, 1, 2, 3]);
        assert_eq!((port as u16).to_ne_bytes(), [0x12, 0x34]);
    }

    #[test]
    fn a_vlan_out_of_range_is_refused() {
        let error = Filter::ethernet_local(MacAddress::BROADCAST, 4096).spec().err();
        assert_eq!(error.map(Errno::code), Some(libc::EINVAL));
    }

    #[test]
    fn a_filter_says_what_it_matches() {
        let local = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 7);
        let remote = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 2), 8);
        assert_eq!(Filter::udp_local(local).to_string(), "UDP to 10.0.0.1:7");
        assert_eq!(Filter::udp_full(local, remote).to_string(), "UDP from 10.0.0.2:8 to 10.0.0.1:7");
        let mac = MacAddress([0, 15, 83, 1, 2, 3]);
        assert_eq!(Filter::ethernet_local(mac, None).to_string(), "Ethernet to 00:0f:53:01:02:03");
        assert_eq!(Filter::ethernet_local(mac, 5).to_string(), "Ethernet to 00:0f:53:01:02:03 in VLAN 5");
        assert_eq!(Filter::all_multicast().to_string(), "all multicast");
    }
}
