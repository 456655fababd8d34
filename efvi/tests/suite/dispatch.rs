//! Events handed to a program's methods: the same account as of a loop over them, whatever the methods do.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::common::{
    End, Fabric, Port, Station, address, expect_quiet, left_out, payload, take_all, udp, udp_buffer, until_quiet, wait,
    why,
};
use efvi::mock::{Fcs, Model};
use efvi::{
    Buffer, Ctpio, CutThrough, DiscardReason, Event, EventHandler, HeldPacket, Packet, PacketPool, PdFlags, Pieces,
    PioRegion, Receive, RejectReason, Sent, Timestamps, Transmit, VirtualInterface, VirtualInterfaceBuilder,
};

/// Buffers in the receive ring: more than come in one round, less than take long under Miri.
const POSTED: usize = 24;

/// How long to wait for what should happen at once, at most.
const DEADLINE: Duration = Duration::from_secs(300);

/// Rounds of an account. Miri, which is slow, gets fewer.
const ROUNDS: usize = if cfg!(miri) { 1 } else { 3 };

/// What there is to run on: a model, its datapath, and how the VI is built.
struct Setup {
    model: Model,
    flags: PdFlags,
    by_reference: bool,
    builder: VirtualInterfaceBuilder,
}

/// Every model with and without transmit timestamps, which come by events of another kind, and merged events where
/// there are such.
fn setups() -> Vec<Setup> {
    let builder = VirtualInterface::builder().ctpio(Ctpio::Poison);
    let mut setups = Vec::new();
    for (model, flags, by_reference) in crate::common::models() {
        for builder in [builder, builder.timestamps(Timestamps::RX | Timestamps::TX)] {
            setups.push(Setup { model, flags, by_reference, builder });
        }
    }
    let (model, flags, by_reference) = (Model::X2, PdFlags::empty(), false);
    setups.push(Setup { model, flags, by_reference, builder: builder.merge_events(true) });
    if cfg!(miri) {
        // One of each kind of events: with timestamps, by reference, merged.
        setups = [8, 2, 1].map(|at| setups.swap_remove(at)).into();
    }
    setups
}

/// A VI with its program, and the port that frames are put on.
struct Running {
    port: Port,
    _other: Port,
    vi: VirtualInterface,
    program: Program,
    station: Station,
}

impl Setup {
    fn start(&self) -> Running {
        let (port, _other) = Fabric::of(self.model).cable().unwrap();
        let End { vi, pool, station, .. } = crate::common::end(port.name(), 1, self.flags, self.builder);
        let mut running = Running { port, _other, vi, program: Program::of(pool), station };
        self.refill(&mut running.vi.split().1, &mut running.program);
        running
    }

    /// Has the ring hold as many buffers as at first, what is kept apart.
    fn refill(&self, rx: &mut Receive<'_>, program: &mut Program) {
        while !self.by_reference && rx.capacity() - rx.space() < POSTED {
            rx.post(program.pool().take().unwrap()).unwrap();
        }
    }
}

/// A frame from its type on: the addresses before that are another interface's in every run.
#[derive(PartialEq, Eq, Hash)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn of(frame: &[u8]) -> Self {
        Bytes(frame[12..].to_vec())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {:02x?}", self.0.len(), self.0.get(30..34))
    }
}

/// What was made of one event.
#[derive(Debug, PartialEq)]
enum Entry {
    Received {
        frame: Bytes,
        whole: bool,
        stamped: bool,
    },
    Discarded(DiscardReason, Bytes),
    Sent {
        frame: Bytes,
        by_ctpio: bool,
        stamped: bool,
    },
    /// None while they are the event's.
    Pieces(Option<Bytes>),
    Part(usize),
    Software(u16),
}

impl Entry {
    /// Where the event is of. The events of one source are in order wherever frames go.
    fn source(&self) -> usize {
        match self {
            Self::Received { .. } | Self::Discarded(..) => 0,
            Self::Sent { .. } | Self::Pieces(_) | Self::Part(_) => 1,
            Self::Software(_) => 2,
        }
    }
}

