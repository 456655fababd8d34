//! The halves of a virtual interface stay on its thread.

fn main() {}

fn divide(vi: &mut efvi::VirtualInterface, buffer: efvi::Buffer) {
    let (mut tx, mut rx) = vi.split();
    std::thread::scope(|scope| {
        scope.spawn(move || tx.send(buffer));
        drop(rx.poll());
    });
}
