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

use mock_nic::{Fabric, FabricPort};
use std::rc::Rc;

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
