//! Enumerators and macros with a value.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::Context;
use crate::facts::Enum;

pub fn generate(context: &Context<'_>) -> Result<String> {
    let mut text =
        String::from("//! Enumerators and constants.\n\n#![allow(non_upper_case_globals)]\n\nuse super::*;\n\n");
    for (name, e) in context.facts.enums.iter() {
        let ty = if name.contains(' ') { enum_type(e)?.to_owned() } else { name.to_owned() };
        for (value_name, value) in e.values.iter() {
            let since = context.releases.since(|f| f.enums.iter().any(|(_, e)| e.values.contains(value_name)));
            let doc = context.docs.of(value_name)?;
            writeln!(text, "/// {doc}. {since}\npub const {value_name}: {ty} = {value};\n")?;
        }
    }
    for (name, constant) in context.facts.constants.iter() {
        let since = context.releases.since(|f| f.constants.contains(name));
        let (ty, value) = constant_value(name, constant.value);
        let doc = context.docs.of(name)?;
        writeln!(text, "/// {doc}. {since}\npub const {name}: {ty} = {value};\n")?;
    }
    Ok(text)
}

/// The integer type of an enum: C's size, unsigned unless a value is negative.
pub fn enum_type(e: &Enum) -> Result<&'static str> {
    let negative = e.values.iter().any(|(_, v)| *v < 0);
    Ok(match (e.size, negative) {
        (4, false) => "u32",
        (4, true) => "i32",
        (8, false) => "u64",
        (8, true) => "i64",
        (size, _) => bail!("an enum of {size} bytes"),
    })
}

/// A constant's Rust type and value: what C's macro is cast to, or the type of the parameters that it is passed as.
fn constant_value(name: &str, value: i128) -> (&'static str, String) {
    match name {
        "EF_ADDRSPACE_LOCAL" => ("ef_addrspace", "ef_addrspace::MAX".to_owned()),
        "EF_INVALID_ADDR" => ("ef_addr", "ef_addr::MAX".to_owned()),
        "ONLOAD_ZC_HANDLE_NONZC" => ("onload_zc_handle", "core::ptr::without_provenance_mut(usize::MAX)".to_owned()),
        _ if value < 0 => ("i32", value.to_string()),
        // Flags of socket calls, which C passes as int.
        _ if name.starts_with("ONLOAD_MSG_")
            || name.starts_with("ONLOAD_ZC_")
            || name.starts_with("ONLOAD_SOF_")
            || name.starts_with("ONLOAD_SCM_") =>
        {
            ("i32", value.to_string())
        }
        _ => ("u32", value.to_string()),
    }
}
