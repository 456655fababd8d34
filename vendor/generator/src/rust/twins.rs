//! The hand-written twins, in `efvi-sys/src/twins`: each release has the files whose functions it has.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::Context;
use crate::facts::Facts;

/// A file of twins.
pub struct Twins {
    /// Its name without `.rs`.
    pub module: String,
    /// What it defines.
    functions: Vec<String>,
    /// Its source.
    text: String,
}

impl Twins {
    /// Reads the names of all twins, file by file.
    pub fn load() -> Result<Vec<Self>> {
        let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../efvi-sys/src/twins"));
        let mut all = Vec::new();
        for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
            let path = entry?.path();
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let module = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let functions = text.lines().filter_map(function).map(str::to_owned).collect();
            all.push(Self { module, functions, text });
        }
        all.sort_by(|a, b| a.module.cmp(&b.module));
        Ok(all)
    }

    /// Checks that each twin says since which release there is what it stands for.
    pub fn check_docs(&self, context: &Context<'_>) -> Result<()> {
        for name in &self.functions {
            let docs = self.text.lines().rev().skip_while(|line| function(line) != Some(name)).skip(1);
            let docs: Vec<&str> = docs.take_while(|line| line.starts_with("///") || line.starts_with("#[")).collect();
            let since = context.since_call(name);
            // The description is what comes before the first empty line.
            if !docs.iter().rev().take_while(|line| **line != "///").any(|line| line.ends_with(&since)) {
                bail!("efvi-sys/src/twins/{}.rs: the description of {name} does not end in: {since}", self.module);
            }
        }
        Ok(())
    }

    /// Whether a release has these twins: all of them or none.
    pub fn is_in(&self, facts: &Facts) -> Result<bool> {
        let has = |name: &String| {
            facts.function_macros.get(name).is_some_and(|m| m.calls.is_none())
                || facts.functions.get(name).is_some_and(|f| f.linkage != "extern")
        };
        let count = self.functions.iter().filter(|name| has(name)).count();
        match count {
            0 => Ok(false),
            n if n == self.functions.len() => Ok(true),
            n => bail!(
                "Onload {} has {n} of the {} functions of efvi-sys/src/twins/{}.rs: split the file",
                facts.release,
                self.functions.len(),
                self.module
            ),
        }
    }
}

/// The function that a line of Rust begins.
fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let rest = rest.strip_prefix("const ").unwrap_or(rest);
    let rest = rest.strip_prefix("unsafe ").unwrap_or(rest).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}
