//! A filter's guard does not outlive its VI.

fn main() {}

fn escape(domain: &efvi::ProtectionDomain) -> efvi::Result<efvi::FilterGuard<'static>> {
    let vi = efvi::VirtualInterface::builder().build(domain)?;
    vi.filter_scoped(&efvi::Filter::all_multicast())
}
