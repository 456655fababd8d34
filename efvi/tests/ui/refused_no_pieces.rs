//! A frame has one piece at least.

fn main() {
    let _ = efvi::Pieces::from([]);
}
