//! Receiving, by each of the ways that adapters have.

mod posted;
mod ring;

pub(super) use ring::{Lent, RxRing};
