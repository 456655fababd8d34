//! A packet goes back before the next event is taken.

fn main() {}

fn receive(rx: &mut efvi::Receive<'_>) {
    let mut events = rx.poll();
    let first = events.next();
    let second = events.next();
    drop((first, second));
}
