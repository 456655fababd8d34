//! The program of a packet socket: the rules in the kernel's classic filter language. The kernel runs it on each frame of
//! the interface, and puts those into the socket's ring that it takes.

use crate::errno::{Errno, Result};
use crate::frame::{ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, TCP, UDP};
use crate::wire::machine::rules::{Rule, Verdict, word};

/// An instruction.
pub type Instruction = libc::sock_filter;

// Loads of the frame, and of the scratch memory's words.
const LOAD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
// The same at an offset to X.
const LOAD_AT_X: u16 = 0x40;
const LOAD_HALF_AT_X: u16 = 0x48;
const LOAD_BYTE_AT_X: u16 = 0x50;
const LOAD_NUMBER: u16 = 0x00;
const LOAD_X_NUMBER: u16 = 0x01;
const LOAD_WORD: u16 = 0x60;
const STORE: u16 = 0x02;
const ADD_X: u16 = 0x0c;
const AND: u16 = 0x54;
const SHIFT_LEFT: u16 = 0x64;
const JUMP: u16 = 0x05;
const IF_EQUAL: u16 = 0x15;
const IF_ANY_BIT: u16 = 0x45;
const TO_X: u16 = 0x07;
const RETURN: u16 = 0x06;

/// Where the kernel's own knowledge of a frame is read.
const KERNEL: u32 = libc::SKF_AD_OFF as u32;
const KIND: u32 = KERNEL.wrapping_add(libc::SKF_AD_PKTTYPE as u32);
const VLAN_TAG: u32 = KERNEL.wrapping_add(44);
const HAS_VLAN_TAG: u32 = KERNEL.wrapping_add(48);

/// The longest program that the kernel takes.
const LONGEST: usize = 4096;

/// A program under construction.
#[derive(Default)]
struct Assembler(Vec<Instruction>);

/// The place of an instruction whose jump is yet to be told where to.
struct Open(usize);

impl Assembler {
    fn emit(&mut self, code: u16, k: u32) {
        self.0.push(Instruction { code, jt: 0, jf: 0, k });
    }

    /// Stores what was loaded as a word.
    fn keep(&mut self, word: u8) {
        self.emit(STORE, word.into());
    }

    fn load(&mut self, code: u16, at: u32, word: u8) {
        self.emit(code, at);
        self.keep(word);
    }

    /// Goes elsewhere unless the test holds.
    fn unless(&mut self, code: u16, k: u32) -> Open {
        self.emit(code, k);
        Open(self.0.len() - 1)
    }

    /// Goes elsewhere if the test holds.
    fn when(&mut self, code: u16, k: u32) -> Open {
        // Over an unconditional jump, which reaches any distance.
        self.emit(code, k);
        let at = self.0.len() - 1;
        self.0[at].jf = 1;
        self.jump()
    }

    fn jump(&mut self) -> Open {
        self.emit(JUMP, 0);
        Open(self.0.len() - 1)
    }

    /// What was open goes on here. Conditional jumps reach no further than 255 instructions, which no part of these
    /// programs is long.
    fn land(&mut self, open: Open) {
        let distance = self.0.len() - open.0 - 1;
        let instruction = &mut self.0[open.0];
        if instruction.code == JUMP {
            instruction.k = distance as u32;
        } else {
            instruction.jf = distance as u8;
        }
    }
}

/// The program. `EBUSY` if the rules are too many for one.
pub fn assemble(rules: &[Rule]) -> Result<Vec<Instruction>> {
    let mut code = Assembler::default();
    read(&mut code);
    for rule in rules {
        let mut fails = Vec::new();
        for test in &rule.tests {
            code.emit(LOAD_WORD, test.word.into());
            if test.mask != u32::MAX {
                code.emit(AND, test.mask);
            }
            let fail = code.unless(IF_EQUAL, test.value);
            if !test.equal {
                let at = fail.0;
                // The other way round: equal fails, and anything else goes on.
                let over = code.jump();
                code.0[at].jf = 1;
                fails.push(over);
            } else {
                fails.push(fail);
            }
        }
        code.emit(RETURN, if rule.verdict == Verdict::Take { u32::MAX } else { 0 });
        fails.into_iter().for_each(|fail| code.land(fail));
    }
    code.emit(RETURN, 0);
    if code.0.len() > LONGEST { Err(Errno(libc::EBUSY)) } else { Ok(code.0) }
}

