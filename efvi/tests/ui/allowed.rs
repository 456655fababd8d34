//! What the refused cases come near to, done right.

use efvi::{Buffer, Event, PacketPool, Receive, Transmit, VirtualInterface};

fn path(mut vi: VirtualInterface, mut pool: PacketPool, [a, b, c]: [Buffer; 3]) -> Result<Vec<Buffer>, efvi::Error> {
    let (mut tx, mut rx) = vi.split();
    rx.post(a)?;
    let mut batch = tx.stage(b)?;
    batch.add(c)?;
    batch.push();
    let mut kept = Vec::new();
    let mut events = rx.poll();
    while let Some(event) = events.next() {
        match event {
            Event::Received(packet) => kept.extend(packet.keep(&mut pool)),
            Event::Sent(sent) => kept.push(sent.buffer),
            _ => {}
        }
    }
    drop(events);
    drop(rx.poll());
    Ok(kept)
}

fn threads(vi: VirtualInterface, buffer: Buffer) {
    std::thread::spawn(move || (vi, buffer));
}

fn main() {
    let _ = efvi::VirtualInterface::builder().event_batch::<2>();
    let _ = path;
    let _ = threads;
    let _: Option<(Transmit<'_>, Receive<'_>)> = None;
}
