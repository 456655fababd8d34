//! Faults as text: what `EFVI_MOCK_FAULTS` takes.
//!
//! Items with commas between: `seed=7`, `delay_us=50`, `drift_ppm=-20`, or a fault's name with when it happens: `drop` always,
//! `drop=1e-4` with that probability, `drop@1000` at the thousandth occasion, `drop@5..8` at the fifth to seventh,
//! `drop@5..` from the fifth on, `drop/100` at every hundredth.

use super::{Fault, Faults, When};
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// Text that is no [`Faults`]: what was expected instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultsError(String);

impl fmt::Display for FaultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultsError {}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            faults.add(item).map_err(FaultsError)?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn add(&mut self, item: &str) -> Result<(), String> {
        let (name, rest) = item.split_at(item.find(['=', '@', '/']).unwrap_or(item.len()));
        match (name, rest.strip_prefix('=')) {
            ("seed", Some(value)) => {
                self.seed = value.parse().map_err(|_| format!("a whole number after 'seed=', not '{value}'"))?;
            }
            ("delay_us", Some(value)) => {
                let us = value.parse().map_err(|_| format!("whole microseconds after 'delay_us=', not '{value}'"))?;
                self.delay = Duration::from_micros(us);
            }
            ("drift_ppm", Some(value)) => {
                let ppm = value.parse().map_err(|_| format!("a whole number after 'drift_ppm=', not '{value}'"))?;
                self.drift = Some(ppm);
            }
            _ => {
                let fault = Fault::named(name).ok_or_else(|| unknown(name, item))?;
                self.rules.push((fault, when(name, rest)?));
            }
        }
        Ok(())
    }
}

fn unknown(name: &str, item: &str) -> String {
    let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    format!(
        "items like 'seed=7', 'delay_us=50', 'drift_ppm=-20', 'drop=1e-4', 'corrupt@1000', 'tx_error:bus@5..8' or 'duplicate/100', with \
         commas between; '{name}' in '{item}' is no fault. The faults: {}",
        names.join(", ")
    )
}

fn when(name: &str, rest: &str) -> Result<When, String> {
    if rest.is_empty() {
        return Ok(When::Always);
    }
    let (sign, value) = rest.split_at(1);
    match sign {
        "=" => match value.parse::<f64>() {
            Ok(p) if (0.0..=1.0).contains(&p) => Ok(When::Chance(p)),
            _ => Err(format!("a probability from 0 to 1 after '{name}=', not '{value}'")),
        },
        "/" => match value.parse() {
            Ok(0) | Err(_) => Err(format!("a whole number from 1 on after '{name}/', not '{value}'")),
            Ok(n) => Ok(When::Every(n)),
        },
        _ => occasions(value)
            .ok_or_else(|| format!("an occasion, or some as in '5..8' or '5..', after '{name}@', not '{value}'")),
    }
}

/// Occasions count from 1; the end is not one of them.
fn occasions(text: &str) -> Option<When> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|&n| n > 0);
    match text.split_once("..") {
        None => number(text).map(When::from),
        Some((first, "")) => number(first).map(|first| (first..).into()),
        Some((first, end)) => {
            let (first, end) = (number(first)?, number(end)?);
            (first < end).then(|| (first..end).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_the_same_as_the_builder() {
        let text = "seed=7, drop=1e-4,corrupt@1000,tx_error:rights@5..8,duplicate/100,reset@9..,delay,delay_us=50,drift_ppm=-20";
        let built = Faults::builder()
            .seed(7)
            .on(Fault::Drop, 1e-4)
            .on(Fault::Corrupt, 1000)
            .on(Fault::TxErrorRights, 5..8)
            .on(Fault::Duplicate, When::Every(100))
            .on(Fault::Reset, 9..)
            .on(Fault::Delay, When::Always)
            .delay(Duration::from_micros(50))
            .drift(-20)
            .build();
        assert_eq!(text.parse(), Ok(built));
        assert_eq!("".parse(), Ok(Faults::default()));
    }

    #[test]
    fn every_name_is_read_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(Faults::builder().on(*fault, When::Always).build()));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| text.parse::<Faults>().unwrap_err().to_string();
        let unknown = error("seed=1,dorp=0.1");
        assert!(unknown.contains("'dorp'") && unknown.contains("duplicate/100"), "{unknown}");
        assert!(Fault::ALL.iter().all(|fault| unknown.contains(fault.name())), "{unknown}");
        assert_eq!(error("drop=2"), "a probability from 0 to 1 after 'drop=', not '2'");
        assert_eq!(error("drop=NaN"), "a probability from 0 to 1 after 'drop=', not 'NaN'");
        assert_eq!(error("drop/0"), "a whole number from 1 on after 'drop/', not '0'");
        for bad in ["drop@", "drop@0", "drop@8..5", "drop@5..5", "drop@x", "drop@..5"] {
            assert!(error(bad).contains("after 'drop@'"), "{bad}");
        }
        assert_eq!(error("seed=x"), "a whole number after 'seed=', not 'x'");
        assert!(error("seed@5").contains("'seed'"), "it is no fault");
    }
}
