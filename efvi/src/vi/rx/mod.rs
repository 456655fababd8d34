//! Receiving, by each of the ways that adapters have.

mod ring;

pub(super) use ring::{PUSH_MULTIPLE, Reference, RxRing};
