//! Completions are not taken while the transmit path is warmed.

fn main() {}

fn warm(tx: &mut efvi::Transmit<'_>, rx: &mut efvi::Receive<'_>, buffer: efvi::Buffer) {
    let Some(mut warming) = tx.warm(rx) else { return };
    rx.poll();
    let _ = warming.send(buffer);
}
