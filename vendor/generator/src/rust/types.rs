//! Structures, unions, typedefs and the types of enums.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Result, ensure};

use super::Context;
use crate::c_types::{ANONYMOUS, CType, FUNCTION_TYPEDEFS};
use crate::facts::Facts;
use crate::tree::{self, Node};

/// Structures of the C library, taken from the `libc` crate.
pub const LIBC: [&str; 6] = ["epoll_event", "in6_addr", "iovec", "msghdr", "timespec", "timeval"];

/// Structures that callbacks pass by value although the public headers only name them.
const BY_VALUE: [(&str, &str); 1] = [("efch_resource_id_s", "index")];

pub fn generate(context: &Context<'_>) -> Result<String> {
    let mut text = String::from(
        "//! Structures, unions and typedefs.\n\n#![allow(non_camel_case_types)]\n\n\
         use core::ffi::*;\n\n",
    );
    for (name, ty) in context.facts.types.iter() {
        let rust_name = context.name(name);
        let fields = tree::fields(ty)?;
        let since = context.releases.since(|f| f.types.contains(name));
        let doc = format!("{}. {since}", context.docs.of(name)?);
        let mut writer = TypeWriter { context, text: &mut text };
        if tree::is_words(ty, &fields) {
            writer.words(&rust_name, &doc, ty.size)?;
        } else {
            writer.structure(&rust_name, &doc, ty.kind == "union", &fields, Place { ty: name, path: "" })?;
        }
    }
    typedefs(context, &mut text)?;
    opaque(context, &mut text)?;
    Ok(text)
}

/// Where a structure is declared: in which type, and below which of its fields.
#[derive(Clone, Copy)]
struct Place<'a> {
    ty: &'a str,
    path: &'a str,
}

impl Place<'_> {
    /// The path of a field in it.
    fn of(self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }
}

fn has_field(facts: &Facts, ty: &str, path: &str) -> bool {
    facts.types.get(ty).is_some_and(|t| t.fields.iter().any(|field| field.name == path))
}

struct TypeWriter<'a> {
    context: &'a Context<'a>,
    text: &'a mut String,
}

