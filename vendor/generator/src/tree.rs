//! Structures as trees: the facts' dotted field names, nested again.

use anyhow::{Context, Result};

use crate::c_types::{ANONYMOUS, CType};
use crate::facts::Type;

/// How the name begins that the facts give to a nested structure without a field name.
const UNNAMED: &str = "<unnamed";

/// A field, with the fields of its own type if that is declared in place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Field name; empty for an unnamed union.
    pub name: String,
    /// Field name in Rust; an unnamed union has one too.
    pub rust_name: String,
    /// Offset from the start of the outermost structure, in bits.
    pub offset_bits: u64,
    /// C type.
    pub ty: CType,
    /// Width, if it is a bitfield.
    pub bits: Option<u64>,
    /// Size in bytes; 0 for a flexible array; absent for a bitfield.
    pub size: Option<u64>,
    /// Fields of a structure declared in place.
    pub children: Vec<Node>,
}

impl Node {
    /// Whether its type is a union declared in place.
    pub fn is_union(&self) -> bool {
        self.ty.base() == Some(ANONYMOUS[1])
    }

    /// Its offset in bytes.
    pub fn offset(&self) -> u64 {
        self.offset_bits / 8
    }
}

/// The fields of a type as a tree.
pub fn fields(ty: &Type) -> Result<Vec<Node>> {
    let mut roots: Vec<Node> = Vec::new();
    // The unnamed union that is open, as (path, end in bits).
    let mut unnamed: Option<(String, u64)> = None;
    for field in &ty.fields {
        let c_type = CType::parse(&field.ty).with_context(|| field.name.clone())?;
        let size = field.size.map(|s| s.max(0) as u64);
        let (parent, name) = field.name.rsplit_once('.').unwrap_or(("", &field.name));
        let mut path: Vec<&str> = parent.split('.').filter(|p| !p.is_empty()).collect();
        if name.starts_with(UNNAMED) {
            unnamed = Some((parent.to_owned(), field.offset_bits + 8 * size.unwrap_or(0)));
        } else if unnamed.as_ref().is_some_and(|(p, end)| p == parent && field.offset_bits < *end) {
            path.push("");
        } else {
            unnamed = None;
        }
        let mut siblings = &mut roots;
        for step in path {
            siblings = &mut siblings
                .iter_mut()
                .rfind(|n| n.name == step)
                .with_context(|| format!("{}: no field {step} before it", field.name))?
                .children;
        }
        let (c_name, rust_name) = match name.strip_prefix(UNNAMED) {
            Some(">") => ("", "unnamed".to_owned()),
            Some(number) => ("", format!("unnamed_{}", number.trim_matches([' ', '>']))),
            None => (name, crate::rust::ident(name)),
        };
        siblings.push(Node {
            name: c_name.to_owned(),
            rust_name,
            offset_bits: field.offset_bits,
            ty: c_type,
            bits: field.bits,
            size,
            children: Vec::new(),
        });
    }
    Ok(roots)
}

/// Whether a union is nothing but views of the same 32-bit words, as `ef_event` is.
pub fn is_words(ty: &Type, fields: &[Node]) -> bool {
    ty.kind == "union"
        && fields
            .iter()
            .all(|view| !view.children.is_empty() && view.children.iter().all(|f| f.ty.base() == Some("unsigned int")))
}
