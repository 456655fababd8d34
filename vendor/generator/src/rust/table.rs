//! What the tests of efvi-sys compare with the facts: everything as the Rust compiler sees it.

use std::fmt::Write;

use anyhow::{Context as _, Result};

use super::{Context, ident};
use crate::c_types::CType;
use crate::facts::Facts;
use crate::tree::{self, Node};

pub fn generate(context: &Context<'_>) -> Result<String> {
    let facts = context.facts;
    let mut text = format!(
        "//! Onload {1} as the Rust compiler sees the bindings.\n\n\
         #![allow(deprecated)]\n\n\
         use core::ffi::*;\nuse core::mem::{{align_of, offset_of, size_of}};\n\n\
         #[cfg(not(all(efvi_sys_generated, onload = {0:?})))]\n\
         #[allow(unused_imports, dead_code, clashing_extern_declarations, clippy::duplicate_mod, reason = \"the bindings serve programs; releases share \
         twins, and this compares what the facts name\")]\n\
         #[path = \"../../../src/bindings/{module}/mod.rs\"]\nmod bindings;\n\
         #[cfg(not(all(efvi_sys_generated, onload = {0:?})))]\nuse bindings::*;\n\
         // Those that feature `bindgen` made are held to the same facts.\n\
         #[cfg(all(efvi_sys_generated, onload = {0:?}))]\nuse efvi_sys::*;\n\n\
         use crate::calls::{{Accessor, Call}};\nuse crate::table::{{Bitfield, Field, Table, Type, Value, bytes, value, width}};\n\n\
         /// The bindings.\npub const TABLE: Table = Table {{\nrelease: {0:?},\ntypes: TYPES,\nfields: FIELDS,\n\
         bitfields: BITFIELDS,\nvalues: VALUES,\nfunctions: FUNCTIONS,\nmacros: MACROS,\ncalls: CALLS,\naccessors: ACCESSORS,\n}};\n\n",
        facts.release,
        facts.release,
        module = facts.module()
    );
    let mut types = String::new();
    let mut fields = String::new();
    let mut bits = String::new();
    for (c_name, ty) in facts.types.iter() {
        let name = context.name(c_name);
        writeln!(types, "Type {{ name: {c_name:?}, size: size_of::<{name}>(), align: align_of::<{name}>() }},")?;
        let nodes = tree::fields(ty)?;
        if tree::is_words(ty, &nodes) {
            views(&mut bits, c_name, &nodes)?;
        } else {
            Fields { text: &mut fields, bits: &mut bits, c_name, name: &name }.write(
                "",
                "",
                ty.kind == "union",
                &nodes,
            )?;
        }
    }
    writeln!(text, "const TYPES: &[Type] = &[\n{types}];\n\nconst FIELDS: &[Field] = &[\n{fields}];\n")?;
    writeln!(text, "const BITFIELDS: &[Bitfield] = &[\n{bits}];\n")?;
    let mut values = String::new();
    for (name, _) in facts.enums.iter().flat_map(|(_, e)| e.values.iter()) {
        writeln!(values, "Value {{ name: {name:?}, value: || {name} as i128 }},")?;
    }
    for (name, _) in facts.constants.iter() {
        let value = match name {
            "ONLOAD_ZC_HANDLE_NONZC" => "ONLOAD_ZC_HANDLE_NONZC.addr() as isize as i128".to_owned(),
            "EF_ADDRSPACE_LOCAL" | "EF_INVALID_ADDR" => format!("{name} as i64 as i128"),
            _ => format!("{name} as i128"),
        };
        writeln!(values, "Value {{ name: {name:?}, value: || {value} }},")?;
    }
    writeln!(text, "const VALUES: &[Value] = &[\n{values}];\n")?;
    calls(context, facts, &mut text)?;
    stubs(context, facts, &mut text)?;
    Ok(text)
}

/// The bitfields of `ef_event`'s views.
fn views(text: &mut String, c_name: &str, views: &[Node]) -> Result<()> {
    for view in views {
        for field in &view.children {
            let (v, f) = (ident(&view.name), ident(&field.name));
            writeln!(
                text,
                "Bitfield {{ ty: {c_name:?}, path: \"{0}.{1}\", \
                 write: |v| {{ let mut view = {c_name}::default().{v}(); view.{f} = v as u32; bytes({c_name}::from(view)) }}, \
                 read: |b| value::<{c_name}>(b).{v}().{f} as u64 }},",
                view.name, field.name
            )?;
        }
    }
    Ok(())
}

struct Fields<'a> {
    text: &'a mut String,
    bits: &'a mut String,
    c_name: &'a str,
    name: &'a str,
}

