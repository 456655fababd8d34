//! Declarations of the library's functions.

use std::fmt::Write;

use anyhow::Result;

use super::{Context, ident};
use crate::c_types::CType;

pub fn generate(context: &Context<'_>) -> Result<String> {
    let mut text = String::from(
        "//! The functions of the library.\n\n\
         use core::ffi::*;\n\nuse super::*;\n\n\
         unsafe extern \"C\" {\n",
    );
    let externs = context.facts.functions.iter().filter(|(_, f)| f.linkage == "extern");
    for (i, (name, function)) in externs.enumerate() {
        let rust_type = |c: &str| CType::parse(c).map(|t| t.rust(&|n| context.name(n)));
        let mut params = Vec::new();
        for (n, param) in function.params.iter().enumerate() {
            let param_name = if param.name.is_empty() { format!("arg{n}") } else { ident(&param.name) };
            params.push(format!("{param_name}: {}", rust_type(&param.ty)?));
        }
        let result = CType::parse(&function.result)?.rust_result(&|n| context.name(n));
        let since = context.releases.since(|f| f.functions.contains(name));
        let gap = if i == 0 { "" } else { "\n" };
        writeln!(text, "{gap}/// {}. {since}", context.docs.of(name)?)?;
        if function.deprecated {
            writeln!(text, "#[deprecated(note = \"the vendor's header marks it as deprecated\")]")?;
        }
        writeln!(text, "pub fn {name}({}){result};", params.join(", "))?;
    }
    writeln!(text, "}}")?;
    Ok(text)
}
