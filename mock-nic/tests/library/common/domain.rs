//! Driver handles, protection domains and registered memory.

use super::release;
use efvi_sys::*;
use mock_nic::FabricPort;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ffi::{CStr, CString, c_int, c_ulong};
use std::rc::Rc;

/// A driver handle, closed when dropped.
pub struct Driver(pub ef_driver_handle, Cell<bool>);

impl Driver {
    pub fn open() -> Rc<Self> {
        let mut handle = -1;
        // SAFETY: room for a handle.
        assert_eq!(unsafe { ef_driver_open(&mut handle) }, 0);
        assert!(handle >= 0);
        Rc::new(Self(handle, Cell::new(true)))
    }

    /// A number that is no handle. One that was closed may be another test's again.
    pub fn never_open() -> Rc<Self> {
        Rc::new(Self(i32::MAX, Cell::new(false)))
    }

    pub fn close(&self) -> c_int {
        self.1.set(false);
        // SAFETY: a number; what is no handle is refused.
        unsafe { ef_driver_close(self.0) }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Once closed, the number may be the handle of another test.
        if self.1.get() {
            self.close();
        }
    }
}

/// How a program names an interface.
pub enum Interface<'a> {
    Name(&'a str),
    Index(c_int),
}

/// A protection domain, freed when dropped.
pub struct Domain {
    pub driver: Rc<Driver>,
    pub raw: *mut ef_pd,
}

impl Domain {
    /// A domain, or the call's negative result.
    pub fn open(driver: &Rc<Driver>, interface: &Interface<'_>, flags: ef_pd_flags) -> Result<Rc<Self>, c_int> {
        // SAFETY: integers and pointers, for which zeros are valid.
        let raw = Box::into_raw(Box::new(unsafe { core::mem::zeroed::<ef_pd>() }));
        let rc = match *interface {
            Interface::Name(name) => {
                let name = CString::new(name).unwrap();
                // SAFETY: room for a domain, and a string.
                unsafe { ef_pd_alloc_by_name(raw, driver.0, name.as_ptr(), flags) }
            }
            // SAFETY: room for a domain.
            Interface::Index(index) => unsafe { ef_pd_alloc(raw, driver.0, index, flags) },
        };
        let domain = Rc::new(Self { driver: driver.clone(), raw });
        if rc == 0 { Ok(domain) } else { Err(rc) }
    }

    /// A domain on a fabric's port, with a driver handle of its own.
    pub fn on(port: &FabricPort) -> Rc<Self> {
        Self::named(port.name())
    }

    /// A domain with flags on a fabric's port, with a driver handle of its own; or the call's negative result.
    pub fn with(port: &FabricPort, flags: ef_pd_flags) -> Result<Rc<Self>, c_int> {
        Self::open(&Driver::open(), &Interface::Name(port.name()), flags)
    }

    /// A domain on the interface of that name, with a driver handle of its own.
    pub fn named(interface: &str) -> Rc<Self> {
        Self::open(&Driver::open(), &Interface::Name(interface), EF_PD_DEFAULT).unwrap()
    }

    pub fn interface_name(&self) -> String {
        // SAFETY: an allocated domain, whose name is a string.
        unsafe { CStr::from_ptr(ef_pd_interface_name(self.raw)) }.to_str().unwrap().to_owned()
    }

    pub fn capability(&self, wanted: ef_vi_capability) -> Result<c_ulong, c_int> {
        let mut value = 0;
        // SAFETY: an allocated domain, and room for the value.
        let rc = unsafe { release::capability(self.driver.0, self.raw, wanted, &mut value) };
        if rc == 0 { Ok(value) } else { Err(rc) }
    }

    /// The page size of registered memory; the usual one where it can't be asked for.
    pub fn page(&self) -> usize {
        self.capability(EF_VI_CAP_MIN_BUFFER_MODE_SIZE).map_or(PAGE, |bytes| bytes as usize)
    }

