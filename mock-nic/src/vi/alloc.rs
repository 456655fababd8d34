//! Allocating and freeing VIs.

use super::discards::Errors;
use super::filters::Sniffs;
use super::outside::Side;
use super::set::{self, Seat};
use super::software::Inbox;
use super::timer::{self, Timer};
use super::{Vi, adapter, efct, event, layout, left, ops, packed_stream, queue, receive, release, special, transmit};
use crate::abi::*;
use crate::array::Array;
use crate::checks::{resources, rules};
use crate::counters::Cells;
use crate::domain::{self, Domain};
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::faults::Fault;
use crate::model::Datapath;
use crate::port::{ViCounters, max_frame};
use crate::time::Later;
use crate::trace;
use crate::watch::exported;
use crate::watch::{self, Checked};
use crate::wire::outside::{Outside, State};
use crate::wire::{Attachment, Flags};
use core::ffi::{c_char, c_int, c_uint, c_void};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use core::time::Duration;
use std::sync::Arc;

/// The memory of a VI: what the real library maps from its driver.
pub(super) struct Memory {
    state: Array<ef_vi_state>,
    rx_descriptors: Array<u64>,
    rx_ids: Array<u32>,
    tx_descriptors: Array<u64>,
    tx_ids: Array<u32>,
    events: Array<u64>,
    pub(super) aperture: *mut c_char,
    _aperture: Array<c_char>,
}

/// The sizes of a VI's queues, each a power of two, or 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sizes {
    events: usize,
    receive: usize,
    transmit: usize,
}

fn default_size(variable: &str) -> Option<c_int> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A queue's size: as asked for, or the environment's, or the default.
fn size(asked: c_int, variable: &str, default: usize, offered: &[usize]) -> Result<usize> {
    let asked = if asked < 0 { default_size(variable).unwrap_or(-1) } else { asked };
    let size = usize::try_from(asked).unwrap_or(default);
    if size == 0 || offered.contains(&size) { Ok(size) } else { Err(Errno(libc::EINVAL)) }
}

impl Sizes {
    fn new(
        datapath: Datapath,
        events: c_int,
        receive: c_int,
        transmit: c_int,
        flags: ef_vi_flags,
        shared_events: bool,
    ) -> Result<Self> {
        let receive = size(receive, "EF_VI_RXQ_SIZE", 512, datapath.rxq_sizes())?;
        let transmit = size(transmit, "EF_VI_TXQ_SIZE", 512, datapath.txq_sizes())?;
        if shared_events {
            return Ok(Self { events: 0, receive, transmit });
        }
        // Room for a completion of every descriptor; a send with a timestamp, or to an alternative, takes two events,
        // and time has its own.
        let stamped = |flag: ef_vi_flags| usize::from(flags & flag != 0);
        let wanted = receive * (1 + stamped(EF_VI_RX_TIMESTAMPS))
            + transmit * (1 + stamped(EF_VI_TX_TIMESTAMPS | EF_VI_TX_ALT))
            + 1;
        let offered = datapath.evq_sizes();
        let largest = offered[offered.len() - 1];
        // Packets of a packed stream take no descriptor each; credit is given for as many as the queue holds.
        let wanted = if flags & EF_VI_RX_PACKED_STREAM != 0 { largest } else { wanted };
        let fitting = wanted.next_power_of_two().clamp(offered[0], largest);
        let events = size(events, "EF_VI_EVQ_SIZE", fitting, offered)?;
        if events == 0 {
            return Err(Errno(libc::EINVAL));
        }
        Ok(Self { events, receive, transmit })
    }
}

/// Flags that the model refuses, or that this version doesn't serve.
const REFUSED: ef_vi_flags = EF_VI_RX_ZEROCOPY;

/// Alternatives exclude transmit timestamps, whose events tell that a packet has left. They need an event queue of
/// their own: the real library takes those events for what the queue's own VI was allocated with.
fn alternatives_allowed(flags: ef_vi_flags, datapath: Datapath, shared_events: bool) -> bool {
    flags & EF_VI_TX_ALT == 0
        || (flags & EF_VI_TX_TIMESTAMPS == 0 && datapath.alternatives().is_some() && !shared_events)
}

static NEXT_ID: AtomicU32 = AtomicU32::new(1);

