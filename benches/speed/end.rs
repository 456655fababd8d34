//! A VI by the raw calls.

use core::ffi::c_int;
use core::mem::{MaybeUninit, zeroed};
use core::ptr;
use std::alloc::{Layout, alloc_zeroed};

use efvi_sys::*;

const BUFFERS: usize = 1024;
const SIZE: usize = 2048;
/// As many eights as the ring takes; the buffer behind them is sent from.
const POSTED: usize = 504;
const FRAME: usize = 64;
const EVENTS: usize = 16;
/// What X4 wants memory to be aligned to.
const HUGE_PAGE: usize = 2 << 20;

/// How frames are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By DMA, the descriptor along with the doorbell.
    Push,
    /// By DMA, the doorbell alone.
    Doorbell,
    /// By CTPIO with its fallback.
    Ctpio,
}

/// A VI that stays where it is, with memory that stays as long as the process.
pub struct End {
    vi: Box<ef_vi>,
    dma: Vec<ef_addr>,
    data: *mut u8,
    mode: Mode,
    posted: u32,
}

impl End {
    /// Two ends that send to each other.
    pub fn pair(mode: Mode) -> Result<(End, End), String> {
        // SAFETY: set-up in the order that the interface asks for, each call with what those before it made, in memory
        // that is never freed.
        unsafe {
            let mut driver = -1;
            check(ef_driver_open(&raw mut driver), "ef_driver_open")?;
            let domain: &'static mut ef_pd = Box::leak(Box::new(zeroed()));
            let code = ef_pd_alloc_by_name(domain, driver, c"lo".as_ptr(), EF_PD_DEFAULT);
            check(code, "ef_pd_alloc_by_name")?;
            Ok((Self::open(driver, domain, mode, 1)?, Self::open(driver, domain, mode, 2)?))
        }
    }

    /// # Safety
    /// The driver and the domain are open, and stay so.
    unsafe fn open(driver: ef_driver_handle, domain: *mut ef_pd, mode: Mode, own: u8) -> Result<End, String> {
        let flags = match mode {
            Mode::Push => EF_VI_TX_PUSH_ALWAYS,
            Mode::Doorbell => EF_VI_TX_PUSH_DISABLE,
            Mode::Ctpio => EF_VI_TX_CTPIO,
        };
        // SAFETY: zeros are a value of each structure; the layout has a size; the rest as above.
        unsafe {
            let mut vi: Box<ef_vi> = Box::new(zeroed());
            let code =
                ef_vi_alloc_from_pd(&raw mut *vi, driver, domain, driver, -1, 512, 512, ptr::null_mut(), -1, flags);
            check(code, "ef_vi_alloc_from_pd")?;
            let layout = Layout::from_size_align(BUFFERS * SIZE, HUGE_PAGE).map_err(|e| e.to_string())?;
            let data = alloc_zeroed(layout);
            let mut memory: ef_memreg = zeroed();
            let code = ef_memreg_alloc(&raw mut memory, driver, domain, driver, data.cast(), BUFFERS * SIZE);
            check(code, "ef_memreg_alloc")?;
            let dma = (0..BUFFERS).map(|i| ef_memreg_dma_addr(&raw mut memory, i * SIZE)).collect();
            let mac = |number: u8| [2, 0, 0, 0, 0, number];
            let frame = data.add(POSTED * SIZE);
            frame.copy_from_nonoverlapping(mac(3 - own).as_ptr(), 6);
            frame.add(6).copy_from_nonoverlapping(mac(own).as_ptr(), 6);
            frame.add(12).copy_from_nonoverlapping([0x88, 0xb5].as_ptr(), 2);
            let mut filter = zeroed();
            ef_filter_spec_init(&raw mut filter, EF_FILTER_FLAG_NONE);
            let code =
                ef_filter_spec_set_eth_local(&raw mut filter, EF_FILTER_VLAN_ID_ANY as c_int, mac(own).as_ptr().cast());
            check(code, "ef_filter_spec_set_eth_local")?;
            check(ef_vi_filter_add(&raw mut *vi, driver, &raw const filter, ptr::null_mut()), "ef_vi_filter_add")?;
            let mut end = End { vi, dma, data, mode, posted: 0 };
            for id in 0..POSTED {
                end.post(id);
            }
            Ok(end)
        }
    }

    /// Posts a buffer; eight at a time are handed over. Where the adapter has its own there are none to post.
    #[inline(always)]
    fn post(&mut self, id: usize) {
        // SAFETY: an open VI that this thread alone uses.
        unsafe {
            if ef_vi_receive_init(&raw mut *self.vi, self.dma[id], id as ef_request_id) == 0 {
                self.posted += 1;
                if self.posted.is_multiple_of(8) {
                    ef_vi_receive_push(&raw mut *self.vi);
                }
            }
        }
    }

    /// Sends a frame.
    #[inline(always)]
    pub fn send(&mut self) -> Result<(), String> {
        let (vi, dma) = (&raw mut *self.vi, self.dma[POSTED]);
        // SAFETY: as above; the fallback follows the CTPIO, from memory that is registered.
        let code = unsafe {
            if self.mode == Mode::Ctpio {
                ef_vi_transmit_ctpio(vi, self.data.add(POSTED * SIZE).cast(), FRAME, FRAME as u32);
                ef_vi_transmit_ctpio_fallback(vi, dma, FRAME, 1)
            } else {
                ef_vi_transmit(vi, dma, FRAME as c_int, 1)
            }
        };
        check(code, "a send")
    }

    /// Polls until so many frames were received and sends completed.
    #[inline(always)]
    pub fn expect(&mut self, mut frames: usize, mut sends: usize) -> Result<(), String> {
        let mut events = [const { MaybeUninit::<ef_event>::uninit() }; EVENTS];
        let mut ids = [const { MaybeUninit::<ef_request_id>::uninit() }; EF_VI_TRANSMIT_BATCH as usize];
        let mut empty = 0;
        while frames > 0 || sends > 0 {
            let vi = &raw mut *self.vi;
            // SAFETY: as above; the call writes as many events as it returns, for which there is room.
            let events = unsafe {
                let count = ef_eventq_poll(vi, events.as_mut_ptr().cast(), EVENTS as c_int);
                core::slice::from_raw_parts(events.as_ptr().cast::<ef_event>(), count as usize)
            };
            if events.is_empty() {
                empty += 1;
                if empty > 1_000_000 {
                    return Err(format!("{frames} frames and {sends} completions are missing"));
                }
            }
            for event in events {
                match EF_EVENT_TYPE(event) {
                    EF_EVENT_TYPE_RX => {
                        self.post(EF_EVENT_RX_RQ_ID(event) as usize);
                        frames = frames.saturating_sub(1);
                    }
                    #[cfg(not(before_models))]
                    EF_EVENT_TYPE_RX_REF => {
                        // SAFETY: as above; the reference is this event's.
                        unsafe { efct_vi_rxpkt_release(vi, event.rx_ref().pkt_id) };
                        frames = frames.saturating_sub(1);
                    }
                    EF_EVENT_TYPE_TX => {
                        // SAFETY: as above; there is room for the ids of one event.
                        let count = unsafe { ef_vi_transmit_unbundle(vi, event, ids.as_mut_ptr().cast()) };
                        sends = sends.saturating_sub(count as usize);
                    }
                    other => return Err(format!("an event of type {other}")),
                }
            }
        }
        Ok(())
    }
}

fn check(code: c_int, call: &str) -> Result<(), String> {
    if code >= 0 { Ok(()) } else { Err(format!("{call}: {code}")) }
}