impl TypeWriter<'_> {
    /// A union of views of the same words: the words alone; `events.rs` has the views.
    fn words(&mut self, name: &str, doc: &str, size: u64) -> Result<()> {
        ensure!(size.is_multiple_of(4), "{name}: {size} bytes are not whole words");
        writeln!(
            self.text,
            "/// {doc}\n///\n/// Its views are methods, such as `rx`; each view converts back with `From`.\n\
             #[repr(C)]\n#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]\n\
             pub struct {name} {{ pub(super) words: [u32; {}] }}\n",
            size / 4
        )?;
        Ok(())
    }

    fn structure(&mut self, name: &str, doc: &str, is_union: bool, fields: &[Node], place: Place<'_>) -> Result<()> {
        let base = fields.first().map_or(0, |f| f.offset_bits);
        let mut nested = Vec::new();
        let mut body = String::new();
        let mut units: Vec<Unit> = Vec::new();
        for field in fields {
            if let Some(bits) = field.bits {
                Unit::add(&mut units, field, bits, base)?;
                let unit = &units[units.len() - 1];
                if unit.members.len() == 1 {
                    body += &unit.placeholder(units.len() - 1);
                }
                continue;
            }
            let rust = self.field_type(name, field);
            let (ty, child) = (rust.0, rust.1);
            if let Some(child) = child {
                nested.push((child, field.clone()));
            }
            let since = self.field_since(place, &field.name);
            writeln!(
                body,
                "/// {} at byte {}.{since}\npub {}: {ty},",
                describe_field(field),
                (field.offset_bits - base) / 8,
                field.rust_name,
            )?;
        }
        for (i, unit) in units.iter().enumerate() {
            body = body.replace(&unit.placeholder(i), &unit.declare());
        }
        let (keyword, derive) = if is_union {
            ("union", "Clone, Copy")
        } else if self.is_plain(fields) {
            ("struct", "Clone, Copy, Debug")
        } else {
            ("struct", "Clone, Copy")
        };
        writeln!(self.text, "/// {doc}\n#[repr(C)]\n#[derive({derive})]\npub {keyword} {name} {{\n{body}}}\n")?;
        if !units.is_empty() {
            writeln!(self.text, "impl {name} {{")?;
            units.iter().for_each(|u| u.accessors(self.text));
            writeln!(self.text, "}}\n")?;
        }
        for (child, field) in nested {
            let what = if field.name.is_empty() { "An unnamed union".into() } else { format!("`{}`", field.name) };
            // The facts name what is in an unnamed union as if it were beside it.
            let path = place.of(if field.name.is_empty() { &field.children[0].name } else { &field.name });
            let since = self.context.releases.since(|f| has_field(f, place.ty, &path));
            let doc = format!("{what} of [`{name}`]. {since}");
            let path = if field.name.is_empty() { place.path } else { &path };
            self.structure(&child, &doc, field.is_union(), &field.children, Place { ty: place.ty, path })?;
        }
        Ok(())
    }

    /// The Rust type of a field, and the name of its own type if that is declared in place.
    fn field_type(&self, parent: &str, field: &Node) -> (String, Option<String>) {
        let base = field.ty.base().unwrap_or_default();
        let own = ANONYMOUS.contains(&base)
            || (!field.children.is_empty() && base == "struct ops" && parent == "ef_vi")
            || (base == "struct internal_ops");
        let child = match base {
            "struct ops" | "struct internal_ops" => self.context.name(base),
            _ if field.name.is_empty() => format!("{parent}_{}", field.rust_name),
            _ => format!("{parent}_{}", field.name),
        };
        let names = |n: &str| {
            if ANONYMOUS.contains(&n) { child.clone() } else { self.context.name(n) }
        };
        (field.ty.rust(&names), own.then_some(child.clone()))
    }

    /// ` Since …` if a field is younger than its structure.
    fn field_since(&self, place: Place<'_>, field: &str) -> String {
        if field.is_empty() {
            return String::new();
        }
        let releases = self.context.releases;
        let of_field = releases.since(|f| has_field(f, place.ty, &place.of(field)));
        let of_structure = match place.path {
            "" => releases.since(|f| f.types.contains(place.ty)),
            path => releases.since(|f| has_field(f, place.ty, path)),
        };
        if of_field == of_structure { String::new() } else { format!(" {of_field}") }
    }

    /// Whether `Debug` can be derived: no unions and none of libc's structures inside.
    fn is_plain(&self, fields: &[Node]) -> bool {
        fields.iter().all(|f| {
            let base = f.ty.base().unwrap_or_default();
            let by_value = !matches!(f.ty, CType::Pointer(_));
            let is_libc = by_value && LIBC.iter().any(|l| base.strip_prefix("struct ") == Some(*l));
            let inner = match self.context.facts.types.get(base) {
                Some(t) if by_value => {
                    tree::fields(t).is_ok_and(|fs| tree::is_words(t, &fs) || (t.kind == "struct" && self.is_plain(&fs)))
                }
                _ => true,
            };
            !f.is_union() && !is_libc && inner && self.is_plain(&f.children)
        })
    }
}

fn describe_field(field: &Node) -> String {
    let ty = field.ty.declare("").replace(" {...}", "");
    format!("`{ty}`")
}

/// Bitfields that share one word of memory.
struct Unit {
    rust: &'static str,
    bits: u64,
    offset_bits: u64,
    base: u64,
    members: Vec<(String, u64, u64)>,
}

impl Unit {
    fn add(units: &mut Vec<Unit>, field: &Node, bits: u64, base: u64) -> Result<()> {
        let (rust, unit_bits) = match field.ty.base() {
            Some("uint64_t") => ("u64", 64),
            Some("unsigned int" | "uint32_t") => ("u32", 32),
            other => anyhow::bail!("{}: no bitfields of type {other:?} yet", field.name),
        };
        let start = field.offset_bits / unit_bits * unit_bits;
        ensure!(field.offset_bits + bits <= start + unit_bits, "{}: crosses a word", field.name);
        let member = (field.name.clone(), field.offset_bits - start, bits);
        match units.last_mut() {
            Some(last) if last.offset_bits == start && last.bits == unit_bits => {
                last.members.push(member);
            }
            _ => units.push(Unit { rust, bits: unit_bits, offset_bits: start, base, members: vec![member] }),
        }
        Ok(())
    }

    fn placeholder(&self, index: usize) -> String {
        format!("@unit{index}@\n")
    }

    fn name(&self) -> String {
        let names: Vec<&str> = self.members.iter().map(|m| m.0.as_str()).collect();
        names.join("_")
    }

