//! Nothing is sent past an open batch.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, a: efvi::Buffer, b: efvi::Buffer) {
    let Ok(batch) = tx.stage(a) else { return };
    let _ = tx.send(b);
    batch.push();
}
