//! A filter is removed once: its id is used up.

fn main() {}

fn twice(vi: &efvi::VirtualInterface, filter: efvi::FilterId) -> efvi::Result<()> {
    vi.filter_remove(filter)?;
    vi.filter_remove(filter)
}
