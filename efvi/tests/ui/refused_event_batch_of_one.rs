//! A poll needs room for two events.

fn main() {
    let _ = efvi::VirtualInterface::builder().event_batch::<1>();
}
