//! How fast a capture is fed.

use std::time::{Duration, Instant};

/// What `EFVI_MOCK_REPLAY` asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manner {
    /// So many times as fast as it was captured; none for as fast as it is taken.
    pub speed: Option<f64>,
    /// The port's clock tells the capture's time.
    pub captured_time: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self { speed: Some(1.0), captured_time: false }
    }
}

impl Manner {
    /// Reads the variable's value.
    pub fn parse(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "'x' and how many times as fast as it was captured (x1, x0.5, x100), or 'fast', and 'stamps' for \
                                timestamps of the capture, with commas between";
        let mut manner = Self::default();
        for word in text.split(',').map(str::trim) {
            match word {
                "fast" => manner.speed = None,
                "stamps" => manner.captured_time = true,
                _ => {
                    let factor = word.strip_prefix('x').and_then(|factor| factor.parse().ok());
                    let factor = factor.filter(|factor| (1e-6..=1e9).contains(factor));
                    manner.speed = Some(factor.ok_or_else(|| format!("{EXPECTED}, not '{word}'"))?);
                }
            }
        }
        Ok(manner)
    }
}

/// When frames are due.
pub struct Pace {
    speed: Option<f64>,
    /// When the first frame was fed, and when it was captured.
    began: Option<(Instant, u64)>,
}

impl Pace {
    pub fn new(speed: Option<f64>) -> Self {
        Self { speed, began: None }
    }

    /// How long it is until a frame is due that was captured then; the first one is at once.
    pub fn wait(&mut self, time: u64) -> Duration {
        let Some(speed) = self.speed else { return Duration::ZERO };
        let (began, first) = *self.began.get_or_insert_with(|| (Instant::now(), time));
        let after = Duration::from_nanos((time.saturating_sub(first) as f64 / speed) as u64);
        after.saturating_sub(began.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read() {
        let manner = |speed, captured_time| Ok(Manner { speed, captured_time });
        assert_eq!(Manner::parse("x1"), manner(Some(1.0), false));
        assert_eq!(Manner::parse("x0.25, stamps"), manner(Some(0.25), true));
        assert_eq!(Manner::parse("stamps"), manner(Some(1.0), true));
        assert_eq!(Manner::parse("fast,stamps"), manner(None, true));
        for text in ["10", "x0", "x-1", "xnan", "x1e99", "slow", "fast,,stamps"] {
            assert!(Manner::parse(text).unwrap_err().contains("x100"), "{text}");
        }
    }

    #[test]
    fn frames_are_due_by_the_captures_distances() {
        const HOUR: u64 = 3_600_000_000_000;
        let mut pace = Pace::new(Some(10.0));
        assert_eq!(pace.wait(5 * HOUR), Duration::ZERO);
        let wait = pace.wait(15 * HOUR);
        assert!(wait > Duration::from_secs(3000) && wait <= Duration::from_secs(3600), "{wait:?}");
        assert_eq!(pace.wait(HOUR), Duration::ZERO, "one out of turn goes at once");
        assert_eq!(Pace::new(None).wait(HOUR), Duration::ZERO);
    }
}
