//! The memory that the kernel reads and writes by itself is the application's, and no longer than it says so.

use super::{IN, OUT, event, is_sanitized, vi};
use crate::common::namespace::{Veth, over_each_wire, wait_for};
use crate::common::{Domain, Queues, Spec};
use efvi_sys::*;
use std::net::SocketAddr;
use std::ptr;
use std::rc::Rc;

/// What the kernel's sockets send to.
fn ours() -> SocketAddr {
    SocketAddr::from((Veth::OURS, 9001))
}

/// Mapped memory registered with a domain, until it is dropped.
struct Mapped {
    domain: Rc<Domain>,
    base: *mut u8,
    raw: ef_memreg,
}

impl Mapped {
    const BYTES: usize = 1 << 20;

    fn new(domain: &Rc<Domain>) -> Self {
        let raw = ef_memreg { mr_dma_addrs: ptr::null_mut(), mr_dma_addrs_base: ptr::null_mut() };
        let mut new = Self { domain: domain.clone(), base: map(ptr::null_mut(), 0), raw };
        new.register();
        new
    }

    fn register(&mut self) {
        let (handle, domain) = (self.domain.driver.0, self.domain.raw);
        // SAFETY: an allocated domain, memory of that length, and room for the registration.
        let rc = unsafe { ef_memreg_alloc(&mut self.raw, handle, domain, handle, self.base.cast(), Self::BYTES) };
        assert_eq!(rc, 0);
    }

    fn unregister(&mut self) {
        // SAFETY: registered in `register`.
        assert_eq!(unsafe { ef_memreg_free(&mut self.raw, self.domain.driver.0) }, 0);
    }

    /// Gives the memory back, and has the same addresses registered with other pages.
    fn renew(&mut self) {
        self.unregister();
        map(self.base, libc::MAP_FIXED);
        self.register();
    }

    fn dma(&mut self, at: usize) -> ef_addr {
        assert!(at < Self::BYTES);
        // SAFETY: registered, and longer than the offset.
        unsafe { ef_memreg_dma_addr(&mut self.raw, at) }
    }

    fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= Self::BYTES);
        // SAFETY: within the memory, as was just seen.
        unsafe { self.base.add(at).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }

    fn read(&self, at: usize, length: usize) -> Vec<u8> {
        assert!(at + length <= Self::BYTES);
        // SAFETY: within the memory, as was just seen; nothing writes to it meanwhile.
        unsafe { std::slice::from_raw_parts(self.base.add(at), length) }.to_vec()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        self.unregister();
        // SAFETY: mapped in `new`, with this size.
        assert_eq!(unsafe { libc::munmap(self.base.cast(), Self::BYTES) }, 0);
    }
}

/// New pages, there or anywhere.
fn map(at: *mut u8, flags: i32) -> *mut u8 {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | flags);
    // SAFETY: a new mapping, which takes no place but one that is the caller's.
    let base = unsafe { libc::mmap(at.cast(), Mapped::BYTES, access, kind, -1, 0) };
    assert_ne!(base, libc::MAP_FAILED);
    base.cast()
}

/// Where memory was given back, the same addresses may be registered anew. What is sent is what is there then.
#[test]
fn sends_are_of_the_memory_that_is_registered_now() {
    over_each_wire("interfaces::memory::sends_are_of_the_memory_that_is_registered_now", |wire| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let domain = Domain::named(Veth::NEAR);
        let vi = domain.vi(Queues { receive: 0, ..Queues::default() }).unwrap();
        let mut memory = Mapped::new(&domain);
        for text in ["old", "new", "newer"] {
            // Two at once: one that is alone may go another way.
            let texts = [0, 1].map(|number| format!("{text} {number}{}", ".".repeat(40)));
            for (id, text) in texts.iter().enumerate() {
                let frame = OUT.frame(text.as_bytes());
                memory.write(id * 2048, &frame);
                assert_eq!(vi.transmit_init(memory.dma(id * 2048), frame.len(), id), 0);
            }
            vi.transmit_push();
            let mut done = Vec::new();
            while done.len() < 2 {
                done.extend(vi.unbundle(&event(&vi)));
            }
            assert_eq!(done, [0, 1]);
            for text in &texts {
                let mut got = [0; 100];
                let count = socket.recv(&mut got).unwrap();
                assert_eq!(String::from_utf8_lossy(&got[..count]), *text);
            }
            memory.renew();
        }
        if wire.starts_with("xdp") && !is_sanitized() {
            assert_eq!((vi.statistic("tx_in_place"), vi.statistic("tx_copied")), (2, 4));
        }
    });
}

