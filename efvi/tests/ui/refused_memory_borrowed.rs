//! Memory is given to a pool for good, not lent: the adapter may reach it for as long as a buffer is out.

fn main() {}

fn build(pages: &mut [efvi::Page], domain: &efvi::ProtectionDomain) -> efvi::Result<efvi::PacketPool> {
    efvi::PacketPool::builder().build_in(pages, &[domain])
}
