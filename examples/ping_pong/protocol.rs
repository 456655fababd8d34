//! What the two ends tell each other beside the measured frames.
//!
//! A control message is a UDP payload: a head of 20 bytes, then what the kind asks for. All numbers are big-endian.
//!
//! | bytes | field |
//! |---|---|
//! | 0..4 | mark: `C0` `p` `p` `c` |
//! | 4 | version of this protocol |
//! | 5 | kind |
//! | 6..8 | length of what follows the head |
//! | 8..16 | session: a random number that ping draws |
//! | 16..20 | run: which row of the table, counted from 0 |
//!
//! ```text
//! ping                          pong
//!   SetUp(run) ──────────────────▶   builds a VI for the run      again and again until Ready or Refused
//!   ◀──────────────── Ready / Refused
//!   measured frame ──────────────▶
//!   ◀──────────────────────── echo   warm-ups + iterations times, each once
//!      ... the next run: SetUp ...
//!   End ─────────────────────────▶                                again and again until Ended
//!   ◀─────────────────────── Ended
//! ```
//! `Abort` goes either way when an end gives up, so that the other need not wait for its timeout. Every message may
//! arrive twice; messages of other sessions are ignored. The head keeps its form in later versions, so that two ends
//! of different versions can say so.

use super::plan::{Mode, Run, SetUp, Threshold};

/// Version of the messages in this file.
pub const VERSION: u8 = 2;
/// First byte of every control message and of no measured frame.
pub const MARK: u8 = MAGIC[0];
/// Bytes of the longest control message.
pub const LONGEST: usize = HEAD + TEXT;

const MAGIC: [u8; 4] = [0xc0, b'p', b'p', b'c'];
const HEAD: usize = 20;
const TEXT: usize = 400;
const SET_UP_LENGTH: usize = 14;

const KIND_SET_UP: u8 = 1;
const KIND_READY: u8 = 2;
const KIND_REFUSED: u8 = 3;
const KIND_END: u8 = 4;
const KIND_ENDED: u8 = 5;
const KIND_ABORT: u8 = 6;
const KIND_READY_BY_SOCKET: u8 = 7;

const FLAG_NO_POISON: u8 = 1;
const FLAG_TIMESTAMPS: u8 = 2;
const FLAG_SOCKET: u8 = 4;
const SNF: u16 = u16::MAX;

/// A control message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub session: u64,
    pub run: u32,
    pub body: Body,
}

/// What a control message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Ping: make ready for this run.
    SetUp(Run),
    /// Pong: ready, send.
    Ready,
    /// The same of one that is a socket of the kernel's, which makes up headers of its own.
    ReadyBySocket,
    /// Pong: can't do this run, for this reason. The next one may work.
    Refused(String),
    /// Ping: that was all.
    End,
    /// Pong: understood.
    Ended,
    /// Either: gave up, for this reason.
    Abort(String),
}

/// Why a payload is no message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAMessage {
    /// Not marked as a control message.
    Unmarked,
    /// Of another version of the protocol.
    Version { session: u64, run: u32, version: u8 },
    /// Marked, of our version, and yet not well-formed.
    Malformed,
}

