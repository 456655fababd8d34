//! The functions that make sockets.

use core::ffi::c_int;

/// `onload_socket_nonaccel`.
#[unsafe(no_mangle)]
extern "C" fn onload_socket_nonaccel(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    // SAFETY: a system call that touches no memory of ours.
    unsafe { libc::socket(domain, kind, protocol) }
}

/// `onload_socket_unicast_nonaccel`.
#[unsafe(no_mangle)]
extern "C" fn onload_socket_unicast_nonaccel(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    onload_socket_nonaccel(domain, kind, protocol)
}

/// `onload_socket_rx_nonaccel`.
#[cfg(onload_since = "9.0.1")]
#[unsafe(no_mangle)]
extern "C" fn onload_socket_rx_nonaccel(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    onload_socket_nonaccel(domain, kind, protocol)
}
