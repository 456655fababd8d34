//! The members of a shared event queue are in one thread with their poll.

fn main() {}

fn apart(queue: &mut efvi::SharedEventQueue<u8>) -> efvi::Result<()> {
    let ([mut first], mut poll) = queue.split::<1>()?;
    std::thread::scope(|scope| {
        scope.spawn(move || first.transmit().space());
        poll.poll();
    });
    Ok(())
}
