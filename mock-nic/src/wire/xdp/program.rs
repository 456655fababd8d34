//! The XDP program: runs on each frame before the kernel's network stack sees it, and redirects those that the rules take
//! to the socket of the queue on which they came. All others go on as ever.

use super::assembler::{Assembler, If, Instruction, Label, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, STACK, Size};
use crate::errno::{Errno, Result};
use crate::frame::{ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, TCP, UDP};
use crate::wire::machine::rules::{Rule, Verdict, word};

/// Before a frame with a timestamp: one of these, then the time in nanoseconds, by the machine's monotonic clock or by that
/// of the device.
pub const STAMPED_BY_KERNEL: u32 = 0x7e5e_e1f0;
/// The same by the device's clock.
pub const STAMPED_BY_DRIVER: u32 = 0x7e5e_e1f1;
/// Bytes of both.
pub const STAMP_BYTES: usize = 12;

/// How what is taken is stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamps {
    /// Not at all.
    None,
    /// By the kernel's clock.
    Kernel,
    /// By the driver, if it has a time for the frame: the number of the function that gives it.
    Driver(i32),
}

// What becomes of a frame.
const DROP: i32 = 1;
const PASS: i32 = 2;

// The kernel's functions.
const MONOTONIC_TIME: i32 = 5;
const REDIRECT_TO_MAP: i32 = 51;
const ADJUST_METADATA: i32 = 54;

// Of the program's argument.
const DATA: i16 = 0;
const DATA_END: i16 = 4;
const METADATA: i16 = 8;
const QUEUE: i16 = 16;

/// Where the words begin on the stack.
const STACK_OF_WORDS: i16 = -4 * word::COUNT as i16;

/// Where a word is on the stack.
fn place(word: u8) -> i16 {
    STACK_OF_WORDS + 4 * i16::from(word)
}

/// The program for these rules, with the map of the sockets by their queues.
/// `EBUSY` if the rules are too many for one.
pub fn assemble(rules: &[Rule], sockets: i32, stamps: Stamps) -> Result<Vec<Instruction>> {
    let mut code = Assembler::default();
    let [pass, drop, take, steer] = core::array::from_fn(|_| code.label());
    read(&mut code, pass, steer);
    code.here(steer);
    for rule in rules {
        let next = code.label();
        for test in &rule.tests {
            code.load(Size::Word, R2, STACK, place(test.word));
            if test.mask != u32::MAX {
                code.and(R2, test.mask as i32);
            }
            code.jump_if_number(R2, if test.equal { If::Unequal } else { If::Equal }, test.value, next);
        }
        code.jump(match rule.verdict {
            Verdict::Take => take,
            Verdict::Leave => pass,
            Verdict::Drop => drop,
        });
        code.here(next);
    }
    code.here(pass);
    code.set(R0, PASS);
    code.exit();
    // The kernel refuses what is never reached.
    let has = |verdict| rules.iter().any(|rule| rule.verdict == verdict);
    if has(Verdict::Drop) {
        code.here(drop);
        code.set(R0, DROP);
        code.exit();
    }
    if has(Verdict::Take) {
        code.here(take);
        if stamps != Stamps::None {
            stamp(&mut code, stamps);
        }
        code.map(R1, sockets);
        code.load(Size::Word, R2, R6, QUEUE);
        // What a queue without a socket gets goes on.
        code.set(R3, PASS);
        code.call(REDIRECT_TO_MAP);
        code.exit();
    }
    code.finish().ok_or(Errno(libc::EBUSY))
}

/// Puts the time before the frame, where there is room.
fn stamp(code: &mut Assembler, stamps: Stamps) {
    const DRIVERS_TIME: i16 = STACK_OF_WORDS - 8;
    let [without, by_kernel, stamped] = core::array::from_fn(|_| code.label());
    if let Stamps::Driver(function) = stamps {
        code.store_number(Size::Double, STACK, DRIVERS_TIME, 0);
        code.copy(R1, R6);
        code.copy(R2, STACK);
        code.add(R2, DRIVERS_TIME.into());
        code.call_typed(function);
        code.jump_if_number(R0, If::Unequal, 0, by_kernel);
        code.load(Size::Double, R9, STACK, DRIVERS_TIME);
        code.set(R8, STAMPED_BY_DRIVER as i32);
        // A driver that has none for this frame says 0.
        code.jump_if_number(R9, If::Unequal, 0, stamped);
    }
    code.here(by_kernel);
    code.call(MONOTONIC_TIME);
    code.copy(R9, R0);
    code.set(R8, STAMPED_BY_KERNEL as i32);
    code.here(stamped);
    code.copy(R1, R6);
    code.set(R2, -(STAMP_BYTES as i32));
    code.call(ADJUST_METADATA);
    code.jump_if_number(R0, If::Unequal, 0, without);
    code.load(Size::Word, R1, R6, METADATA);
    code.load(Size::Word, R2, R6, DATA);
    code.copy(R3, R1);
    code.add(R3, STAMP_BYTES as i32);
    code.jump_if(R3, If::Greater, R2, without);
    code.store(Size::Word, R1, 0, R8);
    code.store(Size::Word, R1, 4, R9);
    code.shift_right_32(R9);
    code.store(Size::Word, R1, 8, R9);
    code.here(without);
}

