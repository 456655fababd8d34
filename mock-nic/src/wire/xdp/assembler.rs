//! Programs of the kernel's BPF machine, put together instruction by instruction: users need no compiler for it.

/// An instruction: operation, registers, offset, number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    /// What it does.
    pub code: u8,
    /// Destination in the lower four bits, source in the upper.
    pub registers: u8,
    /// Of a memory access or a jump.
    pub offset: i16,
    /// A number.
    pub number: i32,
}

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register(pub u8);

/// What a call returns, and the program.
pub const R0: Register = Register(0);
/// The first argument, and so on. A call spoils them.
pub const R1: Register = Register(1);
/// The second.
pub const R2: Register = Register(2);
/// The third.
pub const R3: Register = Register(3);
/// The fourth.
pub const R4: Register = Register(4);
/// The fifth.
pub const R5: Register = Register(5);
/// The first of those that a call leaves alone.
pub const R6: Register = Register(6);
/// The next.
pub const R7: Register = Register(7);
/// The next.
pub const R8: Register = Register(8);
/// The next.
pub const R9: Register = Register(9);
/// The end of the stack, which is 512 bytes.
pub const STACK: Register = Register(10);

/// The size of a memory access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 32 bits.
    Word = 0x00,
    /// 16 bits.
    Half = 0x08,
    /// 8 bits.
    Byte = 0x10,
    /// 64 bits.
    Double = 0x18,
}

/// A condition of two registers, as unsigned numbers of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum If {
    /// Equal.
    Equal = 0x10,
    /// Not equal.
    Unequal = 0x50,
    /// Greater.
    Greater = 0x20,
}

/// A place in a program to which jumps go. It may be told after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// A program under construction.
#[derive(Default)]
pub struct Assembler {
    code: Vec<Instruction>,
    /// Where each label is, once it is known.
    labels: Vec<Option<usize>>,
    /// Jumps, and the labels to which they go.
    jumps: Vec<(usize, Label)>,
}

const JUMP: u8 = 0x05;
const JUMP_32: u8 = 0x06;
const NUMBER: u8 = 0x00;
const REGISTER: u8 = 0x08;
const ADD: u8 = 0x07;
const ADD_REGISTER: u8 = 0x0f;
const MOVE: u8 = 0xb7;
const MOVE_REGISTER: u8 = 0xbf;
const AND: u8 = 0x57;
const SHIFT_LEFT: u8 = 0x67;
const SHIFT_RIGHT: u8 = 0x77;
const TO_BIG_ENDIAN: u8 = 0xdc;
const LOAD: u8 = 0x61;
const STORE: u8 = 0x63;
const STORE_NUMBER: u8 = 0x62;
const LOAD_64: u8 = 0x18;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
/// The number of a call is that of a type.
const TYPED: u8 = 2;
/// The number of a 64-bit load is a map's descriptor.
const MAP: u8 = 1;

impl Assembler {
    fn emit(&mut self, code: u8, to: Register, from: Register, offset: i16, number: i32) {
        self.code.push(Instruction { code, registers: to.0 | from.0 << 4, offset, number });
    }

    /// `to = from`
    pub fn copy(&mut self, to: Register, from: Register) {
        self.emit(MOVE_REGISTER, to, from, 0, 0);
    }

    /// `to = number`
    pub fn set(&mut self, to: Register, number: i32) {
        self.emit(MOVE, to, R0, 0, number);
    }

    /// `to += number`
    pub fn add(&mut self, to: Register, number: i32) {
        self.emit(ADD, to, R0, 0, number);
    }

    /// `to += from`
    pub fn add_register(&mut self, to: Register, from: Register) {
        self.emit(ADD_REGISTER, to, from, 0, 0);
    }

    /// `to &= number`
    pub fn and(&mut self, to: Register, number: i32) {
        self.emit(AND, to, R0, 0, number);
    }

    /// `to <<= bits`
    pub fn shift_left(&mut self, to: Register, bits: i32) {
        self.emit(SHIFT_LEFT, to, R0, 0, bits);
    }

    /// `to >>= 32`
    pub fn shift_right_32(&mut self, to: Register) {
        self.emit(SHIFT_RIGHT, to, R0, 0, 32);
    }

