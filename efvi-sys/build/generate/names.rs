//! The names that types declared in place have in the bindings: that of the structure and that of the field.

use std::collections::HashMap;

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, Item};

/// What bindgen calls the field of an unnamed union or structure, before its number.
const UNNAMED: &str = "__bindgen_anon_";

/// The types declared in place, by what bindgen calls them.
pub struct Names(HashMap<String, String>);

impl Names {
    /// Finds out the names of all types.
    pub fn new(items: &[Item]) -> Self {
        // The structure and the field that a type was declared in.
        let mut parents = HashMap::new();
        for (structure, fields) in items.iter().filter_map(fields) {
            let prefix = format!("{structure}__bindgen_ty_");
            for field in fields {
                let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                // In C's spelling: Rust's own words have an underscore after them.
                let name = unnamed(&name).unwrap_or(name).trim_end_matches('_').to_owned();
                let types = super::bits::flatten(field.ty.to_token_stream());
                for ty in types.into_iter().filter(|ty| ty.starts_with(&prefix)) {
                    parents.insert(ty, (structure.clone(), name.clone()));
                }
            }
        }
        let full = |name: &String| {
            let mut parts = Vec::new();
            let mut outermost = name;
            while let Some((parent, field)) = parents.get(outermost) {
                parts.insert(0, field.as_str());
                outermost = parent;
            }
            format!("{outermost}_{}", parts.join("_"))
        };
        Self(parents.keys().map(|name| (name.clone(), full(name))).collect())
    }

    /// The name of a type.
    pub fn of<'a>(&'a self, bindgen: &'a str) -> &'a str {
        self.0.get(bindgen).map_or(bindgen, String::as_str)
    }

    /// Renames all that some tokens name.
    pub fn rename(&self, tokens: impl ToTokens) -> TokenStream {
        let rename = |token: TokenTree| match token {
            TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), self.rename(group.stream()))),
            TokenTree::Ident(ident) => {
                let new = self.renamed(&ident.to_string());
                TokenTree::Ident(new.map_or(ident, |new| Ident::new(&new, Span::call_site())))
            }
            // What bindgen's assertions say that they assert.
            TokenTree::Literal(literal) => match syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                Ok(text) => TokenTree::Literal(Literal::string(&self.rename_text(&text.value()))),
                Err(_) => TokenTree::Literal(literal),
            },
            other => other,
        };
        tokens.to_token_stream().into_iter().map(rename).collect()
    }

    fn rename_text(&self, text: &str) -> String {
        let words = text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_');
        let rename = |word: &str| {
            let name = word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
            self.renamed(name).map_or(word.to_owned(), |new| new + &word[name.len()..])
        };
        words.map(rename).collect()
    }

    fn renamed(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().or_else(|| unnamed(name))
    }
}

/// The name of an unnamed field: the first has no number.
fn unnamed(field: &str) -> Option<String> {
    match field.strip_prefix(UNNAMED)? {
        "1" => Some("unnamed".to_owned()),
        number => Some(format!("unnamed_{number}")),
    }
}

/// Name and fields of a structure or union.
pub fn fields(item: &Item) -> Option<(String, &syn::punctuated::Punctuated<syn::Field, syn::Token![,]>)> {
    match item {
        Item::Struct(s) => match &s.fields {
            Fields::Named(fields) => Some((s.ident.to_string(), &fields.named)),
            _ => None,
        },
        Item::Union(u) => Some((u.ident.to_string(), &u.fields.named)),
        _ => None,
    }
}
