//! Differences of the adapter's time.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use core::time::Duration;

/// The units that a nanosecond has.
const UNITS: i128 = 1 << 16;

/// A time between two [`Timestamp`](crate::Timestamp)s, of either sign, exact to 1/65536 ns.
///
/// Sums and differences stay exact, so a mean of many is not rounded before its end. Arithmetic that leaves the range,
/// of more than 10^33 ns, stops at its end.
///
/// ```
/// use efvi::TimeDelta;
/// let latency = TimeDelta::from_nanoseconds(750) + TimeDelta::from_units(1 << 14);
/// assert_eq!(latency.as_nanoseconds(), 750.25);
/// assert_eq!(latency.to_string(), "750.25 ns");
/// assert!(-latency < TimeDelta::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeDelta {
    /// In 1/65536 ns.
    units: i128,
}

impl TimeDelta {
    /// No time.
    pub const ZERO: TimeDelta = TimeDelta { units: 0 };

    /// So many nanoseconds.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        TimeDelta { units: nanoseconds as i128 * UNITS }
    }

    /// So many units of 1/65536 ns.
    pub const fn from_units(units: i128) -> Self {
        TimeDelta { units }
    }

    /// The time in units of 1/65536 ns.
    pub const fn units(self) -> i128 {
        self.units
    }

    /// The time in nanoseconds with their fraction: exact below 2^37 ns, which are two minutes.
    pub fn as_nanoseconds(self) -> f64 {
        self.units as f64 / UNITS as f64
    }

    /// The time in whole nanoseconds, rounded to the nearest, and away from zero where it is half way.
    ///
    /// ```
    /// use efvi::TimeDelta;
    /// use std::time::Duration;
    ///
    /// let early = TimeDelta::from_nanoseconds(-3) + TimeDelta::from_units(1 << 15);
    /// assert_eq!((early.as_nanoseconds(), early.rounded(), early.units()), (-2.5, -3, -5 << 15));
    /// assert!(early.is_negative() && early.to_duration().is_none());
    /// assert_eq!(early.abs().to_duration(), Some(Duration::from_nanos(3)));
    /// ```
    pub const fn rounded(self) -> i128 {
        let away = if self.units < 0 { -(UNITS / 2) } else { UNITS / 2 };
        self.units.saturating_add(away) / UNITS
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The time without its sign.
    pub const fn abs(self) -> Self {
        TimeDelta { units: self.units.saturating_abs() }
    }

    /// The time as the standard library has it, rounded to whole nanoseconds; `None` if it is below zero, or longer
    /// than that holds.
    pub fn to_duration(self) -> Option<Duration> {
        if self.is_negative() {
            return None;
        }
        let nanoseconds = u128::try_from(self.rounded()).ok()?;
        let seconds = u64::try_from(nanoseconds / 1_000_000_000).ok()?;
        Some(Duration::new(seconds, (nanoseconds % 1_000_000_000) as u32))
    }
}

impl From<Duration> for TimeDelta {
    fn from(duration: Duration) -> Self {
        // 2^64 s are fewer than 2^94 ns.
        TimeDelta { units: duration.as_nanos() as i128 * UNITS }
    }
}

impl Add for TimeDelta {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        TimeDelta { units: self.units.saturating_add(other.units) }
    }
}

impl Sub for TimeDelta {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        TimeDelta { units: self.units.saturating_sub(other.units) }
    }
}

impl Neg for TimeDelta {
    type Output = Self;

    fn neg(self) -> Self {
        TimeDelta { units: self.units.saturating_neg() }
    }
}

impl AddAssign for TimeDelta {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for TimeDelta {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for TimeDelta {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// Nanoseconds, with two digits of their fraction unless the format says how many.
impl fmt::Display for TimeDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*} ns", f.precision().unwrap_or(2), self.as_nanoseconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn rounding_is_to_the_nearest_on_both_sides() {
        for (units, rounded) in [(0, 0), (0x7fff, 0), (0x8000, 1), (-0x7fff, 0), (-0x8000, -1), (0x1_8000, 2)] {
            assert_eq!(TimeDelta::from_units(units).rounded(), rounded, "{units}");
        }
    }

    #[test]
    fn durations_come_and_go() {
        for duration in [Duration::ZERO, Duration::new(3, 999_999_999), Duration::MAX] {
            assert_eq!(TimeDelta::from(duration).to_duration(), Some(duration));
        }
        assert_eq!(TimeDelta::from_nanoseconds(-1).to_duration(), None);
        assert_eq!((TimeDelta::from(Duration::MAX) + Duration::MAX.into()).to_duration(), None);
    }

    #[test]
    fn sums_are_exact_and_stop_at_the_end() {
        let tick = TimeDelta::from_units(1);
        let sum: TimeDelta = core::iter::repeat_n(tick, 1 << 16).sum();
        assert_eq!(sum, TimeDelta::from_nanoseconds(1));
        let last = TimeDelta::from_units(i128::MAX);
        assert_eq!((last + last, -last - last - last), (last, TimeDelta::from_units(i128::MIN)));
        assert_eq!(TimeDelta::from_units(i128::MIN).abs(), last);
        let mut time = sum;
        time -= tick;
        time += -tick;
        assert_eq!(time.units(), (1 << 16) - 2);
        assert!(last.rounded() > 0 && (-last).is_negative());
    }

    #[test]
    fn it_shows_as_nanoseconds() {
        let time = TimeDelta::from_units(-(3 << 15));
        assert_eq!(format!("{time} {time:.0} {time:.4}"), "-1.50 ns -2 ns -1.5000 ns");
    }
}
