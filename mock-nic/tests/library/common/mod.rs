//! The harness: what the C calls work on, as values that are freed when they are dropped. A test's other process is in
//! [`process`], the frames that it sends in [`packet`].

mod domain;
pub mod efct;
mod filter;
pub mod namespace;
mod packet;
mod process;
pub mod release;
mod set;
mod stream;
mod transmit;
mod vi;
mod wait;

pub use domain::{Domain, Driver, Interface, Memory};
pub use filter::{Part, Spec};
pub use packet::{Packet, Packet6};
pub use process::{Directory, again, role, succeeds};
pub use release::Time;
pub use set::Set;
pub use stream::{Stream, params};
pub use transmit::Pio;
pub use vi::{Queues, Vi};
pub use wait::{Epoll, put, readable};

use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fault};
use std::rc::Rc;

/// Every fault that makes a discard, and the reason that its event gives.
pub const DISCARDS: [(Fault, u32); 8] = [
    (Fault::DiscardChecksum, EF_EVENT_RX_DISCARD_CSUM_BAD),
    (Fault::DiscardMulticast, EF_EVENT_RX_DISCARD_MCAST_MISMATCH),
    (Fault::DiscardCrc, EF_EVENT_RX_DISCARD_CRC_BAD),
    (Fault::DiscardTruncated, EF_EVENT_RX_DISCARD_TRUNC),
    (Fault::DiscardRights, EF_EVENT_RX_DISCARD_RIGHTS),
    (Fault::DiscardEvent, EF_EVENT_RX_DISCARD_EV_ERROR),
    (Fault::DiscardOther, EF_EVENT_RX_DISCARD_OTHER),
    (Fault::DiscardInnerChecksum, EF_EVENT_RX_DISCARD_INNER_CSUM_BAD),
];

/// Two VIs on a cable.
pub struct Ends {
    /// The port of `tx`.
    pub near: FabricPort,
    /// The port of `rx`.
    pub far: FabricPort,
    /// Sends.
    pub tx: Rc<Vi>,
    /// Receives [`Packet::UDP`]: it has the filter, and no buffers yet.
    pub rx: Rc<Vi>,
}

/// A cable with a VI at each end.
pub fn cable(tx: Queues, rx: Queues) -> Ends {
    let (near, far) = Fabric::new().cable().unwrap();
    let tx = Domain::on(&near).vi(tx).unwrap();
    let rx = Domain::on(&far).vi(rx).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    Ends { near, far, tx, rx }
}

/// A cable with a VI of default queues at each end, and buffers posted to receive with.
pub fn ready(flags: efvi_sys::ef_vi_flags) -> Ends {
    let ends = cable(Queues { flags, ..Queues::default() }, Queues { flags, ..Queues::default() });
    ends.rx.fill(0..64);
    ends
}

/// A VI of default queues that receives [`Packet::UDP`].
pub fn receiver(domain: &Rc<Domain>) -> Rc<Vi> {
    let vi = domain.vi(Queues::default()).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi.fill(0..64);
    vi
}
