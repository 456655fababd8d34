//! The receive half alone does not leave its thread either.

fn main() {}

fn is_send<T: Send>(_: T) {}

fn divide(vi: &mut efvi::VirtualInterface) {
    let (_tx, rx) = vi.split();
    is_send(rx);
}
