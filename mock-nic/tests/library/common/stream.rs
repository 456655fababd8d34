//! Packed streams.

use super::{Domain, Memory, Queues, Vi};
use efvi_sys::*;
use std::collections::VecDeque;
use std::ffi::c_int;
use std::ptr;
use std::rc::Rc;

/// A packet of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streamed {
    pub frame: Vec<u8>,
    pub flags: u8,
    pub seconds: u32,
}

/// A VI that receives a packed stream, with memory for its buffers.
pub struct Stream {
    pub vi: Rc<Vi>,
    memory: Memory,
    /// The buffers that are posted, by their place, in order.
    posted: VecDeque<usize>,
    /// The packet that comes next.
    next: *mut ef_packed_stream_packet,
    /// The result of the last unbundling.
    pub rc: c_int,
}

impl Stream {
    /// A stream with room for so many buffers, none of them posted.
    pub fn new(domain: &Rc<Domain>, flags: ef_vi_flags, buffers: usize) -> Self {
        let flags = flags | EF_VI_RX_PACKED_STREAM;
        let vi = domain.vi(Queues { flags, ..Queues::default() }).unwrap();
        let bytes = buffers * params(&vi).unwrap().psp_buffer_size as usize;
        let memory = Memory::new(domain, bytes.next_multiple_of(1 << 20) / 4096);
        Self { vi, memory, posted: VecDeque::new(), next: ptr::null_mut(), rc: 0 }
    }

    pub fn buffer_bytes(&self) -> usize {
        params(&self.vi).unwrap().psp_buffer_size as usize
    }

    /// Posts the buffer of that place.
    pub fn post(&mut self, buffer: usize) {
        let address = self.memory.dma(buffer * self.buffer_bytes());
        assert_eq!(self.vi.receive_post(address, 0), 0);
        self.posted.push_back(buffer);
    }

    /// The DMA address of a buffer.
    pub fn address(&self, buffer: usize) -> ef_addr {
        self.memory.dma(buffer * self.buffer_bytes())
    }

    /// The result of posting a buffer that starts so many bytes into the memory.
    pub fn post_at(&self, at: usize) -> c_int {
        self.vi.receive_post(self.memory.dma(at), 0)
    }

    /// Polls once: the packets of each event, and whether it begins a buffer.
    pub fn poll(&mut self, room: usize) -> Vec<(bool, Vec<Streamed>)> {
        self.vi.poll(room).iter().map(|event| self.unbundle(event)).collect()
    }

    /// The packets of an event.
    pub fn unbundle(&mut self, event: &ef_event) -> (bool, Vec<Streamed>) {
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX_PACKED_STREAM);
        let starts = EF_EVENT_RX_PS_NEXT_BUFFER(event) != 0;
        let (vi, params) = (self.vi.raw, params(&self.vi).unwrap());
        if starts {
            let buffer = self.posted.pop_front().expect("a buffer that was posted");
            let base = self.memory.address(buffer * params.psp_buffer_size as usize);
            // SAFETY: a buffer of the stream.
            self.next = unsafe { ef_packed_stream_packet_first(base.cast(), params.psp_start_offset) };
        }
        let (mut packet, mut count, mut bytes) = (self.next, 0, 0);
        let mut packets = Vec::new();
        // SAFETY: an event of this VI, the packet that comes next, and packets that the event announced.
        unsafe {
            self.rc = ef_vi_packed_stream_unbundle(vi, event, &mut self.next, &mut count, &mut bytes);
            for _ in 0..count {
                let length = (*packet).ps_cap_len as usize;
                assert_eq!((*packet).ps_orig_len as usize, length);
                let frame = std::slice::from_raw_parts(ef_packed_stream_packet_payload(packet).cast(), length);
                packets.push(Streamed {
                    frame: frame.to_vec(),
                    flags: (*packet).ps_flags,
                    seconds: (*packet).ps_ts_sec,
                });
                packet = ef_packed_stream_packet_next(packet);
            }
        }
        assert_eq!(packet, self.next, "it is left where the next packet will be");
        assert_eq!(packets.iter().map(|packet| packet.frame.len()).sum::<usize>(), bytes as usize);
        (starts, packets)
    }
}

/// The stream's dimensions, or the call's negative result.
pub fn params(vi: &Vi) -> Result<ef_packed_stream_params, c_int> {
    let none = ef_packed_stream_params {
        psp_buffer_size: 0,
        psp_buffer_align: 0,
        psp_start_offset: 0,
        psp_max_usable_buffers: 0,
    };
    let mut params = none;
    // SAFETY: an allocated VI, and room for the result.
    let rc = unsafe { ef_vi_packed_stream_get_params(vi.raw, &mut params) };
    if rc == 0 { Ok(params) } else { Err(rc) }
}
