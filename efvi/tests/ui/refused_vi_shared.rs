//! A virtual interface belongs to one thread at a time.

fn main() {}

fn share(vi: &efvi::VirtualInterface) {
    std::thread::scope(|scope| {
        scope.spawn(|| vi.mtu());
    });
}
