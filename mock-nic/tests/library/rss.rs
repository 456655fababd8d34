//! Sets of VIs, and how they spread what they receive.

use crate::common::{Domain, Packet, Packet6, Part, Queues, Set, Spec, Vi};
use crate::filters::{takers, takers_of};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs, Model};
use std::rc::Rc;

const UDP: Packet = Packet::UDP;

fn from_port(port: u16) -> Packet {
    Packet { from: (UDP.from.0, port), ..UDP }
}

/// A port and a set with all its VIs, ready to receive.
fn set_of(count: i32) -> (FabricPort, Set, Vec<Rc<Vi>>) {
    let port = Fabric::new().looped().unwrap();
    let set = Set::new(&Domain::on(&port), count).unwrap();
    let vis = (0..count).map(|index| member(&set, index)).collect();
    (port, set, vis)
}

fn member(set: &Set, index: i32) -> Rc<Vi> {
    let vi = set.vi(index).unwrap();
    vi.fill(0..504);
    vi
}

/// The Toeplitz hash, worked out bit by bit from its definition: for each bit of the input that is set, the 32 bits of
/// the key from there on.
fn toeplitz(input: &[u8]) -> u32 {
    let key: Vec<u8> = [0x6d, 0x5a].repeat(20);
    let window =
        |at: usize| (0..32).fold(0, |bits, i| bits << 1 | u32::from(key[(at + i) / 8] >> (7 - (at + i) % 8) & 1));
    let set = (0..input.len() * 8).filter(|at| input[at / 8] >> (7 - at % 8) & 1 != 0);
    set.fold(0, |hash, at| hash ^ window(at))
}

/// The place in a set of a hash: the indirection table has 128 entries, filled in turn.
fn place(input: &[u8], count: usize) -> usize {
    toeplitz(input) as usize % 128 % count
}

fn input(packet: &Packet) -> Vec<u8> {
    [packet.from.0, packet.to.0].concat().into_iter().chain(ports(packet.from.1, packet.to.1)).collect()
}

fn ports(from: u16, to: u16) -> Vec<u8> {
    [from.to_be_bytes(), to.to_be_bytes()].concat()
}

/// A flow goes to the VI that the hash over addresses and ports says, with the driver's key; all of them are used.
#[test]
fn flows_are_spread_by_the_hash() {
    for count in [1, 2, 3, 5, 8] {
        let (port, set, vis) = set_of(count);
        set.filter(&Spec::udp()).unwrap();
        set.filter(&Spec::local(&Packet::TCP)).unwrap();
        let mut used = vec![0; vis.len()];
        for base in [UDP, Packet::TCP] {
            for number in 0..100 {
                let packet = Packet { from: ([10, 0, (number * 7) as u8, 1], 2000 + number), ..base };
                let expected = place(&input(&packet), vis.len());
                assert_eq!(takers(&port, &vis, &packet), [expected]);
                assert_eq!(takers(&port, &vis, &packet), [expected], "the flow's next");
                used[expected] += 1;
            }
        }
        assert!(used.iter().all(|count| *count > 0), "{used:?}");
    }
}

#[test]
fn ipv6_flows_are_spread_too() {
    let (port, set, vis) = set_of(4);
    set.filter(&Spec::of(&[Part::Local6(Packet6::UDP)])).unwrap();
    for number in 0..100 {
        let packet = Packet6 { from: ([number; 16], 2000 + u16::from(number)), ..Packet6::UDP };
        let bytes = [&packet.from.0[..], &packet.to.0, &ports(packet.from.1, packet.to.1)].concat();
        assert_eq!(takers_of(&port, &vis, &packet.sized(100)), [place(&bytes, 4)]);
    }
}

/// Without ports the hash is over the addresses; what is not IP goes to the first.
#[test]
fn what_has_no_ports_is_spread_by_its_addresses() {
    let (port, set, vis) = set_of(4);
    set.filter(&Spec::ethernet(UDP.mac, None)).unwrap();
    for number in 0..50 {
        let packet = Packet { from: ([10, 0, 0, number], 7), ..UDP };
        let mut fragment = packet.sized(100, 0);
        fragment[20] = 0x20;
        let sum = u16::from_be_bytes([fragment[24], fragment[25]]);
        // From "don't fragment" to "more follow": the sum of the header stays if its checksum goes up by as much.
        let (sum, carry) = sum.overflowing_add(0x2000);
        fragment[24..26].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
        let expected = place(&[packet.from.0, packet.to.0].concat(), 4);
        assert_eq!(takers_of(&port, &vis, &fragment), [expected]);
        let mut arp = packet.sized(60, 0);
        arp[12..14].copy_from_slice(&[8, 6]);
        assert_eq!(takers_of(&port, &vis, &arp), [0]);
    }
}

/// The key repeats after 16 bits, so that both directions of a flow have one hash.
#[test]
fn both_directions_of_a_flow_go_one_way() {
    let (port, set, vis) = set_of(7);
    set.filter(&Spec::ethernet(UDP.mac, None)).unwrap();
    for number in 0..50 {
        let there = from_port(3000 + number);
        let back = Packet { from: there.to, to: there.from, ..there };
        assert_eq!(takers(&port, &vis, &there), takers(&port, &vis, &back));
    }
}

