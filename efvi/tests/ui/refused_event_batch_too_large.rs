//! No poll takes more events than a queue holds.

fn main() {
    let _ = efvi::VirtualInterface::builder().event_batch::<32769>();
}
