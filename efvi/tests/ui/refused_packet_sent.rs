//! A packet stays on its thread; its buffer, kept, may leave.

fn main() {}

fn is_send<T: Send>(_: T) {}

fn hand_over(packet: efvi::Packet<'_>) {
    is_send(packet);
}
