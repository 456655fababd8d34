//! A buffer is the right to its memory: there are no two of it.

fn main() {}

fn twice(buffer: efvi::Buffer) -> (efvi::Buffer, efvi::Buffer) {
    (buffer.clone(), buffer)
}
