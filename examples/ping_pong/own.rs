//! What the kernel knows of an interface of this machine, and what of it an end uses unless it is told otherwise.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use efvi::MacAddress;
use examples::cpu;
use examples::frame::Mac;
use nix::ifaddrs::getifaddrs;

use super::cli::{PING_ADDRESS, PONG_ADDRESS, Place};

/// How long the kernel may take to find out who has an address.
const RESOLVE: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_millis(5);
/// The port at which what is sent is thrown away.
const DISCARD: u16 = 9;
/// The flag of an entry of the kernel's table that is complete.
const COMPLETE: u32 = 2;

/// Which end it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ping,
    Pong,
}

/// An interface's first IPv4 address; none of one that has none that others reach.
pub fn address(interface: &str) -> Option<Ipv4Addr> {
    let all = getifaddrs().ok()?;
    let mut addresses = all.filter(|one| one.interface_name == interface).filter_map(|one| {
        let address = one.address?;
        Some(address.as_sockaddr_in()?.ip())
    });
    addresses.find(|address| !address.is_loopback())
}

/// An interface's MTU; none if the kernel does not say.
pub fn mtu(interface: &str) -> Option<usize> {
    std::fs::read_to_string(format!("/sys/class/net/{interface}/mtu")).ok()?.trim().parse().ok()
}

/// Where ping is: the addresses that were not given, and a CPU of its own where there are two.
pub fn settle_ping(place: &Place) -> Result<Place> {
    let allowed = cpu::allowed().context("which CPUs may be used")?;
    let cpu = place.cpu.or_else(|| cpu::pair(&allowed).map(|(ping, _)| ping));
    Ok(Place { cpu, ..settle(place, Side::Ping)? })
}

/// Fills in the addresses that were not given.
pub fn settle(place: &Place, side: Side) -> Result<Place> {
    let own = address(&place.interface);
    let mut place = settled(place, side, own)?;
    // In a VLAN the interface's neighbours may be others.
    let knows = own.is_some() && place.vlan.is_none() && !place.socket;
    if side == Side::Ping && knows && place.remote_mac.is_none() {
        // If the kernel does not know either, the other end is asked, which has to be in the same network.
        place.remote_mac = resolve(&place.interface, *place.remote.ip());
    }
    Ok(place)
}

/// The same for an interface that has this address.
pub fn settled(place: &Place, side: Side, own: Option<Ipv4Addr>) -> Result<Place> {
    let (here, there) = match side {
        Side::Ping => (PING_ADDRESS, PONG_ADDRESS),
        Side::Pong => (PONG_ADDRESS, PING_ADDRESS),
    };
    let mut place = place.clone();
    let given = !place.local.ip().is_unspecified();
    if !given {
        place.local.set_ip(own.unwrap_or(here));
    }
    if place.remote.ip().is_unspecified() && (own.is_none() || given) {
        place.remote.set_ip(there);
    }
    if place.remote.ip().is_unspecified() && side == Side::Ping {
        bail!("{} is {} here: say with `--remote ADDRESS` where pong is", place.interface, place.local.ip());
    }
    if place.socket && own.is_none() {
        bail!("`--socket` takes an interface with an IPv4 address, and {} has none", place.interface);
    }
    Ok(place)
}

/// True of an address that this end answers.
pub fn is_peer(place: &Place, address: SocketAddrV4) -> bool {
    place.remote == address || (place.remote.ip().is_unspecified() && place.remote.port() == address.port())
}

/// The Ethernet address of a neighbour, which the kernel asks for if it has to.
fn resolve(interface: &str, neighbour: Ipv4Addr) -> Option<Mac> {
    let until = Instant::now() + RESOLVE;
    let mut asked = false;
    loop {
        let table = std::fs::read_to_string("/proc/net/arp").ok()?;
        if let Some(mac) = look_up(&table, interface, neighbour) {
            return Some(mac);
        }
        if !asked {
            ask(neighbour).ok()?;
            asked = true;
        }
        if Instant::now() >= until {
            return None;
        }
        std::thread::sleep(AGAIN);
    }
}

/// Has the kernel ask who has an address: it wants to send there.
fn ask(neighbour: Ipv4Addr) -> Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).context("a UDP socket")?;
    socket.send_to(&[], (neighbour, DISCARD)).context("a datagram")?;
    Ok(())
}

/// What the kernel's table has of a neighbour. Its columns: address, hardware type, flags, hardware address, mask,
/// interface.
fn look_up(table: &str, interface: &str, neighbour: Ipv4Addr) -> Option<Mac> {
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let &[address, _, flags, mac, _, name] = columns.as_slice() else { return None };
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()?;
        let is_it = name == interface && address.parse() == Ok(neighbour) && flags & COMPLETE != 0;
        if is_it { mac.parse().ok().map(MacAddress::octets) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::super::cli::{Job, parse};
    use super::*;

    #[test]
    fn loopback_has_no_address_that_others_reach() {
        assert_eq!(address("lo"), None);
        assert_eq!(address("no such interface"), None);
    }

    #[test]
    fn the_kernels_table_is_read() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
                     10.0.0.2         0x1         0x2         0e:00:00:00:00:02     *        eth1\n\
                     10.0.0.3         0x1         0x0         00:00:00:00:00:00     *        eth1\n";
        let mac = |interface, host| look_up(table, interface, Ipv4Addr::new(10, 0, 0, host));
        assert_eq!(mac("eth1", 2), Some([0x0e, 0, 0, 0, 0, 2]));
        assert_eq!(mac("eth1", 3), None, "not complete");
        assert_eq!(mac("eth2", 2), None);
        assert_eq!(mac("eth1", 4), None);
    }

    fn place(line: &str) -> Place {
        match parse(line.split_whitespace().map(Into::into)).unwrap() {
            Job::Ping(job) => job.place,
            Job::Pong(job) => job.place,
            Job::Both { ping, .. } => ping.place,
        }
    }

    #[test]
    fn what_is_not_given_is_the_interfaces() {
        let own = Some(Ipv4Addr::new(10, 0, 0, 1));
        let ping = settled(&place("ping_pong ping e --remote 10.0.0.2"), Side::Ping, own).unwrap();
        assert_eq!((ping.local.to_string(), ping.remote.to_string()), ("10.0.0.1:8080".into(), "10.0.0.2:8080".into()));
        let error = settled(&place("ping_pong ping e"), Side::Ping, own).unwrap_err().to_string();
        assert!(error.contains("--remote") && error.contains("10.0.0.1"), "{error}");
        let pong = settled(&place("ping_pong pong e"), Side::Pong, own).unwrap();
        assert!(is_peer(&pong, "10.9.9.9:8080".parse().unwrap()), "anyone");
        assert!(!is_peer(&pong, "10.9.9.9:8081".parse().unwrap()));
        let pong = settled(&place("ping_pong pong e --local 192.0.2.7"), Side::Pong, own).unwrap();
        assert_eq!(pong.remote.to_string(), "192.0.2.1:8080");
    }

    #[test]
    fn without_an_address_both_ends_have_those_of_the_documentation() {
        let ping = settled(&place("ping_pong ping e"), Side::Ping, None).unwrap();
        assert_eq!(
            (ping.local.to_string(), ping.remote.to_string()),
            ("192.0.2.1:8080".into(), "192.0.2.2:8080".into())
        );
        let error = settled(&place("ping_pong pong e --socket"), Side::Pong, None).unwrap_err().to_string();
        assert!(error.contains("has none"), "{error}");
    }
}
