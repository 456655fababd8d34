//! The filters of a port on an interface of the machine, as the kernel can apply them: each as a list of tests on a
//! frame's fields, of which programs for the kernel's two machines are made.
//!
//! The filters are those of this process: what other processes have on the same interface is not known.

use crate::errno::{Errno, Result};
use crate::filter::{Filter, Match};
use crate::frame::{ETHERTYPE_IPV4, Flow};

/// A frame's fields, as words of 32 bits. A program reads each frame's once, then tests them.
pub mod word {
    /// Destination MAC address, the upper 16 bits.
    pub const MAC_HIGH: u8 = 0;
    /// Its lower 32 bits.
    pub const MAC_LOW: u8 = 1;
    /// The VLAN, or [`NONE`].
    pub const VLAN: u8 = 2;
    /// The EtherType, that behind a VLAN tag if there is one.
    pub const ETHERTYPE: u8 = 3;
    /// The IP protocol, or [`NONE`].
    pub const PROTOCOL: u8 = 4;
    /// Source port, or [`NONE`].
    pub const FROM_PORT: u8 = 5;
    /// Destination port, or [`NONE`].
    pub const TO_PORT: u8 = 6;
    /// Source IP address, four words, IPv4's in the last.
    pub const FROM: u8 = 7;
    /// Destination IP address, four words.
    pub const TO: u8 = 11;
    /// The kernel's packet type, where there is one.
    pub const KIND: u8 = 15;
    /// How many words there are.
    pub const COUNT: u8 = 16;
    /// What a field that is not there has in its word.
    pub const NONE: u32 = u32::MAX;
}

/// A test of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Which.
    pub word: u8,
    /// The bits of it that count.
    pub mask: u32,
    /// What they are to be.
    pub value: u32,
    /// Or not to be.
    pub equal: bool,
}

/// The bit of [`word::MAC_HIGH`] that group addresses have.
const GROUP: u32 = 0x0100;

fn is(word: u8, value: u32) -> Test {
    Test { word, mask: u32::MAX, value, equal: true }
}

/// True of frames to many stations, or of those to one.
fn multicast(yes: bool) -> Test {
    Test { word: word::MAC_HIGH, mask: GROUP, value: if yes { GROUP } else { 0 }, equal: true }
}

/// True of frames that this host sends, or of those that it doesn't.
fn sent(yes: bool) -> Test {
    Test { word: word::KIND, mask: u32::MAX, value: u32::from(libc::PACKET_OUTGOING), equal: yes }
}

fn mac_is(mac: u64) -> [Test; 2] {
    [is(word::MAC_LOW, mac as u32), is(word::MAC_HIGH, (mac >> 32) as u32)]
}

/// What a rule does with the frames that pass its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are taken.
    Take,
    /// They are left to the kernel, and to whoever else listens.
    Leave,
    /// Nobody gets them.
    Drop,
}

/// A filter as a program applies it: the first rule of which all tests hold decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The tests.
    pub tests: Vec<Test>,
    /// What then.
    pub verdict: Verdict,
}

impl Rule {
    /// One that takes nothing: the address 0 is nobody's.
    pub fn never() -> Self {
        Self { tests: mac_is(0).into(), verdict: Verdict::Take }
    }
}

/// Whose a filter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A VI's, by its number.
    Link(u64),
    /// That of a set of VIs.
    Set(u64),
    /// That of a shared receive queue, and so of all VIs that are attached to it. The second number is that of the domain
    /// that has the queue to itself.
    Queue(u8, u64),
}

/// A filter that was added.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub id: u32,
    /// Who gets what it takes.
    pub owner: Owner,
    /// Whose it is to remove.
    pub adder: Owner,
    /// The filter.
    pub filter: Filter,
}

/// Filters that a port holds.
const FILTERS: usize = 256;

/// The filters of a port.
#[derive(Clone, Default)]
pub struct Rules {
    entries: Vec<Entry>,
    added: u32,
}

impl Rules {
    /// Adds a filter. `EEXIST` if there is such a one that excludes it, `EBUSY` if there is no room.
    pub fn add(&mut self, owner: Owner, filter: Filter) -> Result<u32> {
        let excluded =
            |other: &Entry| other.filter.excludes(&filter) && (other.owner == owner || !filter.may_be_shared());
        if self.entries.iter().any(excluded) {
            return Err(Errno(libc::EEXIST));
        }
        self.insert(owner, owner, filter)
    }

