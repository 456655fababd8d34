//! A member can't be kept when its event queue goes.

fn main() {}

fn keep(mut queue: efvi::SharedEventQueue<u8>) -> efvi::Result<usize> {
    let ([mut member], _poll) = queue.split::<1>()?;
    drop(queue);
    Ok(member.transmit().space())
}
