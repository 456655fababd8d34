//! A timestamp is read before the next poll.

use efvi::{Event, Packet};

fn main() {}

fn last<'a>(rx: &'a mut efvi::Receive<'_>) -> Option<Packet<'a>> {
    let mut last = None;
    while let Some(Event::Received(packet)) = rx.poll().next() {
        last = Some(packet);
    }
    last.as_ref().map(|packet| packet.timestamp());
    last
}
