//! A packet that was kept is its buffer now.

fn main() {}

fn keep(packet: efvi::Packet<'_>, pool: &mut efvi::PacketPool) -> Option<efvi::Buffer> {
    let buffer = packet.keep(pool).ok();
    println!("{}", packet.len());
    buffer
}