#[expect(clippy::too_many_arguments, reason = "the C call's own")]
unsafe fn alloc(
    vi: *mut ef_vi,
    handle: ef_driver_handle,
    domain: Arc<Domain>,
    seat: Option<Seat>,
    events: c_int,
    receive: c_int,
    transmit: c_int,
    shared: *mut ef_vi,
    flags: ef_vi_flags,
) -> Result<i32> {
    // It is the domain that says whether addresses are physical, and in none are they.
    let flags = flags & !(EF_VI_TX_PHYS_ADDR | EF_VI_RX_PHYS_ADDR);
    let datapath = domain.datapath;
    if datapath.efct {
        efct::check(flags, !shared.is_null())?;
    } else if flags & REFUSED != 0 || !alternatives_allowed(flags, datapath, !shared.is_null()) {
        return Err(Errno(libc::EOPNOTSUPP));
    }
    packed_stream::check(flags, &domain)?;
    let sizes = Sizes::new(datapath, events, receive, transmit, flags, !shared.is_null())?;
    // SAFETY: the ABI's contract: null, or an allocated VI with an event queue.
    let label = unsafe {
        if shared.is_null() {
            0
        } else if (*shared).evq_mask == 0 {
            return Err(Errno(libc::EINVAL));
        } else if (*shared).vi_qs_n >= EF_VI_MAX_QS as c_int {
            return Err(Errno(libc::EBUSY));
        } else {
            (*shared).vi_qs_n
        }
    };
    domain.port.faults.refuse(Fault::NoVi, libc::EBUSY)?;
    let timer = if flags & EF_VI_ENABLE_EV_TIMER != 0 && shared.is_null() { Some(Timer::new()?) } else { None };
    let cells = Arc::<Cells>::default();
    let mtu = domain.port.mtu();
    let mut link = domain.port.wire.attach(Attachment {
        stamps: flags & EF_VI_RX_TIMESTAMPS != 0,
        domain: domain.id,
        loops: domain.flags & EF_PD_MCAST_LOOP != 0,
        posts: !datapath.efct,
        shares: seat.is_some(),
        cells: cells.clone(),
    })?;
    let longest = max_frame(mtu?.min(datapath.max_mtu()));
    let outside = link.outside().is_some().then(|| Box::new(Side::new(sizes.receive, sizes.transmit)));
    if outside.is_some() {
        special::expect();
    }
    if let Some(seat) = &seat {
        seat.join(&*link)?;
    }
    // SAFETY: all zero is a value of each of the C structures.
    let (mut host, state) = unsafe { (core::mem::zeroed::<ef_vi>(), core::mem::zeroed::<ef_vi_state>()) };
    let aperture = Array::new(64, 0);
    let memory = Memory {
        state: Array::new(1, state),
        rx_descriptors: Array::new(sizes.receive, 0),
        rx_ids: Array::new(sizes.receive, EF_REQUEST_ID_MASK),
        tx_descriptors: Array::new(sizes.transmit, 0),
        tx_ids: Array::new(sizes.transmit, EF_REQUEST_ID_MASK),
        events: Array::new(sizes.events, event::EMPTY),
        aperture: aperture.base,
        _aperture: aperture,
    };
    fill(&mut host, datapath, &memory, &sizes, flags, handle);
    let efct = datapath.efct.then(|| efct::Efct::new(sizes.receive, link.overruns()));
    let overruns = efct.as_ref().map_or_else(|| link.overruns(), |efct| efct.overruns());
    let counted = ViCounters { cells: cells.clone(), overruns };
    domain.port.count(&counted);
    let queue = if shared.is_null() {
        // Before the first event: "not yet synchronised" differs from "lost".
        // SAFETY: the VI's own new memory.
        unsafe { (*memory.state.base).evq.sync_timestamp_major = u32::MAX };
        // A packet in a superbuffer has its whole time with it.
        let stamped = if datapath.efct { EF_VI_TX_TIMESTAMPS } else { EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS };
        let stamps = flags & stamped != 0;
        let inbox = Inbox::new(handle, sizes.events);
        Inbox::register(&inbox, host.vi_resource_id);
        let slots = queue::Slots { base: memory.events.base, count: sizes.events };
        let later = domain.port.costs().map(|costs| Box::new(Later::new(costs)));
        let mut queue = queue::Queue::new(slots, cells.clone(), domain.port.clock.clone(), stamps, inbox, later);
        queue.timer = timer;
        Box::into_raw(Box::new(queue))
    } else {
        // SAFETY: the ABI's contract: an allocated VI.
        unsafe { (*adapter(shared)).queue }
    };
    let queue_vi = if shared.is_null() { vi } else { shared };
    release::set_queue_vi(&mut host, queue_vi);
    let insert = (flags & EF_VI_TX_IP_CSUM_DIS == 0, flags & EF_VI_TX_TCPUDP_CSUM_DIS == 0);
    let nic = Box::new(Vi {
        host: vi,
        flags,
        clock: domain.port.clock.clone(),
        time: domain.port.pipeline(),
        max_frame: longest,
        domain,
        link,
        cells,
        counted,
        queue,
        queue_vi,
        label: label as u32,
        insert,
        inserted: if insert == (true, true) { Flags::CHECKSUMS_GOOD } else { Flags::default() },
        tx: transmit::Ring::new(flags, outside.is_some()),
        pio: None,
        alternatives: None,
        rx: receive::Ring::new(receive::Mode::of(flags), packed_stream::Stream::new(flags)),
        sniffs: Sniffs::default(),
        _seat: seat,
        efct,
        outside,
        equipped: false,
        watch: None,
        memory,
    });
    efct::fill(&mut host, &nic);
    host.io = Box::into_raw(nic).cast();
    host.vi_io_mmap_ptr = host.io;
    // SAFETY: the ABI's contract: room for a VI; the queue's owner is one, too.
    unsafe {
        vi.write(host);
        (*queue_vi).vi_qs[label as usize] = vi;
        (*queue_vi).vi_qs_n = label + 1;
        packed_stream::begin(vi);
    }
    // SAFETY: allocated just now.
    unsafe { watched(vi, handle, queue_vi) };
    // The number that names the event queue's user, as the real call gives it.
    Ok(label)
}

