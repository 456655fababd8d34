//! Sends frames from one process to another over `lo`, as many as asked for, while the mock adapter does to them what
//! its faults say. Every send must complete, every frame that arrives as good must be as it was sent, and the memory
//! in use must stay what it was. `ci/soak.sh` runs the two ends with all of the wire's faults and adds up what the
//! mock counted.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Parser, Subcommand};
use efvi::{
    Buffer, Ctpio, CutThrough, Driver, Event, Filter, PacketPool, ProtectionDomain, Transmit, VirtualInterface,
};
use examples::frame::{self, HEADERS, Route};

const SENDER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 9401);
const RECEIVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 9402);
/// Bytes of a frame: enough to be cut through, and to lose an end.
const SHORTEST: usize = 80;
/// Frames under way at most: fewer than the wire holds between two polls.
const WINDOW: u64 = 192;
/// Frames after which the receiver says how far it is.
const ACKNOWLEDGE: u64 = 32;
/// How long the sender waits for that before it takes what is under way for lost.
const LOST: Duration = Duration::from_millis(5);
/// How long nothing must have come before the receiver stops, once the sender has said that it is done.
const QUIET: Duration = Duration::from_millis(300);
/// How long nothing may come before that.
const PATIENCE: Duration = Duration::from_secs(30);
/// In place of a number: the sender has sent all.
const END: u64 = u64::MAX;

#[derive(Parser)]
#[command(about = "Sends frames between two processes over the mock adapter's lo, and checks each", version)]
struct Cli {
    #[command(subcommand)]
    end: End,
}

#[derive(Subcommand)]
enum End {
    /// Sends FRAMES frames; start the other end first
    Send {
        /// How many
        #[arg(default_value_t = 1_000_000)]
        frames: u64,
    },
    /// Receives until the sender is done; prints `ready` when it can be started
    Receive,
}

struct Station {
    vi: VirtualInterface,
    pool: PacketPool,
    route: Route,
}

impl Station {
    fn open(local: SocketAddrV4, remote: SocketAddrV4) -> Result<Self> {
        let domain = ProtectionDomain::open(&Driver::open()?, "lo")?;
        let mut vi =
            VirtualInterface::builder().rx_capacity(512).tx_capacity(512).ctpio(Ctpio::Poison).build(&domain)?;
        let mut pool = PacketPool::builder().buffers(1024).build(&domain)?;
        vi.split().1.fill(&mut pool).map_err(efvi::Error::Rejected)?;
        vi.filter_add(&Filter::udp_local(local))?;
        let mac = vi.mac()?.octets();
        let route = Route { source_mac: mac, destination_mac: mac, source: local, destination: remote };
        Ok(Self { vi, pool, route })
    }
}

/// Fills a buffer with the frame of a number: its length and payload follow from that.
fn fill(buffer: &mut Buffer, number: u64, route: &Route) -> Result<()> {
    buffer.set_len(length_of(number))?;
    buffer[HEADERS..HEADERS + 8].copy_from_slice(&number.to_le_bytes());
    for (at, byte) in buffer[HEADERS + 8..].iter_mut().enumerate() {
        *byte = pattern(number, at);
    }
    frame::write_headers(buffer, route, number as u16);
    Ok(())
}

fn length_of(number: u64) -> usize {
    SHORTEST + (number % 61) as usize * 3
}

fn pattern(number: u64, at: usize) -> u8 {
    (number as u8).wrapping_mul(31).wrapping_add(at as u8)
}

/// The number of a frame that is as it was sent.
fn number_of(frame: &[u8]) -> Option<u64> {
    let payload = frame.get(HEADERS..)?;
    let (number, rest) = payload.split_first_chunk::<8>()?;
    let number = u64::from_le_bytes(*number);
    let whole =
        frame.len() == length_of(number) && rest.iter().enumerate().all(|(at, byte)| *byte == pattern(number, at));
    whole.then_some(number)
}

