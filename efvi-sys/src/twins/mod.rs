//! Inline twins of C's inline functions, and of the macros that are neither calls through a table nor event accessors.

mod checksum;
mod delegated_send;
mod efct;
mod eventq;
mod memory;
mod packed_stream;
mod receive;
mod transmit;
mod vi;

pub use checksum::*;
pub use delegated_send::*;
pub use efct::*;
pub use eventq::*;
pub use memory::*;
pub use packed_stream::*;
pub use receive::*;
pub use transmit::*;
pub use vi::*;
