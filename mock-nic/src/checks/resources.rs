//! The rules of what is made with a driver handle: memory goes after the VIs that point to it, the handle goes last.

use super::{Checks, Violation};
use crate::abi::*;
use crate::domain::Domain;
use crate::watch;
use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was made with a handle and checks, by the resource's own key.
type Made = HashMap<(&'static str, usize), (ef_driver_handle, Arc<Checks>)>;

static MADE: Lazy<Mutex<Made>> = Lazy::new(Mutex::default);

fn made() -> MutexGuard<'static, Made> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something was made with a handle: a VI, a domain or memory, with what tells it from others of its kind.
pub(crate) fn add(checks: Option<&Arc<Checks>>, kind: &'static str, key: usize, handle: ef_driver_handle) {
    if let Some(checks) = checks {
        made().insert((kind, key), (handle, checks.clone()));
    }
}

/// It was freed.
pub(crate) fn remove(kind: &'static str, key: usize) {
    made().remove(&(kind, key));
}

/// A handle was closed.
pub(crate) fn closed(handle: ef_driver_handle) {
    let mut made = made();
    let mut left: Vec<_> = made.extract_if(|_, (of, _)| *of == handle).collect();
    drop(made);
    left.sort_by_key(|((kind, _), _)| *kind);
    for kind in left.chunk_by(|((a, _), _), ((b, _), _)| a == b) {
        let ((name, _), (_, checks)) = &kind[0];
        let text = format_args!("driver handle {handle} closed with {} of {name} left", kind.len());
        checks.report(Violation::ResourcesLeft, text);
    }
}

/// Memory is to be freed: no VI of its domain may have descriptors that point to it.
pub(crate) fn memory_freed(domain: &Arc<Domain>, pages: &[u64]) {
    for watch in watch::all().into_iter().filter(|watch| watch.is_of(domain)) {
        watch.check(|_, vi| {
            // SAFETY: a watched VI is allocated; its calls wait while this looks at its rings.
            unsafe {
                let state = (*vi.vi).ep_state;
                let (rx, tx) = (&(*vi.vi).vi_rxq, &(*vi.vi).vi_txq);
                let rings = [
                    ("posted buffers", rx.descriptors.cast::<u64>(), rx.mask, (*state).rxq.removed, (*state).rxq.added),
                    ("sends", tx.descriptors.cast::<u64>(), tx.mask, (*state).txq.removed, (*state).txq.added),
                ];
                for (what, ring, mask, from, to) in rings {
                    let points = |i: &u32| {
                        let word = *ring.add((from.wrapping_add(*i) & mask) as usize);
                        pages.contains(&(word & 0xffff_ffff_f000))
                    };
                    let count = (0..to.wrapping_sub(from)).filter(points).count();
                    if count > 0 {
                        let text = format_args!("memory freed to which {count} {what} of it point");
                        vi.report(Violation::MemoryInUse, text);
                    }
                }
            }
        });
    }
}