/// A program that writes down each event, and leaves, keeps and holds frames by turns.
#[derive(Default)]
struct Program {
    account: Vec<Entry>,
    kept: Vec<(Buffer, Vec<u8>)>,
    held: Vec<(HeldPacket, Vec<u8>)>,
    sent: Vec<Buffer>,
    pool: Option<PacketPool>,
    frames: usize,
    /// With which event to panic, when it has been looked at and nothing was done about it, or else when all is done.
    panic_with: Option<(usize, bool)>,
}

impl Program {
    fn of(pool: PacketPool) -> Self {
        Program { pool: Some(pool), ..Program::default() }
    }

    fn pool(&mut self) -> &mut PacketPool {
        self.pool.as_mut().unwrap()
    }

    fn write(&mut self, entry: Entry) {
        self.account.push(entry);
        self.panic_if(false);
    }

    fn panic_if(&self, done: bool) {
        if self.panic_with == Some((self.account.len() - 1, done)) {
            // As a panic, without a message for each.
            std::panic::resume_unwind(Box::new("the program's own"));
        }
    }

    /// As `dispatch` calls its methods.
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Received(packet) => self.received(packet),
            Event::Sent(sent) => self.sent(sent),
            event => self.other(event),
        }
    }

    /// Lets all go that it has, once it is as it was when it was taken.
    fn let_go(&mut self) {
        for (buffer, frame) in self.kept.drain(..) {
            assert_eq!(buffer[..], frame[..]);
        }
        for (packet, frame) in self.held.drain(..) {
            assert_eq!(packet[..], frame[..]);
        }
        self.sent.clear();
    }
}

impl EventHandler for Program {
    fn received(&mut self, packet: Packet<'_>) {
        let frame = packet.frame().to_vec();
        let whole = packet.is_start() && !packet.continues();
        let turn = self.frames;
        self.frames += 1;
        self.write(Entry::Received { frame: Bytes::of(&frame), whole, stamped: packet.timestamp().is_ok() });
        match turn % 4 {
            1 => {
                let buffer = packet.keep(self.pool()).unwrap();
                self.kept.push((buffer, frame));
            }
            2 => self.held.push((packet.hold().unwrap(), frame)),
            // Left.
            _ => {}
        }
        self.panic_if(true);
    }

    fn sent(&mut self, sent: Sent) {
        let (frame, by_ctpio) = (Bytes::of(&sent.buffer), sent.by_ctpio);
        self.write(Entry::Sent { frame, by_ctpio, stamped: sent.timestamp.is_some() });
        self.sent.push(sent.buffer);
        self.panic_if(true);
    }

    fn other(&mut self, event: Event<'_>) {
        match event {
            Event::Discarded(packet) => {
                let frame = packet.frame().to_vec();
                self.write(Entry::Discarded(packet.reason(), Bytes::of(&frame)));
                if packet.reason() == DiscardReason::Crc {
                    let buffer = packet.keep(self.pool()).unwrap();
                    self.kept.push((buffer, frame));
                }
            }
            Event::SentPieces(sent) => {
                // Before they are taken: they are the event's if this panics.
                self.write(Entry::Pieces(None));
                let pieces: Vec<_> = sent.into_pieces().collect();
                let frame: Vec<_> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
                *self.account.last_mut().unwrap() = Entry::Pieces(Some(Bytes::of(&frame)));
                self.sent.extend(pieces);
            }
            Event::SentPio(sent) => {
                self.write(Entry::Part(0));
                *self.account.last_mut().unwrap() = Entry::Part(sent.into_part().len());
            }
            Event::Software(data) => self.write(Entry::Software(data)),
            other => panic!("{other:?}"),
        }
        self.panic_if(true);
    }
}

/// How a program takes the events of its polls.
#[derive(Clone, Copy, Debug)]
enum Way {
    Next,
    Dispatch,
    /// So many of each poll by `next`, and the rest by `dispatch`.
    Both(usize),
}

