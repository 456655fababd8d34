//! The models of adapter, and what each can do.

use crate::abi::*;
use crate::pio;
use crate::port::{MAX_MTU, max_frame};
use crate::vi::{LONGEST_REFERENCED, alternatives, release};

/// A model of adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Model {
    /// X2 (X2522): architecture EF10.
    #[default]
    X2,
    /// X3 (X3522): architecture EFCT.
    X3,
    /// X4: architecture EF10CT on the express datapath, EF10 on the other. Releases before 9.0 don't know it.
    X4,
}

/// The way between an adapter and the VIs of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Datapath {
    pub(crate) model: Model,
    /// Without descriptors: sends are written through, receive queues are shared.
    pub(crate) efct: bool,
}

impl Model {
    /// The model of that name; otherwise which names there are.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let known = [("x2", Self::X2), ("x3", Self::X3), ("x4", Self::X4)];
        let known = known.into_iter().filter(|(_, model)| model.in_release());
        let mut names = Vec::new();
        for (other, model) in known {
            if other == name {
                return Ok(model);
            }
            names.push(other);
        }
        Err(names.join(", "))
    }

    /// True if this release of Onload knows the model.
    pub(crate) const fn in_release(self) -> bool {
        !matches!(self, Self::X4) || release::EF10CT.is_some()
    }

    /// The datapath that a domain's flags choose; none where the model hasn't it.
    pub(crate) const fn datapath(self, flags: ef_pd_flags) -> Option<Datapath> {
        let express = release::is_express(flags);
        match self {
            Self::X3 if !express => Some(Datapath { model: self, efct: true }),
            Self::X4 => Some(Datapath { model: self, efct: express }),
            Self::X2 if !express => Some(Datapath { model: self, efct: false }),
            _ => None,
        }
    }
}

impl Model {
    /// The largest MTU of a port: that of the datapath without flags.
    pub(crate) const fn max_mtu(self) -> usize {
        match self.datapath(EF_PD_DEFAULT) {
            Some(datapath) => datapath.max_mtu(),
            None => MAX_MTU,
        }
    }

    /// What a port has for TX alternatives, on the datapath that has them.
    pub(crate) const fn alternatives(self) -> Option<alternatives::Limits> {
        match self.datapath(EF_PD_DEFAULT) {
            Some(datapath) => datapath.alternatives(),
            None => None,
        }
    }
}

impl Datapath {
    /// The largest MTU: a shared receive queue has one packet of a superbuffer for each frame.
    pub(crate) const fn max_mtu(self) -> usize {
        if self.efct { LONGEST_REFERENCED - max_frame(0) } else { MAX_MTU }
    }

    /// The size to which registered memory is aligned.
    pub(crate) const fn page(self) -> usize {
        match self.model {
            Model::X4 => 2 << 20,
            _ => crate::dma::PAGE,
        }
    }

    /// The adapter as `ef_vi.nic_type` says it.
    pub(crate) const fn nic_type(self) -> ef_vi_nic_type {
        let (arch, variant, revision) = match (self.model, self.efct) {
            (Model::X3, _) => (EF_VI_ARCH_EFCT, b'R', 0),
            (Model::X4, true) if let Some(arch) = release::EF10CT => (arch, b'L', 0),
            (Model::X4, _) => (EF_VI_ARCH_EF10, b'X', 0),
            (Model::X2, _) => (EF_VI_ARCH_EF10, b'C', 2),
        };
        let nic_flags = if self.efct { CTPIO_ONLY | RX_SHARED } else { 0 };
        ef_vi_nic_type { arch: arch as u8, variant: variant as core::ffi::c_char, revision, nic_flags }
    }

