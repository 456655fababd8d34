//! What each step of a send and of a receive costs.

/// A step's default, its name from outside, and what it is.
macro_rules! costs {
    ($($(#[doc = $doc:literal])+ $name:ident: $default:expr,)+) => {
        /// What each step costs on the virtual clock, in picoseconds.
        ///
        /// The defaults are round figures for an X2 in a PCIe 3.0 x8 slot at 10 Gb/s, chosen so that the sums come to
        /// what such adapters are known for: about 1 µs from program to program by DMA with TX push, 0.7 µs by
        /// CTPIO. They are no measurements: whoever has an adapter can measure, and set them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct Costs {
            /// The link's speed in Gb/s: 10, 25, 40, 50 or 100.
            pub speed: u64,
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Default for Costs {
            fn default() -> Self {
                Self { speed: 10, $($name: $default,)+ }
            }
        }

        impl Costs {
            /// The names of the steps, and the speed's.
            pub(crate) const NAMES: &[&str] = &["speed", $(stringify!($name),)+];

            fn step(&mut self, name: &str) -> Option<&mut u64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }

            /// All of them, to compare with another process's.
            pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
                [self.speed, $(self.$name,)+].into_iter()
            }
        }
    };
}

const fn ns(nanoseconds: u64) -> u64 {
    nanoseconds * super::NS
}

costs! {
    /// Processor: writing a doorbell.
    doorbell: ns(20),
    /// Processor: writing a doorbell with a descriptor in it, as TX push does.
    push: ns(25),
    /// Processor: writing 64 bytes to the PIO region.
    pio_write: ns(15),
    /// Processor: writing 64 bytes to the CTPIO aperture, of which 8 are the header's once a frame.
    ctpio_write: ns(15),
    /// Processor: one poll of the event queue.
    poll: ns(20),
    /// Processor: one look at the start of the next packet (future peek).
    peek: ns(10),
    /// Processor: priming, a call to the driver.
    prime: ns(300),
    /// A write of the processor's on its way to the adapter.
    pcie_write: ns(150),
    /// The adapter fetches descriptors: there and back.
    fetch: ns(400),
    /// The adapter fetches a payload: there and back for the first byte of it.
    payload: ns(400),
    /// Each 64 bytes of a payload, or of a part of it.
    payload_64: ns(10),
    /// From having a frame, or enough of it, to its first bit on the wire.
    transmit: ns(100),
    /// From one end of the cable to the other: 3 m.
    propagation: ns(15),
    /// From a frame's last bit on the wire to its write to the host's memory.
    receive: ns(120),
    /// A frame's first 64 bytes on their way to the host's memory.
    dma: ns(150),
    /// Each further 64 bytes of it, or a part of them.
    dma_64: ns(10),
    /// An event after the frame that it is about.
    event: ns(20),
    /// From an event to the interrupt's handler.
    interrupt: ns(1500),
    /// From the handler to the thread that slept.
    wake_up: ns(2500),
}

/// Speeds of Ethernet that divide 8000 picoseconds a bit into whole ones.
const SPEEDS: &[u64] = &[10, 25, 40, 50, 100];

impl Costs {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time of a byte on the wire.
    pub(crate) fn byte(&self) -> u64 {
        8000 / self.speed.max(1)
    }

    /// Costs as they are written outside: `name=nanoseconds` for each step that is not to have its default, and
    /// `speed=gigabits`, with commas between. The error is what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut costs = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (name, value) = entry.split_once('=').ok_or_else(|| format!("name=value, not {entry:?}"))?;
            let (name, value) = (name.trim(), value.trim());
            if name == "speed" {
                let speed = value.parse().ok().filter(|speed| SPEEDS.contains(speed));
                costs.speed = speed.ok_or_else(|| format!("speed=10, 25, 40, 50 or 100, not {value:?}"))?;
                continue;
            }
            let step = costs.step(name).ok_or_else(|| format!("one of {}, not {name:?}", Self::NAMES.join(", ")))?;
            *step = picoseconds(value).ok_or_else(|| format!("{name}=nanoseconds up to a second, not {value:?}"))?;
        }
        Ok(costs)
    }
}

/// Nanoseconds, with up to three decimals, as picoseconds; none of more than a second.
fn picoseconds(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 3 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let total = whole.parse::<u64>().ok()?.checked_mul(super::NS)? + format!("{decimals:0<3}").parse::<u64>().ok()?;
    (total <= ns(1_000_000_000)).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_in_nanoseconds() {
        assert_eq!(Costs::parse(""), Ok(Costs::default()));
        let costs = Costs::parse("doorbell=30, fetch=400.5 ,speed=25,poll=0,").unwrap();
        assert_eq!((costs.doorbell, costs.fetch, costs.speed, costs.poll), (30_000, 400_500, 25, 0));
        assert_eq!(costs.payload, Costs::default().payload);
        assert_eq!(costs.byte(), 320);
    }

    #[test]
    fn what_is_no_cost_is_refused_with_what_was_expected() {
        for (text, says) in [
            ("doorbell", "name=value"),
            ("bell=1", "one of speed, doorbell, push"),
            ("doorbell=fast", "doorbell=nanoseconds"),
            ("doorbell=-1", "doorbell=nanoseconds"),
            ("doorbell=0.0001", "doorbell=nanoseconds"),
            ("doorbell=2000000000", "up to a second"),
            ("doorbell=99999999999999999999", "up to a second"),
            ("speed=0", "speed=10"),
            ("speed=7", "speed=10"),
        ] {
            let error = Costs::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
