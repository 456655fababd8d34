//! Virtual interfaces.

use super::{Domain, Memory, Spec, Time, release};
use efvi_sys::*;
use std::ffi::{CStr, c_int, c_uint, c_void};
use std::ops::Range;
use std::ptr;
use std::rc::Rc;

/// What a VI is allocated with; -1 asks for a queue's default size.
pub struct Queues {
    pub events: c_int,
    pub receive: c_int,
    pub transmit: c_int,
    /// The VI whose event queue is to be used.
    pub share: Option<Rc<Vi>>,
    pub flags: ef_vi_flags,
}

impl Default for Queues {
    fn default() -> Self {
        Self { events: -1, receive: -1, transmit: -1, share: None, flags: EF_VI_FLAGS_DEFAULT }
    }
}

/// A VI with memory for buffers, flushed and freed when dropped. One thread uses it: it is not `Send`.
pub struct Vi {
    pub raw: *mut ef_vi,
    /// What the allocation returned: the VI's number on its event queue.
    pub label: c_int,
    pub domain: Rc<Domain>,
    /// Buffers of [`Vi::BUFFER`] bytes, half of them to receive into, half of them to send from.
    pub memory: Memory,
    _events: Option<Rc<Vi>>,
}

impl Domain {
    /// A VI, or the call's negative result.
    pub fn vi(self: &Rc<Self>, queues: Queues) -> Result<Rc<Vi>, c_int> {
        self.vi_by(queues, |vi, domain, queues, share| {
            let (handle, Queues { events, receive, transmit, flags, .. }) = (domain.driver.0, queues);
            // SAFETY: an allocated domain, room for a VI, and null or a VI that this one keeps.
            unsafe {
                ef_vi_alloc_from_pd(vi, handle, domain.raw, handle, *events, *receive, *transmit, share, handle, *flags)
            }
        })
    }

    /// A VI that `alloc` allocates: given room for it, and the VI whose event queue it shares, or null.
    pub(super) fn vi_by(
        self: &Rc<Self>,
        queues: Queues,
        alloc: impl FnOnce(*mut ef_vi, &Self, &Queues, *mut ef_vi) -> c_int,
    ) -> Result<Rc<Vi>, c_int> {
        // As much as a domain with large pages registers.
        let memory = Memory::new(self, 2 * Vi::HALF * Vi::BUFFER / 4096);
        // SAFETY: integers, pointers and optional functions, for which zeros are valid.
        let raw = Box::into_raw(Box::new(unsafe { core::mem::zeroed::<ef_vi>() }));
        let share = queues.share.as_ref().map_or(ptr::null_mut(), |vi| vi.raw);
        let label = alloc(raw, self, &queues, share);
        let vi = Rc::new(Vi { raw, label, domain: self.clone(), memory, _events: queues.share });
        if label >= 0 { Ok(vi) } else { Err(label) }
    }
}

impl Drop for Vi {
    fn drop(&mut self) {
        // SAFETY: allocated, or zeros, or freed, by which it has no adapter any more.
        if unsafe { !(*self.raw).io.is_null() } {
            self.flush();
        }
        self.free();
        // SAFETY: made in `Domain::vi`; freed, so that nothing refers to it any more.
        drop(unsafe { Box::from_raw(self.raw) });
    }
}

// SAFETY of all calls below, unless they say more: a VI that was allocated, by the thread that allocated it, since `Vi`
// is not `Send`; after `free` a test calls nothing more.
impl Vi {
    /// Bytes from one buffer to the next.
    pub const BUFFER: usize = 2048;
    /// Buffers of each kind: from this one on they are for sending.
    pub const HALF: usize = 512;

    pub fn free(&self) -> c_int {
        // SAFETY: allocated, or zeros; a second call is refused.
        unsafe { ef_vi_free(self.raw, self.domain.driver.0) }
    }

    /// The DMA address of a buffer.
    pub fn buffer(&self, id: usize) -> ef_addr {
        self.memory.dma(id * Self::BUFFER)
    }

    // Receive.