impl Way {
    fn poll(self, rx: &mut Receive<'_>, program: &mut Program) {
        let mut events = rx.poll();
        let by_next = match self {
            Way::Next => usize::MAX,
            Way::Dispatch => 0,
            Way::Both(some) => some,
        };
        for _ in 0..by_next {
            let Some(event) = events.next() else { break };
            program.take(event);
        }
        events.dispatch(program);
    }
}

/// Polls until so many events are in the account.
fn poll_until(rx: &mut Receive<'_>, program: &mut Program, way: Way, count: usize) {
    let deadline = Instant::now() + DEADLINE;
    while program.account.len() < count {
        way.poll(rx, program);
        assert!(Instant::now() < deadline, "{way:?}: {:?}", program.account);
        std::thread::yield_now();
    }
}

/// Damaged frames of a round.
fn damaged() -> usize {
    if left_out(why::CHECK_SEQUENCE) { 1 } else { 2 }
}

/// The frames of one round, and how many events it has with what is sent.
struct Round {
    frames: Vec<(Vec<u8>, Fcs)>,
    events: usize,
}

impl Round {
    /// Good frames, and damaged ones between them.
    fn new(station: Station, number: usize) -> Self {
        let good = |n: usize| udp(station, station, &payload(6 * number + n));
        let mut bad_checksum = good(4);
        bad_checksum[24] ^= 1;
        let mut frames: Vec<_> = [0, 1, 2, 3].map(|n| (good(n), Fcs::Good)).into();
        frames.insert(1, (bad_checksum, Fcs::Good));
        if damaged() == 2 {
            frames.insert(3, (good(5), Fcs::Bad));
        }
        Round { events: frames.len() + 4, frames }
    }

    /// Puts the frames on the wire; sends one by DMA, one in pieces, one by CTPIO; and puts an event.
    fn run(&self, port: &Port, (tx, rx): (&mut Transmit<'_>, &Receive<'_>), pool: &mut PacketPool, from: Station) {
        for (frame, fcs) in &self.frames {
            port.inject(frame, *fcs).unwrap();
        }
        let to = Station { address: address(9, 9), ..from };
        tx.send(udp_buffer(pool, from, to, b"by DMA")).unwrap();
        let (mut head, mut tail) = (pool.take().unwrap(), pool.take().unwrap());
        head.write(&udp(from, to, b"in pieces")[..42]).unwrap();
        tail.write(b"the rest of it, padded").unwrap();
        tx.send_pieces(Pieces::from([head, tail])).unwrap();
        tx.send_ctpio(udp_buffer(pool, from, to, b"by CTPIO"), CutThrough::After(64)).unwrap();
        rx.vi().software_events().put(7).unwrap();
    }
}

impl Running {
    /// It is done: all buffers are back, each once, and no place to receive into was lost.
    fn close(mut self) {
        self.program.let_go();
        drop(self.vi);
        let pool = self.program.pool();
        let all = take_all(pool);
        assert_eq!(all.len(), pool.buffers(), "none is lost");
        let places: HashSet<_> = all.iter().map(|buffer| buffer.as_ptr()).collect();
        assert_eq!(places.len(), all.len(), "none is there twice");
        assert_eq!(self.port.counters().rx_no_descriptor, 0);
    }
}

/// The account of some rounds, one way, and of nothing after them.
fn account(setup: &Setup, way: Way) -> Vec<Entry> {
    let mut running = setup.start();
    let Running { port, vi, program, station, .. } = &mut running;
    let (mut tx, mut rx) = vi.split();
    let mut events = 0;
    for number in 0..ROUNDS {
        let round = Round::new(*station, number);
        round.run(port, (&mut tx, &rx), program.pool(), *station);
        events += round.events;
        poll_until(&mut rx, program, way, events);
        program.let_go();
        setup.refill(&mut rx, program);
    }
    expect_quiet(&mut rx);
    let mut account = std::mem::take(&mut program.account);
    running.close();
    if left_out(why::ORDER) {
        account.sort_by_key(Entry::source);
    }
    account
}

