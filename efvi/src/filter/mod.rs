//! Filters: which of the frames that arrive at the adapter a virtual interface receives.

mod guard;
mod info;
mod spec;

use core::fmt;
use core::net::SocketAddr;

use bitflags::bitflags;
use efvi_sys::ef_filter_cookie;

use crate::mac::MacAddress;

pub use guard::FilterGuard;
pub(crate) use guard::Steer;
pub use info::FilterInfo;

/// What a filter matches. It takes effect when a VI, or a set of VIs, adds it:
/// [`Interface::filter_add`](crate::Interface::filter_add).
///
/// A frame goes by the most specific filter that matches it. Unicast goes to one VI; multicast goes to all that have a
/// filter for it. Which kinds an adapter has, [`Capability`](crate::Capability) tells; a kind that it lacks, or that can't
/// be narrowed in this way, is refused when it is added, with `EPROTONOSUPPORT`.
///
/// ```
/// use efvi::{Filter, MacAddress};
/// use std::net::SocketAddr;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let feed: SocketAddr = "239.1.2.3:5000".parse()?;
/// vi.filter_add(&Filter::udp_local(feed))?;
/// vi.filter_add(&Filter::tcp_local("[2001:db8::1]:443".parse::<SocketAddr>()?).vlan(7))?;
/// vi.filter_add(&Filter::ethertype(0x88b5).mac(MacAddress([2, 0, 0, 0, 0, 1])))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    kind: Kind,
    mac: Option<MacAddress>,
    vlan: Option<u16>,
    flags: FilterFlags,
    queue: Option<u16>,
}

