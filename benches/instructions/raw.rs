//! By the raw bindings, as the C program does it.

use core::ffi::c_int;
use core::mem::MaybeUninit;
use core::ptr;
use std::alloc::{Layout, alloc_zeroed};
use std::ffi::CString;

use anyhow::{Context as _, Result, ensure};
use efvi_sys::*;

use crate::{BUFFERS, FRAME, INTERFACE, MAC, POSTED};

const SIZE: usize = 2048;
const EVENTS: usize = 16;

#[derive(Clone, Copy)]
struct Buffer {
    dma: ef_addr,
    data: *mut u8,
}

struct End {
    vi: ef_vi,
    buffers: [Buffer; BUFFERS],
    free: [c_int; BUFFERS],
    free_count: usize,
    added: u32,
    sum: u64,
    prefix: u32,
}

/// Room for the events of a poll, which writes as many as it returns.
type Events = [MaybeUninit<ef_event>; EVENTS];

#[inline(always)]
unsafe fn poll(vi: *mut ef_vi, events: &mut Events) -> &[ef_event] {
    // SAFETY: the caller gives an open VI that no other thread uses; the call writes as many events as it returns, for
    // which there is room.
    unsafe {
        let count = ef_eventq_poll(vi, events.as_mut_ptr().cast(), EVENTS as c_int);
        core::slice::from_raw_parts(events.as_ptr().cast(), count as usize)
    }
}

#[inline(never)]
unsafe fn op_empty_poll(end: &mut End) -> bool {
    let mut events = [const { MaybeUninit::<ef_event>::uninit() }; EVENTS];
    // SAFETY: an open VI, which this thread alone uses, and room for the events.
    unsafe { ef_eventq_poll(&raw mut end.vi, events.as_mut_ptr().cast(), EVENTS as c_int) == 0 }
}

#[inline(never)]
unsafe fn op_send(end: &mut End) -> c_int {
    if end.free_count == 0 {
        return -1;
    }
    // SAFETY: ids are below the number of buffers; an open VI, which this thread alone uses.
    unsafe {
        let id = *end.free.get_unchecked(end.free_count - 1);
        let buffer = end.buffers.get_unchecked(id as usize);
        let code = ef_vi_transmit(&raw mut end.vi, buffer.dma, FRAME as c_int, id as ef_request_id);
        if code == 0 {
            end.free_count -= 1;
        }
        code
    }
}

#[inline(never)]
unsafe fn op_ctpio(end: &mut End) -> c_int {
    // SAFETY: ids are below the number of buffers; an open VI, which this thread alone uses; the fallback follows.
    unsafe {
        if end.free_count == 0 || ef_vi_transmit_space(&raw const end.vi) <= 0 {
            return -1;
        }
        let id = *end.free.get_unchecked(end.free_count - 1);
        let buffer = end.buffers.get_unchecked(id as usize);
        ef_vi_transmit_ctpio(&raw mut end.vi, buffer.data.cast(), FRAME, FRAME as u32);
        let code = ef_vi_transmit_ctpio_fallback(&raw mut end.vi, buffer.dma, FRAME, id as ef_request_id);
        if code == 0 {
            end.free_count -= 1;
        }
        code
    }
}

#[inline(never)]
unsafe fn op_completion(end: &mut End) -> usize {
    let mut events = [const { MaybeUninit::uninit() }; EVENTS];
    let mut ids = [const { MaybeUninit::<ef_request_id>::uninit() }; EF_VI_TRANSMIT_BATCH as usize];
    let mut completed = 0;
    // SAFETY: an open VI, which this thread alone uses; ids are those of buffers that were sent, so that there is room
    // for them on the list.
    unsafe {
        for event in poll(&raw mut end.vi, &mut events) {
            if EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX {
                let count = ef_vi_transmit_unbundle(&raw mut end.vi, event, ids.as_mut_ptr().cast()) as usize;
                for id in ids.get_unchecked(..count) {
                    *end.free.get_unchecked_mut(end.free_count) = id.assume_init() as c_int;
                    end.free_count += 1;
                }
                completed += count;
            }
        }
    }
    completed
}

/// Posts a buffer again that was received into.
///
/// # Safety
/// The VI is open, and this thread's alone; the id is of a buffer, for which there is room on the list.
#[inline(always)]
unsafe fn repost(end: &mut End, id: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if ef_vi_receive_init(&raw mut end.vi, end.buffers.get_unchecked(id).dma, id as ef_request_id) != 0 {
            *end.free.get_unchecked_mut(end.free_count) = id as c_int;
            end.free_count += 1;
        } else {
            end.added += 1;
            if end.added.is_multiple_of(8) {
                ef_vi_receive_push(&raw mut end.vi);
            }
        }
    }
}

