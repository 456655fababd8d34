//! A packet that was kept is its buffer now.

fn main() {}

fn keep(packet: efvi::Packet<'_>) -> efvi::Buffer {
    let buffer = packet.keep();
    println!("{}", packet.len());
    buffer
}
