//! What differs between releases of Onload on this datapath: the structures in which the library keeps the queues.

use super::{Efct, MAX_QUEUES, superbuffers};
use crate::abi::*;
use crate::model::{Datapath, Model};
#[cfg(onload_since = "9.0.1")]
use {super::events, core::ffi::c_char};
#[cfg(onload_since = "9.0.2")]
use {crate::array::given_mut, core::ffi::c_int};

/// The entries of `ops` that some releases lack.
pub(super) const OPS: ef_vi_ops = {
    #[cfg_attr(not(any(onload_since = "9.0.1", onload = "8.1-next")), expect(unused_mut, reason = "as in others"))]
    let mut ops = crate::vi::release::OPS;
    #[cfg(onload_since = "9.0.1")]
    {
        ops.start_transmit_warm = Some(start_warm);
        ops.stop_transmit_warm = Some(stop_warm);
        ops.eventq_has_event = Some(events::has_event);
        ops.eventq_has_many_events = Some(events::has_many_events);
    }
    #[cfg(onload_since = "9.0.2")]
    {
        ops.receive_poll = Some(receive_poll);
    }
    #[cfg(any(onload = "8.1-next", onload = "9.2-next"))]
    {
        ops.future_eventq_poll = Some(super::api::future_poll);
    }
    ops
};

/// Tables that the library keeps for itself and `ef_vi` points to.
pub(super) struct Tables {
    #[cfg(onload_since = "9.0.1")]
    ops: crate::array::Array<ef_vi_efct_rxq_ops>,
}

impl Tables {
    pub fn new() -> Self {
        Self {
            #[cfg(onload_since = "9.0.1")]
            ops: vec![queue_ops()].into(),
        }
    }
}

/// The library's calls to its driver for the queues. Programs reach one of them, by an inline function.
#[cfg(onload_since = "9.0.1")]
fn queue_ops() -> ef_vi_efct_rxq_ops {
    // SAFETY: the table holds optional functions and an integer, for which zeros are values.
    #[cfg_attr(not(onload_since = "9.1-next"), expect(unused_mut, reason = "the entry is of later releases"))]
    let mut ops: ef_vi_efct_rxq_ops = unsafe { core::mem::zeroed() };
    #[cfg(onload_since = "9.1-next")]
    {
        ops.set_client_buf_count = Some(set_superbuffers);
    }
    ops
}

/// `ef_vi_set_shrub_client_buffer_count`: for queues that the VI gets attached to from now on. X3's are its driver's.
#[cfg(onload_since = "9.1-next")]
unsafe extern "C" fn set_superbuffers(vi: *mut ef_vi, count: usize) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let Some((nic, efct)) = super::efct(vi) else { return -libc::EINVAL };
        if nic.domain.datapath.model == Model::X3 {
            return -libc::EOPNOTSUPP;
        }
        match u16::try_from(count) {
            Ok(count @ 1..=2048) => efct.superbuffers = count,
            _ => return -libc::EINVAL,
        }
    }
    0
}

#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn start_warm(vi: *mut ef_vi, _saved: *mut ef_vi_tx_warm_state, _aperture: *mut c_char) {
    // SAFETY: the same contract.
    unsafe { super::transmit::warm(vi, true) };
}

#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn stop_warm(vi: *mut ef_vi, _saved: *mut ef_vi_tx_warm_state) {
    // SAFETY: the same contract.
    unsafe { super::transmit::warm(vi, false) };
}

/// `ops.receive_poll`: what was received, and nothing else.
#[cfg(onload_since = "9.0.2")]
unsafe extern "C" fn receive_poll(vi: *mut ef_vi, events: *mut ef_event, length: c_int) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone, and room for `length` events.
    unsafe {
        let Some((nic, efct)) = super::efct(vi) else { return 0 };
        events::receive(vi, nic, efct, given_mut(events, length)) as c_int
    }
}

