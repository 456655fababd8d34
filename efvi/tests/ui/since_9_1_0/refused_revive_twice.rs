//! A queue that was revived is dead no more.

fn main() {}

fn revive(dead: efvi::DeadQueue<'_, '_>) {
    let _ = dead.revive();
    let _ = dead.revive();
}
