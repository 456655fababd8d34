//! One header of the interface: declarations, macros and inline functions.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Context, Result};

use crate::c_types::{ANONYMOUS, CType};
use crate::docs::Descriptions;
use crate::facts::{Enum, Facts, Function, Type};
use crate::macros::{self, Reading};
use crate::snippets;
use crate::tree::{self, Node};

pub fn generate(facts: &Facts, docs: &Descriptions, header: &str) -> Result<String> {
    let guard = format!("EFVI_{}", header.to_uppercase().replace(['/', '.'], "_"));
    let mut text = format!(
        "/* Onload {}: {header}. Declarations only, in our words.\n\
         \x20* Made by vendor/generator from vendor/abi. Do not edit. */\n\
         #ifndef {guard}\n#define {guard}\n\n",
        facts.release
    );
    let preamble = snippets::split(snippets::PREAMBLE);
    for line in preamble.get(header).with_context(|| format!("{header} has no preamble"))? {
        writeln!(text, "{line}")?;
    }
    for other in borrowed(facts, header)? {
        writeln!(text, "#include <{other}>")?;
    }
    writeln!(text, "\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n")?;
    forward(facts, header, &mut text)?;
    constants(facts, docs, header, &mut text)?;
    for (name, e) in facts.enums.iter().filter(|(_, e)| e.header == header) {
        enumeration(docs, name, e, &mut text)?;
    }
    for (name, typedef) in facts.typedefs.iter().filter(|(_, t)| t.header == header) {
        let declaration = CType::parse(&typedef.is)?.declare(name);
        writeln!(text, "/* {}. */\ntypedef {declaration};\n", docs.of(name)?)?;
    }
    for (name, ty) in facts.types.iter().filter(|(_, t)| t.header == header) {
        structure(docs, name, ty, &mut text)?;
    }
    for (name, function) in facts.functions.iter().filter(|(_, f)| f.header == header) {
        if function.linkage == "extern" {
            let deprecated = if function.deprecated { "__attribute__((deprecated)) " } else { "" };
            writeln!(text, "/* {}. */", docs.of(name)?)?;
            writeln!(text, "extern {deprecated}{};\n", signature(name, function)?)?;
        }
    }
    function_macros(facts, docs, header, &mut text)?;
    let bodies = snippets::split(snippets::INLINE);
    for (name, function) in facts.functions.iter().filter(|(_, f)| f.header == header) {
        if function.linkage != "extern" {
            let body = bodies.get(name).with_context(|| format!("{name}: no body in c/inline.txt"))?;
            let body: String = body.iter().map(|line| format!("  {line}\n")).collect();
            let signature = signature(name, function)?;
            writeln!(text, "/* {}. */\nstatic inline {signature}\n{{\n{body}}}\n", docs.of(name)?)?;
        }
    }
    writeln!(text, "#ifdef __cplusplus\n}}\n#endif\n\n#endif")?;
    Ok(text)
}

/// Headers of the other library that declare types of this one's fields: in some releases only.
fn borrowed<'a>(facts: &'a Facts, header: &str) -> Result<BTreeSet<&'a str>> {
    let library = |header: &str| header.split('/').next().map(str::to_owned);
    let mut others = BTreeSet::new();
    for field in facts.types.iter().filter(|(_, t)| t.header == header).flat_map(|(_, t)| &t.fields) {
        let ty = CType::parse(&field.ty)?;
        if let Some(typedef) = ty.base().and_then(|name| facts.typedefs.get(name))
            && library(&typedef.header) != library(header)
        {
            others.insert(typedef.header.as_str());
        }
    }
    Ok(others)
}

/// The tag of a structure of that name in the facts, and whether it has a typedef.
fn tag(name: &str) -> (&str, bool) {
    match name.strip_prefix("struct ") {
        Some(tag) => (tag, false),
        None => (name, true),
    }
}

/// Declares the header's structures, and those that it only points at.
fn forward(facts: &Facts, header: &str, text: &mut String) -> Result<()> {
    let mut tags = BTreeSet::new();
    let mut all = Vec::new();
    for (_, ty) in facts.types.iter().filter(|(_, t)| t.header == header) {
        all.extend(ty.fields.iter().map(|f| f.ty.as_str()));
    }
    for (_, f) in facts.functions.iter().filter(|(_, f)| f.header == header) {
        all.push(&f.result);
        all.extend(f.params.iter().map(|p| p.ty.as_str()));
    }
    all.extend(facts.typedefs.iter().filter(|(_, t)| t.header == header).map(|(_, t)| t.is.as_str()));
    for c in all {
        let ty = CType::parse(c)?;
        let mut names = Vec::new();
        ty.names(&mut names);
        for name in names {
            // The tables inside ef_vi are declared there.
            if let Some(tag) = name.strip_prefix("struct ")
                && !["ops", "internal_ops", "{...}"].contains(&tag)
            {
                tags.insert(tag.to_owned());
            }
        }
    }
    for tag in &tags {
        writeln!(text, "struct {tag};")?;
    }
    for (name, ty) in facts.types.iter().filter(|(_, t)| t.header == header) {
        if let (tag, true) = tag(name) {
            writeln!(text, "typedef {} {tag} {tag};", ty.kind)?;
        }
    }
    writeln!(text)?;
    Ok(())
}

