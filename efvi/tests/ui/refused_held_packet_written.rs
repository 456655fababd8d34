//! A packet that is held where it is may be in memory that other programs see: it is not written.

fn main() {}

fn write(packet: &mut efvi::HeldPacket) {
    packet[0] = 1;
}
