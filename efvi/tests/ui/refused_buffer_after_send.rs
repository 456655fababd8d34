//! A sent buffer is the adapter's until its completion.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, mut buffer: efvi::Buffer) {
    let _ = tx.send(buffer);
    buffer[0] = 1;
}
