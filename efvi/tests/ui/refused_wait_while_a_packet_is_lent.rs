//! No wait while an event of the last poll is lent: the wait would miss it.

fn main() {}

fn wait(rx: &mut efvi::Receive<'_>) -> efvi::Result<usize> {
    let mut events = rx.poll();
    let _ = rx.wait(None)?;
    Ok(usize::from(events.next().is_some()))
}
