//! Text by name: what of the C side is written by hand, in `vendor/generator/c`.

use std::collections::BTreeMap;

/// Bodies of inline functions, by name.
pub const INLINE: &str = include_str!("../c/inline.txt");
/// Bodies of macros, by name.
pub const MACROS: &str = include_str!("../c/macros.txt");
/// Beginnings of headers, by path.
pub const PREAMBLE: &str = include_str!("../c/preamble.txt");

/// Splits a file at its `@name` lines. Lines before the first are comment.
pub fn split(text: &'static str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('@') {
            current = Some(name);
            all.entry(name).or_default();
        } else if let Some(body) = current.and_then(|name| all.get_mut(name)) {
            body.push(line);
        }
    }
    all
}