/// Whoever watches the calls of the port's VIs begins with this one.
unsafe fn watched(vi: *mut ef_vi, handle: ef_driver_handle, queue_vi: *mut ef_vi) {
    // SAFETY: the caller's VIs are allocated.
    unsafe {
        let nic = &*adapter(vi);
        let checks = nic.domain.port.checks.clone();
        resources::add(checks.as_ref(), "VIs", vi.addr(), handle);
        if let Some(checks) = &checks {
            rules::event_queue(&Checked { vi, id: (*vi).vi_resource_id, checks }, queue_vi);
        }
        watch::begin(vi, checks);
    }
}

/// The application's structure, as macros and inline functions expect it.
fn fill(
    host: &mut ef_vi,
    datapath: Datapath,
    memory: &Memory,
    sizes: &Sizes,
    flags: ef_vi_flags,
    handle: ef_driver_handle,
) {
    let packed = flags & EF_VI_RX_PACKED_STREAM != 0;
    // A packed stream has its own.
    let prefix = flags & layout::PREFIXED != 0 && !packed;
    host.inited = 1;
    host.vi_resource_id = NEXT_ID.fetch_add(1, Relaxed);
    host.vi_i = host.vi_resource_id;
    host.dh = handle;
    host.timer_quantum_ns = timer::QUANTUM_NS;
    host.rx_buffer_len = receive::BUFFER_LENGTH;
    host.rx_prefix_len = if prefix { receive::PREFIX as c_uint } else { 0 };
    host.rx_discard_mask = Errors::DEFAULT.into();
    host.rx_pkt_len_offset = 8;
    host.rx_pkt_len_mask = 0xffff;
    host.ts_format = TS_FORMAT_SECONDS_QTR_NANOSECONDS;
    host.ep_state_bytes = size_of::<ef_vi_state>() as c_int;
    host.ep_state = memory.state.base;
    host.vi_is_normal = (flags & (EF_VI_RX_EVENT_MERGE | EF_VI_RX_PACKED_STREAM) == 0).into();
    host.vi_is_packed_stream = packed.into();
    host.vi_ps_buf_size = packed_stream::buffer_bytes(flags);
    host.vi_flags = flags;
    if flags & EF_VI_RX_TIMESTAMPS != 0 {
        host.vi_out_flags = EF_VI_OUT_CLOCK_SYNC_STATUS;
    }
    if flags & EF_VI_TX_CTPIO != 0 {
        host.vi_ctpio_mmap_ptr = memory.aperture;
    }
    host.nic_type = datapath.nic_type();
    host.ops = ops::OPS;
    if packed {
        host.ops.receive_init = Some(packed_stream::init);
    }
    release::fill(host, sizes.events);
    if sizes.events > 0 {
        host.evq_base = memory.events.base.cast();
        host.evq_mask = sizes.events as c_uint * 8 - 1;
    }
    if sizes.receive > 0 {
        host.vi_rxq.mask = sizes.receive as u32 - 1;
        host.vi_rxq.descriptors = memory.rx_descriptors.base.cast();
        host.vi_rxq.ids = memory.rx_ids.base;
    }
    if sizes.transmit > 0 {
        host.vi_txq.mask = sizes.transmit as u32 - 1;
        host.vi_txq.descriptors = memory.tx_descriptors.base.cast();
        // There is no cut-through FIFO that bounds what may be sent.
        host.vi_txq.ct_fifo_bytes = c_int::MAX as u32;
        host.vi_txq.ids = memory.tx_ids.base;
        host.tx_push_thresh = if flags & EF_VI_TX_PUSH_DISABLE != 0 {
            0
        } else if flags & EF_VI_TX_PUSH_ALWAYS != 0 {
            c_uint::MAX
        } else {
            transmit::PUSH_THRESHOLD
        };
    }
}

