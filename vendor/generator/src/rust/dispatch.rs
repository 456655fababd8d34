//! Twins of the macros: those that call through a VI's tables, and those that read an event.

use std::fmt::Write;

use anyhow::{Context as _, Result};

use super::{Context, ident};
use crate::macros::{self, Reading};

/// Twins of the macros that call an entry of `ops`.
pub fn generate(context: &Context<'_>) -> Result<String> {
    let mut text = String::from(
        "//! The calls that C makes by macros through a VI's own table. Each compiles to one indirect call.\n\n\
         use core::ffi::*;\n\nuse super::*;\n\n",
    );
    for (name, m) in context.facts.function_macros.iter() {
        let Some(entry) = macros::entry(context.facts, name, m)? else {
            continue;
        };
        let types: Vec<String> = entry.params.iter().map(|t| t.rust(&|n| context.name(n))).collect();
        let names: Vec<String> = m.params.iter().map(|p| ident(p)).collect();
        let params: Vec<String> = names.iter().zip(&types).map(|(n, t)| format!("{n}: {t}")).collect();
        let result = entry.result.rust_result(&|n| context.name(n));
        let since = context.since_call(name);
        let vi = &names[0];
        let (condition, why) = if entry.is_on_every_adapter() {
            (
                String::new(),
                "on every adapter the library fills this entry when it makes a VI, which the caller vouches for.",
            )
        } else {
            let condition =
                format!("/// `(*{vi}).{}` is not `None`: the library fills it in on some adapters only.\n", entry.path);
            (condition, "the caller vouches for the VI, and that this entry is filled in.")
        };
        writeln!(
            text,
            "/// {}. {since}\n///\n/// # Safety\n///\n\
             /// `{vi}` is an initialised VI that no other thread uses; pointers are valid as the call requires.\n\
             {condition}#[inline(always)]\npub unsafe fn {name}({}){result} {{\n\
             // SAFETY: {why}\n\
             unsafe {{ ((*{vi}).{}.unwrap_unchecked())({}) }}\n}}\n",
            context.docs.of(name)?,
            params.join(", "),
            entry.path,
            names.join(", "),
        )?;
    }
    Ok(text)
}

/// Twins of the macros that read a field of an event.
pub fn accessors(context: &Context<'_>) -> Result<String> {
    let mut text = String::from(
        "//! What C reads of an event by macros. Each compiles to a load, a shift and a mask.\n\n\
         #![allow(non_snake_case)]\n\nuse super::*;\n\n",
    );
    for (name, m) in context.facts.function_macros.iter() {
        let Some(reads) = &m.reads else { continue };
        let (view, field) = reads.split_once('.').with_context(|| format!("{name}: {reads}"))?;
        let value = format!("e.{}().{}", ident(view), ident(field));
        let value = match macros::reading(name, reads) {
            Reading::Whole => value,
            Reading::Flag(flag) => format!("{value} & {flag}"),
            Reading::Fraction16 => format!("{value} << (16 - EF_VI_TX_TS_FRAC_NS_BITS)"),
        };
        let since = context.since_call(name);
        writeln!(
            text,
            "/// {}. {since}\n#[inline(always)]\npub const fn {name}(e: &ef_event) -> u32 {{ {value} }}\n",
            context.docs.of(name)?,
        )?;
    }
    Ok(text)
}
