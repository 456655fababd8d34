//! Nothing is sent past an alternative that is at hand.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, a: efvi::Buffer, b: efvi::Buffer) {
    let Some(mut alternative) = tx.alternative(0) else { return };
    let _ = tx.send(a);
    let _ = alternative.send(b);
}
