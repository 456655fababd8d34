//! Filter specifications.
#![allow(deprecated, reason = "marks and flags are refused, which is tested")]

use super::{Packet, Packet6};
use efvi_sys::*;
use std::ffi::c_int;

/// A filter specification; each setter gives the call's result.
pub struct Spec(pub(super) ef_filter_spec);

fn host(address: [u8; 4]) -> u32 {
    u32::from_ne_bytes(address)
}

fn port(port: u16) -> c_int {
    port.to_be().into()
}

/// What can be set on a specification.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    Local(Packet),
    Full(Packet),
    Local6(Packet6),
    Full6(Packet6),
    Vlan(c_int),
    Ethernet([u8; 6], c_int),
    Ethertype(u16),
    Protocol(u8),
    AllUnicast,
    AllMulticast,
    UnicastMismatch,
    MulticastMismatch,
    Sniff(bool),
    SniffSent,
    BlockKernel,
    BlockKernelUnicast,
    BlockKernelMulticast,
    Destination(c_int, u32),
    Mark,
    Flag,
}

impl Spec {
    /// Of all these parts, which go together.
    pub fn of(parts: &[Part]) -> Self {
        let mut spec = Self::new();
        for part in parts {
            assert_eq!(spec.set(part), 0, "{part:?}");
        }
        spec
    }

    /// The same, for what this host sends, too.
    pub fn looped(self) -> Self {
        Self(ef_filter_spec { flags: self.0.flags | EF_FILTER_FLAG_MCAST_LOOP_RECEIVE, ..self.0 })
    }

    /// The call's result.
    pub fn set(&mut self, part: &Part) -> c_int {
        let spec = &raw mut self.0;
        let address = |address: [u8; 16]| libc::in6_addr { s6_addr: address };
        // SAFETY: an initialised specification, and addresses that outlive the calls.
        unsafe {
            match *part {
                Part::Local(packet) => self.set_local(&packet),
                Part::Full(packet) => self.set_full(&packet),
                Part::Local6(Packet6 { protocol, to, .. }) => {
                    ef_filter_spec_set_ip6_local(spec, protocol.into(), &address(to.0), port(to.1))
                }
                Part::Full6(Packet6 { protocol, to, from, .. }) => {
                    let (host, remote) = (address(to.0), address(from.0));
                    ef_filter_spec_set_ip6_full(spec, protocol.into(), &host, port(to.1), &remote, port(from.1))
                }
                Part::Vlan(vlan) => ef_filter_spec_set_vlan(spec, vlan),
                Part::Ethernet(mac, vlan) => self.set_ethernet(mac, vlan),
                Part::Ethertype(ethertype) => ef_filter_spec_set_eth_type(spec, ethertype.to_be()),
                Part::Protocol(protocol) => ef_filter_spec_set_ip_proto(spec, protocol),
                Part::AllUnicast => ef_filter_spec_set_unicast_all(spec),
                Part::AllMulticast => self.set_all_multicast(),
                Part::UnicastMismatch => ef_filter_spec_set_unicast_mismatch(spec),
                Part::MulticastMismatch => ef_filter_spec_set_multicast_mismatch(spec),
                Part::Sniff(promiscuous) => ef_filter_spec_set_port_sniff(spec, promiscuous.into()),
                Part::SniffSent => ef_filter_spec_set_tx_port_sniff(spec),
                Part::BlockKernel => ef_filter_spec_set_block_kernel(spec),
                Part::BlockKernelUnicast => ef_filter_spec_set_block_kernel_unicast(spec),
                Part::BlockKernelMulticast => ef_filter_spec_set_block_kernel_multicast(spec),
                Part::Destination(queue, flags) => ef_filter_spec_set_dest(spec, queue, flags),
                Part::Mark => ef_filter_spec_set_user_mark(spec, 1, 0),
                Part::Flag => ef_filter_spec_set_user_flag(spec, 1, 0),
            }
        }
    }

    pub fn new() -> Self {
        let mut spec = ef_filter_spec { type_: 0, flags: 0, data: [0; 12] };
        // SAFETY: room for a specification.
        unsafe { ef_filter_spec_init(&mut spec, EF_FILTER_FLAG_NONE) };
        Self(spec)
    }

    /// For [`Packet::UDP`].
    pub fn udp() -> Self {
        Self::local(&Packet::UDP)
    }

    /// For what is sent to this packet's destination.
    pub fn local(packet: &Packet) -> Self {
        let mut spec = Self::new();
        assert_eq!(spec.set_local(packet), 0);
        spec
    }

    /// For this packet's flow.
    pub fn full(packet: &Packet) -> Self {
        let mut spec = Self::new();
        assert_eq!(spec.set_full(packet), 0);
        spec
    }

    /// For a MAC address in a VLAN, or in any.
    pub fn ethernet(mac: [u8; 6], vlan: Option<u16>) -> Self {
        let mut spec = Self::new();
        assert_eq!(spec.set_ethernet(mac, vlan.map_or(EF_FILTER_VLAN_ID_ANY, c_int::from)), 0);
        spec
    }

    pub fn all_multicast() -> Self {
        let mut spec = Self::new();
        assert_eq!(spec.set_all_multicast(), 0);
        spec
    }

    pub fn set_local(&mut self, packet: &Packet) -> c_int {
        let (address, number) = packet.to;
        // SAFETY: an initialised specification.
        unsafe { ef_filter_spec_set_ip4_local(&mut self.0, packet.protocol.into(), host(address), port(number)) }
    }

    pub fn set_full(&mut self, packet: &Packet) -> c_int {
        let ((to, to_port), (from, from_port)) = (packet.to, packet.from);
        let (to, to_port, from, from_port) = (host(to), port(to_port), host(from), port(from_port));
        // SAFETY: an initialised specification.
        unsafe { ef_filter_spec_set_ip4_full(&mut self.0, packet.protocol.into(), to, to_port, from, from_port) }
    }

    pub fn set_ethernet(&mut self, mac: [u8; 6], vlan: c_int) -> c_int {
        // SAFETY: an initialised specification, and six bytes.
        unsafe { ef_filter_spec_set_eth_local(&mut self.0, vlan, mac.as_ptr().cast()) }
    }

    /// The same, to a queue of the port.
    pub fn on_queue(mut self, queue: c_int) -> Self {
        assert_eq!(self.set_queue(queue, 0), 0);
        self
    }

    pub fn set_queue(&mut self, queue: c_int, flags: u32) -> c_int {
        // SAFETY: an initialised specification.
        unsafe { ef_filter_spec_set_dest(&mut self.0, queue, flags) }
    }

    /// Sets flags, of which [`Spec::new`] has none.
    pub fn set_flags(&mut self, flags: ef_filter_flags) {
        self.0.flags |= flags;
    }

    pub fn set_all_multicast(&mut self) -> c_int {
        // SAFETY: an initialised specification.
        unsafe { ef_filter_spec_set_multicast_all(&mut self.0) }
    }
}