bitflags! {
    /// How a filter steers, beside what it matches (`ef_filter_flags`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::{Filter, FilterFlags};
    ///
    /// let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// vi.filter_add(&Filter::all_multicast().flags(FilterFlags::MULTICAST_LOOP))?;
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct FilterFlags: u32 {
        /// Multicast that this host sends is received too, if the sender's domain lets it loop back
        /// (`EF_FILTER_FLAG_MCAST_LOOP_RECEIVE`).
        const MULTICAST_LOOP = efvi_sys::EF_FILTER_FLAG_MCAST_LOOP_RECEIVE;
        /// The receive queue is this VI's alone (`EF_FILTER_FLAG_EXCLUSIVE_RXQ`; X3 and X4).
        const EXCLUSIVE_QUEUE = efvi_sys::EF_FILTER_FLAG_EXCLUSIVE_RXQ;
        /// The receive queue may be shared with other VIs (`EF_FILTER_FLAG_SHARED_RXQ`; X4). Since Onload 9.1.0.
        #[cfg(onload_since = "9.1.0")]
        const SHARED_QUEUE = efvi_sys::EF_FILTER_FLAG_SHARED_RXQ;
        /// Frames wake whoever blocks, also where the queue is shared (`EF_FILTER_FLAG_REQUEST_WAKEUPS`).
        /// Since Onload 9.2.0.
        #[cfg(onload_since = "9.2.0")]
        const WAKEUPS = efvi_sys::EF_FILTER_FLAG_REQUEST_WAKEUPS;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Transport {
    Udp,
    Tcp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Local(Transport, SocketAddr),
    Full(Transport, SocketAddr, SocketAddr),
    Ethernet,
    EtherType(u16),
    IpProtocol(u8),
    AllUnicast,
    AllMulticast,
    UnicastMismatch,
    MulticastMismatch,
    Sniff { promiscuous: bool },
    SniffSent,
    BlockKernel,
    BlockKernelUnicast,
    BlockKernelMulticast,
}

impl Filter {
    const fn of(kind: Kind) -> Self {
        Filter { kind, mac: None, vlan: None, flags: FilterFlags::empty(), queue: None }
    }

    /// UDP to this address and port, from anyone (`ef_filter_spec_set_ip4_local`, `ef_filter_spec_set_ip6_local`).
    pub fn udp_local(local: impl Into<SocketAddr>) -> Self {
        Self::of(Kind::Local(Transport::Udp, local.into()))
    }

    /// UDP to this address and port, from that one (`ef_filter_spec_set_ip4_full`, `ef_filter_spec_set_ip6_full`). Both
    /// are of one IP version.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::Filter;
    /// use std::net::SocketAddr;
    ///
    /// let (here, exchange): (SocketAddr, SocketAddr) = ("192.0.2.1:40000".parse()?, "198.51.100.7:9000".parse()?);
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// vi.filter_add(&Filter::udp_full(here, exchange))?;
    /// vi.filter_add(&Filter::tcp_full(here, exchange))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn udp_full(local: impl Into<SocketAddr>, remote: impl Into<SocketAddr>) -> Self {
        Self::of(Kind::Full(Transport::Udp, local.into(), remote.into()))
    }

    /// TCP to this address and port, from anyone (`ef_filter_spec_set_ip4_local`, `ef_filter_spec_set_ip6_local`).
    pub fn tcp_local(local: impl Into<SocketAddr>) -> Self {
        Self::of(Kind::Local(Transport::Tcp, local.into()))
    }

    /// TCP to this address and port, from that one (`ef_filter_spec_set_ip4_full`, `ef_filter_spec_set_ip6_full`). Both are
    /// of one IP version.
    pub fn tcp_full(local: impl Into<SocketAddr>, remote: impl Into<SocketAddr>) -> Self {
        Self::of(Kind::Full(Transport::Tcp, local.into(), remote.into()))
    }

    /// All frames to this Ethernet address, in one VLAN (below 4096) or, with `None`, in any or none
    /// (`ef_filter_spec_set_eth_local`).
    pub fn ethernet_local(mac: MacAddress, vlan: impl Into<Option<u16>>) -> Self {
        Filter { mac: Some(mac), vlan: vlan.into(), ..Self::of(Kind::Ethernet) }
    }

    /// All frames of this Ethernet type, 0x0806 for ARP (`ef_filter_spec_set_eth_type`).
    pub const fn ethertype(ethertype: u16) -> Self {
        Self::of(Kind::EtherType(ethertype))
    }

    /// All IPv4 packets of this protocol, 1 for ICMP (`ef_filter_spec_set_ip_proto`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// const ICMP: u8 = 1;
    /// vi.filter_add(&efvi::Filter::ip_protocol(ICMP))?;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn ip_protocol(protocol: u8) -> Self {
        Self::of(Kind::IpProtocol(protocol))
    }

    /// All unicast frames (`ef_filter_spec_set_unicast_all`).
    pub const fn all_unicast() -> Self {
        Self::of(Kind::AllUnicast)
    }

    /// All multicast frames (`ef_filter_spec_set_multicast_all`).
    pub const fn all_multicast() -> Self {
        Self::of(Kind::AllMulticast)
    }

    /// Unicast frames that no other filter matches (`ef_filter_spec_set_unicast_mismatch`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::Filter;
    ///
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// // What nobody else takes, or all there is:
    /// for rest in [Filter::unicast_mismatch(), Filter::multicast_mismatch(), Filter::all_unicast(), Filter::all_multicast()] {
    ///     match vi.filter_add(&rest) {
    ///         Ok(_) => println!("{rest}"),
    ///         Err(error) => println!("{error}"), // the driver may ask for CAP_NET_ADMIN
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub const fn unicast_mismatch() -> Self {
        Self::of(Kind::UnicastMismatch)
    }

    /// Multicast frames that no other filter matches (`ef_filter_spec_set_multicast_mismatch`).
    pub const fn multicast_mismatch() -> Self {
        Self::of(Kind::MulticastMismatch)
    }

    /// A copy of what the port receives, whoever else gets it (`ef_filter_spec_set_port_sniff`): of all of it if
    /// `promiscuous`, else of what somebody on this host asked for.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::Filter;
    ///
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// for copy in [Filter::sniff(true), Filter::sniff_sent()] {
    ///     if let Err(error) = vi.filter_add(&copy) {
    ///         println!("{error}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub const fn sniff(promiscuous: bool) -> Self {
        Self::of(Kind::Sniff { promiscuous })
    }

    /// A copy of what this host sends by the port (`ef_filter_spec_set_tx_port_sniff`).
    pub const fn sniff_sent() -> Self {
        Self::of(Kind::SniffSent)
    }

    /// Keeps all frames from the kernel (`ef_filter_spec_set_block_kernel`): those that no filter matches are dropped.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::Filter;
    ///
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// let only_ours = vi.filter_scoped(&Filter::block_kernel())?; // or a part of it:
    /// drop(only_ours);
    /// vi.filter_add(&Filter::block_kernel_multicast())?;
    /// vi.filter_add(&Filter::block_kernel_unicast())?;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn block_kernel() -> Self {
        Self::of(Kind::BlockKernel)
    }

    /// Keeps unicast from the kernel (`ef_filter_spec_set_block_kernel_unicast`).
    pub const fn block_kernel_unicast() -> Self {
        Self::of(Kind::BlockKernelUnicast)
    }

    /// Keeps multicast from the kernel (`ef_filter_spec_set_block_kernel_multicast`).
    pub const fn block_kernel_multicast() -> Self {
        Self::of(Kind::BlockKernelMulticast)
    }

    /// Only frames in this VLAN, below 4096 (`ef_filter_spec_set_vlan`): for filters by IP address, Ethernet address,
    /// Ethernet type or IP protocol, and for mismatches.
    pub const fn vlan(self, vlan: u16) -> Self {
        Filter { vlan: Some(vlan), ..self }
    }

    /// Only frames to this Ethernet address (`ef_filter_spec_set_eth_local`): for filters by Ethernet type or IP
    /// protocol.
    pub const fn mac(self, mac: MacAddress) -> Self {
        Filter { mac: Some(mac), ..self }
    }

    /// How it steers, beside what it matches; nothing by default.
    pub const fn flags(self, flags: FilterFlags) -> Self {
        Filter { flags, ..self }
    }

    /// To which of the adapter's receive queues it steers (`ef_filter_spec_set_dest`; X3 and X4). By default the driver
    /// takes one.
    pub const fn queue(self, queue: u16) -> Self {
        Filter { queue: Some(queue), ..self }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Local(transport, local) => write!(f, "{transport} to {local}")?,
            Kind::Full(transport, local, remote) => write!(f, "{transport} from {remote} to {local}")?,
            Kind::Ethernet => f.write_str("Ethernet")?,
            Kind::EtherType(ethertype) => write!(f, "Ethernet type {ethertype:#06x}")?,
            Kind::IpProtocol(protocol) => write!(f, "IPv4 protocol {protocol}")?,
            Kind::AllUnicast => f.write_str("all unicast")?,
            Kind::AllMulticast => f.write_str("all multicast")?,
            Kind::UnicastMismatch => f.write_str("unicast that nothing else matches")?,
            Kind::MulticastMismatch => f.write_str("multicast that nothing else matches")?,
            Kind::Sniff { promiscuous: true } => f.write_str("copies of all that is received")?,
            Kind::Sniff { promiscuous: false } => f.write_str("copies of what this host receives")?,
            Kind::SniffSent => f.write_str("copies of what this host sends")?,
            Kind::BlockKernel => f.write_str("block on the kernel")?,
            Kind::BlockKernelUnicast => f.write_str("block on the kernel's unicast")?,
            Kind::BlockKernelMulticast => f.write_str("block on the kernel's multicast")?,
        }
        if let Some(mac) = self.mac {
            write!(f, " to {mac}")?;
        }
        if let Some(vlan) = self.vlan {
            write!(f, " in VLAN {vlan}")?;
        }
        if let Some(queue) = self.queue {
            write!(f, " on queue {queue}")?;
        }
        Ok(())
    }
}

