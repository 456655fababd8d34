//! What was written by CTPIO, to compare its fallback with: the two are to be the same frame.

use super::Violation;
use crate::abi::*;
use crate::array::given;
use crate::dma::PAGE;
use crate::watch::Checked;
use core::ffi::c_int;
use core::slice;

/// The last frame that was written by CTPIO.
#[derive(Default)]
pub(crate) struct CtpioFrame(Vec<u8>);

impl CtpioFrame {
    /// Forgets the frame: its fallback was taken.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Keeps a frame that is written.
    pub(crate) unsafe fn keep(&mut self, pieces: *const libc::iovec, count: c_int) {
        self.0.clear();
        // SAFETY: the ABI's contract: so many pieces, each readable.
        for piece in unsafe { given(pieces, count) }.iter().filter(|piece| piece.iov_len > 0) {
            // SAFETY: as above.
            self.0.extend_from_slice(unsafe { slice::from_raw_parts(piece.iov_base.cast(), piece.iov_len) });
        }
    }

    /// Compares the fallback with the frame, unless there was none. What can't be read is reported elsewhere.
    pub(crate) unsafe fn compare(&self, vi: &Checked<'_>, pieces: &[ef_iovec], id: ef_request_id) {
        if self.0.is_empty() {
            return;
        }
        let length: usize = pieces.iter().map(|piece| piece.iov_len as usize).sum();
        if length != self.0.len() {
            let text = format_args!("the fallback with id {id} has {length} bytes, the frame had {}", self.0.len());
            return vi.report(Violation::FallbackDiffers, text);
        }
        // SAFETY: the caller's VI is allocated.
        let space = unsafe { &vi.nic().domain.space };
        let mut rest = &self.0[..];
        for piece in pieces {
            let (mut address, mut left) = (piece.iov_base, piece.iov_len as usize);
            while left > 0 {
                let within = left.min(PAGE - address as usize % PAGE);
                let Some(base) = space.find(address, within) else { return };
                // SAFETY: registered memory of this domain, which the adapter would read now, too.
                let found = unsafe { slice::from_raw_parts(base, within) };
                if let Some(at) = (0..within).find(|&at| found[at] != rest[at]) {
                    let byte = self.0.len() - rest.len() + at;
                    let text = format_args!(
                        "byte {byte} of the fallback with id {id} is {:#04x}, of the frame {:#04x}",
                        found[at], rest[at]
                    );
                    return vi.report(Violation::FallbackDiffers, text);
                }
                (address, left, rest) = (address + within as u64, left - within, &rest[within..]);
            }
        }
    }
}
