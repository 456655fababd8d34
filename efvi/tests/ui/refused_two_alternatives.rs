//! One alternative at a time is at hand.

fn main() {}

fn turn(tx: &mut efvi::Transmit<'_>) {
    let (first, second) = (tx.alternative(0), tx.alternative(1));
    drop((first, second));
}
