//! There is one transmit half.

fn main() {}

fn split(vi: &mut efvi::VirtualInterface) {
    let (first, _) = vi.split();
    let (second, _) = vi.split();
    println!("{} {}", first.space(), second.space());
}