    pub fn receive_init(&self, address: ef_addr, id: c_int) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_receive_init(self.raw, address, id) }
    }

    pub fn receive_push(&self) {
        // SAFETY: see above.
        unsafe { ef_vi_receive_push(self.raw) }
    }

    pub fn receive_post(&self, address: ef_addr, id: c_int) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_receive_post(self.raw, address, id) }
    }

    /// Posts buffers, each with its number as id.
    pub fn fill(&self, buffers: Range<usize>) {
        for id in buffers {
            assert_eq!(self.receive_init(self.buffer(id), id as c_int), 0, "buffer {id}");
        }
        self.receive_push();
    }

    pub fn set_buffer_len(&self, bytes: c_uint) {
        // SAFETY: see above; tests choose no more than a buffer has.
        unsafe { ef_vi_receive_set_buffer_len(self.raw, bytes) }
    }

    pub fn buffer_len(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_receive_buffer_len(self.raw) }
    }

    pub fn prefix_len(&self) -> usize {
        // SAFETY: see above.
        unsafe { ef_vi_receive_prefix_len(self.raw) as usize }
    }

    /// Capacity, fill level and free slots of the receive ring.
    pub fn receive_ring(&self) -> (c_int, c_int, c_int) {
        let vi = self.raw;
        // SAFETY: see above.
        unsafe { (ef_vi_receive_capacity(vi), ef_vi_receive_fill_level(vi), ef_vi_receive_space(vi)) }
    }

    pub fn set_discards(&self, flags: ef_vi_rx_discard_err_flags) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_receive_set_discards(self.raw, flags) }
    }

    pub fn discards(&self) -> u64 {
        // SAFETY: see above.
        unsafe { ef_vi_receive_get_discards(self.raw) }
    }

    /// Type and offset of each thing in a receive buffer.
    pub fn layout(&self) -> Vec<(ef_vi_layout_type, c_int)> {
        let (mut entries, mut count) = (ptr::null(), 0);
        // SAFETY: see above; the entries stay.
        unsafe {
            assert_eq!(ef_vi_receive_query_layout(self.raw, &mut entries, &mut count), 0);
            let entries = std::slice::from_raw_parts(entries, count as usize);
            entries.iter().map(|entry| (entry.evle_type, entry.evle_offset)).collect()
        }
    }

    /// The time of the packet in a buffer, or the call's negative result.
    pub fn timestamp(&self, buffer: usize) -> Result<Time, c_int> {
        let packet = self.memory.address(buffer * Self::BUFFER);
        // SAFETY: see above; the buffer has room for a prefix.
        unsafe { release::timestamp(self.raw, packet.cast()) }
    }

    /// The same by the call that is for seconds and nanoseconds only.
    #[allow(deprecated, reason = "programs of long standing call it")]
    pub fn plain_timestamp(&self, buffer: usize) -> Result<(u64, u32), c_int> {
        let (packet, mut time) = (self.memory.address(buffer * Self::BUFFER), libc::timespec { tv_sec: 0, tv_nsec: 0 });
        // SAFETY: see above; the buffer has room for a prefix.
        let rc = unsafe { ef_vi_receive_get_timestamp(self.raw, packet.cast(), &mut time) };
        if rc == 0 { Ok((time.tv_sec as u64, time.tv_nsec as u32)) } else { Err(rc) }
    }

    /// The length of the packet in a buffer, from its prefix.
    pub fn prefix_bytes(&self, buffer: usize) -> u16 {
        let (packet, mut bytes) = (self.memory.address(buffer * Self::BUFFER), 0);
        // SAFETY: see above; the buffer has room for a prefix.
        assert_eq!(unsafe { ef_vi_receive_get_bytes(self.raw, packet.cast(), &mut bytes) }, 0);
        bytes
    }

    // Transmit.

    /// Writes a frame into a buffer to send from.
    pub fn load(&self, id: usize, frame: &[u8]) -> ef_addr {
        let buffer = Self::HALF + id % Self::HALF;
        self.memory.write(buffer * Self::BUFFER, frame);
        self.buffer(buffer)
    }

    /// Sends a frame by DMA from a buffer of its own.
    pub fn send(&self, id: usize, frame: &[u8]) -> c_int {
        self.transmit(self.load(id, frame), frame.len(), id)
    }

    pub fn transmit(&self, address: ef_addr, length: usize, id: usize) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit(self.raw, address, length as c_int, id as c_int) }
    }

    pub fn transmit_init(&self, address: ef_addr, length: usize, id: usize) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_init(self.raw, address, length as c_int, id as c_int) }
    }

    pub fn transmitv_init(&self, pieces: &[(ef_addr, usize)], id: usize) -> c_int {
        let iov = dma_vector(pieces);
        // SAFETY: see above.
        unsafe { ef_vi_transmitv_init(self.raw, iov.as_ptr(), iov.len() as c_int, id as c_int) }
    }

    pub fn transmitv(&self, pieces: &[(ef_addr, usize)], id: usize) -> c_int {
        let iov = dma_vector(pieces);
        // SAFETY: see above.
        unsafe { ef_vi_transmitv(self.raw, iov.as_ptr(), iov.len() as c_int, id as c_int) }
    }

    pub fn transmit_push(&self) {
        // SAFETY: see above; tests push only what they added.
        unsafe { ef_vi_transmit_push(self.raw) }
    }

    pub fn transmit_undo(&self) {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_init_undo(self.raw) }
    }

    /// The ids that a TX or TX_ERROR event completes.
    pub fn unbundle(&self, event: &ef_event) -> Vec<c_int> {
        let mut ids = [-1; EF_VI_TRANSMIT_BATCH as usize];
        // SAFETY: see above; room for as many ids as an event has.
        let count = unsafe { ef_vi_transmit_unbundle(self.raw, event, ids.as_mut_ptr()) };
        ids[..count as usize].to_vec()
    }

    /// Capacity, fill level and free slots of the transmit ring.
    pub fn transmit_ring(&self) -> (c_int, c_int, c_int) {
        let vi = self.raw;
        // SAFETY: see above.
        unsafe { (ef_vi_transmit_capacity(vi), ef_vi_transmit_fill_level(vi), ef_vi_transmit_space(vi)) }
    }

    pub fn set_push_threshold(&self, threshold: c_uint) {
        // SAFETY: see above.
        unsafe { ef_vi_set_tx_push_threshold(self.raw, threshold) }
    }

    #[cfg(onload_since = "9.1.0")]
    pub fn lost_in_error(&self) -> Vec<c_int> {
        // SAFETY: see above; the iterator is used up here.
        unsafe { ef_vi_for_each_tx_error_failed_transmit(self.raw) }.collect()
    }

    #[cfg(onload_since = "9.1.0")]
    pub fn reinit_transmit(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_reinit_txq_post_error(self.raw) }
    }

    // CTPIO.

    pub fn ctpio(&self, frame: &[u8], threshold: c_uint) {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_ctpio(self.raw, frame.as_ptr().cast(), frame.len(), threshold) }
    }

    pub fn ctpio_vector(&self, pieces: &[&[u8]], threshold: c_uint) {
        let (iov, length) = vector(pieces);
        // SAFETY: see above.
        unsafe { ef_vi_transmitv_ctpio(self.raw, length, iov.as_ptr(), iov.len() as c_int, threshold) }
    }

    /// Also writes the frame into the send buffer of that id.
    pub fn ctpio_copy(&self, pieces: &[&[u8]], threshold: c_uint, id: usize) {
        let (iov, length) = vector(pieces);
        let fallback = self.memory.address((Self::HALF + id % Self::HALF) * Self::BUFFER).cast::<c_void>();
        assert!(length <= Self::BUFFER);
        // SAFETY: see above; the buffer has room for the frame.
        unsafe { ef_vi_transmitv_ctpio_copy(self.raw, length, iov.as_ptr(), iov.len() as c_int, threshold, fallback) }
    }

    pub fn fallback(&self, address: ef_addr, length: usize, id: usize) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_transmit_ctpio_fallback(self.raw, address, length, id as c_int) }
    }

    pub fn fallback_vector(&self, pieces: &[(ef_addr, usize)], id: usize) -> c_int {
        let iov = dma_vector(pieces);
        // SAFETY: see above.
        unsafe { ef_vi_transmitv_ctpio_fallback(self.raw, iov.as_ptr(), iov.len() as c_int, id as c_int) }
    }

    /// Sends a frame by CTPIO, with its fallback.
    pub fn send_ctpio(&self, id: usize, frame: &[u8], threshold: c_uint) -> c_int {
        self.ctpio(frame, threshold);
        self.fallback(self.load(id, frame), frame.len(), id)
    }

    #[cfg(onload_since = "9.0.1")]
    /// Runs `sends` while the transmit path is warmed.
    /// What CTPIO wrote to meanwhile.
    pub fn warm(&self, sends: impl FnOnce()) -> Vec<u8> {
        let mut saved = ef_vi_tx_warm_state { removed: 0, vi_ctpio_mmap_ptr: ptr::null_mut() };
        let mut aperture = vec![0_u8; 4096];
        // SAFETY: see above; the memory that stands in for the aperture is there until the end of warming.
        unsafe {
            ef_vi_start_transmit_warm(self.raw, &mut saved, aperture.as_mut_ptr().cast());
            sends();
            ef_vi_stop_transmit_warm(self.raw, &mut saved);
        }
        aperture
    }

    // Events.

    /// One poll, with room for that many events.
    pub fn poll(&self, room: usize) -> Vec<ef_event> {
        let mut events = vec![ef_event::default(); room];
        // SAFETY: see above; room for that many.
        let count = unsafe { ef_eventq_poll(self.raw, events.as_mut_ptr(), room as c_int) };
        events.truncate(usize::try_from(count).unwrap());
        events
    }

    /// Calls that are given no elements, and that they are nowhere: sends in several pieces, and polls. The results.
    pub fn nowhere(&self) -> [c_int; 5] {
        let vi = self.raw;
        // SAFETY: see above; no elements are read or written.
        unsafe {
            ef_vi_transmitv_ctpio(vi, 0, ptr::null(), 0, 0);
            ef_vi_transmitv_ctpio_copy(vi, 0, ptr::null(), 0, 0, ptr::null_mut());
            [
                ef_vi_transmitv_ctpio_fallback(vi, ptr::null(), 0, 1),
                ef_vi_transmitv_init(vi, ptr::null(), 0, 1),
                ef_vi_transmitv(vi, ptr::null(), 0, 1),
                ef_eventq_poll(vi, ptr::null_mut(), 0),
                ef_eventq_poll(vi, ptr::null_mut(), -1),
            ]
        }
    }

    /// Sends a frame of one piece by CTPIO, which is empty and nowhere.
    pub fn ctpio_nothing(&self) {
        let nothing = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };
        // SAFETY: see above; of an empty piece nothing is read.
        unsafe { ef_vi_transmitv_ctpio(self.raw, 0, &nothing, 1, 0) }
    }

    /// Polls until nothing has come for a while.
    pub fn drain(&self) -> Vec<ef_event> {
        let (mut all, mut idle) = (Vec::new(), 0);
        while idle < 16 {
            let events = self.poll(16);
            idle = if events.is_empty() { idle + 1 } else { 0 };
            all.extend(events);
        }
        all
    }

    pub fn has_event(&self) -> bool {
        // SAFETY: see above.
        unsafe { ef_eventq_has_event(self.raw) != 0 }
    }

    pub fn has_many_events(&self, count: c_int) -> bool {
        // SAFETY: see above.
        unsafe { ef_eventq_has_many_events(self.raw, release::look_ahead(count)) != 0 }
    }

    pub fn event_capacity(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_eventq_capacity(self.raw) }
    }

    /// The ids of the buffers that a merged receive event completes.
    pub fn unbundle_receive(&self, event: &ef_event) -> Vec<usize> {
        let mut ids = [-1; EF_VI_RECEIVE_BATCH as usize];
        // SAFETY: see above; room for as many ids as an event has.
        let count = unsafe { ef_vi_receive_unbundle(self.raw, event, ids.as_mut_ptr()) };
        ids[..count as usize].iter().map(|id| *id as usize).collect()
    }

    /// What the driver tells of a filter: the fields that it knows, its id, and its queue.
    pub fn query(&self, cookie: &ef_filter_cookie) -> Result<(u64, u32, u32), c_int> {
        let mut info = ef_filter_info { valid_fields: 0, flags: 0, filter_id: 0, q_id: 0 };
        let size = size_of::<ef_filter_info>();
        // SAFETY: see above; room for so much.
        let rc = unsafe { ef_vi_filter_query(self.raw, self.domain.driver.0, cookie, &mut info, size) };
        if rc == 0 { Ok((info.valid_fields, info.filter_id, info.q_id)) } else { Err(rc) }
    }

    /// The frame of an event that has it in one buffer.
    pub fn frame(&self, event: &ef_event) -> Vec<u8> {
        let (id, prefix) = (EF_EVENT_RX_RQ_ID(event) as usize, self.prefix_len());
        self.memory.read(id * Self::BUFFER + prefix, EF_EVENT_RX_BYTES(event) as usize - prefix)
    }

    /// The frames that have arrived, each in one buffer. Fails if anything else has happened.
    pub fn frames(&self) -> Vec<Vec<u8>> {
        let frame = |event: &ef_event| {
            assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX, "{event:?}");
            self.frame(event)
        };
        self.drain().iter().map(frame).collect()
    }

    /// The ids of the sends that have completed, in order. Fails if anything else has happened.
    pub fn sent(&self) -> Vec<c_int> {
        let ids = |event: &ef_event| {
            assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_TX, "{event:?}");
            self.unbundle(event)
        };
        self.drain().iter().flat_map(ids).collect()
    }

    // Filters and the rest.

    pub fn filter(&self, spec: &Spec) -> Result<ef_filter_cookie, c_int> {
        let mut cookie = ef_filter_cookie { filter_id: -1, filter_type: -1 };
        // SAFETY: see above; an initialised specification, and room for the cookie.
        let rc = unsafe { ef_vi_filter_add(self.raw, self.domain.driver.0, &spec.0, &mut cookie) };
        if rc == 0 { Ok(cookie) } else { Err(rc) }
    }

    pub fn unfilter(&self, mut cookie: ef_filter_cookie) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_filter_del(self.raw, self.domain.driver.0, &mut cookie) }
    }

    pub fn mac(&self) -> [u8; 6] {
        let mut mac = [0; 6];
        // SAFETY: see above; room for six bytes.
        assert_eq!(unsafe { ef_vi_get_mac(self.raw, self.domain.driver.0, mac.as_mut_ptr().cast()) }, 0);
        mac
    }

    pub fn mtu(&self) -> usize {
        // SAFETY: see above.
        unsafe { ef_vi_mtu(self.raw, self.domain.driver.0) as usize }
    }

    pub fn flush(&self) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_flush(self.raw, self.domain.driver.0) }
    }

    /// All statistics, by the layout's names.
    pub fn statistics(&self, reset: bool) -> Vec<(String, u64)> {
        let mut layout = ptr::null();
        // SAFETY: see above; the layout stays, with its fields right behind it, and says how much data there is.
        unsafe {
            assert_eq!(ef_vi_stats_query_layout(self.raw, &mut layout), 0);
            let mut data = vec![0_u8; (*layout).evsl_data_size as usize];
            let handle = self.domain.driver.0;
            assert_eq!(ef_vi_stats_query(self.raw, handle, data.as_mut_ptr().cast(), reset.into()), 0);
            let fields = (&raw const (*layout).evsl_fields).cast::<ef_vi_stats_field_layout>();
            let fields = std::slice::from_raw_parts(fields, (*layout).evsl_fields_num as usize);
            let read = |field: &ef_vi_stats_field_layout| {
                let mut value = [0; 8];
                let (at, size) = (field.evsfl_offset as usize, field.evsfl_size as usize);
                value[..size].copy_from_slice(&data[at..at + size]);
                (CStr::from_ptr(field.evsfl_name).to_str().unwrap().to_owned(), u64::from_le_bytes(value))
            };
            fields.iter().map(read).collect()
        }
    }

    /// A statistic.
    pub fn statistic(&self, name: &str) -> u64 {
        let all = self.statistics(false);
        all.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no statistic {name} in {all:?}")).1
    }
}

fn dma_vector(pieces: &[(ef_addr, usize)]) -> Vec<ef_iovec> {
    pieces.iter().map(|&(iov_base, length)| ef_iovec { iov_base, iov_len: length as c_uint }).collect()
}

fn vector(pieces: &[&[u8]]) -> (Vec<libc::iovec>, usize) {
    let iov = |piece: &&[u8]| libc::iovec { iov_base: piece.as_ptr().cast_mut().cast(), iov_len: piece.len() };
    (pieces.iter().map(iov).collect(), pieces.iter().map(|piece| piece.len()).sum())
}
