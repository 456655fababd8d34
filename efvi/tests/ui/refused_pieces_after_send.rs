//! Pieces that are being sent are not touched.

fn main() {}

fn send(tx: &mut efvi::Transmit<'_>, pieces: efvi::Pieces) {
    let _ = tx.send_pieces(pieces);
    drop(pieces.iter().count());
}
