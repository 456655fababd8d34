//! The programs are run by an interpreter of the instructions that they are made of, against the filters themselves. That
//! the kernel takes them is for the tests that have an interface.

use super::*;
use crate::filter::{Filter, Match};
use crate::frame::Flow;
use crate::wire::machine::rules::samples::{FROM, TO, bits, datagram, datagram_v6, filters};
use crate::wire::machine::rules::{Owner, Rules};

/// Where the program's argument, the frame and the stack are to it.
const CONTEXT: u64 = 0x1000;
const FRAME: u64 = 0x2000;
const STACK_END: u64 = 0x9000;
/// The map of sockets, and what the redirection returns.
const SOCKETS: i32 = 5;
const REDIRECTED: u64 = 4;

/// What it makes of a frame. Whatever it reads beyond the frame, or before it was written, fails.
fn run(program: &[Instruction], frame: &[u8]) -> u64 {
    let mut r = [0_u64; 11];
    (r[1], r[10]) = (CONTEXT, STACK_END);
    let mut stack = [0_u8; 512];
    let mut at = 0;
    loop {
        let Instruction { code, registers, offset, number } = program[at];
        let (to, from) = (usize::from(registers & 0xf), usize::from(registers >> 4));
        at += 1;
        let bytes = match code & 0x18 {
            0x00 => 4,
            0x08 => 2,
            0x10 => 1,
            _ => 8,
        };
        let place = |base: u64| (base + 512 - STACK_END).wrapping_add_signed(offset.into()) as usize;
        let number_64 = number as i64 as u64;
        match (code & 7, code) {
            (1, _) if r[from] == CONTEXT => {
                r[to] = match offset {
                    DATA => FRAME,
                    DATA_END => FRAME + frame.len() as u64,
                    QUEUE => 3,
                    other => panic!("no argument at {other}"),
                }
            }
            (1, _) => {
                let mut word = [0; 8];
                let source = if from == 10 {
                    &stack[place(r[10])..][..bytes]
                } else {
                    &frame[(r[from] - FRAME).wrapping_add_signed(offset.into()) as usize..][..bytes]
                };
                word[..bytes].copy_from_slice(source);
                r[to] = u64::from_le_bytes(word);
            }
            (2, _) => stack[place(r[to])..][..bytes].copy_from_slice(&number_64.to_le_bytes()[..bytes]),
            (3, _) => stack[place(r[to])..][..bytes].copy_from_slice(&r[from].to_le_bytes()[..bytes]),
            (_, 0x18) => {
                r[to] = number_64;
                at += 1;
            }
            (_, 0x07) => r[to] = r[to].wrapping_add(number_64),
            (_, 0x0f) => r[to] = r[to].wrapping_add(r[from]),
            (_, 0x57) => r[to] &= number_64,
            (_, 0x67) => r[to] <<= number,
            (_, 0xb7) => r[to] = number_64,
            (_, 0xbf) => r[to] = r[from],
            (_, 0xdc) if number == 16 => r[to] = u64::from((r[to] as u16).swap_bytes()),
            (_, 0xdc) => r[to] = u64::from((r[to] as u32).swap_bytes()),
            (_, 0x85) => {
                assert_eq!((number, r[1], r[2], r[3]), (REDIRECT_TO_MAP, SOCKETS as u64, 3, PASS as u64));
                r[0] = REDIRECTED;
            }
            (_, 0x95) => return r[0],
            (5 | 6, _) => {
                let right = if code & 8 != 0 { r[from] } else { u64::from(number as u32) };
                let left = if code & 7 == 6 { u64::from(r[to] as u32) } else { r[to] };
                let jumps = match code & 0xf0 {
                    0x00 => true,
                    0x10 => left == right,
                    0x20 => left > right,
                    0x50 => left != right,
                    _ => panic!("no jump {code:#x}"),
                };
                if jumps {
                    at = at.wrapping_add_signed(offset.into());
                }
            }
            _ => panic!("no instruction {code:#x}"),
        }
    }
}

fn program(rules: &Rules) -> Vec<Instruction> {
    assemble(&rules.takes(|owner| owner == Owner::Link(1), 2), SOCKETS, Stamps::None).unwrap()
}

fn of(filter: Filter) -> Vec<Instruction> {
    let mut rules = Rules::default();
    rules.add(Owner::Link(1), filter).unwrap();
    program(&rules)
}

fn expected(filter: Filter, frame: &[u8]) -> u64 {
    let matches = Flow::parse(frame).is_some_and(|flow| filter.matches(&flow));
    if matches { REDIRECTED } else { PASS as u64 }
}

/// Each frame that differs by a bit, and each that is cut short, is taken if, and only if, the filter matches it.
#[test]
fn programs_take_what_the_filters_match() {
    let mut tagged = datagram();
    tagged.splice(12..12, [0x81, 0, 0xa0, 5]);
    for base in [datagram(), datagram_v6(), tagged] {
        for filter in filters() {
            let program = of(filter);
            for (byte, bit) in bits(base.len()) {
                let mut frame = base.clone();
                frame[byte] ^= 1 << bit;
                assert_eq!(run(&program, &frame), expected(filter, &frame), "{filter:?}: byte {byte}, bit {bit}");
            }
            for length in 0..=base.len() {
                let frame = &base[..length];
                assert_eq!(run(&program, frame), expected(filter, frame), "{filter:?}: {length} bytes");
            }
        }
    }
}

#[test]
fn options_are_skipped_and_fragments_have_no_ports() {
    let filter = Filter::Match(Match::ip(UDP, TO, Some(FROM)));
    let mut frame = datagram();
    frame[14] = 0x46;
    frame.splice(34..34, [1, 1, 1, 0]);
    assert_eq!(run(&of(filter), &frame), REDIRECTED);
    frame[20] = 0x20;
    assert_eq!(run(&of(filter), &frame), PASS as u64);
}

#[test]
fn the_kernel_keeps_all_or_is_blocked() {
    let frame = datagram();
    assert_eq!(run(&program(&Rules::default()), &frame), PASS as u64);
    let block = Filter::BlockKernel { unicast: true, multicast: false };
    assert_eq!(run(&of(block), &frame), DROP as u64);
    let mut group = frame.clone();
    group[0] |= 1;
    assert_eq!(run(&of(block), &group), PASS as u64);
}

#[test]
fn a_full_table_fits_a_program() {
    let mut rules = Rules::default();
    for port in 0..256 {
        rules.add(Owner::Link(1), Filter::Match(Match::ip(UDP, (TO.0, port), Some(FROM)))).unwrap();
    }
    assert_eq!(run(&program(&rules), &datagram()), REDIRECTED);
}
