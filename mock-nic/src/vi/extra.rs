//! Sends with extra options, which were the SN1000's: no model here takes them.

use crate::abi::*;
use crate::watch::exported;
use core::ffi::c_int;

exported! {
    /// `ef_vi_transmitv_init_extra`.
    fn ef_vi_transmitv_init_extra(
        vi: *mut ef_vi, extra: *const ef_vi_tx_extra, iov: *const ef_remote_iovec, iov_len: c_int, dma_id: ef_request_id
    ) -> c_int = refuse;
}

unsafe fn refuse(
    _vi: *mut ef_vi,
    _extra: *const ef_vi_tx_extra,
    _iov: *const ef_remote_iovec,
    _iov_len: c_int,
    _dma_id: ef_request_id,
) -> c_int {
    -libc::EOPNOTSUPP
}
