//! A batch has a frame from the start: one of none can't be pushed.

fn main() {}

fn push(tx: &mut efvi::Transmit<'_>) {
    tx.stage().push();
}
