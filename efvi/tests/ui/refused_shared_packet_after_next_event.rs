//! A packet of a shared event queue is used before the next event.

fn main() {}

fn later(poll: &mut efvi::SharedPoll<'_, u8>) -> usize {
    let mut events = poll.poll();
    let first = events.next();
    let second = events.next();
    drop(second);
    match first {
        Some((_, efvi::Event::Received(packet))) => packet.len(),
        _ => 0,
    }
}
