//! Once its event is there, a frame does not arrive any more.

fn main() {}

fn complete(arriving: efvi::Arriving<'_>) -> usize {
    drop(arriving.poll());
    arriving.start().len()
}
