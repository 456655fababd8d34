//! Gives what bindgen declares the shapes that the checked-in bindings have, so that code compiles on both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::visit::Visit;
use syn::{Field, Fields, ForeignItem, Item, Type};

use super::bits::{self, Bits};
use super::clang::{Headers, VALUE};
use super::names::{self, Names};
use super::nearest::{Nearest, compact, doc, is_words};

/// The parts of the bindings that come from the headers.
#[derive(Default)]
pub struct Shapes {
    pub types: TokenStream,
    pub events: TokenStream,
    pub constants: TokenStream,
    pub functions: TokenStream,
    pub layout: TokenStream,
    /// What could not be taken over.
    pub missing: Vec<String>,
}

/// Makes them.
pub fn shapes(headers: &Headers, nearest: &Nearest) -> Shapes {
    let names = Names::new(&headers.items);
    let structures = headers.items.iter().filter_map(|item| Some((names::fields(item)?.0, item))).collect();
    let mut maker =
        Maker { nearest, names, structures, bits: bits::all(&headers.items), layouts: layouts(&headers.items) };
    let mut shapes = Shapes::default();
    maker.constants(headers, &mut shapes);
    maker.events(headers, &mut shapes);
    maker.types(headers, &mut shapes);
    maker.functions(headers, &mut shapes);
    shapes
}

struct Maker<'a> {
    nearest: &'a Nearest,
    names: Names,
    structures: HashMap<String, &'a Item>,
    bits: BTreeMap<String, Vec<Bits>>,
    layouts: HashMap<String, Layout>,
}

/// What bindgen asserts of a structure.
struct Layout {
    assertions: TokenStream,
    size: u32,
    offsets: HashMap<String, u32>,
}

