//! What X3 and X4's express datapath have of their own.

use super::{Domain, Queues, Spec, Time, Vi};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Model};
use std::ffi::{c_int, c_uint};
use std::rc::Rc;

/// The models that have this datapath.
pub const MODELS: &[Model] = &[
    Model::X3,
    #[cfg(onload_since = "9.0.1")]
    Model::X4,
];

/// A domain on a port of such a model, for this datapath.
pub fn domain(port: &FabricPort, model: Model) -> Rc<Domain> {
    #[cfg(onload_since = "9.0.1")]
    if model == Model::X4 {
        return Domain::express(port);
    }
    assert_eq!(model, Model::X3);
    Domain::on(port)
}

/// A port with a loopback plug, of an X3, and a VI there that sends and receives.
pub fn looped(flags: ef_vi_flags) -> (FabricPort, Rc<Vi>) {
    let port = Fabric::of(Model::X3).looped().unwrap();
    let vi = Domain::on(&port).vi(Queues { flags, ..Queues::default() }).unwrap();
    (port, vi)
}

/// The same, with a filter for the harness's datagrams.
pub fn receiving() -> (FabricPort, Rc<Vi>) {
    let (port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    vi.filter(&Spec::udp()).unwrap();
    (port, vi)
}

// SAFETY of all calls below: as for those of `Vi`.
impl Vi {
    /// The data of a packet id, of which `length` bytes are copied; none where the id is no packet's.
    pub fn packet(&self, id: u32, length: usize) -> Option<Vec<u8>> {
        // SAFETY: see above; a packet has room for the length that its event says.
        unsafe {
            let data = efct_vi_rxpkt_get(self.raw, id).cast::<u8>();
            (!data.is_null()).then(|| std::slice::from_raw_parts(data, length).to_vec())
        }
    }

    /// The frame of an RX_REF or RX_REF_DISCARD event.
    pub fn referenced(&self, event: &ef_event) -> Vec<u8> {
        assert!([EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_RX_REF_DISCARD].contains(&EF_EVENT_TYPE(event)), "{event:?}");
        self.packet(event.rx_ref().pkt_id, event.rx_ref().len as usize).unwrap()
    }

    pub fn release(&self, id: u32) {
        // SAFETY: see above; what is no packet's is refused.
        unsafe { efct_vi_rxpkt_release(self.raw, id) }
    }

    /// The frames that have arrived, given back. Fails if anything else has happened.
    pub fn references(&self) -> Vec<Vec<u8>> {
        let take = |event: &ef_event| {
            let frame = self.referenced(event);
            self.release(event.rx_ref().pkt_id);
            frame
        };
        self.drain().iter().map(take).collect()
    }

    /// The start of the next packet, as much of it as may be read.
    pub fn peek(&self) -> Option<[u8; 60]> {
        // SAFETY: see above; so much of a frame is there.
        unsafe { efct_vi_rx_future_peek(self.raw).cast::<[u8; 60]>().as_ref().copied() }
    }

    /// Where the start of the next packet is.
    pub fn peek_address(&self) -> usize {
        // SAFETY: see above.
        unsafe { efct_vi_rx_future_peek(self.raw) }.addr()
    }

    /// The address of a packet's data.
    pub fn packet_address(&self, id: u32) -> usize {
        // SAFETY: see above.
        unsafe { efct_vi_rxpkt_get(self.raw, id) }.addr()
    }

    pub fn future_poll(&self) -> Vec<ef_event> {
        let mut events = vec![ef_event::default(); 4];
        // SAFETY: see above; room for four.
        let count = unsafe { efct_vi_rx_future_poll(self.raw, events.as_mut_ptr(), 4) };
        events.truncate(usize::try_from(count).unwrap());
        events
    }

    /// The time of a packet id, or the call's negative result.
    #[allow(deprecated, reason = "it is the call that all releases have")]
    pub fn packet_time(&self, id: u32) -> Result<Time, c_int> {
        let (mut time, mut flags) = (libc::timespec { tv_sec: -1, tv_nsec: -1 }, 0);
        // SAFETY: see above; room for both.
        let rc = unsafe { efct_vi_rxpkt_get_timestamp(self.raw, id, &mut time, &mut flags) };
        if rc != 0 {
            return Err(rc);
        }
        Ok(Time { seconds: time.tv_sec as u64, nanoseconds: time.tv_nsec as u32, flags })
    }

    /// Used, free and all bytes of the transmit FIFO.
    pub fn fifo(&self) -> (c_int, c_int, c_uint) {
        // SAFETY: see above; the VI's own fields.
        unsafe {
            let used = ef_vi_transmit_fill_level_bytes(self.raw);
            (used, ef_vi_transmit_space_bytes(self.raw), (*self.raw).vi_txq.ct_fifo_bytes)
        }
    }

    /// Runs `sends` while the transmit path is warmed, by the calls of these adapters.
    pub fn warm_express(&self, sends: impl FnOnce()) {
        // SAFETY: see above.
        unsafe {
            efct_vi_start_transmit_warm(self.raw);
            sends();
            efct_vi_stop_transmit_warm(self.raw);
        }
    }

    pub fn nic_type(&self) -> ef_vi_nic_type {
        // SAFETY: see above.
        unsafe { (*self.raw).nic_type }
    }
}
