//! What is measured: the ways to send, and one run of them.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Serialize, Serializer};

/// The largest payload of any interface: an IPv4 packet of 65535 bytes less its headers. The MTU sets the real limit.
pub const LARGEST_PAYLOAD: u16 = 65535 - 28;

/// A way to hand a frame to the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Cut-through PIO: the CPU streams the frame into the adapter.
    Ctpio,
    /// PIO: the CPU writes the frame into the adapter's memory, then rings the doorbell.
    Pio,
    /// DMA; the descriptor goes with the doorbell (TX push, always).
    DmaPush,
    /// DMA; the doorbell only, the adapter fetches the descriptor (TX push, never).
    DmaDoorbell,
    /// The fastest that each end's adapter has. CTPIO then cuts through after 64 bytes.
    Best,
}

impl Mode {
    /// The modes themselves: the best is one of them.
    pub const EACH: [Mode; 4] = [Mode::Ctpio, Mode::Pio, Mode::DmaPush, Mode::DmaDoorbell];

    pub fn name(self) -> &'static str {
        match self {
            Mode::Ctpio => "ctpio",
            Mode::Pio => "pio",
            Mode::DmaPush => "dma-push",
            Mode::DmaDoorbell => "dma-doorbell",
            Mode::Best => "best",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How much of a CTPIO frame the adapter buffers before it starts to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    Bytes(u16),
    StoreAndForward,
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "snf" {
            return Ok(Threshold::StoreAndForward);
        }
        match text.parse::<u16>() {
            // The value above this one means store-and-forward to the adapter.
            Ok(bytes) if bytes < u16::MAX => Ok(Threshold::Bytes(bytes)),
            _ => Err(format!(
                "`{text}` is not a threshold: give bytes from 0 to {}, or `snf` (store and forward)",
                u16::MAX - 1
            )),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Threshold::Bytes(bytes) => write!(f, "{bytes}"),
            Threshold::StoreAndForward => f.write_str("snf"),
        }
    }
}

impl Serialize for Threshold {
    /// The bytes, or `"snf"`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Threshold::Bytes(bytes) => serializer.serialize_u16(*bytes),
            Threshold::StoreAndForward => serializer.serialize_str("snf"),
        }
    }
}

/// How a VI is set up for a run. Two runs with the same set-up may share one VI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUp {
    pub mode: Mode,
    pub no_poison: bool,
    pub timestamps: bool,
}

impl SetUp {
    /// What every adapter offers: to talk about runs, not to measure.
    pub const PLAIN: SetUp = SetUp { mode: Mode::DmaDoorbell, no_poison: false, timestamps: false };
}

/// One row of the table: so many frames of one size in one mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub set_up: SetUp,
    pub threshold: Threshold,
    /// Bytes of UDP payload.
    pub payload: u16,
    /// Round trips before the measured ones.
    pub warm_ups: u32,
    /// Round trips that are measured.
    pub iterations: u32,
    /// Ping is a socket of the kernel's, which makes up headers of its own.
    pub by_socket: bool,
}

impl Run {
    /// All frames that ping sends in this run.
    pub fn frames(&self) -> u64 {
        u64::from(self.warm_ups) + u64::from(self.iterations)
    }

    /// Bytes of each frame with so many bytes of headers, FCS not included.
    pub fn frame_length(&self, headers: usize) -> usize {
        headers + usize::from(self.payload)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, payload {}", self.set_up.mode, self.payload)
    }
}

#[cfg(test)]
mod tests {
    use examples::frame::HEADERS;

    use super::*;

    #[test]
    fn thresholds() {
        assert_eq!("0".parse(), Ok(Threshold::Bytes(0)));
        assert_eq!("64".parse(), Ok(Threshold::Bytes(64)));
        assert_eq!("65534".parse(), Ok(Threshold::Bytes(65534)));
        assert_eq!("snf".parse(), Ok(Threshold::StoreAndForward));
        for text in ["", "65535", "-1", "SNF", "x"] {
            assert!(text.parse::<Threshold>().unwrap_err().contains("snf"), "{text}");
        }
    }

    #[test]
    fn the_default_payload_makes_a_frame_of_64_bytes() {
        let run = Run {
            set_up: SetUp::PLAIN,
            threshold: Threshold::StoreAndForward,
            payload: 22,
            warm_ups: u32::MAX,
            iterations: u32::MAX,
            by_socket: false,
        };
        assert_eq!(run.frame_length(HEADERS), 64);
        assert_eq!(run.frames(), 2 * u64::from(u32::MAX));
    }
}
