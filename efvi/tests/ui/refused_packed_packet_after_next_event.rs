//! The packets of a packed stream go with the event that they came by.

fn main() {}

fn longest<'a>(events: &'a mut efvi::Events<'_>) -> usize {
    let mut longest = None;
    while let Some(event) = events.next() {
        if let efvi::Event::Packed(packets) = event {
            longest = packets.max_by_key(|packet| packet.len());
        }
    }
    longest.map_or(0, |packet| packet.len())
}
