//! While warming nothing is sent by the transmit half itself.

fn main() {}

fn warm(tx: &mut efvi::Transmit<'_>, rx: &mut efvi::Receive<'_>, a: efvi::Buffer, b: efvi::Buffer) {
    let Some(mut warming) = tx.warm(rx) else { return };
    let _ = tx.send(a);
    let _ = warming.send(b);
}