    /// A domain on X4's express datapath.
    #[cfg(onload_since = "9.0.1")]
    pub fn express(port: &FabricPort) -> Rc<Self> {
        Self::open(&Driver::open(), &Interface::Name(port.name()), release::EXPRESS).unwrap()
    }

    pub fn free(&self) -> c_int {
        // SAFETY: what was allocated, or zeros.
        unsafe { ef_pd_free(self.raw, self.driver.0) }
    }
}

impl Drop for Domain {
    fn drop(&mut self) {
        self.free();
        // SAFETY: made in `open`.
        drop(unsafe { Box::from_raw(self.raw) });
    }
}

/// Memory registered with a domain, until it is dropped.
pub struct Memory {
    domain: Rc<Domain>,
    allocation: *mut u8,
    layout: Layout,
    /// Where the registered part starts.
    base: *mut u8,
    bytes: usize,
    raw: *mut ef_memreg,
    /// The DMA address of each page; kept, because freeing the registration takes them away.
    pages: Vec<ef_addr>,
}

const PAGE: usize = 4096;

impl Memory {
    /// Whole pages of memory.
    pub fn new(domain: &Rc<Domain>, pages: usize) -> Self {
        Self::register(domain, 0, (pages * PAGE).next_multiple_of(domain.page())).unwrap()
    }

    /// `bytes` of memory that starts `offset` bytes into a page, or the call's negative result.
    pub fn register(domain: &Rc<Domain>, offset: usize, bytes: usize) -> Result<Self, c_int> {
        // Domains with large pages ask for more than pages do.
        let large = if bytes.is_multiple_of(1 << 20) { 1 << 20 } else { PAGE };
        let alignment = domain.page().max(large);
        let layout = Layout::from_size_align(offset + bytes.next_multiple_of(PAGE) + PAGE, alignment).unwrap();
        // SAFETY: not of size 0.
        let allocation = unsafe { alloc_zeroed(layout) };
        assert!(!allocation.is_null());
        let raw = Box::into_raw(Box::new(ef_memreg {
            mr_dma_addrs: core::ptr::null_mut(),
            mr_dma_addrs_base: core::ptr::null_mut(),
        }));
        let base = allocation.wrapping_add(offset);
        let handle = domain.driver.0;
        // SAFETY: an allocated domain, memory of that length, and room for the registration.
        let rc = unsafe { ef_memreg_alloc(raw, handle, domain.raw, handle, base.cast(), bytes) };
        let mut memory = Self { domain: domain.clone(), allocation, layout, base, bytes, raw, pages: Vec::new() };
        if rc != 0 {
            return Err(rc);
        }
        // SAFETY: registered, and longer than the offset.
        memory.pages = (0..bytes).step_by(PAGE).map(|at| unsafe { ef_memreg_dma_addr(raw, at) }).collect();
        Ok(memory)
    }

    /// The DMA address of a byte.
    pub fn dma(&self, at: usize) -> ef_addr {
        self.pages[at / PAGE] + (at % PAGE) as ef_addr
    }

    pub fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.bytes);
        // SAFETY: within the memory, as was just seen.
        unsafe { self.base.add(at).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }

    pub fn read(&self, at: usize, length: usize) -> Vec<u8> {
        assert!(at + length <= self.bytes);
        // SAFETY: within the memory, as was just seen; nothing writes to it meanwhile.
        unsafe { std::slice::from_raw_parts(self.base.add(at), length) }.to_vec()
    }

    /// A byte's address, for calls that take it.
    pub fn address(&self, at: usize) -> *mut u8 {
        assert!(at < self.bytes);
        self.base.wrapping_add(at)
    }

    /// Ends the registration.
    pub fn unregister(&self) -> c_int {
        // SAFETY: what was registered, or nulls.
        unsafe { ef_memreg_free(self.raw, self.domain.driver.0) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.unregister();
        // SAFETY: both made in `register`.
        unsafe {
            dealloc(self.allocation, self.layout);
            drop(Box::from_raw(self.raw));
        }
    }
}
