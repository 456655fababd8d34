//! What is seen of a frame that is still arriving is to be used before the next poll.

fn main() {}

fn peek(rx: &mut efvi::Receive<'_>) -> usize {
    let Some(arriving) = rx.peek() else { return 0 };
    let start = arriving.start();
    drop(rx.poll());
    start.len()
}
