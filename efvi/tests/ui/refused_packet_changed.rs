//! What the adapter received into may be its own memory: it is read in place, and changed in a buffer.

fn main() {}

fn change(packet: &mut efvi::Packet<'_>) {
    packet[0] = 0;
}