/// `ef_vi_alloc_from_pd`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_alloc_from_pd(
    vi: *mut ef_vi,
    vi_dh: ef_driver_handle,
    pd: *mut ef_pd,
    _pd_dh: ef_driver_handle,
    evq_capacity: c_int,
    rxq_capacity: c_int,
    txq_capacity: c_int,
    evq_opt: *mut ef_vi,
    _evq_dh: ef_driver_handle,
    flags: ef_vi_flags,
) -> c_int {
    // SAFETY: this call's contract: an allocated domain.
    let domain = driver::check(vi_dh).and_then(|()| domain::find(unsafe { (*pd).pd_resource_id }));
    // SAFETY: this call's contract.
    let rc = to_c(domain.and_then(|domain| unsafe {
        alloc(vi, vi_dh, domain, None, evq_capacity, rxq_capacity, txq_capacity, evq_opt, flags)
    }));
    // SAFETY: where the call succeeded the VI is allocated.
    let id = if rc < 0 { 0 } else { unsafe { (*vi).vi_resource_id } };
    let queues = format_args!("{evq_capacity}, {rxq_capacity}, {txq_capacity}");
    trace::call(format_args!("vi{id} ef_vi_alloc_from_pd({queues}, {flags:#x})"), rc)
}

/// `ef_vi_alloc_from_set`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_alloc_from_set(
    vi: *mut ef_vi,
    vi_dh: ef_driver_handle,
    vi_set: *mut ef_vi_set,
    _vi_set_dh: ef_driver_handle,
    index_in_vi_set: c_int,
    evq_capacity: c_int,
    rxq_capacity: c_int,
    txq_capacity: c_int,
    evq_opt: *mut ef_vi,
    _evq_dh: ef_driver_handle,
    flags: ef_vi_flags,
) -> c_int {
    let alloc = || {
        driver::check(vi_dh)?;
        // SAFETY: this call's contract: an allocated set.
        let set = set::find(unsafe { (*vi_set).vis_res_id })?;
        let (domain, seat) = (set.domain.clone(), Some(set.seat(index_in_vi_set)?));
        // SAFETY: this call's contract.
        unsafe { alloc(vi, vi_dh, domain, seat, evq_capacity, rxq_capacity, txq_capacity, evq_opt, flags) }
    };
    let rc = to_c(alloc());
    // SAFETY: where the call succeeded the VI is allocated.
    let id = if rc < 0 { 0 } else { unsafe { (*vi).vi_resource_id } };
    let queues = format_args!("{index_in_vi_set}, {evq_capacity}, {rxq_capacity}, {txq_capacity}");
    trace::call(format_args!("vi{id} ef_vi_alloc_from_set({queues}, {flags:#x})"), rc)
}

/// `ef_vi_free`. `-EBUSY` while other VIs use its event queue. Unless it was flushed the adapter keeps the buffers that are
/// posted, and the filters, until the handle is closed. (The real one keeps the filters of one that was flushed, too.)
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_free(vi: *mut ef_vi, _nic: ef_driver_handle) -> c_int {
    // SAFETY: this call's contract.
    unsafe {
        if watch::watching() {
            let rule = |rules: &mut rules::State, vi: &Checked<'_>| rules.freed(vi);
            return watch::call(vi, format_args!("ef_vi_free()"), rule, || free(vi));
        }
        free(vi)
    }
}

