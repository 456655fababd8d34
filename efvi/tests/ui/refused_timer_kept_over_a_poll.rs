//! The timer is set between polls, in the thread of its VI.

fn main() {}

fn keep(rx: &mut efvi::Receive<'_>) {
    let timer = rx.timer();
    rx.poll();
    drop(timer);
}