/// Identifies a filter that a VI, or a set of VIs, has, to ask about it or remove it. The filter goes with its VI or set
/// at the latest; for one that should go sooner there is [`FilterGuard`].
///
/// It can't be cloned: a filter is removed once.
///
/// ```compile_fail,E0382
/// fn twice(vi: &efvi::VirtualInterface, filter: efvi::FilterId) -> efvi::Result<()> {
///     vi.filter_remove(filter)?;
///     vi.filter_remove(filter)
/// }
/// ```
pub struct FilterId {
    pub(crate) cookie: ef_filter_cookie,
    /// The VI or set that has it.
    pub(crate) owner: u64,
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

    #[test]
    fn a_filter_says_what_it_matches() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (local, remote) = (address("10.0.0.1:7"), address("10.0.0.2:8"));
        let mac = MacAddress([0, 15, 83, 1, 2, 3]);
        for (filter, text) in [
            (Filter::udp_local(local), "UDP to 10.0.0.1:7"),
            (Filter::udp_full(local, remote), "UDP from 10.0.0.2:8 to 10.0.0.1:7"),
            (Filter::tcp_local(address("[fe80::1]:9")).vlan(3), "TCP to [fe80::1]:9 in VLAN 3"),
            (Filter::ethernet_local(mac, None), "Ethernet to 00:0f:53:01:02:03"),
            (Filter::ethernet_local(mac, 5), "Ethernet to 00:0f:53:01:02:03 in VLAN 5"),
            (Filter::ethertype(0x806).mac(mac), "Ethernet type 0x0806 to 00:0f:53:01:02:03"),
            (Filter::ip_protocol(1).queue(2), "IPv4 protocol 1 on queue 2"),
            (Filter::all_multicast(), "all multicast"),
        ] {
            assert_eq!(filter.to_string(), text);
        }
    }
}
