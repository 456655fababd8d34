//! The functions that always answer the same.

use core::ffi::{c_char, c_int, c_uint, c_void};

/// Defines functions of the ABI whose answer does not depend on their arguments.
macro_rules! answers {
    ($(
        $(#[$attribute:meta])*
        fn $name:ident($($parameter:ident: $ty:ty),*) -> $result:ty = $answer:expr;
    )*) => {$(
        #[doc = concat!("`", stringify!($name), "`.")]
        $(#[$attribute])*
        #[unsafe(no_mangle)]
        extern "C" fn $name($(_: $ty),*) -> $result {
            $answer
        }
    )*};
}

/// `ONLOAD_DELEGATED_SEND_RC_BAD_SOCKET`.
const BAD_SOCKET: c_uint = 1;

/// -1, with the reason in `errno`, as a system call has it.
fn errno(reason: c_int) -> c_int {
    // SAFETY: the address of the thread's own errno.
    unsafe { libc::__errno_location().write(reason) };
    -1
}

// What only asks for something: it succeeds and does nothing.
answers! {
    fn onload_is_present() -> c_int = 0;
    fn onload_fd_stat(fd: c_int, stat: *mut c_void) -> c_int = 0;
    fn onload_move_fd(fd: c_int) -> c_int = 0;
    fn onload_set_stackname(who: c_uint, scope: c_uint, name: *const c_char) -> c_int = 0;
    fn onload_stack_opt_reset() -> c_int = 0;
    fn onload_stack_opt_set_int(option: *const c_char, value: i64) -> c_int = 0;
    fn onload_stack_opt_set_str(option: *const c_char, value: *const c_char) -> c_int = 0;
    fn onload_stackname_restore() -> c_int = 0;
    fn onload_stackname_save() -> c_int = 0;
    fn onload_thread_set_spin(kind: c_uint, on: c_int) -> c_int = 0;
    #[cfg(onload_since = "9.0.1")]
    fn onload_zc_await_stack_sync(fd: c_int) -> c_int = 0;
}

// What would have to bring something back.
answers! {
    fn onload_fd_check_feature(fd: c_int, feature: c_uint) -> c_int = -libc::ENOSYS;
    fn onload_ordered_epoll_wait(
        epoll: c_int, events: *mut c_void, ordered: *mut c_void, room: c_int, timeout: c_int
    ) -> c_int = -libc::ENOSYS;
    fn onload_stack_opt_get_int(option: *const c_char, value: *mut i64) -> c_int = -libc::ENOSYS;
    fn onload_stack_opt_get_str(option: *const c_char, value: *mut c_char, length: *mut usize) -> c_int =
        -libc::ENOSYS;
    fn onload_thread_get_spin(state: *mut c_uint) -> c_int = -libc::ENOSYS;
    fn onload_timestamping_request(fd: c_int, flags: c_uint) -> c_int = -libc::ENOSYS;
}

// Zero copy, templated sends, and the receive filter.
answers! {
    fn onload_msg_template_abort(fd: c_int, template: *mut c_void) -> c_int = -libc::ENOSYS;
    fn onload_msg_template_alloc(
        fd: c_int, message: *const c_void, pieces: c_int, template: *mut c_void, flags: c_uint
    ) -> c_int = -libc::ENOSYS;
    fn onload_msg_template_update(
        fd: c_int, template: *mut c_void, updates: *const c_void, pieces: c_int, flags: c_uint
    ) -> c_int = -libc::ENOSYS;
    fn onload_recvmsg_kernel(fd: c_int, message: *mut c_void, flags: c_int) -> c_int = -libc::ENOSYS;
    fn onload_set_recv_filter(fd: c_int, filter: *mut c_void, argument: *mut c_void, flags: c_int) -> c_int =
        -libc::ENOSYS;
    fn onload_zc_alloc_buffers(fd: c_int, buffers: *mut c_void, count: c_int, flags: c_uint) -> c_int =
        -libc::ENOSYS;
    fn onload_zc_recv(fd: c_int, arguments: *mut c_void) -> c_int = -libc::ENOSYS;
    fn onload_zc_release_buffers(fd: c_int, buffers: *mut c_void, count: c_int) -> c_int = -libc::ENOSYS;
    fn onload_zc_send(messages: *mut c_void, count: c_int, flags: c_int) -> c_int = -libc::ENOSYS;
}

// Sockets' own: they answer as system calls do.
answers! {
    fn onload_delegated_send_cancel(fd: c_int) -> c_int = errno(libc::ENOSYS);
    fn onload_delegated_send_complete(fd: c_int, payload: *const c_void, pieces: c_int, flags: c_int) -> c_int =
        errno(libc::ENOSYS);
    fn onload_delegated_send_prepare(fd: c_int, size: c_int, flags: c_uint, out: *mut c_void) -> c_uint = BAD_SOCKET;
    fn onload_get_tcp_info(fd: c_int, info: *mut c_void, length: *mut c_int) -> c_int = errno(libc::EINVAL);
}