impl Fields<'_> {
    fn write(&mut self, path: &str, c_path: &str, in_union: bool, nodes: &[Node]) -> Result<()> {
        let (c_name, name) = (self.c_name, self.name);
        for node in nodes {
            let join = |a: &str, b: &str| {
                if a.is_empty() { b.to_owned() } else { format!("{a}.{b}") }
            };
            let rust = join(path, &node.rust_name);
            let c = if node.name.is_empty() { c_path.to_owned() } else { join(c_path, &node.name) };
            if node.bits.is_some() {
                writeln!(
                    self.bits,
                    "Bitfield {{ ty: {c_name:?}, path: {c:?}, \
                     write: |v| {{ let mut s = value::<{name}>(&[0; size_of::<{name}>()]); s.set_{0}(v as _); bytes(s) }}, \
                     read: |b| value::<{name}>(b).{0}(){1} }},",
                    node.name,
                    if node.ty.base() == Some("uint64_t") { "" } else { " as u64" }
                )?;
                continue;
            }
            let shown = match (node.name.as_str(), node.rust_name.strip_prefix("unnamed_")) {
                ("", None) => "<unnamed>".to_owned(),
                ("", Some(number)) => format!("<unnamed {number}>"),
                _ => c.clone(),
            };
            // A union's field cannot be projected to without unsafe code: its width is left to its type.
            let width = if in_union { "None".into() } else { format!("Some(width(|s: &{name}| &s.{rust}))") };
            writeln!(
                self.text,
                "Field {{ ty: {c_name:?}, path: {shown:?}, offset: offset_of!({name}, {rust}), width: {width} }},"
            )?;
            if matches!(node.ty, CType::Array(..)) && !node.children.is_empty() {
                self.element(&rust, &c, node)?;
            } else {
                self.write(&rust, &c, in_union || node.is_union(), &node.children)?;
            }
        }
        Ok(())
    }

    /// The fields of an array's first element.
    fn element(&mut self, rust: &str, c: &str, array: &Node) -> Result<()> {
        let (c_name, name) = (self.c_name, self.name);
        let element = format!("{name}_{}", array.name);
        for node in &array.children {
            let field = ident(&node.name);
            writeln!(
                self.text,
                "Field {{ ty: {c_name:?}, path: \"{c}.{0}\", \
                 offset: offset_of!({name}, {rust}) + offset_of!({element}, {field}), \
                 width: Some(width(|s: &{element}| &s.{field})) }},",
                node.name
            )?;
        }
        Ok(())
    }
}

/// Functions and macros: each is named with the type that C has it with, so that another one does not compile.
fn calls(context: &Context<'_>, facts: &Facts, text: &mut String) -> Result<()> {
    let rust = |c: &str| CType::parse(c).map(|t| t.rust(&|n| context.name(n)));
    let mut checks = String::new();
    let mut names = String::new();
    for (name, function) in facts.functions.iter() {
        let params: Vec<String> = function.params.iter().map(|p| rust(&p.ty)).collect::<Result<_>>()?;
        let result = CType::parse(&function.result)?.rust_result(&|n| context.name(n));
        let abi = if function.linkage == "extern" { "extern \"C\" " } else { "" };
        writeln!(checks, "const _: unsafe {abi}fn({}){result} = {name};", params.join(", "))?;
        writeln!(names, "{name:?},")?;
    }
    writeln!(text, "const FUNCTIONS: &[&str] = &[\n{names}];\n")?;
    names.clear();
    for (name, m) in facts.function_macros.iter() {
        if ONLY_C.contains(&name) {
            continue;
        }
        writeln!(names, "{name:?},")?;
        if m.reads.is_some() {
            writeln!(checks, "const _: fn(&ef_event) -> u32 = {name};")?;
        } else if let Some(entry) = crate::macros::entry(facts, name, m)? {
            let params: Vec<String> = entry.params.iter().map(|t| t.rust(&|n| context.name(n))).collect();
            let result = entry.result.rust_result(&|n| context.name(n));
            writeln!(checks, "const _: unsafe fn({}){result} = {name};", params.join(", "))?;
        } else {
            // Generic or without a type in the facts: that it exists is all there is to check.
            writeln!(checks, "const _: () = {{\nlet _ = {name};\n}};")?;
        }
    }
    writeln!(text, "const MACROS: &[&str] = &[\n{names}];\n\n{checks}")?;
    Ok(())
}

/// A function for each entry of a VI's table, and what is called and read to compare macros with the facts.
fn stubs(context: &Context<'_>, facts: &Facts, text: &mut String) -> Result<()> {
    let rust = |t: &CType| t.rust(&|n| context.name(n));
    let vi = facts.types.get("ef_vi").context("no type ef_vi")?;
    let mut stubs = String::new();
    for field in vi.fields.iter().filter(|f| f.name.starts_with("ops.")) {
        let function = crate::macros::function(&field.ty).with_context(|| field.name.clone())?;
        let params: Vec<String> = function.1.iter().enumerate().map(|(n, t)| format!("a{n}: {}", rust(t))).collect();
        let result = function.0.rust_result(&|n| context.name(n));
        let result = if result.is_empty() { " -> ()".to_owned() } else { result };
        writeln!(stubs, "{}({}){result};", ident(&field.name[4..]), params.join(", "))?;
    }
    let (mut calls, mut accessors) = (String::new(), String::new());
    for (name, m) in facts.function_macros.iter() {
        if m.reads.is_some() {
            writeln!(accessors, "Accessor {{ name: {name:?}, read: |b| {name}(&value(b)) }},")?;
        } else if let Some(entry) = crate::macros::entry(facts, name, m)? {
            let of = |(n, t): (usize, &CType)| match n {
                0 => format!("a0: {}", rust(t)),
                _ => format!("a{n}: {} = {n}", rust(t)),
            };
            let params: Vec<String> = entry.params.iter().enumerate().map(of).collect();
            writeln!(calls, "{name}({});", params.join(", "))?;
        }
    }
    writeln!(
        text,
        "crate::calls::stubs! {{\n{stubs}}}\n\nconst CALLS: &[Call] = crate::calls::calls! {{\n{calls}}};\n\n\
         const ACCESSORS: &[Accessor] = &[\n{accessors}];\n"
    )?;
    Ok(())
}

/// Macros that mean something in C alone.
pub const ONLY_C: [&str; 1] = ["EF_VI_ALIGN"];
