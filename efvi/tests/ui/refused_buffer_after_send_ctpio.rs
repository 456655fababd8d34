//! CTPIO reads the frame at once, but its fallback reads the buffer later.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, mut buffer: efvi::Buffer) {
    let _ = tx.send_ctpio(buffer, efvi::CutThrough::After(64));
    buffer[0] = 1;
}
