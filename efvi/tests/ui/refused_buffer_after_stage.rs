//! A staged buffer is the ring's.

fn main() {}

fn stage(tx: &mut efvi::Transmit<'_>, mut buffer: efvi::Buffer) {
    let batch = tx.stage(buffer);
    buffer[0] = 1;
    drop(batch);
}