impl Message {
    /// The bytes of this message. Texts are cut to what a message holds.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, rest) = match &self.body {
            Body::SetUp(run) => (KIND_SET_UP, encode_run(run)),
            Body::Ready => (KIND_READY, Vec::new()),
            Body::ReadyBySocket => (KIND_READY_BY_SOCKET, Vec::new()),
            Body::Refused(why) => (KIND_REFUSED, cut(why).into()),
            Body::End => (KIND_END, Vec::new()),
            Body::Ended => (KIND_ENDED, Vec::new()),
            Body::Abort(why) => (KIND_ABORT, cut(why).into()),
        };
        let mut bytes = Vec::with_capacity(HEAD + rest.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[VERSION, kind]);
        bytes.extend_from_slice(&(rest.len() as u16).to_be_bytes());
        bytes.extend_from_slice(&self.session.to_be_bytes());
        bytes.extend_from_slice(&self.run.to_be_bytes());
        bytes.extend_from_slice(&rest);
        bytes
    }

    /// Reads a message from a UDP payload.
    pub fn decode(payload: &[u8]) -> Result<Message, NotAMessage> {
        let Some((head, rest)) = payload.split_first_chunk::<HEAD>() else {
            return Err(NotAMessage::Unmarked);
        };
        if head[..4] != MAGIC {
            return Err(NotAMessage::Unmarked);
        }
        let session =
            u64::from_be_bytes([head[8], head[9], head[10], head[11], head[12], head[13], head[14], head[15]]);
        let run = u32::from_be_bytes([head[16], head[17], head[18], head[19]]);
        if head[4] != VERSION {
            return Err(NotAMessage::Version { session, run, version: head[4] });
        }
        if rest.len() != usize::from(u16::from_be_bytes([head[6], head[7]])) {
            return Err(NotAMessage::Malformed);
        }
        let text = || {
            if rest.len() <= TEXT {
                Ok(String::from_utf8_lossy(rest).into_owned())
            } else {
                Err(NotAMessage::Malformed)
            }
        };
        let bare = |body| {
            if rest.is_empty() { Ok(body) } else { Err(NotAMessage::Malformed) }
        };
        let body = match head[5] {
            KIND_SET_UP => Body::SetUp(decode_run(rest).ok_or(NotAMessage::Malformed)?),
            KIND_READY => bare(Body::Ready)?,
            KIND_READY_BY_SOCKET => bare(Body::ReadyBySocket)?,
            KIND_REFUSED => Body::Refused(text()?),
            KIND_END => bare(Body::End)?,
            KIND_ENDED => bare(Body::Ended)?,
            KIND_ABORT => Body::Abort(text()?),
            _ => return Err(NotAMessage::Malformed),
        };
        Ok(Message { session, run, body })
    }
}

fn encode_run(run: &Run) -> Vec<u8> {
    let mode = match run.set_up.mode {
        Mode::Ctpio => 0,
        Mode::DmaPush => 1,
        Mode::DmaDoorbell => 2,
        Mode::Pio => 3,
        Mode::Best => 4,
    };
    let threshold = match run.threshold {
        Threshold::Bytes(bytes) => bytes,
        Threshold::StoreAndForward => SNF,
    };
    let flags = u8::from(run.set_up.no_poison) * FLAG_NO_POISON
        + u8::from(run.set_up.timestamps) * FLAG_TIMESTAMPS
        + u8::from(run.by_socket) * FLAG_SOCKET;
    let mut bytes = vec![mode, flags];
    bytes.extend_from_slice(&threshold.to_be_bytes());
    bytes.extend_from_slice(&run.payload.to_be_bytes());
    bytes.extend_from_slice(&run.warm_ups.to_be_bytes());
    bytes.extend_from_slice(&run.iterations.to_be_bytes());
    bytes
}

fn decode_run(bytes: &[u8]) -> Option<Run> {
    let bytes: &[u8; SET_UP_LENGTH] = bytes.try_into().ok()?;
    let u16_at = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let u32_at = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let mode = match bytes[0] {
        0 => Mode::Ctpio,
        1 => Mode::DmaPush,
        2 => Mode::DmaDoorbell,
        3 => Mode::Pio,
        4 => Mode::Best,
        _ => return None,
    };
    if bytes[1] & !(FLAG_NO_POISON | FLAG_TIMESTAMPS | FLAG_SOCKET) != 0 {
        return None;
    }
    Some(Run {
        set_up: SetUp { mode, no_poison: bytes[1] & FLAG_NO_POISON != 0, timestamps: bytes[1] & FLAG_TIMESTAMPS != 0 },
        threshold: match u16_at(2) {
            SNF => Threshold::StoreAndForward,
            bytes => Threshold::Bytes(bytes),
        },
        payload: u16_at(4),
        warm_ups: u32_at(6),
        iterations: u32_at(10),
        by_socket: bytes[1] & FLAG_SOCKET != 0,
    })
}