    fn declare(&self) -> String {
        let members: Vec<String> =
            self.members.iter().map(|(name, _, bits)| format!("`{name}` ({bits} bits)")).collect();
        format!(
            "/// Bitfields {} at byte {}, lowest bits first; read and set them with the methods.\npub {}: {},\n",
            members.join(", "),
            (self.offset_bits - self.base) / 8,
            self.name(),
            self.rust
        )
    }

    fn accessors(&self, text: &mut String) {
        let unit = self.name();
        for (name, shift, bits) in &self.members {
            let mask = format!("{:#x}", (1u128 << bits) - 1);
            let rust = self.rust;
            let by = |op: &str| {
                if *shift == 0 { String::new() } else { format!(" {op} {shift}") }
            };
            let (right, left) = (by(">>"), by("<<"));
            let _ = writeln!(
                text,
                "/// The bitfield `{name}`.\n#[inline(always)]\n\
                 pub const fn {name}(&self) -> {rust} {{ (self.{unit}{right}) & {mask} }}\n\n\
                 /// Sets the bitfield `{name}` to the low {bits} bits of `value`.\n#[inline(always)]\n\
                 pub const fn set_{name}(&mut self, value: {rust}) {{\n\
                 self.{unit} = (self.{unit} & !({mask}{left})) | ((value & {mask}){left});\n}}\n"
            );
        }
    }
}

fn typedefs(context: &Context<'_>, text: &mut String) -> Result<()> {
    for (name, typedef) in context.facts.typedefs.iter() {
        let ty = CType::parse(&typedef.is)?;
        ensure!(
            matches!(ty, CType::Function { .. }) == FUNCTION_TYPEDEFS.contains(&name),
            "{name}: typedefs of functions, and they alone, belong in c_types::FUNCTION_TYPEDEFS"
        );
        let ty = ty.rust(&|n| context.name(n));
        let since = context.releases.since(|f| f.typedefs.contains(name));
        let doc = context.docs.of(name)?;
        writeln!(text, "/// {doc}. {since}\npub type {name} = {ty};\n")?;
    }
    for (name, e) in context.facts.enums.iter().filter(|(n, _)| !n.contains(' ')) {
        let since = context.releases.since(|f| f.enums.contains(name));
        let ty = super::constants::enum_type(e)?;
        let doc = context.docs.of(&format!("enum {name}"))?;
        writeln!(text, "/// {doc}. {since}\npub type {name} = {ty};\n")?;
    }
    Ok(())
}

/// Structures that the headers name without a definition.
fn opaque(context: &Context<'_>, text: &mut String) -> Result<()> {
    let named: Vec<(&Facts, BTreeSet<String>)> =
        context.releases.0.iter().map(|f| Ok((f, undefined(f)?))).collect::<Result<_>>()?;
    for name in undefined(context.facts)? {
        let since =
            context.releases.since(|f| named.iter().any(|(g, names)| std::ptr::eq(f, *g) && names.contains(&name)));
        let (derive, doc, field) = match BY_VALUE.iter().find(|(n, _)| *n == name) {
            Some((_, field)) => (
                "#[derive(Clone, Copy, Debug)]\n",
                "Passed by value in a callback of the library's own",
                format!("/// Its only field.\npub {field}: u32"),
            ),
            None => ("", "Opaque: only pointers to it are used", "_opaque: [u8; 0]".to_owned()),
        };
        writeln!(text, "/// {doc}. {since}\n#[repr(C)]\n{derive}pub struct {name} {{ {field} }}\n")?;
    }
    Ok(())
}

/// The names of the structures that a release's headers name and neither they nor libc define.
fn undefined(facts: &Facts) -> Result<BTreeSet<String>> {
    let mut all = Vec::new();
    for (_, ty) in facts.types.iter() {
        for field in &ty.fields {
            all.push(CType::parse(&field.ty)?);
        }
    }
    for (_, typedef) in facts.typedefs.iter() {
        all.push(CType::parse(&typedef.is)?);
    }
    for (_, function) in facts.functions.iter() {
        all.push(CType::parse(&function.result)?);
        for param in &function.params {
            all.push(CType::parse(&param.ty)?);
        }
    }
    let mut names = Vec::new();
    all.iter().for_each(|t| t.names(&mut names));
    let names = names.into_iter().filter_map(|n| n.strip_prefix("struct "));
    let is_defined = |name: &str| {
        let known = facts.types.contains(name) || facts.types.contains(&format!("struct {name}"));
        known || LIBC.contains(&name) || ["{...}", "ops", "internal_ops"].contains(&name)
    };
    Ok(names.filter(|name| !is_defined(name)).map(str::to_owned).collect())
}