/// Reads a frame's fields to the stack. Goes to `pass` with what is no frame, to `done` with the rest.
fn read(code: &mut Assembler, pass: Label, done: Label) {
    let [tagged, untagged, v4, v6] = core::array::from_fn(|_| code.label());
    code.copy(R6, R1);
    code.load(Size::Word, R7, R6, DATA);
    code.load(Size::Word, R8, R6, DATA_END);
    for word in (0..word::COUNT).step_by(2) {
        code.store_number(Size::Double, STACK, place(word), 0);
    }
    for word in [word::VLAN, word::PROTOCOL, word::FROM_PORT, word::TO_PORT] {
        code.store_number(Size::Word, STACK, place(word), word::NONE as i32);
    }
    within(code, 14, pass);
    keep(code, Size::Half, 0, word::MAC_HIGH);
    keep(code, Size::Word, 2, word::MAC_LOW);
    code.load(Size::Half, R9, R7, 12);
    code.swap(R9, 16);
    code.jump_if_number(R9, If::Equal, ETHERTYPE_VLAN.into(), tagged);
    code.jump(untagged);
    code.here(tagged);
    within(code, 18, pass);
    code.load(Size::Half, R2, R7, 14);
    code.swap(R2, 16);
    code.and(R2, 0xfff);
    code.store(Size::Word, STACK, place(word::VLAN), R2);
    code.load(Size::Half, R9, R7, 16);
    code.swap(R9, 16);
    code.add(R7, 4);
    code.here(untagged);
    code.store(Size::Word, STACK, place(word::ETHERTYPE), R9);
    code.jump_if_number(R9, If::Equal, ETHERTYPE_IPV4.into(), v4);
    code.jump_if_number(R9, If::Equal, ETHERTYPE_IPV6.into(), v6);
    code.jump(done);
    code.here(v4);
    ipv4(code, done);
    code.jump(done);
    code.here(v6);
    ipv6(code, done);
}

fn ipv4(code: &mut Assembler, done: Label) {
    within(code, 14 + 20, done);
    keep(code, Size::Word, 14 + 12, word::FROM + 3);
    keep(code, Size::Word, 14 + 16, word::TO + 3);
    keep(code, Size::Byte, 14 + 9, word::PROTOCOL);
    has_ports(code, done);
    // Not the first of the fragments, or not the last.
    code.load(Size::Half, R2, R7, 14 + 6);
    code.swap(R2, 16);
    code.and(R2, 0x3fff);
    code.jump_if_number(R2, If::Unequal, 0, done);
    code.load(Size::Byte, R4, R7, 14);
    code.and(R4, 0xf);
    code.shift_left(R4, 2);
    code.copy(R5, R7);
    code.add_register(R5, R4);
    code.copy(R7, R5);
    within(code, 14 + 4, done);
    keep(code, Size::Half, 14, word::FROM_PORT);
    keep(code, Size::Half, 16, word::TO_PORT);
}

fn ipv6(code: &mut Assembler, done: Label) {
    within(code, 14 + 40, done);
    for i in 0..4 {
        keep(code, Size::Word, 14 + 8 + 4 * i16::from(i), word::FROM + i);
        keep(code, Size::Word, 14 + 24 + 4 * i16::from(i), word::TO + i);
    }
    keep(code, Size::Byte, 14 + 6, word::PROTOCOL);
    has_ports(code, done);
    within(code, 14 + 44, done);
    keep(code, Size::Half, 14 + 40, word::FROM_PORT);
    keep(code, Size::Half, 14 + 42, word::TO_PORT);
}

/// Goes elsewhere unless the frame has so many bytes from `R7` on.
fn within(code: &mut Assembler, bytes: i32, otherwise: Label) {
    code.copy(R1, R7);
    code.add(R1, bytes);
    code.jump_if(R1, If::Greater, R8, otherwise);
}

/// Keeps a field of the frame's as a word.
fn keep(code: &mut Assembler, size: Size, at: i16, word: u8) {
    code.load(size, R2, R7, at);
    match size {
        Size::Half => code.swap(R2, 16),
        Size::Word => code.swap(R2, 32),
        Size::Byte | Size::Double => {}
    }
    code.store(Size::Word, STACK, place(word), R2);
}

/// Goes elsewhere unless the protocol, in `R2`, is TCP or UDP.
fn has_ports(code: &mut Assembler, done: Label) {
    let ports = code.label();
    code.jump_if_number(R2, If::Equal, UDP.into(), ports);
    code.jump_if_number(R2, If::Unequal, TCP.into(), done);
    code.here(ports);
}

// All of it is safe code, and too long for Miri.
#[cfg(all(test, not(miri)))]
mod tests;
