//! Nothing is sent between CTPIO and its fallback.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, a: efvi::Buffer, b: efvi::Buffer) {
    let Ok(written) = tx.write_ctpio(a, efvi::CutThrough::StoreAndForward) else { return };
    let _ = tx.send(b);
    let _ = written.finish();
}