/// Whatever of a poll was taken by `next` before.
#[test]
fn the_account_is_that_of_a_loop_over_next() {
    for setup in setups() {
        let expected = account(&setup, Way::Next);
        let good = expected.iter().filter(|entry| matches!(entry, Entry::Received { .. })).count();
        let bad = expected.iter().filter(|entry| matches!(entry, Entry::Discarded(..))).count();
        assert_eq!(
            (good, bad, expected.len()),
            (4 * ROUNDS, damaged() * ROUNDS, (8 + damaged()) * ROUNDS),
            "{:?}: {expected:?}",
            setup.model
        );
        let ways = [Way::Dispatch, Way::Both(2), Way::Both(1), Way::Both(5), Way::Both(8)];
        for way in &ways[..if cfg!(miri) { 2 } else { 5 }] {
            assert_eq!(account(&setup, *way), expected, "{:?}, {way:?}", setup.model);
        }
    }
}

/// It panics with each event of a round in turn, before it did anything about it or after. The rest of that poll is put
/// back, and the next poll goes on.
#[test]
fn a_method_that_panics_loses_and_doubles_nothing() {
    for setup in setups() {
        let mut running = setup.start();
        let Running { port, vi, program, station, .. } = &mut running;
        let (mut tx, mut rx) = vi.split();
        // Enough for references that were not released to run the adapter's memory out.
        for number in 0..if cfg!(miri) { 3 } else { 400 } {
            let round = Round::new(*station, number);
            round.run(port, (&mut tx, &rx), program.pool(), *station);
            program.account.clear();
            program.panic_with = Some((number / 2 % round.events, number % 2 == 1));
            let mut panics = 0;
            let way = if number % 3 == 0 { Way::Both(1) } else { Way::Dispatch };
            let mut idle = 0;
            until_quiet(|| {
                let before = program.account.len();
                let outcome = catch_unwind(AssertUnwindSafe(|| way.poll(&mut rx, program)));
                if outcome.is_err() {
                    panics += 1;
                    program.panic_with = None;
                }
                idle = if outcome.is_ok() && program.account.len() == before { idle + 1 } else { 0 };
                idle < 4
            });
            assert_eq!(panics, 1, "{:?}, round {number}: {:?}", setup.model, program.account);
            let mut seen = HashSet::new();
            for entry in &program.account {
                if let Entry::Received { frame, .. } | Entry::Discarded(_, frame) | Entry::Sent { frame, .. } = entry {
                    assert!(seen.insert(frame), "{:?}: twice in {:?}", setup.model, program.account);
                }
            }
            program.let_go();
            setup.refill(&mut rx, program);
            // As ever after that.
            port.inject(&round.frames[0].0, Fcs::Good).unwrap();
            let frame = wait(&mut rx, |event| match event {
                Event::Received(packet) => Some(packet.frame().to_vec()),
                other => panic!("{other:?}"),
            });
            assert_eq!(frame, round.frames[0].0);
        }
        expect_quiet(&mut rx);
        assert_eq!(tx.space(), tx.capacity(), "each send is over");
        running.close();
    }
}

/// A poll of which nothing, or one event, was taken and that was forgotten is over with the next.
#[test]
fn what_is_left_of_a_forgotten_poll_is_put_back_before_the_next_is_dispatched() {
    for setup in setups() {
        for taken in [0, 1, 3] {
            let mut running = setup.start();
            let Running { port, vi, program, station, .. } = &mut running;
            let (mut tx, mut rx) = vi.split();
            for number in 0..if cfg!(miri) { 1 } else { 20 } {
                Round::new(*station, number).run(port, (&mut tx, &rx), program.pool(), *station);
                let mut events = rx.poll();
                for _ in 0..taken {
                    if let Some(event) = events.next() {
                        program.take(event);
                    }
                }
                std::mem::forget(events);
                // What was left is nobody's; what this poll finds may be anything that the first had no room for.
                until_quiet(|| !rx.poll().is_empty());
                program.account.clear();
                program.let_go();
                setup.refill(&mut rx, program);
                let frame = udp(*station, *station, &payload(number));
                port.inject(&frame, Fcs::Good).unwrap();
                poll_until(&mut rx, program, Way::Dispatch, 1);
                assert!(
                    matches!(&program.account[..], [Entry::Received { frame: seen, .. }] if *seen == Bytes::of(&frame))
                );
                program.let_go();
                setup.refill(&mut rx, program);
            }
            running.close();
        }
    }
}

