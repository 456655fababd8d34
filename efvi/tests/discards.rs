//! Which wrong frames are discards, and which are packets.

mod common;

use common::*;
use efvi::mock::{Fabric, Fcs};
use efvi::{DiscardReason, Discards, Event, VirtualInterface};

/// A frame with a wrong checksum is a packet where that is not chosen; everything else is a discard still.
#[test]
fn what_is_not_chosen_is_received() {
    for (model, flags, by_reference) in models() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = end(port.name(), 1, flags, VirtualInterface::builder());
        let to = end.station;
        let (_, mut rx, _) = end.start();
        let good = udp(Station { mac: to.mac, address: address(2, 2) }, to, b"of the feed");
        let [mut transport, mut ip] = [good.clone(), good.clone()];
        transport[HEADERS] ^= 1;
        ip[24] ^= 1;
        let frames = [(&transport, Fcs::Good), (&ip, Fcs::Good), (&good, Fcs::Bad)];
        let (sum, crc) = (Some(DiscardReason::Checksum), Some(DiscardReason::Crc));
        for (chosen, expected) in [
            (None, [sum, sum, crc]),
            (Some(Discards::all() - Discards::TRANSPORT_CHECKSUM), [None, sum, crc]),
            (Some(Discards::CRC), [None, None, crc]),
            (Some(Discards::empty()), [None; 3]),
            (Some(Discards::all()), [sum, sum, crc]),
        ] {
            if let Some(chosen) = chosen {
                rx.vi().set_discards(chosen).unwrap();
            }
            let reasons = frames.map(|(frame, fcs)| {
                port.inject(frame, fcs).unwrap();
                wait(&mut rx, |event| match event {
                    Event::Received(packet) => {
                        assert_eq!(packet.frame(), &frame[..]);
                        Some(None)
                    }
                    Event::Discarded(packet) => Some(Some(packet.reason())),
                    other => panic!("{other:?}"),
                })
            });
            assert_eq!(reasons, expected, "{chosen:?} on {model:?} {by_reference}");
        }
    }
}
