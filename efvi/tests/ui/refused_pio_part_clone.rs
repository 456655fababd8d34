//! A part of the PIO region is one's alone.

fn main() {}

fn copy(part: efvi::PioPart) -> (efvi::PioPart, efvi::PioPart) {
    (part.clone(), part)
}