    /// Receive ring sizes.
    pub(crate) const fn rxq_sizes(self) -> &'static [usize] {
        if self.efct { &[512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072] } else { &[512, 1024, 2048, 4096] }
    }

    /// Transmit ring sizes.
    pub(crate) const fn txq_sizes(self) -> &'static [usize] {
        if self.efct { &[512] } else { &[512, 1024, 2048] }
    }

    /// Event queue sizes.
    pub(crate) const fn evq_sizes(self) -> &'static [usize] {
        match (self.model, self.efct) {
            (Model::X3, _) => &[128, 256, 512, 1024, 2048, 4096, 8192],
            (_, true) => &[128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768],
            _ => &[512, 1024, 2048, 4096, 8192, 16384, 32768],
        }
    }

    /// What a port has for PIO; none where the model has no PIO.
    pub(crate) const fn pio(self) -> Option<pio::Limits> {
        if self.efct { None } else { Some(pio::Limits { size: 4096, count: 16 }) }
    }

    /// What a port has for TX alternatives; none where the model has none. How many FIFOs and buffers an X2 has depends
    /// on its firmware; these are enough for what programs usually ask.
    pub(crate) const fn alternatives(self) -> Option<alternatives::Limits> {
        if self.efct { None } else { Some(alternatives::Limits { fifos: 17, buffers: 96, buffer_size: 1024 }) }
    }

    /// The value of a capability: 0 where the model, or this version of it, hasn't it; none where there is no such.
    pub(crate) fn capability(self, capability: ef_vi_capability) -> Option<u64> {
        if let Some(value) = self.release_capability(capability) {
            return Some(value);
        }
        if self.efct {
            return self.efct_capability(capability);
        }
        Some(match capability {
            EF_VI_CAP_HW_RX_TIMESTAMPING
            | EF_VI_CAP_HW_TX_TIMESTAMPING
            | EF_VI_CAP_HW_MULTICAST_LOOPBACK
            | EF_VI_CAP_HW_MULTICAST_REPLICATION
            | EF_VI_CAP_MULTICAST_FILTER_CHAINING
            | EF_VI_CAP_PACKED_STREAM
            | EF_VI_CAP_RX_MERGE
            | EF_VI_CAP_BUFFER_MODE
            | EF_VI_CAP_MAC_SPOOFING
            | EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL
            | EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL
            | EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN
            | EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN
            | EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL
            | EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL
            | EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN
            | EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL
            | EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL
            | EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH
            | EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH
            | EF_VI_CAP_RX_FILTER_TYPE_SNIFF
            | EF_VI_CAP_TX_FILTER_TYPE_SNIFF
            | EF_VI_CAP_RX_FILTER_IP4_PROTO
            | EF_VI_CAP_RX_FILTER_ETHERTYPE
            | EF_VI_CAP_ZERO_RX_PREFIX
            | EF_VI_CAP_TX_PUSH_ALWAYS
            | EF_VI_CAP_CTPIO => 1,
            EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES => 1024 | 64,
            #[cfg(onload_since = "9.1-next")]
            EF_VI_CAP_RX_FILTER_ID => 1,
            #[cfg(not(onload = "8.1.0"))]
            EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO => 1,
            EF_VI_CAP_PIO => self.pio().is_some().into(),
            EF_VI_CAP_PIO_BUFFER_SIZE => self.pio().map_or(0, |pio| pio.size as u64),
            EF_VI_CAP_PIO_BUFFER_COUNT => self.pio().map_or(0, |pio| pio.count.into()),
            EF_VI_CAP_TX_ALTERNATIVES => self.alternatives().is_some().into(),
            EF_VI_CAP_TX_ALTERNATIVES_VFIFOS => self.alternatives().map_or(0, |limits| limits.fifos.into()),
            EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS => self.alternatives().map_or(0, |limits| limits.buffers as u64),
            EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE => {
                self.alternatives().map_or(0, |limits| limits.buffer_size as u64)
            }
            EF_VI_CAP_RXQ_SIZES => sizes(self.rxq_sizes()),
            EF_VI_CAP_TXQ_SIZES => sizes(self.txq_sizes()),
            EF_VI_CAP_EVQ_SIZES => sizes(self.evq_sizes()),
            EF_VI_CAP_MIN_BUFFER_MODE_SIZE => self.page() as u64,
            EF_VI_CAP_MAX.. => return None,
            _ => 0,
        })
    }
}

impl Datapath {
    fn efct_capability(self, capability: ef_vi_capability) -> Option<u64> {
        Some(match capability {
            EF_VI_CAP_HW_RX_TIMESTAMPING
            | EF_VI_CAP_HW_TX_TIMESTAMPING
            | EF_VI_CAP_HW_MULTICAST_REPLICATION
            | EF_VI_CAP_MAC_SPOOFING
            | EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL
            | EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL
            | EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL
            | EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN
            | EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL
            | EF_VI_CAP_ZERO_RX_PREFIX
            | EF_VI_CAP_CTPIO
            | EF_VI_CAP_CTPIO_ONLY
            | EF_VI_CAP_RX_SHARED
            | EF_VI_CAP_RX_FILTER_SET_DEST => 1,
            EF_VI_CAP_RXQ_SIZES => sizes(self.rxq_sizes()),
            EF_VI_CAP_TXQ_SIZES => sizes(self.txq_sizes()),
            EF_VI_CAP_EVQ_SIZES => sizes(self.evq_sizes()),
            EF_VI_CAP_MIN_BUFFER_MODE_SIZE => self.page() as u64,
            EF_VI_CAP_MAX.. => return None,
            _ => 0,
        })
    }

    /// The value of a capability that only some releases know.
    fn release_capability(self, capability: ef_vi_capability) -> Option<u64> {
        #[cfg(onload_since = "9.0.2")]
        if capability == EF_VI_CAP_RX_POLL {
            return Some(self.efct.into());
        }
        #[cfg(onload_since = "9.1.0")]
        if capability == EF_VI_CAP_RX_REF {
            return Some(self.efct.into());
        }
        #[cfg(onload_since = "9.1.0")]
        if capability == EF_VI_CAP_EXTRA_DATAPATHS {
            return Some(if self.model == Model::X4 { EF_VI_EXTRA_DATAPATH_EXPRESS.into() } else { 0 });
        }
        // The older releases know none of them.
        let _ = capability;
        None
    }
}

/// `ef_vi_nic_type.nic_flags`: every send is written through.
const CTPIO_ONLY: u8 = 1 << 1;
/// `ef_vi_nic_type.nic_flags`: a VI may receive more than its filters ask for.
const RX_SHARED: u8 = 1 << 2;

fn sizes(offered: &[usize]) -> u64 {
    offered.iter().fold(0, |mask, size| mask | *size as u64)
}
