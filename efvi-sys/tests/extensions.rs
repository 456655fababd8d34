//! The Onload extensions in a program that Onload does not accelerate.

use core::ffi::c_int;
use core::ptr::{null, null_mut};

use efvi_sys::*;

/// The thread's `errno`, of the call before.
fn errno() -> Option<i32> {
    std::io::Error::last_os_error().raw_os_error()
}

#[test]
fn onload_is_not_there_and_what_only_asks_for_something_succeeds() {
    // SAFETY: none of them looks at what its arguments point at.
    unsafe {
        assert_eq!(onload_is_present(), 0);
        assert_eq!(onload_set_stackname(ONLOAD_THIS_THREAD, ONLOAD_SCOPE_THREAD, c"fast".as_ptr()), 0);
        assert_eq!(onload_stackname_save(), 0);
        assert_eq!(onload_stackname_restore(), 0);
        assert_eq!(onload_stack_opt_set_int(c"EF_SPIN_USEC".as_ptr(), 1), 0);
        assert_eq!(onload_stack_opt_reset(), 0);
        assert_eq!(onload_thread_set_spin(ONLOAD_SPIN_ALL, 1), 0);
        assert_eq!(onload_move_fd(0), 0);
        assert_eq!(onload_fd_stat(0, null_mut()), 0);
    }
}

#[test]
fn what_brings_something_back_says_that_it_cannot() {
    let (mut number, mut state) = (7, 7);
    // SAFETY: none of them looks at what its arguments point at.
    unsafe {
        assert_eq!(onload_stack_opt_get_int(c"EF_SPIN_USEC".as_ptr(), &raw mut number), -libc::ENOSYS);
        assert_eq!(onload_thread_get_spin(&raw mut state), -libc::ENOSYS);
        assert_eq!(onload_fd_check_feature(0, ONLOAD_FD_FEAT_MSG_WARM), -libc::ENOSYS);
        assert_eq!(onload_timestamping_request(0, 0), -libc::ENOSYS);
        assert_eq!(onload_zc_recv(0, null_mut()), -libc::ENOSYS);
        assert_eq!(onload_zc_send(null_mut(), 0, 0), -libc::ENOSYS);
    }
    assert_eq!((number, state), (7, 7), "left alone");
}

#[test]
fn delegated_sends_refuse_the_socket() {
    // SAFETY: none of them looks at what its arguments point at.
    unsafe {
        assert_eq!(onload_delegated_send_prepare(0, 100, 0, null_mut()), ONLOAD_DELEGATED_SEND_RC_BAD_SOCKET);
        assert_eq!((onload_delegated_send_complete(0, null(), 0, 0), errno()), (-1, Some(libc::ENOSYS)));
        assert_eq!((onload_delegated_send_cancel(0), errno()), (-1, Some(libc::ENOSYS)));
        assert_eq!((onload_get_tcp_info(0, null_mut(), null_mut()), errno()), (-1, Some(libc::EINVAL)));
    }
}

#[test]
fn sockets_without_acceleration_are_sockets() {
    let makers: &[unsafe extern "C" fn(c_int, c_int, c_int) -> c_int] = &[
        onload_socket_nonaccel,
        onload_socket_unicast_nonaccel,
        #[cfg(onload_since = "9.0.1")]
        onload_socket_rx_nonaccel,
    ];
    for make in makers {
        // SAFETY: they make a descriptor, which is closed once.
        unsafe {
            let fd = make(libc::AF_INET, libc::SOCK_DGRAM, 0);
            assert!(fd >= 0, "{:?}", errno());
            assert_eq!(libc::close(fd), 0);
            assert_eq!((make(-1, libc::SOCK_DGRAM, 0), errno()), (-1, Some(libc::EAFNOSUPPORT)));
        }
    }
}
