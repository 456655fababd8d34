//! Static assertions that hold the generated types to the facts.

use std::fmt::Write;

use anyhow::Result;

use super::Context;
use crate::c_types::FUNCTION_TYPEDEFS;
use crate::tree;

pub fn generate(context: &Context<'_>) -> Result<String> {
    let mut text = String::from(
        "//! The layout of every type, asserted at compile time.\n\n\
         #![cfg(target_pointer_width = \"64\")]\n\n\
         use core::mem::{align_of, offset_of, size_of};\n\nuse super::*;\n\n\
         /// Size of the field that a function projects to.\n\
         const fn width<S, F>(_field: fn(&S) -> &F) -> usize {\nsize_of::<F>()\n}\n\n",
    );
    for (c_name, ty) in context.facts.types.iter() {
        let name = context.name(c_name);
        writeln!(
            text,
            "const _: () = {{\nassert!(size_of::<{name}>() == {});\nassert!(align_of::<{name}>() == {});",
            ty.size, ty.align
        )?;
        let fields = tree::fields(ty)?;
        if !tree::is_words(ty, &fields) {
            fields_of(&mut text, &name, "", ty.kind == "union", &fields)?;
        }
        writeln!(text, "}};\n")?;
    }
    for (name, e) in context.facts.enums.iter().filter(|(n, _)| !n.contains(' ')) {
        writeln!(text, "const _: () = assert!(size_of::<{name}>() == {});", e.size)?;
    }
    for (name, typedef) in context.facts.typedefs.iter() {
        // In Rust a typedef of a function names the pointer to it.
        if let Some(size) = typedef.size.filter(|_| !FUNCTION_TYPEDEFS.contains(&name)) {
            writeln!(text, "const _: () = assert!(size_of::<{name}>() == {size});")?;
        }
    }
    Ok(text)
}

fn fields_of(text: &mut String, name: &str, path: &str, in_union: bool, fields: &[tree::Node]) -> Result<()> {
    for field in fields.iter().filter(|f| f.bits.is_none()) {
        let own = field.rust_name.clone();
        let path = if path.is_empty() { own } else { format!("{path}.{own}") };
        writeln!(text, "assert!(offset_of!({name}, {path}) == {});", field.offset())?;
        // Reading a union is unsafe: its fields' widths follow from their types, its own width is asserted.
        if !in_union && let Some(size) = field.size {
            writeln!(text, "assert!(width(|s: &{name}| &s.{path}) == {size});")?;
        }
        let is_array = matches!(field.ty, crate::c_types::CType::Array(..));
        if !is_array {
            let in_union = in_union || field.is_union();
            fields_of(text, name, &path, in_union, &field.children)?;
        }
    }
    Ok(())
}