#[test]
fn places_are_given_out_once() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    for count in [-1, 0, 65] {
        assert_eq!(Set::new(&domain, count).err(), Some(-libc::EINVAL), "{count}");
    }
    let set = Set::new(&domain, 3).unwrap();
    let first = set.vi(1).unwrap();
    assert_eq!(set.vi(1).err(), Some(-libc::EEXIST));
    assert_eq!(set.vi(3).err(), Some(-libc::EDOM));
    let any = [set.vi(-1).unwrap(), set.vi(-1).unwrap()];
    assert_eq!(set.vi(-1).err(), Some(-libc::ENOSPC));
    drop(first);
    set.vi(1).unwrap();
    drop(any);
    assert!(Set::new(&domain, 64).is_ok());
}

/// What is for a VI that is not there is lost; it is no other's.
#[test]
fn a_missing_vis_share_is_lost() {
    let (port, set, mut vis) = set_of(2);
    set.filter(&Spec::udp()).unwrap();
    let flows: Vec<_> = (0..20).map(|number| from_port(4000 + number)).collect();
    let of = |index: usize| flows.iter().filter(move |packet| place(&input(packet), 2) == index);
    vis.pop();
    assert!(of(0).all(|packet| takers(&port, &vis, packet) == [0]));
    assert!(of(1).all(|packet| port.inject(&packet.sized(100, 0), Fcs::Good).is_err()));
    vis.push(member(&set, 1));
    assert!(of(1).all(|packet| takers(&port, &vis, packet) == [1]));
    assert!(vis[0].frames().is_empty());
}

/// A VI of a set has filters of its own beside the set's, and the most specific of all wins.
#[test]
fn a_sets_filters_are_beside_its_vis_own() {
    let (port, set, vis) = set_of(4);
    let cookie = set.filter(&Spec::udp()).unwrap();
    assert_eq!(set.filter(&Spec::udp()).err(), Some(-libc::EEXIST));
    assert_eq!(vis[0].filter(&Spec::udp()).err(), Some(-libc::EEXIST));
    let other = (0..4).find(|&index| index != place(&input(&UDP), 4)).unwrap();
    let own = vis[other].filter(&Spec::full(&UDP)).unwrap();
    assert_eq!(takers(&port, &vis, &UDP), [other]);
    assert_eq!(vis[other].unfilter(own), 0);
    assert_eq!(takers(&port, &vis, &UDP), [place(&input(&UDP), 4)]);
    assert!(vis[0].unfilter(cookie) < 0, "the set's");
    assert_eq!(set.unfilter(cookie), 0);
    assert_eq!(set.unfilter(cookie), -libc::EINVAL);
    assert!(takers(&port, &vis, &UDP).is_empty());
}

/// A set's multicast goes to one of its VIs, beside the VIs of others.
#[test]
fn multicast_goes_to_one_of_a_set() {
    let (port, set, mut vis) = set_of(3);
    set.filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    let other = Domain::on(&port).vi(Queues::default()).unwrap();
    other.fill(0..8);
    other.filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    vis.push(other);
    assert_eq!(takers(&port, &vis, &Packet::MULTICAST), [place(&input(&Packet::MULTICAST), 3), 3]);
}

/// Freed, the set gives out no more VIs; those that there are keep working, and its filters with them.
#[test]
fn a_freed_sets_vis_go_on() {
    let (port, set, vis) = set_of(2);
    set.filter(&Spec::udp()).unwrap();
    assert_eq!(set.free(), 0);
    assert_eq!(set.free(), -libc::EINVAL);
    assert_eq!(set.vi(-1).err(), Some(-libc::EINVAL));
    assert_eq!(takers(&port, &vis, &UDP), [place(&input(&UDP), 2)]);
    drop(vis);
    let vi = Domain::on(&port).vi(Queues::default()).unwrap();
    vi.fill(0..8);
    assert_eq!(vi.filter(&Spec::udp()).err(), Some(-libc::EEXIST), "the set's handle is open");
    drop(set);
    vi.filter(&Spec::udp()).unwrap();
    assert_eq!(takers(&port, &[vi], &UDP), [0], "the filter went with the handle");
}

/// The adapter has no clusters: there is no daemon to ask, and the name is an interface's.
#[test]
fn there_are_no_clusters() {
    use crate::common::{Driver, Interface};
    for name in ["cluster", "0@cluster", "0@lo"] {
        let domain = Domain::open(&Driver::open(), &Interface::Name(name), EF_PD_DEFAULT);
        assert_eq!(domain.err(), Some(-libc::ENODEV), "{name}");
    }
}

/// Adapters whose queues are shared spread nothing.
#[test]
fn adapters_of_shared_queues_have_no_sets() {
    let port = Fabric::of(Model::X3).looped().unwrap();
    assert_eq!(Set::new(&Domain::on(&port), 2).err(), Some(-libc::EOPNOTSUPP));
    #[cfg(onload_since = "9.0.1")]
    {
        let port = Fabric::of(Model::X4).looped().unwrap();
        assert_eq!(Set::new(&Domain::express(&port), 2).err(), Some(-libc::EOPNOTSUPP));
        assert!(Set::new(&Domain::on(&port), 2).is_ok());
    }
}
