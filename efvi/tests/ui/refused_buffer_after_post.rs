//! A posted buffer is the adapter's.

fn main() {}

fn post(rx: &mut efvi::Receive<'_>, mut buffer: efvi::Buffer) {
    let _ = rx.post(buffer);
    buffer[0] = 1;
}
