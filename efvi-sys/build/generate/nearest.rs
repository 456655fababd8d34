//! The checked-in bindings of the nearest release, whose descriptions, constants' types and twins are taken over.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Attribute, Expr, Fields, File, Item, Lit, Meta, Type};

/// A constant of the nearest release.
pub struct Constant {
    /// Its type.
    pub ty: Type,
    /// Whether its value is made from an address.
    pub is_pointer: bool,
}

/// A file of twins of macros and inline functions.
pub struct Twins {
    /// The module that it is.
    pub module: String,
    /// Its source.
    pub text: String,
    /// The same, parsed.
    pub file: File,
    /// Whether each function stands for a macro that names the same fields, tables and constants.
    pub is_generated: bool,
}

/// The nearest release.
pub struct Nearest {
    /// Its name.
    pub release: &'static str,
    /// Its headers.
    pub headers: Vec<String>,
    /// Types.
    pub types: BTreeMap<String, Item>,
    /// Constants.
    pub constants: BTreeMap<String, Constant>,
    /// Twins.
    pub twins: Vec<Twins>,
    /// Attributes that are kept, by item and by `item.field`.
    attributes: BTreeMap<String, Vec<Attribute>>,
}

impl Nearest {
    /// Reads the sources of a release.
    pub fn read(release: &'static str) -> Result<Self, String> {
        let module = format!("v{}", release.replace(['.', '-'], "_"));
        let dir = PathBuf::from("src/bindings").join(module);
        let assertions = read(&PathBuf::from(format!("build/layout/onload-{release}.c")))?;
        let includes = assertions.lines().filter_map(|line| line.strip_prefix("#include <")?.strip_suffix('>'));
        let headers = includes.filter(|h| h.starts_with("etherfabric/") || h.starts_with("onload/"));
        let mut nearest = Self {
            release,
            headers: headers.map(str::to_owned).collect(),
            types: BTreeMap::new(),
            constants: BTreeMap::new(),
            twins: Vec::new(),
            attributes: BTreeMap::new(),
        };
        for file in ["types", "constants", "functions", "events"] {
            let items = parse(&read(&dir.join(file).with_extension("rs"))?)?.items;
            items.into_iter().for_each(|item| nearest.add(item));
        }
        for item in parse(&read(&dir.join("mod.rs"))?)?.items {
            let Item::Mod(module) = item else { continue };
            let name = module.ident.to_string();
            let path = module.attrs.iter().find_map(path);
            let is_generated = ["accessors", "dispatch"].contains(&name.as_str());
            if path.is_none() && !is_generated {
                continue;
            }
            let text = read(&dir.join(path.unwrap_or_else(|| format!("{name}.rs"))))?;
            nearest.twins.push(Twins { module: name, file: parse(&text)?, text, is_generated });
        }
        Ok(nearest)
    }

    /// The description of an item or of an `item.field`, and what else is said of it.
    pub fn attributes(&self, name: &str) -> Vec<Attribute> {
        match self.attributes.get(name) {
            Some(attributes) => attributes.clone(),
            None => vec![doc(&format!("Not in Onload {}: from the installed headers.", self.release))],
        }
    }

    /// What the description of a field says after the place that it had: since which release it exists.
    pub fn field_since(&self, name: &str) -> String {
        match self.attributes.get(name).map(|all| all.iter().filter_map(text).collect::<String>()) {
            Some(text) => text.split_once(" Since ").map_or(String::new(), |(_, since)| format!(" Since {since}")),
            None => format!(" Not in Onload {}.", self.release),
        }
    }

    fn add(&mut self, item: Item) {
        match &item {
            Item::Struct(s) => self.add_type(&s.ident.to_string(), &s.attrs, &s.fields),
            Item::Union(u) => self.add_type(&u.ident.to_string(), &u.attrs, &Fields::Named(u.fields.clone())),
            Item::Type(t) => self.keep(t.ident.to_string(), &t.attrs),
            Item::Const(c) if c.ident != "_" => {
                self.keep(c.ident.to_string(), &c.attrs);
                let is_pointer = matches!(&*c.expr, Expr::Call(_));
                self.constants.insert(c.ident.to_string(), Constant { ty: (*c.ty).clone(), is_pointer });
            }
            Item::ForeignMod(block) => {
                for item in &block.items {
                    if let syn::ForeignItem::Fn(f) = item {
                        self.keep(f.sig.ident.to_string(), &f.attrs);
                    }
                }
            }
            _ => {}
        }
        if let Item::Struct(syn::ItemStruct { ident, .. })
        | Item::Union(syn::ItemUnion { ident, .. })
        | Item::Type(syn::ItemType { ident, .. }) = &item
        {
            self.types.insert(ident.to_string(), item);
        }
    }

    fn add_type(&mut self, name: &str, attributes: &[Attribute], fields: &Fields) {
        self.keep(name.to_owned(), attributes);
        for field in fields {
            let field_name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            self.keep(format!("{name}.{field_name}"), &field.attrs);
        }
    }

    fn keep(&mut self, name: String, attributes: &[Attribute]) {
        let kept = attributes.iter().filter(|a| a.path().is_ident("doc") || a.path().is_ident("deprecated"));
        self.attributes.insert(name, kept.cloned().collect());
    }
}

/// A line of documentation.
pub fn doc(text: &str) -> Attribute {
    let text = syn::LitStr::new(&format!(" {text}"), Span::call_site());
    syn::parse_quote!(#[doc = #text])
}

/// The text of a line of documentation.
fn text(attribute: &Attribute) -> Option<String> {
    value(attribute, "doc")
}

/// The file that a `#[path]` names.
fn path(attribute: &Attribute) -> Option<String> {
    value(attribute, "path")
}

fn value(attribute: &Attribute, name: &str) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident(name) => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether an item is one that holds the words of a union of views, as `ef_event` does.
pub fn is_words(item: &Item) -> bool {
    matches!(item, Item::Struct(s) if s.fields.iter().any(|f| f.ident.as_ref().is_some_and(|i| i == "words")))
}

fn read(path: &std::path::Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("efvi-sys: {}: {e}", path.display()))
}

fn parse(text: &str) -> Result<File, String> {
    syn::parse_file(text).map_err(|e| format!("efvi-sys: its own bindings do not parse: {e}"))
}

/// The tokens of something as a text without spaces, to compare.
pub fn compact(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().split_whitespace().collect()
}
