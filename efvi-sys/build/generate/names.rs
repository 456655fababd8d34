//! The names that types declared in place have in the bindings: that of the structure and that of the field.

use std::collections::HashMap;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, Item};

/// Renames by structure: a structure's unnamed unions have names of their own in each.
#[derive(Default)]
pub struct Names {
    types: HashMap<String, String>,
    unnamed: HashMap<String, HashMap<String, String>>,
}

impl Names {
    /// Finds out the names of all types.
    pub fn new(items: &[Item]) -> Self {
        let mut names = Self::default();
        // What bindgen calls a type, and the structure and field that it was declared in.
        let mut parents = HashMap::new();
        for item in items {
            let Some((name, fields)) = fields(item) else { continue };
            let unnamed: Vec<String> =
                idents(fields).filter(|field| field.starts_with("__bindgen_anon_")).collect();
            let renamed = |field: &str| match (field.strip_prefix("__bindgen_anon_"), unnamed.len()) {
                (Some(_), 1) => "unnamed".to_owned(),
                (Some(number), _) => format!("unnamed_{number}"),
                (None, _) => field.to_owned(),
            };
            for field in fields {
                let own = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                for token in super::bits::flatten(field.ty.to_token_stream()) {
                    if token.starts_with(&format!("{name}__bindgen_ty_")) {
                        // A field's name in C, also where Rust has the word for itself.
                        parents.insert(token, (name.clone(), renamed(&own).trim_end_matches('_').to_owned()));
                    }
                }
            }
            names.unnamed.insert(name, unnamed.iter().map(|field| (field.clone(), renamed(field))).collect());
        }
        for name in parents.keys() {
            let mut parts = Vec::new();
            let mut outermost = name;
            while let Some((parent, field)) = parents.get(outermost) {
                parts.insert(0, field.as_str());
                outermost = parent;
            }
            names.types.insert(name.clone(), format!("{outermost}_{}", parts.join("_")));
        }
        names
    }

    /// The name of a type.
    pub fn of<'a>(&'a self, bindgen: &'a str) -> &'a str {
        self.types.get(bindgen).map_or(bindgen, String::as_str)
    }

    /// Renames all that a structure's tokens name.
    pub fn rename(&self, owner: &str, tokens: impl ToTokens) -> TokenStream {
        let rename = |token: TokenTree| match token {
            TokenTree::Group(group) => {
                let mut renamed = Group::new(group.delimiter(), self.rename(owner, group.stream()));
                renamed.set_span(group.span());
                TokenTree::Group(renamed)
            }
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let unnamed = self.unnamed.get(owner).and_then(|fields| fields.get(&name));
                match self.types.get(&name).or(unnamed) {
                    Some(new) => TokenTree::Ident(Ident::new(new, ident.span())),
                    None => TokenTree::Ident(ident),
                }
            }
            other => other,
        };
        tokens.to_token_stream().into_iter().map(rename).collect()
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

fn idents<'a>(fields: impl IntoIterator<Item = &'a syn::Field>) -> impl Iterator<Item = String> {
    fields.into_iter().filter_map(|f| f.ident.as_ref()).map(ToString::to_string)
}