/// What the structure has of queues before the VI is attached to one.
pub(super) fn fill(host: &mut ef_vi, datapath: Datapath, efct: &Efct) {
    let live = efct.live.base;
    #[cfg(onload_since = "9.0.1")]
    {
        let queues = &mut host.efct_rxqs;
        queues.max_qs = MAX_QUEUES as u64;
        queues.ops = efct.tables.ops.base;
        // SAFETY: the VI's own memory, which stays as long as it.
        unsafe {
            queues.active_qs = &raw const (*live).active;
            for (i, queue) in queues.q.iter_mut().enumerate() {
                queue.live.superbuf_pkts = &raw const (*live).packets[i];
                queue.live.config_generation = &raw const (*live).generation[i];
                queue.live.time_sync = &raw const (*live).time_sync;
            }
        }
        host.vi_txq.efct_aperture_mask = (4096 - 1) >> 3;
        host.unsol_credit_seq_mask = 0x7f;
        host.ts_subnano_bits = 2;
    }
    #[cfg(onload_since = "9.1.0")]
    {
        // What is said of a packet stands in the next one, on X3.
        host.efct_rxqs.meta_offset = (datapath.model == Model::X3).into();
        host.efct_rxqs.rx_stride = superbuffers::STRIDE as u16;
    }
    #[cfg(not(onload_since = "9.0.1"))]
    {
        host.max_efct_rxq = MAX_QUEUES as core::ffi::c_int;
    }
    // Not every release uses all of them.
    let _ = (live, datapath == Datapath { model: Model::X3, efct: true }, &efct.tables, superbuffers::STRIDE);
}

/// The VI was attached to a queue.
pub(super) fn attached(host: &mut ef_vi, index: usize, efct: &Efct) {
    let queue = &efct.queues[index];
    let superbuffer = queue.memory.base().cast_const().cast();
    // SAFETY: the VI's own memory.
    let state = unsafe { &mut (*host.ep_state).rxq };
    #[cfg(onload_since = "9.0.1")]
    {
        host.efct_rxqs.q[index].superbuf = superbuffer;
        host.efct_rxqs.q[index].config_generation = 1;
        state.rxq_ptr[index].superbuf_pkts = superbuffers::PACKETS;
    }
    #[cfg(onload_since = "9.1.0")]
    {
        state.efct_active_qs |= 1 << index;
        state.efct_state[index].qid = queue.id.into();
        state.efct_state[index].superbuf_pkts = superbuffers::PACKETS.into();
        state.efct_state[index].config_generation = 1;
    }
    #[cfg(not(onload_since = "9.0.1"))]
    {
        host.efct_rxq[index].superbuf = superbuffer;
        host.efct_rxq[index].config_generation = 1;
        host.efct_rxq[index].resource_id = queue.id.into();
    }
    let _ = (state, queue);
}

/// Notes the queue at which a packet was peeked.
#[inline]
pub(super) fn set_peeked(host: &mut ef_vi, index: usize) {
    #[cfg(onload_since = "9.1.1")]
    {
        host.future_qix = index as u8;
    }
    #[cfg(not(onload_since = "9.1.1"))]
    {
        host.future_qid = index as u8;
    }
}

#[cfg(not(onload_since = "9.0.1"))]
crate::watch::exported! {
    /// `efct_vi_rxpkt_get_timestamp`, which later is an inline function.
    fn efct_vi_rxpkt_get_timestamp(
        vi: *mut ef_vi, pkt_id: u32, ts_out: *mut libc::timespec, flags_out: *mut core::ffi::c_uint
    ) -> core::ffi::c_int = packet_timestamp, before |rules, vi| rules.packets.used(vi, pkt_id);
}

#[cfg(not(onload_since = "9.0.1"))]
unsafe fn packet_timestamp(
    vi: *mut ef_vi,
    pkt_id: u32,
    ts_out: *mut libc::timespec,
    flags_out: *mut core::ffi::c_uint,
) -> core::ffi::c_int {
    // SAFETY: the same contract as the two calls', and room for the results.
    unsafe { crate::vi::timestamp::timestamp(vi, super::api::get(vi, pkt_id), ts_out, flags_out) }
}
