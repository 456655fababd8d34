//! Memory that a pool is built in is of whole pages; bytes may lie anywhere.

fn main() {}

fn build(domain: &efvi::ProtectionDomain) -> efvi::Result<efvi::PacketPool> {
    efvi::PacketPool::builder().build_in(vec![0_u8; 8192], &[domain])
}