/// Between plain sends, and as the last event of a poll.
#[test]
fn a_part_of_the_pio_region_comes_back_through_other() {
    for timestamps in [Timestamps::empty(), Timestamps::TX] {
        for way in [Way::Next, Way::Dispatch, Way::Both(1)] {
            let (mut end, _other) = crate::common::pair(VirtualInterface::builder().timestamps(timestamps));
            let region = PioRegion::new(&end.domain, 4096).unwrap();
            end.vi.link_pio(&region).unwrap();
            let mut program = Program::of(end.pool);
            let frame = udp(end.station, end.station, b"by PIO");
            let (mut tx, mut rx) = end.vi.split();
            for _ in 0..3 {
                program.account.clear();
                for _ in 0..2 {
                    tx.send(udp_buffer(program.pool(), end.station, end.station, b"plain")).unwrap();
                    let mut part = region.take(frame.len()).unwrap();
                    tx.write_pio(&mut part, 0, &frame).unwrap();
                    tx.send_pio_part(part).unwrap();
                }
                poll_until(&mut rx, &mut program, way, 4);
                let part = Entry::Part(frame.len());
                let [Entry::Sent { .. }, first, Entry::Sent { .. }, second] = &program.account[..] else {
                    panic!("{:?}", program.account);
                };
                assert_eq!((first, second), (&part, &part));
            }
            assert!(region.take(4096).is_some(), "all parts are back");
        }
    }
}

/// A program that has the transmit half: it sends on what it receives, and again what was sent.
struct Forwarder<'vi> {
    tx: Transmit<'vi>,
    pool: PacketPool,
    /// How often what was sent is to be sent once more.
    again: usize,
    received: usize,
    sent: usize,
}

impl EventHandler for Forwarder<'_> {
    fn received(&mut self, packet: Packet<'_>) {
        self.received += 1;
        self.tx.send(packet.keep(&mut self.pool).unwrap()).unwrap();
    }

    fn sent(&mut self, sent: Sent) {
        self.sent += 1;
        if self.again == 0 {
            return self.pool.put(sent.buffer);
        }
        self.again -= 1;
        self.tx.send(sent.buffer).unwrap();
    }
}

/// The ring is full when the completions are handed out, and again after each.
#[test]
fn methods_send_while_events_are_handed_out() {
    for setup in setups() {
        let Running { port, _other, mut vi, mut program, station } = setup.start();
        let (tx, mut rx) = vi.split();
        let pool = program.pool.take().unwrap();
        let again = if cfg!(miri) { 9 } else { 2000 };
        let mut program = Forwarder { tx, pool, again, received: 0, sent: 0 };
        let mut first = 0;
        while first < if cfg!(miri) { 7 } else { program.tx.capacity() } {
            let buffer = udp_buffer(&mut program.pool, station, station, b"sent again");
            let Err(rejected) = program.tx.send(buffer) else {
                first += 1;
                continue;
            };
            // Where sends are written through, it is full sooner.
            assert!(rejected.reason == RejectReason::RingFull && setup.by_reference, "{rejected}");
            program.pool.put(rejected.buffer);
            break;
        }
        let deadline = Instant::now() + DEADLINE;
        while program.sent < first + again {
            rx.poll().dispatch(&mut program);
            assert!(Instant::now() < deadline);
            std::thread::yield_now();
        }
        for n in 0..5 {
            port.inject(&udp(station, station, &payload(n)), Fcs::Good).unwrap();
        }
        while (program.received, program.sent) != (5, first + again + 5) {
            rx.poll().dispatch(&mut program);
            assert!(Instant::now() < deadline, "{} received, {} sent", program.received, program.sent);
            std::thread::yield_now();
        }
        expect_quiet(&mut rx);
        assert_eq!(program.tx.space(), program.tx.capacity());
        let mut pool = program.pool;
        drop(vi);
        assert_eq!(take_all(&mut pool).len(), pool.buffers());
    }
}
