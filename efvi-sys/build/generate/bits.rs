//! Bitfields, which bindgen declares as bytes with methods: as a word, and as the views of `ef_event`.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{ImplItem, Item, Type};

use super::nearest::{Nearest, doc};

/// A bitfield.
#[derive(Debug, Clone)]
pub struct Bits {
    /// The field that bindgen keeps its bytes in.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Its lowest bit in the unit.
    pub offset: u32,
    /// Its width.
    pub width: u32,
}

/// The field that bindgen keeps the bytes of a type's first bitfields in.
pub const FIRST: &str = "_bitfield_1";

/// The bitfields of each type, which the methods that read them tell.
pub fn all(items: &[Item]) -> BTreeMap<String, Vec<Bits>> {
    let mut all: BTreeMap<String, Vec<Bits>> = BTreeMap::new();
    for item in items {
        let Item::Impl(block) = item else { continue };
        let owner = super::nearest::compact(&block.self_ty);
        for item in &block.items {
            let ImplItem::Fn(function) = item else { continue };
            // `&self` and no more: what reads a bitfield. What sets it takes a value.
            if function.sig.inputs.len() != 1 || !matches!(function.sig.inputs.first(), Some(syn::FnArg::Receiver(_))) {
                continue;
            }
            let tokens = flatten(quote::ToTokens::to_token_stream(&function.block));
            let unit = tokens.iter().find(|t| t.starts_with("_bitfield_"));
            let get = tokens.iter().position(|t| t.starts_with("get"));
            if let (Some(unit), Some(get)) = (unit, get) {
                let mut numbers = tokens[get + 1..].iter().filter_map(|t| number(t));
                if let (Some(offset), Some(width)) = (numbers.next(), numbers.next()) {
                    let name = function.sig.ident.to_string();
                    all.entry(owner.clone()).or_default().push(Bits { unit: unit.clone(), name, offset, width });
                }
            }
        }
    }
    all
}

/// The bytes of bindgen's unit of bitfields; none if the type is another.
pub fn unit_bytes(ty: &Type) -> Option<u32> {
    let tokens = flatten(quote::ToTokens::to_token_stream(ty));
    let is_unit = tokens.iter().any(|t| t == "__BindgenBitfieldUnit");
    is_unit.then(|| tokens.iter().filter_map(|t| number(t)).next_back()).flatten()
}

/// A word that holds bitfields, and the methods that read and set them. None if no word is of that many bytes.
pub fn word(bits: &[Bits], bytes: u32) -> Option<(Ident, TokenStream, TokenStream)> {
    let ty = match bytes {
        1 | 2 | 4 | 8 => format_ident!("u{}", bytes * 8),
        _ => return None,
    };
    let names: Vec<&str> = bits.iter().map(|b| b.name.as_str()).collect();
    let word = format_ident!("{}", names.join("_"));
    let methods = bits.iter().map(|b| {
        let (get, set) = (format_ident!("{}", b.name), format_ident!("set_{}", b.name));
        let mask = mask(b.width);
        let offset = proc_macro2::Literal::u32_unsuffixed(b.offset);
        let (about_get, about_set) = (
            doc(&format!("The bitfield `{}`.", b.name)),
            doc(&format!("Sets the bitfield `{}` to the low {} bits of `value`.", b.name, b.width)),
        );
        quote! {
            #about_get
            #[inline(always)]
            pub const fn #get(&self) -> #ty { (self.#word >> #offset) & #mask }

            #about_set
            #[inline(always)]
            pub const fn #set(&mut self, value: #ty) {
                self.#word = (self.#word & !(#mask << #offset)) | ((value & #mask) << #offset);
            }
        }
    });
    let methods = quote!(#(#methods)*);
    Some((word, quote!(#ty), methods))
}

/// A view of the words of `union`: `bits` are its fields. The error says why it cannot be one.
pub fn view(
    nearest: &Nearest,
    union: &Ident,
    words: usize,
    name: &str,
    bits: &[Bits],
    is_event_type: impl Fn(&str) -> bool,
) -> Result<TokenStream, String> {
    if let Some(other) = bits.iter().find(|b| b.unit != FIRST) {
        return Err(format!("its bitfield `{}` follows a field that is none", other.name));
    }
    let ident = format_ident!("{union}_{name}");
    let mut declare = Vec::new();
    let mut reads = Vec::new();
    let mut parts: Vec<Vec<TokenStream>> = vec![Vec::new(); words];
    for b in bits {
        let (word, shift) = ((b.offset / 32) as usize, b.offset % 32);
        if shift + b.width > 32 || word >= words {
            return Err(format!("its bitfield `{}` crosses a word", b.name));
        }
        let field = format_ident!("{}", b.name);
        let about = doc(&format!(
            "{}: {} bits from bit {} of the event.{}",
            if b.name == "__reserved" { "Unused" } else { "Bitfield" },
            b.width,
            b.offset,
            nearest.field_since(&format!("{ident}.{}", b.name))
        ));
        let (index, mask) = (proc_macro2::Literal::usize_unsuffixed(word), mask(b.width));
        let shift = proc_macro2::Literal::u32_unsuffixed(shift);
        declare.push(quote!(#about pub #field: u32));
        reads.push(quote!(#field: (words[#index] >> #shift) & #mask));
        parts[word].push(quote!(((view.#field & #mask) << #shift)));
    }
    let parts = parts.into_iter().map(|p| if p.is_empty() { quote!(0) } else { quote!(#(#p)|*) });
    let about = nearest.attributes(&ident.to_string());
    let method = format_ident!("{name}");
    let about_method = doc(&format!("Its view `{name}`."));
    let event_type = match name {
        "tx_timestamp" => "EF_EVENT_TYPE_TX_WITH_TIMESTAMP".to_owned(),
        _ => format!("EF_EVENT_TYPE_{}", name.to_uppercase()),
    };
    let default = is_event_type(&event_type).then(|| {
        let event_type = Ident::new(&event_type, Span::call_site());
        let others = bits.iter().filter(|b| b.name != "type_").map(|b| format_ident!("{}", b.name));
        quote! {
            impl Default for #ident {
                #[inline(always)]
                fn default() -> Self { Self { type_: super::#event_type, #(#others: 0),* } }
            }
        }
    });
    Ok(quote! {
        #(#about)*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct #ident { #(#declare),* }

        impl #union {
            #about_method
            #[inline(always)]
            pub const fn #method(&self) -> #ident {
                let words = &self.words;
                #ident { #(#reads),* }
            }
        }

        impl From<#ident> for #union {
            /// The event of this view; bits that don't fit their field are dropped, others are 0.
            #[inline(always)]
            fn from(view: #ident) -> Self { Self { words: [#(#parts),*] } }
        }

        #default
    })
}

fn mask(width: u32) -> TokenStream {
    format!("{:#x}", (1u128 << width) - 1).parse().unwrap_or_default()
}

/// All tokens, those in brackets too, as texts.
pub fn flatten(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => all.extend(flatten(group.stream())),
            other => all.push(other.to_string()),
        }
    }
    all
}

/// A number with or without the type at its end.
pub fn number(token: &str) -> Option<u32> {
    let digits = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
    token[..digits].parse().ok()
}