    /// Adds a filter, whatever others there are. `EBUSY` if there is no room.
    pub fn insert(&mut self, adder: Owner, owner: Owner, filter: Filter) -> Result<u32> {
        let mut used = [false; FILTERS];
        self.entries.iter().for_each(|entry| used[entry.id as usize % FILTERS] = true);
        let place = used.iter().position(|used| !used).ok_or(Errno(libc::EBUSY))? as u32;
        self.added = self.added.wrapping_add(1);
        let id = (self.added & 0x7f_ffff) << 8 | place;
        self.entries.push(Entry { id, owner, adder, filter });
        // The most specific first; those that are equally so stay in order.
        self.entries.sort_by_key(|entry| core::cmp::Reverse(entry.filter.rank()));
        Ok(id)
    }

    /// Removes a filter of who added it. `EINVAL` if it is none.
    pub fn remove(&mut self, adder: Owner, id: u32) -> Result<()> {
        let at = self.entries.iter().position(|entry| entry.id == id && entry.adder == adder);
        self.entries.remove(at.ok_or(Errno(libc::EINVAL))?);
        Ok(())
    }

    /// Removes all filters of who added them.
    pub fn forget(&mut self, adder: Owner) {
        self.entries.retain(|entry| entry.adder != adder);
    }

    /// True of the name of a filter that this one added.
    pub fn has(&self, adder: Owner, id: u32) -> bool {
        self.entries.iter().any(|entry| entry.id == id && entry.adder == adder)
    }

    /// The filters that steer to shared queues, with those and their owners.
    pub fn queued(&self) -> impl Iterator<Item = (Filter, u8, u64)> {
        self.entries.iter().filter_map(|entry| match entry.owner {
            Owner::Queue(queue, domain) => Some((entry.filter, queue, domain)),
            _ => None,
        })
    }

    /// True if somebody is to see what is sent.
    pub fn has_sniffer_of_sent(&self) -> bool {
        self.entries.iter().any(|entry| entry.filter == Filter::SniffSent)
    }

    /// The filters of an owner's.
    pub fn of(&self, mine: impl Fn(Owner) -> bool) -> impl Iterator<Item = Filter> {
        self.entries.iter().filter(move |entry| mine(entry.owner)).map(|entry| entry.filter)
    }

    /// The filter by which an owner gets frames of that flow.
    pub fn matching(&self, mine: impl Fn(Owner) -> bool, flow: &Flow) -> Option<Entry> {
        self.entries.iter().find(|entry| mine(entry.owner) && entry.filter.matches(flow)).copied()
    }

    /// The program of a packet socket, which gets a copy of each frame: takes what is some owners'. `mac` is the port's
    /// address.
    pub fn copies(&self, mine: impl Fn(Owner) -> bool, mac: u64) -> Vec<Rule> {
        let mut rules = Vec::new();
        let sniffs = self.of(&mine).filter_map(|filter| match filter {
            Filter::Sniff { .. } => Some(sent(false)),
            Filter::SniffSent => Some(sent(true)),
            _ => None,
        });
        rules.extend(sniffs.map(|test| Rule { tests: vec![test], verdict: Verdict::Take }));
        self.rank(&mine, mac, &mut rules);
        rules
    }

    /// The program of an XDP socket, which takes frames away from the kernel and from all others. What others get, too, it
    /// leaves to them: [`Rules::shared`] has it.
    pub fn takes(&self, mine: impl Fn(Owner) -> bool, mac: u64) -> Vec<Rule> {
        let mut rules = Vec::new();
        for other in self.entries.iter().filter(|entry| !mine(entry.owner)) {
            let Some(tests) = tests(&other.filter) else { continue };
            rules.push(Rule { tests: [vec![multicast(true)], tests].concat(), verdict: Verdict::Leave });
        }
        self.rank(&mine, mac, &mut rules);
        for filter in self.of(&mine) {
            if let Filter::BlockKernel { unicast, multicast: group } = filter {
                let kinds = [(unicast, false), (group, true)];
                let drop = |group: bool| Rule { tests: vec![multicast(group)], verdict: Verdict::Drop };
                rules.extend(kinds.into_iter().filter(|kind| kind.0).map(|kind| drop(kind.1)));
            }
        }
        rules
    }

