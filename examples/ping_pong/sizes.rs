//! Payload sizes as the user writes them: `22`, `0-1472:64`, `0,22,64-256:32`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::plan::LARGEST_PAYLOAD;

/// More sizes than anyone would wait for: a slip in the step, not a wish.
const MOST: usize = 2048;

/// The sizes of one `--size`, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes(Vec<u16>);

impl Sizes {
    pub fn as_slice(&self) -> &[u16] {
        &self.0
    }
}

impl FromIterator<u16> for Sizes {
    fn from_iter<T: IntoIterator<Item = u16>>(sizes: T) -> Self {
        Sizes(sizes.into_iter().collect())
    }
}

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut sizes = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            match part.split_once('-') {
                None => sizes.push(size(part)?),
                Some((from, rest)) => {
                    let (to, step) = rest.split_once(':').unwrap_or((rest, "1"));
                    let (from, to) = (size(from)?, size(to)?);
                    let step = step
                        .parse::<u16>()
                        .ok()
                        .filter(|step| *step > 0)
                        .ok_or_else(|| format!("the step `{step}` is not a number from 1 up"))?;
                    if from > to {
                        return Err(format!("the range `{part}` ends before it starts"));
                    }
                    sizes.extend((from..=to).step_by(step.into()));
                }
            }
            if sizes.len() > MOST {
                return Err(format!("`{text}` is more than {MOST} sizes; give the range a larger step"));
            }
        }
        Ok(Sizes(sizes))
    }
}

fn size(text: &str) -> Result<u16, String> {
    text.parse::<u16>().ok().filter(|size| *size <= LARGEST_PAYLOAD).ok_or_else(|| {
        format!(
            "`{text}` is not a payload size: give bytes from 0 to {LARGEST_PAYLOAD} \
                 (or less, by the interface's MTU), a range MIN-MAX:STEP, or a list with commas"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(text: &str) -> Vec<u16> {
        text.parse::<Sizes>().unwrap().0
    }

    fn error(text: &str) -> String {
        text.parse::<Sizes>().unwrap_err()
    }

    #[test]
    fn one_a_range_a_list() {
        assert_eq!(sizes("22"), [22]);
        assert_eq!(sizes("0"), [0]);
        assert_eq!(sizes("0-256:64"), [0, 64, 128, 192, 256]);
        assert_eq!(sizes("0-100:64"), [0, 64]);
        assert_eq!(sizes("3-5"), [3, 4, 5]);
        assert_eq!(sizes("7-7:9"), [7]);
        assert_eq!(sizes("1472, 0,64-128:32"), [1472, 0, 64, 96, 128]);
    }

    #[test]
    fn what_is_not_a_size_says_what_is() {
        for text in ["", "a", "-1", "22,", "0-", "1.5", "65536", "1e3", "0x10", "99999999999"] {
            let error = error(text);
            assert!(error.contains("bytes from 0 to"), "{text}: {error}");
        }
        assert!(error("5-4").contains("ends before it starts"));
        assert!(error("0-9:0").contains("step"));
        assert!(error("0-9:-1").contains("step"));
        assert!(error("0-9:").contains("step"));
        assert!(error("0-9000").contains("larger step"));
    }
}
