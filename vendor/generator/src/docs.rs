//! The descriptions of all items: one line each, by hand, in `vendor/generator/descriptions`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// Descriptions by the C name of the item.
#[derive(Debug)]
pub struct Descriptions(BTreeMap<&'static str, &'static str>);

const FILES: [(&str, &str); 5] = [
    ("types.txt", include_str!("../descriptions/types.txt")),
    ("functions.txt", include_str!("../descriptions/functions.txt")),
    ("macros.txt", include_str!("../descriptions/macros.txt")),
    ("enums.txt", include_str!("../descriptions/enums.txt")),
    ("constants.txt", include_str!("../descriptions/constants.txt")),
];

impl Descriptions {
    /// Reads the files: `name: description` a line.
    pub fn load() -> Result<Self> {
        let mut all = BTreeMap::new();
        for (file, text) in FILES {
            for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
                let (name, description) = line.split_once(": ").with_context(|| format!("{file}: {line:?}"))?;
                if all.insert(name, description).is_some() {
                    bail!("{file}: {name} is described twice");
                }
            }
        }
        Ok(Self(all))
    }

    /// The description of an item, by its C name; an enum is `enum name`, as a function may share its name.
    pub fn of(&self, name: &str) -> Result<&'static str> {
        self.0.get(name).copied().with_context(|| format!("{name} has no line in vendor/generator/descriptions"))
    }
}
