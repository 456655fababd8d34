//! A packet that is held is no longer the poll's.

fn main() {}

fn hold(packet: efvi::Packet<'_>) -> Option<efvi::HeldPacket> {
    let held = packet.hold().ok();
    println!("{}", packet.len());
    held
}
