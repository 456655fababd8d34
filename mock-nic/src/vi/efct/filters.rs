//! Filters: which queue they steer to, and how VIs get attached to it.

use super::queue::Queue;
use super::superbuffers::PACKETS;
use super::{Efct, MAX_QUEUES, release};
use crate::counters::Cells;
use crate::errno::{Errno, Result};
use crate::faults;
use crate::filter::{Filter, Match};
use crate::frame::ETHERTYPE_IPV4;
use crate::model::Model;
use crate::port::Port;
use crate::vi::Vi;
use crate::wire::Attachment;
use crate::wire::queues::{NOBODY, Wanted};
use std::sync::Arc;

/// Whether a filter's queue is the VI's domain's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// As the model does it.
    Default,
    /// For nobody else.
    Exclusive,
    /// For anybody.
    Shared,
}

/// What the adapter steers by, in place of a filter: X3 has no filters on both ends.
///
/// So a VI may get more than it asked for, which is why a queue of one's own can't be had with such a filter.
fn steered(model: Model, filter: Filter, access: Access) -> Result<Filter> {
    match filter {
        Filter::Match(fields @ Match { from: Some(_), .. }) if model == Model::X3 && is_known(&fields) => {
            if access == Access::Exclusive {
                return Err(Errno(libc::EPERM));
            }
            Ok(Filter::Match(Match { from: None, ..fields }))
        }
        Filter::Match(fields) if is_known(&fields) => Ok(filter),
        Filter::AllMulticast => Ok(filter),
        _ => Err(Errno(libc::EPROTONOSUPPORT)),
    }
}

/// True of a flow, or the near end of one, over IPv4, and of a MAC address, with a VLAN or without.
fn is_known(fields: &Match) -> bool {
    let Match { mac, vlan, ethertype, protocol, to, .. } = *fields;
    let flow = to.is_some() && ethertype == Some(ETHERTYPE_IPV4) && vlan.is_none();
    flow || (mac.is_some() && ethertype.is_none() && protocol.is_none())
}

/// Adds a filter of the VI, and attaches the VI to its queue. The number names the filter.
pub(in crate::vi) fn add(nic: &mut Vi, filter: Filter, queue: Option<u8>, access: Access) -> Result<u32> {
    let (model, owner) = (nic.domain.datapath.model, u64::from(nic.domain.id));
    let efct = nic.efct.as_deref_mut().ok_or(Errno(libc::EINVAL))?;
    // SAFETY: a VI's structure stays while its adapter's side does.
    if unsafe { (*nic.host).vi_rxq.mask } == 0 {
        return Err(Errno(libc::EINVAL));
    }
    let filter = steered(model, filter, access)?;
    // An X4's queues are their domain's own unless they are to be shared.
    let exclusive = access == Access::Exclusive || (access == Access::Default && model == Model::X4);
    let wanted = Wanted {
        queue,
        preferred: efct.queues.first().map(|queue| queue.id),
        owner: if exclusive { owner } else { NOBODY },
        replicates: model == Model::X4,
    };
    let equipment = nic.equipped.then_some(&nic.cells);
    let mut attempts = 8;
    loop {
        let id = nic.link.queue_for(filter, &wanted)?;
        let joined = efct.queues.iter_mut().find(|queue| queue.id == id);
        let result = match joined {
            Some(queue) => queue.link.queue_filter_add(filter, id, &wanted),
            None => attach(efct, nic.host, &nic.domain.port, equipment, id, |queue| {
                queue.link.queue_filter_add(filter, id, &wanted)
            }),
        };
        attempts -= 1;
        // Where the queue was for the driver to choose, another may have taken it meanwhile: then it chooses again.
        if attempts == 0 || queue.is_some() || !matches!(result, Err(Errno(libc::EPERM | libc::EEXIST))) {
            return result;
        }
    }
}

/// Attaches the VI to a queue if the filter can be added.
fn attach(
    efct: &mut Efct,
    host: *mut crate::abi::ef_vi,
    port: &Arc<Port>,
    equipment: Option<&Arc<Cells>>,
    id: u8,
    add: impl FnOnce(&mut Queue) -> Result<u32>,
) -> Result<u32> {
    let index = efct.queues.len();
    if index == MAX_QUEUES {
        return Err(Errno(libc::ENOSPC));
    }
    // Every packet has a timestamp.
    let link = port.wire.attach(Attachment { stamps: true, ..Attachment::default() })?;
    // Faults and capture stand before the VI's other ends, too.
    let link = match equipment {
        Some(cells) => faults::adapter::wrapped(link, port, cells),
        None => link,
    };
    let mut queue = Queue::new(id, index, link, efct.superbuffers)?;
    let filter = add(&mut queue)?;
    efct.overruns.ends().push(queue.link.overruns());
    efct.queues.push(queue);
    // SAFETY: the VI's own memory, and its structure, which stays while the adapter's side does.
    unsafe {
        let live = &mut *efct.live.base;
        live.active |= 1 << index;
        live.packets[index] = PACKETS.into();
        release::attached(&mut *host, index, efct);
    }
    Ok(filter)
}

/// The queue of one of the VI's filters.
pub(in crate::vi) fn queue(nic: &Vi, id: u32) -> Option<u8> {
    nic.efct.as_ref()?.queues.iter().find(|queue| queue.link.has_filter(id)).map(|queue| queue.id)
}

/// Removes a filter. The VI stays attached to its queue.
pub(in crate::vi) fn remove(nic: &mut Vi, id: u32) -> Result<()> {
    let efct = nic.efct.as_deref_mut().ok_or(Errno(libc::EINVAL))?;
    let mut removed = efct.queues.iter_mut().map(|queue| queue.link.filter_remove(id));
    removed.find(|result| *result != Err(Errno(libc::EINVAL))).unwrap_or(Err(Errno(libc::EINVAL)))
}
