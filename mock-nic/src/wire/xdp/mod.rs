//! Frames through AF_XDP sockets, past the kernel's network stack.
//!
//! An XDP program on the interface redirects the frames that a VI's filters take to its sockets, one on each queue of the
//! interface, and passes all else to the kernel. The application's registered memory is the sockets': frames are written
//! into the posted buffers and sent from where they are, by the driver itself where it can, else by a copy of the kernel's.
//!
//! Memory has to be one range of addresses for all of a VI's sockets. It is the region of the buffers that are posted
//! first (of the first that is sent, of a VI that receives nothing), with some memory of this library's own mapped just
//! below or above it: what lies in other regions is copied there. So is all of it where those addresses are taken, where frames are
//! longer than a buffer, where many frames share a buffer (packed streams), and what is gathered from several pieces or
//! does not come by DMA.

mod assembler;
mod bpf;
mod btf;
mod end;
mod program;
mod queue;
mod ring;
mod steering;
mod umem;

pub use bpf::Mode;
pub use end::{End, Prepared, Time};
pub use steering::{Failed, Steering};
