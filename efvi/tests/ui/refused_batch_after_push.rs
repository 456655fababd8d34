//! A pushed batch is gone: there is nothing new to push.

fn main() {}

fn push(tx: &mut efvi::Transmit<'_>, buffer: efvi::Buffer) {
    let Ok(batch) = tx.stage(buffer) else { return };
    batch.push();
    batch.push();
}