unsafe fn free(vi: *mut ef_vi) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated and is not used again.
    unsafe {
        let nic = adapter(vi);
        if nic.is_null() {
            return -libc::EINVAL;
        }
        let owner = (*nic).queue_vi;
        let owns = owner == vi;
        if owns && (&(*vi).vi_qs)[1..].iter().any(|user| !user.is_null()) {
            return -libc::EBUSY;
        }
        if !owns {
            // Its label stays taken: events with it may still be in the queue, and are dropped.
            (*owner).vi_qs[(*nic).label as usize] = ptr::null_mut();
        }
        resources::remove("VIs", vi.addr());
        let mut nic = Box::from_raw(nic);
        watch::end(vi, &mut nic);
        let stays = left::has_buffers(&nic);
        // What this counts is still the VI's.
        if !stays {
            nic.links().for_each(|link| link.leave());
        }
        if owns {
            (*nic.queue).empty();
        }
        nic.domain.port.uncount(&nic.counted);
        if owns {
            Inbox::unregister((*vi).vi_resource_id);
            drop(Box::from_raw(nic.queue));
        }
        if stays {
            left::leave(nic);
        }
        (*vi).io = ptr::null_mut();
        (*vi).inited = 0;
    }
    0
}

exported! {
    /// `ef_vi_flush`: what has arrived is written, and what was sent over an interface of the machine is waited for; after
    /// that the adapter has none of the buffers. `-ETIMEDOUT` if an interface still has to send some: then it has them all.
    fn ef_vi_flush(vi: *mut ef_vi, nic: ef_driver_handle) -> c_int = flush;
}

/// How many times a flush looks whether a slow interface has sent all, each some milliseconds after the last.
const FLUSH_PATIENCE: u32 = 100;

unsafe fn flush(vi: *mut ef_vi, _nic: ef_driver_handle) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let nic = adapter(vi);
        if nic.is_null() {
            return -libc::EINVAL;
        }
        let nic = &mut *nic;
        for _ in 0..FLUSH_PATIENCE {
            nic.settle();
            if !nic.has_unannounced() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let is_gone = |wire: &mut dyn Outside| wire.state() == State::Gone;
        if nic.has_unannounced() && !nic.link.outside().is_some_and(is_gone) {
            return -libc::ETIMEDOUT;
        }
        if nic.is_outside() {
            receive::flush_outside(nic);
        } else if left::has_buffers(nic) {
            receive::flush(nic);
        }
    }
    0
}

/// `ef_vi_mtu`. It is asked of the driver with each call, and so is that of now: but no larger than the VI was made for.
/// `-ENODEV` of an interface that has gone.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_mtu(vi: *mut ef_vi, _vi_dh: ef_driver_handle) -> c_uint {
    // SAFETY: the ABI's contract: a VI that was allocated.
    let nic = unsafe { &*adapter(vi) };
    match nic.domain.port.mtu() {
        // As the driver gives it: the interface's MTU and the Ethernet header.
        Ok(mtu) => (max_frame(mtu).min(nic.max_frame) - max_frame(0) + 14) as c_uint,
        Err(Errno(errno)) => -errno as c_uint,
    }
}

exported! {
    /// `ef_vi_get_mac`.
    fn ef_vi_get_mac(vi: *mut ef_vi, vi_dh: ef_driver_handle, mac_out: *mut c_void) -> c_int = mac;
}

unsafe fn mac(vi: *mut ef_vi, _vi_dh: ef_driver_handle, mac_out: *mut c_void) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for six bytes.
    unsafe {
        let domain: &Domain = &(*adapter(vi)).domain;
        mac_out.cast::<[u8; 6]>().write_unaligned(domain.port.mac);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    const X2: Datapath = Datapath { model: Model::X2, efct: false };

    #[test]
    fn sizes_are_those_the_adapter_offers() {
        let sizes = Sizes::new(X2, -1, -1, -1, 0, false).unwrap();
        assert_eq!(sizes, Sizes { events: 2048, receive: 512, transmit: 512 });
        let stamped = Sizes::new(X2, -1, -1, -1, EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS, false).unwrap();
        assert_eq!(stamped.events, 4096);
        assert_eq!(Sizes::new(X2, -1, 0, 512, 0, false).unwrap().receive, 0, "no receive side");
        for bad in [3, 500, 256, 8192, 1 << 20] {
            assert_eq!(Sizes::new(X2, -1, bad, -1, 0, false), Err(Errno(libc::EINVAL)), "{bad}");
            assert_eq!(Sizes::new(X2, -1, -1, bad, 0, false), Err(Errno(libc::EINVAL)), "{bad}");
        }
        assert_eq!(Sizes::new(X2, 0, -1, -1, 0, false), Err(Errno(libc::EINVAL)), "no event queue");
        assert_eq!(Sizes::new(X2, 0, -1, -1, 0, true).unwrap().events, 0, "another's event queue");
    }
}
