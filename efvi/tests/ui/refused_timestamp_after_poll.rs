//! A timestamp is read before the next poll.

use efvi::Event;

fn main() {}

fn receive(rx: &mut efvi::Receive<'_>) {
    let mut events = rx.poll();
    if let Some(Event::Received(packet)) = events.next() {
        let _ = rx.poll();
        println!("{:?}", packet.timestamp());
    }
}
