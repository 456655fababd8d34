//! The programs are run by an interpreter of the instructions that they are made of, against the filters themselves.

use super::*;
use crate::filter::{Filter, Match};
use crate::frame::Flow;
use crate::wire::machine::rules::samples::{FROM, TO, bits, datagram, datagram_v6, filters};
use crate::wire::machine::rules::{Owner, Rules};

/// What the program makes of a frame with that tag taken off; true if it takes it.
fn run(program: &[Instruction], frame: &[u8], tag: Option<u16>) -> bool {
    let (mut a, mut x, mut memory, mut at) = (0_u32, 0_u32, [0_u32; 16], 0);
    let load = |at: u32, bytes: usize| -> Option<u32> {
        match at {
            KIND => Some(0),
            VLAN_TAG => Some(tag.unwrap_or(0).into()),
            HAS_VLAN_TAG => Some(tag.is_some().into()),
            _ => {
                let bytes = frame.get(at as usize..at as usize + bytes)?;
                Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
            }
        }
    };
    loop {
        let Instruction { code, jt, jf, k } = program[at];
        at += 1;
        let loaded = match code {
            LOAD => load(k, 4),
            LOAD_HALF => load(k, 2),
            LOAD_AT_X => load(k + x, 4),
            LOAD_HALF_AT_X => load(k + x, 2),
            LOAD_BYTE_AT_X => load(k + x, 1),
            LOAD_NUMBER => Some(k),
            LOAD_WORD => Some(memory[k as usize]),
            ADD_X => Some(a + x),
            AND => Some(a & k),
            SHIFT_LEFT => Some(a << k),
            _ => Some(a),
        };
        let Some(loaded) = loaded else { return false };
        a = loaded;
        let jump = |holds: bool| usize::from(if holds { jt } else { jf });
        match code {
            LOAD_X_NUMBER => x = k,
            TO_X => x = a,
            STORE => memory[k as usize] = a,
            JUMP => at += k as usize,
            IF_EQUAL => at += jump(a == k),
            IF_ANY_BIT => at += jump(a & k != 0),
            RETURN => return k != 0,
            _ => {}
        }
    }
}

fn of(filter: Filter) -> Vec<Instruction> {
    let mut rules = Rules::default();
    rules.add(Owner::Link(1), filter).unwrap();
    assemble(&rules.copies(|_| true, 2)).unwrap()
}

fn takes(filter: Filter, frame: &[u8], tag: Option<u16>) -> bool {
    run(&of(filter), frame, tag)
}

/// Each frame that differs by a bit is taken if, and only if, the filter matches it.
#[test]
fn programs_take_what_the_filters_match() {
    for mut base in [datagram(), datagram_v6()] {
        // Room for whatever header a bit makes of it.
        base.resize(14 + 60 + 8, 0);
        for filter in filters() {
            let program = of(filter);
            for (byte, bit) in bits(base.len()) {
                let mut frame = base.clone();
                frame[byte] ^= 1 << bit;
                let matches = filter.matches(&Flow::parse(&frame).unwrap());
                assert_eq!(run(&program, &frame, None), matches, "{filter:?}: byte {byte}, bit {bit}");
            }
            assert_eq!(takes(filter, &base, None), filter.matches(&Flow::parse(&base).unwrap()));
        }
    }
}

#[test]
fn a_tag_is_seen_in_the_frame_and_beside_it() {
    let base = datagram();
    for filter in filters() {
        for vlan in [5_u16, 6] {
            let mut tagged = base.clone();
            tagged.splice(12..12, [0x81, 0, 0xa0, vlan as u8]);
            let matches = filter.matches(&Flow::parse(&tagged).unwrap());
            assert_eq!(takes(filter, &tagged, None), matches, "{filter:?}: in the frame");
            assert_eq!(takes(filter, &base, Some(0xa000 | vlan)), matches, "{filter:?}: beside it");
        }
    }
}

#[test]
fn options_and_fragments_are_known() {
    let mut frame = datagram();
    frame[14] = 0x46;
    frame.splice(34..34, [1, 1, 1, 0]);
    assert!(takes(Filter::Match(Match::ip(UDP, TO, None)), &frame, None));
    frame[20] = 0x20;
    assert!(!takes(Filter::Match(Match::ip(UDP, TO, None)), &frame, None), "a fragment");
}

#[test]
fn a_frame_that_is_cut_short_is_not_taken() {
    let frame = datagram();
    for length in 0..38 {
        assert!(!takes(Filter::Match(Match::ip(UDP, TO, None)), &frame[..length], None), "{length}");
    }
}

#[test]
fn a_full_table_of_ipv4_fits_a_program() {
    let mut rules = Rules::default();
    for port in 0..256 {
        rules.add(Owner::Link(1), Filter::Match(Match::ip(UDP, (TO.0, port), Some(FROM)))).unwrap();
    }
    let program = assemble(&rules.copies(|_| true, 2)).unwrap();
    assert!(run(&program, &datagram(), None));
}