/// The same of what is received. A frame that comes into memory that was given back is lost.
#[test]
fn frames_are_received_into_the_memory_that_is_registered_now() {
    over_each_wire("interfaces::memory::frames_are_received_into_the_memory_that_is_registered_now", |wire| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let domain = Domain::named(Veth::NEAR);
        let vi = domain.vi(Queues::default()).unwrap();
        vi.filter(&Spec::local(&IN)).unwrap();
        let mut memory = Mapped::new(&domain);
        let post = |memory: &mut Mapped| {
            for id in 0..8 {
                assert_eq!(vi.receive_init(memory.dma(id * 2048), id as i32), 0);
            }
            vi.receive_push();
            vi.poll(0);
        };
        let take = |memory: &mut Mapped, text: &str| {
            for _ in 0..8 {
                socket.send_to(text.as_bytes(), ours()).unwrap();
                let event = event(&vi);
                assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
                let frame = memory.read(EF_EVENT_RX_RQ_ID(&event) as usize * 2048, 42 + text.len());
                assert_eq!(String::from_utf8_lossy(&frame[42..]), text);
            }
        };
        post(&mut memory);
        take(&mut memory, "old");
        let in_place = vi.statistic("rx_in_place");
        if in_place > 0 {
            // The kernel has these when their memory goes.
            post(&mut memory);
        }
        memory.renew();
        if in_place > 0 {
            (0..8).for_each(|_| _ = socket.send_to(b"lost", ours()).unwrap());
            wait_for("the loss", || {
                assert!(vi.poll(1).is_empty());
                (vi.statistic("rx_no_descriptor") == 8).then_some(())
            });
        }
        post(&mut memory);
        take(&mut memory, "new");
        assert_eq!(vi.statistic("rx_in_place"), in_place);
        let direct = wire.starts_with("xdp") && !is_sanitized();
        assert!(!direct || in_place > 0, "{:?}", vi.statistics(false));
    });
}

/// After a flush the buffers are the application's: nobody writes there, polled or not. What came before is received.
#[test]
fn a_flush_gives_posted_buffers_back() {
    over_each_wire("interfaces::memory::a_flush_gives_posted_buffers_back", |_| {
        let veth = Veth::new(1500, 1);
        let socket = veth.socket(9002);
        let send = |text: &str, count| {
            for _ in 0..count {
                socket.send_to(text.as_bytes(), ours()).unwrap();
            }
        };
        for flags in [0, EF_VI_RX_TIMESTAMPS, EF_VI_RX_EVENT_MERGE] {
            let vi = vi(flags);
            assert_eq!(vi.send(1, &OUT.frame(b"out")), 0);
            assert_eq!(vi.unbundle(&event(&vi)), [1]);
            send("before", 3);
            // One is there by then, and as a rule all are.
            assert_eq!(vi.wait(None), 0);
            assert_eq!(vi.flush(), 0);
            let of = |event: &ef_event| match EF_EVENT_TYPE(event) {
                EF_EVENT_TYPE_RX => vec![EF_EVENT_RX_RQ_ID(event) as usize],
                EF_EVENT_TYPE_RX_MULTI => vi.unbundle_receive(event),
                other => panic!("an event of type {other}"),
            };
            let received = vi.drain().iter().flat_map(of).collect::<Vec<_>>();
            assert!((1..=3).contains(&received.len()), "{received:?}");
            for id in &received {
                let text = vi.memory.read(id * 2048 + vi.prefix_len() + 42, 6);
                assert_eq!(String::from_utf8_lossy(&text), "before");
            }
            let count = received.len() as u64;

            vi.memory.write(0, &[0xee; 64 * 2048]);
            send("after", 8);
            for _ in 0..100 {
                assert!(vi.poll(4).is_empty());
            }
            assert!(vi.memory.read(0, 64 * 2048).iter().all(|byte| *byte == 0xee));
            assert_eq!((vi.flush(), vi.statistic("rx_frames")), (0, count), "again");
            assert_eq!(vi.send(2, &OUT.frame(b"nowhere")), 0);
            assert!(vi.drain().is_empty());
            assert_eq!(vi.statistic("tx_dead"), 1);
            assert_eq!(vi.free(), 0);
            // The next one has the interface as if there had been none.
            let next = super::vi(flags);
            send("next", 1);
            event(&next);
        }
    });
}
