//! The adapter's clock on virtual time: set or not, in step or not, lost, drifting.

use super::{SHORT, STAMPS, ends, next, now, send};
use crate::common::{Domain, Ends, Packet, Queues, Spec};
use efvi_sys::*;
use mock_nic::{ClockState, Costs, Fabric, Fcs, VirtualTime};
use std::time::Duration;

/// The flags that a receive timestamp has, or why there is none; and a transmit timestamp's time and flags.
fn stamps(ends: &Ends) -> (Result<u32, i32>, (u32, u32)) {
    send(SHORT)(&ends.tx);
    let (_, sent) = next(&ends.tx);
    let (_, event) = next(&ends.rx);
    let id = EF_EVENT_RX_RQ_ID(&event) as usize;
    let time = ends.rx.timestamp(id).map(|time| time.flags);
    (time, (EF_EVENT_TX_WITH_TIMESTAMP_SEC(&sent), EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(&sent)))
}

#[test]
fn timestamps_say_in_what_state_the_clock_is() {
    let ends = ends(Costs::default(), STAMPS);
    let set_all = |state| [&ends.near, &ends.far].map(|port| port.set_clock(state));
    let both = EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC;
    for _ in 0..2 {
        assert_eq!(stamps(&ends), (Ok(both), (1_000_000_000, both)));
        set_all(ClockState::NotInSync);
        assert_eq!(stamps(&ends), (Ok(EF_VI_SYNC_FLAG_CLOCK_SET), (1_000_000_000, EF_VI_SYNC_FLAG_CLOCK_SET)));
        set_all(ClockState::NotSet);
        assert_eq!(stamps(&ends), (Ok(0), (0, 0)), "it counts from 0");
        set_all(ClockState::Lost);
        for _ in 0..3 {
            assert_eq!(stamps(&ends), (Err(-libc::EL2NSYNC), (0, 0)));
        }
        set_all(ClockState::InSync);
    }
}

#[test]
fn a_vi_that_never_knew_the_time_says_so() {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    far.set_clock(ClockState::Lost);
    let rx = Domain::on(&far).vi(Queues { flags: STAMPS, ..Queues::default() }).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..8);
    far.inject(&Packet::UDP.sized(SHORT, 0), Fcs::Good).unwrap();
    let (_, event) = next(&rx);
    assert_eq!(rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).err(), Some(-libc::ENOMSG));
    far.set_clock(ClockState::InSync);
    far.inject(&Packet::UDP.sized(SHORT, 0), Fcs::Good).unwrap();
    let (_, event) = next(&rx);
    assert!(rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).is_ok());
    drop(near);
}

#[test]
fn a_clock_that_drifts_shows_in_the_timestamps() {
    let costs = Costs::default();
    let Ends { rx, far, .. } = &ends(costs, STAMPS);
    far.set_clock_drift(100);
    let start = now();
    // In steps, so that the time events keep up.
    for _ in 0..10 {
        VirtualTime::advance(Duration::from_millis(100));
        far.inject(&Packet::UDP.sized(SHORT, 0), Fcs::Good).unwrap();
        let sent = now();
        let (_, event) = next(rx);
        let time = rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap();
        let time = time.seconds * 1_000_000_000 + u64::from(time.nanoseconds) - 1_000_000_000_000_000_000;
        let right = (sent + costs.propagation) / 1000;
        let error = (sent - start) / 10_000 / 1000;
        assert!(time.abs_diff(right + error) <= 1, "{time} {right} {error}");
    }
}