/// Reads a frame's fields into the scratch memory. A load beyond the frame's end ends the program: the frame is not taken.
fn read(code: &mut Assembler) {
    code.emit(LOAD_NUMBER, 0);
    (word::FROM..word::KIND).for_each(|word| code.keep(word));
    code.emit(LOAD_NUMBER, word::NONE);
    [word::VLAN, word::PROTOCOL, word::FROM_PORT, word::TO_PORT].into_iter().for_each(|word| code.keep(word));
    code.load(LOAD, KIND, word::KIND);
    code.load(LOAD_HALF, 0, word::MAC_HIGH);
    code.load(LOAD, 2, word::MAC_LOW);
    // The kernel takes the tag off a frame that arrives; one that leaves still has it.
    code.emit(LOAD, HAS_VLAN_TAG);
    let in_frame = code.when(IF_EQUAL, 0);
    code.emit(LOAD, VLAN_TAG);
    code.emit(AND, 0xfff);
    code.keep(word::VLAN);
    code.land(in_frame);
    code.emit(LOAD_X_NUMBER, 14);
    code.emit(LOAD_HALF, 12);
    let untagged = code.unless(IF_EQUAL, ETHERTYPE_VLAN.into());
    code.emit(LOAD_HALF, 14);
    code.emit(AND, 0xfff);
    code.keep(word::VLAN);
    code.emit(LOAD_X_NUMBER, 18);
    code.emit(LOAD_HALF, 16);
    code.land(untagged);
    code.keep(word::ETHERTYPE);
    let not_v4 = code.unless(IF_EQUAL, ETHERTYPE_IPV4.into());
    let mut done = ipv4(code);
    code.land(not_v4);
    code.emit(LOAD_WORD, word::ETHERTYPE.into());
    done.push(code.unless(IF_EQUAL, ETHERTYPE_IPV6.into()));
    done.extend(ipv6(code));
    done.into_iter().for_each(|done| code.land(done));
}

fn ipv4(code: &mut Assembler) -> Vec<Open> {
    code.load(LOAD_AT_X, 12, word::FROM + 3);
    code.load(LOAD_AT_X, 16, word::TO + 3);
    code.load(LOAD_BYTE_AT_X, 9, word::PROTOCOL);
    let mut done = has_ports(code);
    // Not the first of the fragments, or not the last.
    code.emit(LOAD_HALF_AT_X, 6);
    done.push(code.when(IF_ANY_BIT, 0x3fff));
    code.emit(LOAD_BYTE_AT_X, 0);
    code.emit(AND, 0xf);
    code.emit(SHIFT_LEFT, 2);
    code.emit(ADD_X, 0);
    code.emit(TO_X, 0);
    code.load(LOAD_HALF_AT_X, 0, word::FROM_PORT);
    code.load(LOAD_HALF_AT_X, 2, word::TO_PORT);
    done.push(code.jump());
    done
}

fn ipv6(code: &mut Assembler) -> Vec<Open> {
    for i in 0..4 {
        code.load(LOAD_AT_X, 8 + 4 * u32::from(i), word::FROM + i);
        code.load(LOAD_AT_X, 24 + 4 * u32::from(i), word::TO + i);
    }
    code.load(LOAD_BYTE_AT_X, 6, word::PROTOCOL);
    let done = has_ports(code);
    code.load(LOAD_HALF_AT_X, 40, word::FROM_PORT);
    code.load(LOAD_HALF_AT_X, 42, word::TO_PORT);
    done
}

/// Goes elsewhere unless the protocol is TCP or UDP.
fn has_ports(code: &mut Assembler) -> Vec<Open> {
    code.emit(IF_EQUAL, TCP.into());
    let tcp = code.0.len() - 1;
    // Over the next test.
    code.0[tcp].jt = 1;
    vec![code.unless(IF_EQUAL, UDP.into())]
}

// All of it is safe code, and too long for Miri.
#[cfg(all(test, not(miri)))]
mod tests;