    /// The program of the packet socket beside an XDP socket: takes multicast that is these owners' and others'.
    pub fn shared(&self, mine: impl Fn(Owner) -> bool) -> Vec<Rule> {
        let tests_of = |own: bool| {
            let entries = self.entries.iter().filter(|entry| mine(entry.owner) == own);
            entries.filter_map(|entry| tests(&entry.filter)).collect::<Vec<_>>()
        };
        let (own, others) = (tests_of(true), tests_of(false));
        let pairs = own.iter().flat_map(|own| others.iter().map(move |other| (own, other)));
        let both = |(own, other): (&Vec<Test>, &Vec<Test>)| [&[multicast(true)], &own[..], &other[..]].concat();
        pairs.map(|pair| Rule { tests: both(pair), verdict: Verdict::Take }).collect()
    }

    /// The rules of all filters that take frames, by their rank.
    fn rank(&self, mine: impl Fn(Owner) -> bool, mac: u64, rules: &mut Vec<Rule>) {
        for entry in &self.entries {
            let Some(mut tests) = tests(&entry.filter) else { continue };
            let own = mine(entry.owner);
            if entry.filter.is_mismatch() {
                // What the kernel has an address for, and nothing more specific took, is not for those who want the rest.
                let known = if matches!(entry.filter, Filter::UnicastMismatch { .. }) { mac } else { BROADCAST };
                rules.push(Rule { tests: mac_is(known).into(), verdict: Verdict::Leave });
            }
            // Unicast goes to one, multicast to each.
            if !own {
                tests.push(multicast(false));
            }
            rules.push(Rule { tests, verdict: if own { Verdict::Take } else { Verdict::Leave } });
        }
    }
}

const BROADCAST: u64 = 0xffff_ffff_ffff;

/// The tests that frames pass which a filter takes; none for a filter that takes none.
fn tests(filter: &Filter) -> Option<Vec<Test>> {
    let of = |vlan: &Option<u16>, group: bool| {
        [multicast(group)].into_iter().chain(vlan.map(|vlan| is(word::VLAN, vlan.into()))).collect()
    };
    Some(match filter {
        Filter::Match(fields) => matching(fields)?,
        Filter::AllUnicast => vec![multicast(false)],
        Filter::AllMulticast => vec![multicast(true)],
        Filter::UnicastMismatch { vlan } => of(vlan, false),
        Filter::MulticastMismatch { vlan } => of(vlan, true),
        Filter::Sniff { .. } | Filter::SniffSent | Filter::BlockKernel { .. } => return None,
    })
}

fn matching(fields: &Match) -> Option<Vec<Test>> {
    if fields.is_void() {
        return None;
    }
    let mut tests = Vec::new();
    // What differs most often comes first: a frame of another flow is told by few tests.
    tests.extend(fields.to.map(|(_, port)| is(word::TO_PORT, port.into())));
    tests.extend(fields.from.map(|(_, port)| is(word::FROM_PORT, port.into())));
    tests.extend(fields.protocol.map(|protocol| is(word::PROTOCOL, protocol.into())));
    tests.extend(fields.ethertype.map(|ethertype| is(word::ETHERTYPE, ethertype.into())));
    tests.extend(fields.vlan.map(|vlan| is(word::VLAN, vlan.into())));
    tests.extend(fields.mac.into_iter().flat_map(mac_is));
    for (first, address) in [(word::TO, fields.to), (word::FROM, fields.from)] {
        let Some((address, _)) = address else { continue };
        let words = (0..4_u8).map(|i| is(first + i, (address >> (96 - 32 * u32::from(i))) as u32));
        // Of an IPv4 packet the other words are 0.
        tests.extend(words.skip(if fields.ethertype == Some(ETHERTYPE_IPV4) { 3 } else { 0 }));
    }
    Some(tests)
}

#[cfg(all(test, not(miri)))]
pub mod samples;
#[cfg(test)]
mod tests;