/// Bytes of memory in use that files don't back.
fn memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("/proc/self/status has no RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// Fails if more memory is in use than a while after the start, by more than a few pages.
struct Memory(Option<u64>);

impl Memory {
    fn is_flat(&mut self) -> Result<()> {
        let now = memory()?;
        let start = *self.0.get_or_insert(now);
        ensure!(now <= start + (1 << 20), "memory in use grew from {start} to {now} bytes");
        Ok(())
    }
}

/// Sends the frame of a number, by DMA or CTPIO in turn.
fn send(transmit: &mut Transmit<'_>, mut buffer: Buffer, number: u64, route: &Route) -> Result<()> {
    fill(&mut buffer, number, route)?;
    let sent = if number.is_multiple_of(2) {
        transmit.send(buffer)
    } else {
        transmit.send_ctpio(buffer, CutThrough::After(64))
    };
    Ok(sent.map_err(efvi::Error::from)?)
}

fn sender(frames: u64) -> Result<()> {
    let Station { mut vi, mut pool, route } = Station::open(SENDER, RECEIVER)?;
    let (mut transmit, mut receive) = vi.split();
    let (mut next, mut acknowledged, mut sent, mut completed, mut wrong) = (0, 0, 0_u64, 0_u64, 0_u64);
    let mut heard = Instant::now();
    let mut memory = Memory(None);
    let started = Instant::now();
    let mut done = false;
    while !done || completed < sent {
        for _ in 0..16 {
            if next >= frames || next - acknowledged >= WINDOW || transmit.space() == 0 {
                break;
            }
            let Some(buffer) = pool.take() else { break };
            send(&mut transmit, buffer, next, &route)?;
            (next, sent) = (next + 1, sent + 1);
            if next % (1 << 20) == 0 {
                memory.is_flat()?;
            }
        }
        let mut events = receive.poll();
        while let Some(event) = events.next() {
            match event {
                Event::Sent(event) => {
                    completed += 1;
                    pool.put(event.buffer);
                }
                Event::Received(packet) => match number_of(&packet) {
                    Some(END) => done = true,
                    Some(number) => {
                        acknowledged = acknowledged.max(number.min(next));
                        heard = Instant::now();
                    }
                    None => wrong += 1,
                },
                Event::Discarded(_) => {}
                other => bail!("the adapter reported {other:?}"),
            }
        }
        drop(events);
        if heard.elapsed() > LOST {
            heard = Instant::now();
            acknowledged = next;
            if next == frames
                && !done
                && let Some(buffer) = pool.take()
            {
                send(&mut transmit, buffer, END, &route)?;
                sent += 1;
            }
            ensure!(started.elapsed() < PATIENCE || next > 0, "no receiver");
        }
    }
    memory.is_flat()?;
    let rate = sent as f64 / started.elapsed().as_secs_f64();
    println!("sent={sent} completed={completed} wrong={wrong} seconds={:.1}", started.elapsed().as_secs_f64());
    eprintln!("{rate:.0} frames a second");
    ensure!(wrong == 0, "{wrong} frames arrived as good and were not");
    Ok(())
}

fn receiver() -> Result<()> {
    let Station { mut vi, mut pool, route } = Station::open(RECEIVER, SENDER)?;
    let (mut transmit, mut receive) = vi.split();
    println!("ready");
    let (mut good, mut discarded, mut wrong, mut highest) = (0_u64, 0_u64, 0_u64, 0);
    let (mut ended, mut said) = (false, 0);
    let mut heard = Instant::now();
    let mut memory = Memory(None);
    let mut empty = 0;
    loop {
        let mut answer = None;
        let mut any = false;
        let mut events = receive.poll();
        while let Some(event) = events.next() {
            any = true;
            match event {
                Event::Received(packet) => {
                    good += 1;
                    match number_of(&packet) {
                        Some(END) => {
                            ended = true;
                            answer = Some(END);
                        }
                        Some(number) => highest = highest.max(number + 1),
                        None => wrong += 1,
                    }
                }
                Event::Discarded(_) => discarded += 1,
                Event::Sent(event) => pool.put(event.buffer),
                other => bail!("the adapter reported {other:?}"),
            }
        }
        drop(events);
        if highest - said >= ACKNOWLEDGE {
            answer = answer.or(Some(highest));
            said = highest;
            if highest % (1 << 20) < ACKNOWLEDGE {
                memory.is_flat()?;
            }
        }
        if let Some(number) = answer
            && let Some(buffer) = pool.take()
        {
            send(&mut transmit, buffer, number, &route)?;
        }
        empty = if any { 0 } else { empty + 1 };
        if any {
            heard = Instant::now();
        } else if empty % 1024 == 0 {
            if ended && heard.elapsed() > QUIET {
                break;
            }
            ensure!(heard.elapsed() < PATIENCE, "nothing came for {} s", PATIENCE.as_secs());
        }
    }
    memory.is_flat()?;
    println!("good={good} discarded={discarded} wrong={wrong}");
    ensure!(wrong == 0, "{wrong} frames arrived as good and were not");
    Ok(())
}

fn main() -> Result<()> {
    match Cli::parse().end {
        End::Send { frames } => sender(frames),
        End::Receive => receiver(),
    }
}
