//! The headers of a delegated send.

use core::ffi::c_int;

use super::*;

/// From TCP's sequence number to its flags, in bytes.
const SEQUENCE_TO_FLAGS: usize = 9;
/// TCP's flag PSH.
const PUSH: u8 = 0x08;

/// Sets length and push flag in the headers of a delegated send. Since Onload 8.1 or before.
///
/// # Safety
///
/// `ds` was filled in by `onload_delegated_send_prepare`, and its headers are still there.
#[inline(always)]
pub unsafe fn onload_delegated_send_tcp_update(ds: *mut onload_delegated_send, bytes: c_int, push: c_int) {
    // SAFETY: the caller vouches for it.
    let send = unsafe { &*ds };
    let length = (bytes.wrapping_add(send.ip_tcp_hdr_len) as u16).to_be_bytes();
    let headers = send.headers.cast::<u8>();
    // SAFETY: the offsets lie in the headers; bytes need no alignment.
    unsafe {
        headers.add(send.ip_len_offset as usize).cast::<[u8; 2]>().write(length);
        let flags = headers.add(send.tcp_seq_offset as usize + SEQUENCE_TO_FLAGS);
        *flags = if push != 0 { *flags | PUSH } else { *flags & !PUSH };
    }
}

/// Moves the headers of a delegated send past what was sent. Since Onload 8.1 or before.
///
/// # Safety
///
/// `ds` was filled in by `onload_delegated_send_prepare`, and its headers are still there.
#[inline(always)]
pub unsafe fn onload_delegated_send_tcp_advance(ds: *mut onload_delegated_send, bytes: c_int) {
    // SAFETY: the caller vouches for it.
    let send = unsafe { &mut *ds };
    send.send_wnd = send.send_wnd.wrapping_sub(bytes);
    send.cong_wnd = send.cong_wnd.wrapping_sub(bytes);
    send.user_size = send.user_size.wrapping_sub(bytes);
    // SAFETY: the offset lies in the headers; bytes need no alignment.
    unsafe {
        let field = send.headers.cast::<u8>().add(send.tcp_seq_offset as usize).cast::<[u8; 4]>();
        let sequence = u32::from_be_bytes(field.read()).wrapping_add(bytes as u32);
        field.write(sequence.to_be_bytes());
    }
}
