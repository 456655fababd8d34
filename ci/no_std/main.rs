//! Sends a frame from one virtual interface to another and receives it, without the standard library: with that in the
//! program, it would have two panic handlers and not compile. Exits with 0 if the frame arrived as it was sent.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use alloc::string::ToString as _;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_char, c_int};
use core::panic::PanicInfo;
use core::ptr;

use efvi::{Driver, Event, Filter, MacAddress, PacketPool, ProtectionDomain, VirtualInterface};

/// The C library's allocator.
struct Malloc;

// SAFETY: the C library gives memory of the size and alignment asked for, or null.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut memory = ptr::null_mut();
        let alignment = layout.align().max(size_of::<usize>());
        // SAFETY: the alignment is a power of two, and a pointer's at least.
        match unsafe { libc::posix_memalign(&mut memory, alignment, layout.size()) } {
            0 => memory.cast(),
            _ => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: the caller has it from `alloc`.
        unsafe { libc::free(memory.cast()) };
    }
}

#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    // SAFETY: the call has no conditions.
    unsafe { libc::abort() }
}

/// What core and alloc as they come are linked with, for panics that unwind. None does here: they abort.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// The same.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    // SAFETY: the call has no conditions.
    unsafe { libc::abort() }
}

/// An error of any kind, as the standard library would have it: the trait is core's.
type Failure = Box<dyn core::error::Error>;

const STATION: MacAddress = MacAddress([2, 0, 0, 0, 0, 0x77]);

fn run() -> Result<(), Failure> {
    let mut ends = [end()?, end()?];
    let [(near, pool), (far, far_pool)] = &mut ends;
    far.filter_add(&Filter::ethernet_local(STATION, None))?;
    let (_, mut rx) = far.split();
    rx.fill(far_pool)?;

    let (mut tx, mut done) = near.split();
    let mut frame = [0x55; 60];
    frame[..6].copy_from_slice(&STATION.octets());
    frame[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 0x78]);
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    let mut buffer = pool.take().ok_or("the pool is empty")?;
    buffer.write(&frame)?;
    tx.send(buffer)?;

    let (mut sent, mut received) = (false, false);
    while !(sent && received) {
        let mut events = done.poll();
        while let Some(event) = events.next() {
            sent |= matches!(event, Event::Sent(_));
        }
        drop(events);
        let mut events = rx.poll();
        while let Some(event) = events.next() {
            received |= matches!(event, Event::Received(packet) if *packet == frame);
        }
    }
    Ok(())
}

fn end() -> Result<(VirtualInterface, PacketPool), Failure> {
    let domain = ProtectionDomain::open(&Driver::open()?, "lo")?;
    let pool = PacketPool::builder().buffers(1024).build(&domain)?;
    Ok((VirtualInterface::builder().build(&domain)?, pool))
}

#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    let Err(error) = run() else { return 0 };
    let text = error.to_string();
    // SAFETY: the text is readable for its length.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
    1
}
