//! The models of adapter, and what each can do.

use crate::abi::*;
use crate::pio;
use crate::vi::alternatives;

/// A model of adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Model {
    /// X2 (X2522): architecture EF10.
    #[default]
    X2,
}

impl Model {
    /// The model of that name; otherwise which names there are.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        match name {
            "x2" => Ok(Self::X2),
            _ => Err("x2".to_owned()),
        }
    }

    /// The adapter as `ef_vi.nic_type` says it.
    pub(crate) const fn nic_type(self) -> ef_vi_nic_type {
        match self {
            Self::X2 => ef_vi_nic_type {
                arch: EF_VI_ARCH_EF10 as u8,
                variant: b'C' as core::ffi::c_char,
                revision: 2,
                nic_flags: 0,
            },
        }
    }

    /// Receive ring sizes.
    pub(crate) const fn rxq_sizes(self) -> &'static [usize] {
        match self {
            Self::X2 => &[512, 1024, 2048, 4096],
        }
    }

    /// Transmit ring sizes.
    pub(crate) const fn txq_sizes(self) -> &'static [usize] {
        match self {
            Self::X2 => &[512, 1024, 2048],
        }
    }

    /// Event queue sizes.
    pub(crate) const fn evq_sizes(self) -> &'static [usize] {
        match self {
            Self::X2 => &[512, 1024, 2048, 4096, 8192, 16384, 32768],
        }
    }

    /// What a port has for PIO; none where the model has no PIO.
    pub(crate) const fn pio(self) -> Option<pio::Limits> {
        match self {
            Self::X2 => Some(pio::Limits { size: 4096, count: 16 }),
        }
    }

    /// What a port has for TX alternatives; none where the model has none. How many FIFOs and buffers an X2 has depends
    /// on its firmware; these are enough for what programs usually ask.
    pub(crate) const fn alternatives(self) -> Option<alternatives::Limits> {
        match self {
            Self::X2 => Some(alternatives::Limits { fifos: 17, buffers: 96, buffer_size: 1024 }),
        }
    }

    /// The value of a capability: 0 where the model, or this version of it, hasn't it; none where there is no such.
    pub(crate) fn capability(self, capability: ef_vi_capability) -> Option<u64> {
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
            EF_VI_CAP_MIN_BUFFER_MODE_SIZE => crate::dma::PAGE as u64,
            EF_VI_CAP_MAX.. => return None,
            _ => 0,
        })
    }
}

fn sizes(offered: &[usize]) -> u64 {
    offered.iter().fold(0, |mask, size| mask | *size as u64)
}
