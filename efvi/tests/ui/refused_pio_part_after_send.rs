//! A part of the PIO region that is being sent is not written.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, mut part: efvi::PioPart) {
    let _ = tx.send_pio_part(part);
    let _ = tx.write_pio(&mut part, 0, &[1]);
}