#[inline(never)]
unsafe fn op_receive(end: &mut End) -> usize {
    let mut events = [const { MaybeUninit::uninit() }; EVENTS];
    let mut received = 0;
    // SAFETY: an open VI, which this thread alone uses; ids are below the number of buffers, and there is room on the
    // list for all; a frame lies behind its prefix.
    unsafe {
        for event in poll(&raw mut end.vi, &mut events) {
            match EF_EVENT_TYPE(event) {
                EF_EVENT_TYPE_RX => {
                    let id = EF_EVENT_RX_RQ_ID(event) as usize;
                    let length = (EF_EVENT_RX_BYTES(event) as u32).wrapping_sub(end.prefix);
                    if EF_EVENT_RX_SOP(event) != 0 && EF_EVENT_RX_CONT(event) == 0 {
                        if length as usize >= size_of::<u64>() {
                            let frame = end.buffers.get_unchecked(id).data.add(end.prefix as usize);
                            end.sum = end.sum.wrapping_add(frame.cast::<u64>().read_unaligned());
                        }
                        received += 1;
                    }
                    repost(end, id);
                }
                EF_EVENT_TYPE_RX_DISCARD => repost(end, EF_EVENT_RX_DISCARD_RQ_ID(event) as usize),
                _ => {}
            }
        }
    }
    received
}

/// Opens a VI where it will stay, with memory that stays as long as the process.
fn open(driver: ef_driver_handle, pd: *mut ef_pd, flags: ef_vi_flags) -> Result<&'static mut End> {
    let layout = Layout::from_size_align(BUFFERS * SIZE, 4096)?;
    // SAFETY: the layout has a size; zeros are a value of each of the structures; the driver handle and the domain are
    // open; the memory is 4096-aligned and never freed.
    unsafe {
        let end: &'static mut End = Box::leak(Box::new(core::mem::zeroed()));
        let code = ef_vi_alloc_from_pd(&raw mut end.vi, driver, pd, driver, -1, 512, 512, ptr::null_mut(), -1, flags);
        ensure!(code >= 0, "ef_vi_alloc_from_pd: {code}");
        end.prefix = ef_vi_receive_prefix_len(&raw const end.vi) as u32;
        let data = alloc_zeroed(layout);
        ensure!(!data.is_null(), "no memory");
        let mut memory = core::mem::zeroed();
        let code = ef_memreg_alloc(&raw mut memory, driver, pd, driver, data.cast(), BUFFERS * SIZE);
        ensure!(code == 0, "ef_memreg_alloc: {code}");
        for (i, buffer) in end.buffers.iter_mut().enumerate() {
            *buffer = Buffer { dma: ef_memreg_dma_addr(&raw mut memory, i * SIZE), data: data.add(i * SIZE) };
        }
        Ok(end)
    }
}

pub fn run(ctpio: bool, count: u64) -> Result<()> {
    let interface = CString::new(INTERFACE).context("an interface's name")?;
    // SAFETY: set-up in the order that the interface asks for, each call with what those before it made.
    unsafe {
        let mut driver = -1;
        ensure!(ef_driver_open(&raw mut driver) == 0, "ef_driver_open");
        let pd: &'static mut ef_pd = Box::leak(Box::new(core::mem::zeroed()));
        let code = ef_pd_alloc_by_name(pd, driver, interface.as_ptr(), EF_PD_DEFAULT);
        ensure!(code == 0, "ef_pd_alloc_by_name: {code}");
        let near = open(driver, pd, EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON)?;
        let far = open(driver, pd, 0)?;
        for (i, buffer) in near.buffers.iter().enumerate() {
            buffer.data.copy_from_nonoverlapping(MAC.as_ptr(), MAC.len());
            buffer.data.add(12).copy_from_nonoverlapping([0x88, 0xb5].as_ptr(), 2);
            near.free[i] = i as c_int;
        }
        near.free_count = BUFFERS;
        for (i, buffer) in far.buffers[..POSTED].iter().enumerate() {
            ensure!(ef_vi_receive_init(&raw mut far.vi, buffer.dma, i as ef_request_id) == 0, "ef_vi_receive_init");
        }
        ef_vi_receive_push(&raw mut far.vi);
        let mut filter = core::mem::zeroed();
        ef_filter_spec_init(&raw mut filter, EF_FILTER_FLAG_NONE);
        let code = ef_filter_spec_set_eth_local(&raw mut filter, EF_FILTER_VLAN_ID_ANY as c_int, MAC.as_ptr().cast());
        ensure!(code == 0, "ef_filter_spec_set_eth_local: {code}");
        let code = ef_vi_filter_add(&raw mut far.vi, driver, &raw const filter, ptr::null_mut());
        ensure!(code == 0, "ef_vi_filter_add: {code}");

        for _ in 0..count {
            ensure!(op_empty_poll(near), "an empty poll");
            ensure!((if ctpio { op_ctpio(near) } else { op_send(near) }) == 0, "a send");
            ensure!(op_completion(near) == 1, "its completion");
            ensure!(op_receive(far) == 1, "its reception");
        }
        ensure!(far.sum != 0, "reading the frames");
    }
    Ok(())
}
