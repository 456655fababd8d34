//! A packet goes back to the adapter once: there are no two of it.

fn main() {}

fn twice<'poll>(packet: efvi::Packet<'poll>) -> [efvi::Packet<'poll>; 2] {
    [Clone::clone(&packet), packet]
}