fn constants(facts: &Facts, docs: &Descriptions, header: &str, text: &mut String) -> Result<()> {
    for (name, constant) in facts.constants.iter().filter(|(_, c)| c.header == header) {
        let value = match name {
            "EF_ADDRSPACE_LOCAL" => "((ef_addrspace)-1)".to_owned(),
            "EF_INVALID_ADDR" => "((ef_addr)-1)".to_owned(),
            "ONLOAD_ZC_HANDLE_NONZC" => "((onload_zc_handle)(uintptr_t)-1)".to_owned(),
            "ONLOAD_DONT_ACCELERATE" => "NULL".to_owned(),
            _ if constant.value < 0 => format!("({})", constant.value),
            _ if constant.value > i32::MAX as i128 => format!("{:#x}u", constant.value),
            _ => constant.value.to_string(),
        };
        writeln!(text, "/* {}. */\n#define {name} {value}", docs.of(name)?)?;
    }
    writeln!(text)?;
    Ok(())
}

fn enumeration(docs: &Descriptions, name: &str, e: &Enum, text: &mut String) -> Result<()> {
    // ISO C has no enumerators beyond int.
    let wide = e.values.iter().any(|(_, v)| i32::try_from(*v).is_err());
    let extension = if wide { "__extension__ " } else { "" };
    let tag = if name.contains(' ') {
        "enum".to_owned()
    } else {
        writeln!(text, "/* {}. */", docs.of(&format!("enum {name}"))?)?;
        format!("enum {name}")
    };
    writeln!(text, "{extension}{tag} {{")?;
    for (value_name, value) in e.values.iter() {
        let suffix = if e.size > 4 && *value > u32::MAX as i128 {
            "ull"
        } else if *value > i32::MAX as i128 {
            "u"
        } else {
            ""
        };
        writeln!(text, "  {value_name} = {value}{suffix}, /* {}. */", docs.of(value_name)?)?;
    }
    writeln!(text, "}};\n")?;
    Ok(())
}

fn structure(docs: &Descriptions, name: &str, ty: &Type, text: &mut String) -> Result<()> {
    let (tag, _) = tag(name);
    writeln!(text, "/* {}. */\n{} {tag} {{", docs.of(name)?, ty.kind)?;
    fields(&tree::fields(ty)?, 1, text)?;
    writeln!(text, "}};\n")?;
    Ok(())
}

fn fields(fields: &[Node], depth: usize, text: &mut String) -> Result<()> {
    let indent = "  ".repeat(depth);
    for field in fields {
        let base = field.ty.base().unwrap_or_default();
        if let Some(bits) = field.bits {
            writeln!(text, "{indent}{} : {bits};", field.ty.declare(&field.name))?;
        } else if ANONYMOUS.contains(&base)
            || (base == "struct ops" && depth == 1 && field.name == "ops")
            || base == "struct internal_ops"
        {
            let head = base.trim_end_matches(" {...}");
            writeln!(text, "{indent}{head} {{")?;
            self::fields(&field.children, depth + 1, text)?;
            let name = field.ty.declare(&field.name).replacen(base, "", 1);
            writeln!(text, "{indent}}}{};", if field.name.is_empty() { "" } else { &name })?;
        } else if base == "struct ops" {
            // C++ scopes the table to ef_vi; C does not.
            writeln!(
                text,
                "#ifdef __cplusplus\n{indent}struct ef_vi::ops {0};\n#else\n{indent}struct ops {0};\n#endif",
                field.name
            )?;
        } else if matches!(field.ty, CType::Array(_, None)) {
            // ISO C++ has no flexible arrays.
            writeln!(text, "{indent}__extension__ {};", field.ty.declare(&field.name))?;
        } else {
            writeln!(text, "{indent}{};", field.ty.declare(&field.name))?;
        }
    }
    Ok(())
}

fn signature(name: &str, function: &Function) -> Result<String> {
    let mut params = Vec::new();
    for param in &function.params {
        params.push(CType::parse(&param.ty)?.declare(&param.name));
    }
    if params.is_empty() {
        params.push("void".to_owned());
    }
    Ok(CType::parse(&function.result)?.declare(&format!("{name}({})", params.join(", "))))
}

fn function_macros(facts: &Facts, docs: &Descriptions, header: &str, text: &mut String) -> Result<()> {
    let bodies = snippets::split(snippets::MACROS);
    for (name, m) in facts.function_macros.iter().filter(|(_, m)| m.header == header) {
        let body = if let Some(entry) = macros::entry(facts, name, m)? {
            let arguments: Vec<String> = m.params.iter().map(|p| format!("({p})")).collect();
            format!("(({})->{}({}))", m.params[0], entry.path, arguments.join(", "))
        } else if let Some(reads) = &m.reads {
            let field = format!("(e).{reads}");
            match macros::reading(name, reads) {
                Reading::Whole if name == "EF_EVENT_PRI_ARG" => format!("((unsigned int){field})"),
                Reading::Whole => format!("({field})"),
                Reading::Flag(flag) => format!("({field} & {flag})"),
                Reading::Fraction16 => {
                    format!("((unsigned int){field} << (16 - EF_VI_TX_TS_FRAC_NS_BITS))")
                }
            }
        } else {
            bodies.get(name).with_context(|| format!("{name}: no body in c/macros.txt"))?.join(" \\\n  ")
        };
        let doc = docs.of(name)?;
        writeln!(text, "/* {doc}. */\n#define {name}({}) \\\n  {body}", m.params.join(", "))?;
    }
    writeln!(text)?;
    Ok(())
}
