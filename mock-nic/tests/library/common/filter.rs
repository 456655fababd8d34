//! Filter specifications.

use super::Packet;
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

impl Spec {
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

    /// Sets the flags that [`Spec::new`] had none of.
    pub fn set_flags(&mut self, flags: ef_filter_flags) {
        self.0.flags = flags;
    }

    pub fn set_all_multicast(&mut self) -> c_int {
        // SAFETY: an initialised specification.
        unsafe { ef_filter_spec_set_multicast_all(&mut self.0) }
    }
}
