//! The events of a poll are dealt with before the next.

fn main() {}

fn polls(rx: &mut efvi::Receive<'_>) {
    let mut first = rx.poll();
    let mut second = rx.poll();
    println!("{:?} {:?}", first.next(), second.next());
}