impl Maker<'_> {
    /// Enumerators, and macros with a value.
    fn constants(&self, headers: &Headers, shapes: &mut Shapes) {
        let mut aliases = BTreeMap::new();
        for item in &headers.items {
            if let Item::Type(t) = item {
                aliases.insert(t.ident.to_string(), compact(&t.ty));
            }
        }
        let mut defined = BTreeSet::new();
        let mut values = BTreeMap::new();
        for item in &headers.items {
            let Item::Const(c) = item else { continue };
            let (name, value) = (c.ident.to_string(), &c.expr);
            if name == "_" {
                continue;
            }
            if let Some(of) = name.strip_prefix(VALUE) {
                values.insert(of.to_owned(), value);
                continue;
            }
            let own = compact(&c.ty);
            let known = self.nearest.constants.get(&name).map(|k| k.ty.to_token_stream());
            let ty = match (known, own.as_str()) {
                (Some(ty), _) => ty,
                (None, "u32" | "i32" | "u64" | "i64") => c.ty.to_token_stream(),
                // An enum without a name has no type of its own in the bindings.
                (None, name) if name.starts_with("_bindgen_ty_") => {
                    fixed_width(aliases.get(name).map_or("", String::as_str)).unwrap_or(quote!(u32))
                }
                (None, name) if aliases.contains_key(name) => c.ty.to_token_stream(),
                // A text or the assertions of a layout.
                (None, _) => continue,
            };
            let about = self.nearest.attributes(&name);
            let ident = &c.ident;
            shapes.constants.extend(quote!(#(#about)* pub const #ident: #ty = #value;));
            defined.insert(name);
        }
        for (name, known) in self.nearest.constants.iter().filter(|(name, _)| !defined.contains(*name)) {
            let (Some(value), ident) = (values.get(name), format_ident!("{name}")) else {
                shapes.missing.push(format!("constant {name}"));
                continue;
            };
            let (about, ty) = (self.nearest.attributes(name), &known.ty);
            shapes.constants.extend(if known.is_pointer {
                quote!(#(#about)* pub const #ident: #ty = core::ptr::without_provenance_mut(#value as usize);)
            } else {
                quote!(#(#about)* pub const #ident: #ty = #value as #ty;)
            });
        }
    }

    /// The unions of views of the same words: the words in `types`, the views in `events`.
    fn events(&mut self, headers: &Headers, shapes: &mut Shapes) {
        let mut done = Vec::new();
        for item in &headers.items {
            let Item::Union(union) = item else { continue };
            let (ident, name) = (&union.ident, union.ident.to_string());
            if !self.nearest.types.get(&name).is_some_and(is_words) {
                continue;
            }
            let words = self.layouts.get(&name).map_or(0, |layout| layout.size / 4) as usize;
            let about = self.nearest.attributes(&name);
            shapes.types.extend(quote! {
                #(#about)*
                #[repr(C)]
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
                pub struct #ident { pub(super) words: [u32; #words] }
            });
            for field in &union.fields.named {
                let view = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                let structure = compact(&field.ty);
                let fields = match self.structures.get(&structure) {
                    Some(Item::Struct(s)) => &s.fields,
                    _ => &Fields::Unit,
                };
                let bits = self.words(&structure, fields);
                let is_event_type = |event_type: &str| {
                    headers.items.iter().any(|i| matches!(i, Item::Const(c) if c.ident == event_type))
                };
                match bits::view(self.nearest, ident, words, &view, &bits, is_event_type) {
                    Ok(tokens) => shapes.events.extend(tokens),
                    Err(why) => shapes.missing.push(format!("view {view} of {name}: {why}")),
                }
                done.push(structure);
            }
            let size = words * 4;
            shapes.layout.extend(quote!(
                const _: () = assert!(size_of::<#ident>() == #size && align_of::<#ident>() == 4);
            ));
            done.push(name);
        }
        for name in done {
            self.structures.remove(&name);
        }
    }

    /// All fields of a view as bitfields: those that are whole words too.
    fn words(&self, structure: &str, fields: &Fields) -> Vec<Bits> {
        let offsets = self.layouts.get(structure).map(|layout| &layout.offsets);
        let mut all = self.bits.get(structure).cloned().unwrap_or_default();
        for field in fields {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            if let (Some(byte), Some(quote)) = (offsets.and_then(|o| o.get(&name)), fixed_width(&compact(&field.ty))) {
                let width = if compact(&quote).ends_with("32") { 32 } else { 64 };
                all.push(Bits { unit: bits::FIRST.to_owned(), name, offset: byte * 8, width });
            }
        }
        all
    }

    fn types(&self, headers: &Headers, shapes: &mut Shapes) {
        let mut enums = BTreeSet::new();
        for item in &headers.items {
            if let Item::Const(c) = item {
                enums.insert(compact(&c.ty));
            }
        }
        for item in &headers.items {
            match item {
                Item::Struct(_) | Item::Union(_) => {
                    let Some((name, _)) = names::fields(item) else { continue };
                    if self.structures.contains_key(&name)
                        && !name.starts_with("__Bindgen")
                        && !name.starts_with("__Inc")
                    {
                        self.structure(&name, item, shapes);
                    }
                }
                Item::Type(alias) => {
                    let name = alias.ident.to_string();
                    if name.starts_with("_bindgen_ty_") {
                        continue;
                    }
                    let (about, ident, own) = (self.nearest.attributes(&name), &alias.ident, &alias.ty);
                    let ty = enums.contains(&name).then(|| fixed_width(&compact(own))).flatten();
                    let ty = ty.unwrap_or_else(|| self.names.rename(own));
                    shapes.types.extend(quote!(#(#about)* pub type #ident = #ty;));
                }
                _ => {}
            }
        }
        self.others(headers, shapes);
    }

    fn structure(&self, name: &str, item: &Item, shapes: &mut Shapes) {
        let Some((_, fields)) = names::fields(item) else { return };
        let new = self.names.of(name);
        // The headers only name it, the nearest release's bindings define it.
        let is_opaque = fields.iter().all(|f| f.ident.as_ref().is_some_and(|i| i == "_unused"));
        if let Some(known) = self.nearest.types.get(new).filter(|_| is_opaque) {
            shapes.types.extend(known.to_token_stream());
            return;
        }
        let ident = format_ident!("{new}");
        let none = Vec::new();
        let all_bits = self.bits.get(name).unwrap_or(&none);
        let offsets = self.layouts.get(name).map(|layout| &layout.offsets);
        let mut declared = Vec::new();
        let mut methods = TokenStream::new();
        for field in fields {
            let own = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            if own == "_bindgen_align" || own.starts_with("_bitfield_align_") {
                continue;
            }
            if let Some(bytes) = bits::unit_bytes(&field.ty) {
                let bits: Vec<Bits> = all_bits.iter().filter(|b| b.unit == own).cloned().collect();
                let Some((word, ty, new_methods)) = bits::word(&bits, bytes) else {
                    shapes.missing.push(format!("bitfields of {new}: {bytes} bytes are no word"));
                    let bytes = bytes as usize;
                    let field = format_ident!("{own}");
                    declared.push(quote!(#field: [u8; #bytes]));
                    continue;
                };
                let parts: Vec<String> = bits.iter().map(|b| format!("`{}` ({} bits)", b.name, b.width)).collect();
                let about = doc(&format!(
                    "Bitfields {}, lowest bits first; read and set them with the methods.",
                    parts.join(", ")
                ));
                declared.push(quote!(#about pub #word: #ty));
                methods.extend(new_methods);
                continue;
            }
            let renamed = self.names.rename(&field.ident);
            let place = offsets.and_then(|o| o.get(&own)).map_or(String::new(), |o| format!("At byte {o}."));
            let since = self.nearest.field_since(&format!("{new}.{renamed}"));
            let about = match format!("{place}{since}").trim() {
                "" => doc("Declared in place."),
                about => doc(about),
            };
            let ty = self.names.rename(flexible(&field.ty));
            declared.push(quote!(#about pub #renamed: #ty));
        }
        let about = self.nearest.attributes(new);
        let derive = if self.has_debug(item) { quote!(Clone, Copy, Debug) } else { quote!(Clone, Copy) };
        let (keyword, attributes) = match item {
            Item::Union(u) => (quote!(union), &u.attrs),
            Item::Struct(s) => (quote!(struct), &s.attrs),
            _ => return,
        };
        let repr = attributes.iter().filter(|a| a.path().is_ident("repr"));
        shapes.types.extend(quote!(#(#about)* #(#repr)* #[derive(#derive)] pub #keyword #ident { #(#declared),* }));
        if !methods.is_empty() {
            shapes.types.extend(quote!(impl #ident { #methods }));
        }
        if let Some(layout) = self.layouts.get(name) {
            shapes.layout.extend(self.names.rename(layout.assertions.clone()));
        }
    }

    /// Whether `Debug` can be derived: not of unions, and of libc's structures only in some of its versions.
    fn has_debug(&self, item: &Item) -> bool {
        let Item::Struct(s) = item else { return false };
        s.fields.iter().all(|field: &Field| match element(&field.ty) {
            Type::Path(path) => {
                let name = compact(path);
                match self.structures.get(&name) {
                    Some(inner) => self.has_debug(inner),
                    None => !matches!(
                        name.as_str(),
                        "timespec" | "timeval" | "iovec" | "msghdr" | "epoll_event" | "in6_addr"
                    ),
                }
            }
            _ => true,
        })
    }

    /// What the declarations name and the Onload headers do not define: libc's types, and those that C only names.
    fn others(&self, headers: &Headers, shapes: &mut Shapes) {
        let mut named = Named::default();
        headers.items.iter().for_each(|item| match item {
            Item::Impl(_) => {}
            item => named.visit_item(item),
        });
        let defined: BTreeSet<String> = headers
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Struct(s) => Some(s.ident.to_string()),
                Item::Union(u) => Some(u.ident.to_string()),
                Item::Type(t) => Some(t.ident.to_string()),
                _ => None,
            })
            .collect();
        for name in named.0.iter().filter(|name| !defined.contains(*name)) {
            let ident = format_ident!("{name}");
            match self.nearest.types.get(name) {
                Some(known) => shapes.types.extend(known.to_token_stream()),
                None => {
                    shapes.types.extend(quote!(use libc::#ident;));
                    shapes.functions.extend(quote!(use libc::#ident;));
                }
            }
        }
    }

    fn functions(&self, headers: &Headers, shapes: &mut Shapes) {
        let mut declared = TokenStream::new();
        for item in &headers.items {
            let Item::ForeignMod(block) = item else { continue };
            for item in &block.items {
                let ForeignItem::Fn(function) = item else {
                    declared.extend(item.to_token_stream());
                    continue;
                };
                let about = self.nearest.attributes(&function.sig.ident.to_string());
                let (attributes, signature) = (&function.attrs, self.names.rename(&function.sig));
                declared.extend(quote!(#(#about)* #(#attributes)* pub #signature;));
            }
        }
        shapes.functions.extend(quote!(unsafe extern "C" { #declared }));
    }
}

/// The names of types.
#[derive(Default)]
struct Named(BTreeSet<String>);

impl Visit<'_> for Named {
    fn visit_type_path(&mut self, path: &syn::TypePath) {
        const LANGUAGE: [&str; 14] =
            ["bool", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "usize", "isize", "Storage", "Self"];
        if let Some(ident) = path.path.get_ident().filter(|i| !LANGUAGE.iter().any(|l| i == l)) {
            self.0.insert(ident.to_string());
        }
        syn::visit::visit_type_path(self, path);
    }

    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        // Bindgen's own helpers are generic.
        if item.generics.params.is_empty() {
            syn::visit::visit_item_struct(self, item);
        }
    }
}

/// The type of an enum: as wide as C's.
fn fixed_width(c: &str) -> Option<TokenStream> {
    Some(match c {
        "core::ffi::c_uint" | "u32" => quote!(u32),
        "core::ffi::c_int" | "i32" => quote!(i32),
        "core::ffi::c_ulong" | "core::ffi::c_ulonglong" | "u64" => quote!(u64),
        "core::ffi::c_long" | "core::ffi::c_longlong" | "i64" => quote!(i64),
        _ => return None,
    })
}

/// What an array is of.
fn element(ty: &Type) -> &Type {
    match ty {
        Type::Array(array) => element(&array.elem),
        other => other,
    }
}

/// An array without a length, as one of none.
fn flexible(ty: &Type) -> TokenStream {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last().filter(|s| s.ident == "__IncompleteArrayField")
        && let syn::PathArguments::AngleBracketed(of) = &last.arguments
    {
        let of = &of.args;
        return quote!([#of; 0]);
    }
    ty.to_token_stream()
}

/// What bindgen asserts of each structure.
fn layouts(items: &[Item]) -> HashMap<String, Layout> {
    let mut all = HashMap::new();
    for item in items {
        let Item::Const(c) = item else { continue };
        let tokens = bits::flatten(c.expr.to_token_stream());
        // size_of :: < Type > - number
        let Some(at) = tokens.iter().position(|t| t == "size_of").filter(|_| c.ident == "_") else { continue };
        let rest = &tokens[at + 1..];
        let Some(name) = rest.iter().find(|t| t.starts_with(|c: char| c.is_alphabetic() || c == '_')) else { continue };
        let size = rest.iter().find_map(|t| bits::number(t)).unwrap_or(0);
        let mut offsets = HashMap::new();
        for at in (0..tokens.len()).filter(|at| tokens[*at] == "offset_of") {
            // offset_of ! Type , field - number
            let offset = tokens[at..].iter().find_map(|t| bits::number(t));
            if let (Some(field), Some(offset)) = (tokens.get(at + 4), offset) {
                offsets.insert(field.clone(), offset);
            }
        }
        all.insert(name.clone(), Layout { assertions: c.to_token_stream(), size, offsets });
    }
    all
}
