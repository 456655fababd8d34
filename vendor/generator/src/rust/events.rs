//! The views of `ef_event`: what C declares as bitfields of a union.

use std::fmt::Write;

use anyhow::{Result, ensure};

use super::{Context, ident};
use crate::tree::{self, Node};

pub fn generate(context: &Context<'_>) -> Result<String> {
    let mut text = String::from(
        "//! The views of an event. C declares them as a union of bitfields; here each view is a structure with a\n\
         //! field for each bitfield, read from an event and written to one by shifts and masks. What is read of a\n\
         //! view and not used costs nothing.\n\n#![allow(non_camel_case_types)]\n\n\
         use super::ef_event;\n\n\
         // Bitfields fill words from the lowest bit up on little-endian machines only.\n\
         const _: () = assert!(cfg!(target_endian = \"little\"));\n\n",
    );
    for (name, ty) in context.facts.types.iter() {
        let fields = tree::fields(ty)?;
        if tree::is_words(ty, &fields) {
            for view in &fields {
                write_view(context, &mut text, name, ty.size / 4, view)?;
            }
        }
    }
    Ok(text)
}

fn write_view(context: &Context<'_>, text: &mut String, union: &str, words: u64, view: &Node) -> Result<()> {
    let name = format!("{union}_{}", view.name);
    let since =
        context.releases.since(|f| f.types.get(union).is_some_and(|t| t.fields.iter().any(|x| x.name == view.name)));
    let mut fields = String::new();
    let mut reads = String::new();
    let mut writes: Vec<Vec<String>> = vec![Vec::new(); words as usize];
    for field in &view.children {
        let bits = field.bits.unwrap_or(32);
        let (word, shift) = (field.offset_bits / 32, field.offset_bits % 32);
        ensure!(shift + bits <= 32, "{name}.{}: crosses a word", field.name);
        let id = ident(&field.name);
        let what = if field.name == "__reserved" { "Unused" } else { "Bitfield" };
        let path = format!("{}.{}", view.name, field.name);
        let of_field =
            context.releases.since(|f| f.types.get(union).is_some_and(|t| t.fields.iter().any(|x| x.name == path)));
        let younger = if of_field == since { String::new() } else { format!(" {of_field}") };
        let place = field.offset_bits;
        writeln!(fields, "/// {what}: {bits} bits from bit {place} of the event.{younger}\npub {id}: u32,")?;
        let mask = (1u64 << bits) - 1;
        let shifted = if shift == 0 { format!("words[{word}]") } else { format!("(words[{word}] >> {shift})") };
        let read = if bits == 32 { shifted } else { format!("{shifted} & {mask:#x}") };
        writeln!(reads, "{id}: {read},")?;
        let masked = if bits == 32 { format!("view.{id}") } else { format!("(view.{id} & {mask:#x})") };
        writes[word as usize].push(if shift == 0 { masked } else { format!("({masked} << {shift})") });
    }
    let words: Vec<String> =
        writes.iter().map(|parts| if parts.is_empty() { "0".to_owned() } else { parts.join(" | ") }).collect();
    let event_type = format!("EF_EVENT_TYPE_{}", event_type(&view.name));
    let has_type = context.facts.enums.iter().any(|(_, e)| e.values.contains(&event_type));
    let about = if has_type {
        format!(" Its default is an event of type `{event_type}` with all else 0.")
    } else {
        String::new()
    };
    writeln!(
        text,
        "/// The view `{view_name}` of an [`{union}`].{about} {since}\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
         pub struct {name} {{\n{fields}}}\n\n\
         impl {union} {{\n/// Its view `{view_name}`.\n#[inline(always)]\n\
         pub const fn {view_name}(&self) -> {name} {{\nlet words = &self.words;\n{name} {{ {reads} }}\n}}\n}}\n\n\
         impl From<{name}> for {union} {{\n\
         /// The event of this view; bits that don't fit their field are dropped, others are 0.\n\
         #[inline(always)]\nfn from(view: {name}) -> Self {{\nSelf {{ words: [{words}] }}\n}}\n}}\n",
        view_name = view.name,
        words = words.join(", "),
    )?;
    if has_type {
        let zero: String =
            view.children.iter().filter(|f| f.name != "type").map(|f| format!("{}: 0,\n", ident(&f.name))).collect();
        writeln!(
            text,
            "impl Default for {name} {{\n#[inline(always)]\nfn default() -> Self {{\n\
             Self {{ type_: super::{event_type},\n{zero} }}\n}}\n}}\n"
        )?;
    }
    Ok(())
}

/// What follows `EF_EVENT_TYPE_` in the name of a view's event type.
fn event_type(view: &str) -> String {
    match view {
        "tx_timestamp" => "TX_WITH_TIMESTAMP".to_owned(),
        _ => view.to_uppercase(),
    }
}