/// As much of `text` as a message holds.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Run = Run {
        set_up: SetUp { mode: Mode::Ctpio, no_poison: true, timestamps: true },
        threshold: Threshold::Bytes(64),
        payload: 1472,
        warm_ups: 10_000,
        iterations: 100_000,
        by_socket: false,
    };

    fn bodies() -> Vec<Body> {
        let mut bodies = vec![
            Body::Ready,
            Body::ReadyBySocket,
            Body::Refused("no CTPIO here".into()),
            Body::Refused(String::new()),
            Body::End,
            Body::Ended,
            Body::Abort("übel".into()),
        ];
        for mode in Mode::EACH.into_iter().chain([Mode::Best]) {
            for (no_poison, timestamps) in [(false, false), (true, false), (false, true)] {
                for threshold in [Threshold::Bytes(0), Threshold::StoreAndForward] {
                    let set_up = SetUp { mode, no_poison, timestamps };
                    bodies.push(Body::SetUp(Run { set_up, threshold, ..RUN }));
                }
            }
        }
        bodies
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for body in bodies() {
            let message = Message { session: 0x0123_4567_89ab_cdef, run: 7, body };
            let bytes = message.encode();
            assert!(bytes.len() <= LONGEST);
            assert_eq!(bytes[0], MARK);
            assert_eq!(Message::decode(&bytes), Ok(message));
        }
    }

    #[test]
    fn the_bytes_stay_as_they_are() {
        let message = Message { session: 0x0102_0304_0506_0708, run: 9, body: Body::SetUp(RUN) };
        let expected = [
            0xc0, b'p', b'p', b'c', 2, 1, 0, 14, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 9, // head
            0, 3, 0, 64, 0x05, 0xc0, 0, 0, 0x27, 0x10, 0, 1, 0x86, 0xa0,
        ];
        assert_eq!(message.encode(), expected);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let message = Message { session: 1, run: 0, body: Body::Abort("ä".repeat(TEXT)) };
        let bytes = message.encode();
        assert_eq!(bytes.len(), LONGEST);
        let Ok(Message { body: Body::Abort(text), .. }) = Message::decode(&bytes) else {
            panic!("not an abort");
        };
        assert_eq!(text, "ä".repeat(TEXT / 2));
        let odd = Message { session: 1, run: 0, body: Body::Abort(format!("a{}", "ä".repeat(TEXT))) };
        assert_eq!(odd.encode().len(), LONGEST - 1);
    }

    #[test]
    fn every_cut_and_every_extension_is_rejected() {
        for body in bodies() {
            let mut bytes = Message { session: 5, run: 6, body }.encode();
            for length in 0..bytes.len() {
                assert!(Message::decode(&bytes[..length]).is_err());
            }
            bytes.push(0);
            assert_eq!(Message::decode(&bytes), Err(NotAMessage::Malformed));
        }
    }

    #[test]
    fn another_version_is_told_from_garbage() {
        let mut bytes = Message { session: 5, run: 6, body: Body::Ready }.encode();
        bytes[4] = VERSION + 1;
        let expected = NotAMessage::Version { session: 5, run: 6, version: VERSION + 1 };
        assert_eq!(Message::decode(&bytes), Err(expected));
        // A later version may say more.
        bytes.extend_from_slice(&[1; 100]);
        assert_eq!(Message::decode(&bytes), Err(expected));
    }

    #[test]
    fn unknown_kinds_modes_and_flags_are_malformed() {
        let good = Message { session: 5, run: 6, body: Body::SetUp(RUN) }.encode();
        for (at, value) in [(5, 0), (5, 8), (5, 255), (HEAD, 5), (HEAD + 1, 8), (HEAD + 1, 0x80)] {
            let mut bad = good.clone();
            bad[at] = value;
            assert_eq!(Message::decode(&bad), Err(NotAMessage::Malformed), "byte {at}");
        }
    }

    #[test]
    fn garbage_never_decodes_by_accident_and_never_panics() {
        let mut state = 1_u64;
        let mut bytes = vec![0; 64];
        for round in 0..20_000_usize {
            for byte in &mut bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (state >> 56) as u8;
            }
            let length = round % bytes.len();
            assert_eq!(Message::decode(&bytes[..length]), Err(NotAMessage::Unmarked));
            // The same behind a valid mark and version: whatever it says, encoding says the same again.
            bytes[..4].copy_from_slice(&MAGIC);
            bytes[4] = VERSION;
            bytes[5] %= 9;
            let rest = length.saturating_sub(HEAD) as u16;
            bytes[6..8].copy_from_slice(&rest.to_be_bytes());
            if let Ok(message) = Message::decode(&bytes[..length]) {
                if let Body::Refused(_) | Body::Abort(_) = message.body {
                    continue; // not UTF-8 in general
                }
                assert_eq!(message.encode(), bytes[..length]);
            }
        }
    }
}
