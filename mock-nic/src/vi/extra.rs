//! Sends with extra options, which were the SN1000's: no model here takes them.

use crate::abi::*;
use core::ffi::c_int;

/// `ef_vi_transmitv_init_extra`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_transmitv_init_extra(
    _vi: *mut ef_vi,
    _extra: *const ef_vi_tx_extra,
    _iov: *const ef_remote_iovec,
    _iov_len: c_int,
    _dma_id: ef_request_id,
) -> c_int {
    -libc::EOPNOTSUPP
}
