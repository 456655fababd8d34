//! The adapter's clock is not the host's: there is no difference between the two.

fn main() {}

fn latency(received: efvi::Timestamp) {
    let _ = std::time::SystemTime::now() - received;
}