    /// Between the network's byte order and the machine's, of so many bits.
    pub fn swap(&mut self, to: Register, bits: i32) {
        self.emit(TO_BIG_ENDIAN, to, R0, 0, bits);
    }

    /// `to = *(from + offset)`
    pub fn load(&mut self, size: Size, to: Register, from: Register, offset: i16) {
        self.emit(LOAD | size as u8, to, from, offset, 0);
    }

    /// `*(to + offset) = from`
    pub fn store(&mut self, size: Size, to: Register, offset: i16, from: Register) {
        self.emit(STORE | size as u8, to, from, offset, 0);
    }

    /// `*(to + offset) = number`, which is extended with its sign.
    pub fn store_number(&mut self, size: Size, to: Register, offset: i16, number: i32) {
        self.emit(STORE_NUMBER | size as u8, to, R0, offset, number);
    }

    /// `to` is the map of that descriptor.
    pub fn map(&mut self, to: Register, descriptor: i32) {
        self.emit(LOAD_64, to, Register(MAP), 0, descriptor);
        self.emit(0, R0, R0, 0, 0);
    }

    /// Calls one of the kernel's functions.
    pub fn call(&mut self, function: i32) {
        self.emit(CALL, R0, R0, 0, function);
    }

    /// Calls one that has no fixed number, by that of its type.
    pub fn call_typed(&mut self, number: i32) {
        self.emit(CALL, R0, Register(TYPED), 0, number);
    }

    /// Ends the program with `R0`.
    pub fn exit(&mut self) {
        self.emit(EXIT, R0, R0, 0, 0);
    }

    /// A label that is somewhere.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// The label is here.
    pub fn here(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    /// Goes to the label.
    pub fn jump(&mut self, label: Label) {
        self.jumps.push((self.code.len(), label));
        self.emit(JUMP, R0, R0, 0, 0);
    }

    /// Goes to the label if the condition holds between two registers.
    pub fn jump_if(&mut self, left: Register, condition: If, right: Register, label: Label) {
        self.jumps.push((self.code.len(), label));
        self.emit(JUMP | REGISTER | condition as u8, left, right, 0, 0);
    }

    /// The same with the lower 32 bits of a register and a number.
    pub fn jump_if_number(&mut self, left: Register, condition: If, right: u32, label: Label) {
        self.jumps.push((self.code.len(), label));
        self.emit(JUMP_32 | NUMBER | condition as u8, left, R0, 0, right as i32);
    }

    /// The program; none if a jump is too far for one.
    pub fn finish(mut self) -> Option<Vec<Instruction>> {
        for (at, label) in self.jumps {
            let distance = self.labels[label.0]? as i64 - at as i64 - 1;
            self.code[at].offset = i16::try_from(distance).ok()?;
        }
        Some(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_find_their_labels() {
        let mut code = Assembler::default();
        let (back, end) = (code.label(), code.label());
        code.here(back);
        code.set(R0, 2);
        code.jump_if(R0, If::Greater, R1, end);
        code.jump(back);
        code.here(end);
        code.exit();
        let offsets: Vec<_> = code.finish().unwrap().iter().map(|instruction| instruction.offset).collect();
        assert_eq!(offsets, [0, 1, -3, 0]);
    }

    #[test]
    fn a_jump_that_is_too_far_is_refused() {
        let mut code = Assembler::default();
        let end = code.label();
        code.jump(end);
        (0..40_000).for_each(|_| code.set(R0, 0));
        code.here(end);
        assert!(code.finish().is_none());
    }

    #[test]
    fn instructions_are_the_machines() {
        let mut code = Assembler::default();
        code.load(Size::Half, R2, R7, 12);
        code.swap(R2, 16);
        code.store(Size::Word, STACK, -64, R2);
        code.map(R1, 5);
        let bytes = |i: Instruction| (i.code, i.registers, i.offset, i.number);
        let code: Vec<_> = code.finish().unwrap().into_iter().map(bytes).collect();
        assert_eq!(
            code,
            [(0x69, 0x72, 12, 0), (0xdc, 2, 0, 16), (0x63, 0x2a, -64, 0), (0x18, 0x11, 0, 5), (0, 0, 0, 0)]
        );
        assert_eq!(size_of::<Instruction>(), 8);
    }
}
