//! Nothing is sent to a dead transmit queue while what it lost is taken out.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, buffer: efvi::Buffer) {
    let Some(dead) = tx.dead() else { return };
    let _ = tx.send(buffer);
    let _ = dead.revive();
}
