//! The nearest release's twins of macros and inline functions, as far as the headers still have what they stand for.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{FnArg, Item, ItemFn, ReturnType, Signature, Type};

use super::bits::flatten;
use super::clang::Headers;
use super::nearest::{Nearest, Twins, compact};

/// The twins that stay, as modules, and why others do not.
pub struct Kept {
    /// Names and sources.
    pub modules: Vec<(String, String)>,
    /// What is left out, and why.
    pub missing: Vec<String>,
}

/// Checks all of them.
pub fn kept(headers: &Headers, nearest: &Nearest) -> Kept {
    let mut dropped = BTreeMap::new();
    let functions = || nearest.twins.iter().flat_map(|t| functions(t).map(move |f| (t, f)));
    for (twins, function) in functions().filter(|(_, f)| matches!(f.vis, syn::Visibility::Public(_))) {
        if let Err(why) = check(headers, twins, function) {
            dropped.insert(function.sig.ident.to_string(), why);
        }
    }
    // What calls a twin that is left out cannot stay either; what calls one that is now a function of the library can.
    loop {
        let next = functions().find_map(|(_, function)| {
            let name = function.sig.ident.to_string();
            let used = flatten(function.block.to_token_stream());
            let gone = dropped.keys().find(|d| used.contains(d) && !headers.functions.contains_key(*d))?;
            (!dropped.contains_key(&name)).then(|| (name, format!("it calls {gone}, which is left out")))
        });
        match next {
            Some((name, why)) => dropped.insert(name, why),
            None => break,
        };
    }
    let names: BTreeSet<String> = dropped.keys().cloned().collect();
    let missing = dropped.into_iter().filter(|(name, _)| !headers.functions.contains_key(name));
    Kept {
        modules: nearest.twins.iter().map(|twins| (twins.module.clone(), without(twins, &names))).collect(),
        missing: missing.map(|(name, why)| format!("{name}: {why}")).collect(),
    }
}

/// The macros and inline functions of the headers that no twin stands for.
pub fn without_twin(headers: &Headers, nearest: &Nearest) -> Vec<String> {
    let twins: BTreeSet<String> = nearest.twins.iter().flat_map(functions).map(|f| f.sig.ident.to_string()).collect();
    let all = headers.inline.keys().chain(headers.macros.keys());
    let ours = |name: &&String| ["ef", "EF_", "onload_", "ONLOAD_", "__ef"].iter().any(|p| name.starts_with(p));
    all.filter(ours).filter(|name| !twins.contains(*name)).cloned().collect()
}

fn functions(twins: &Twins) -> impl Iterator<Item = &ItemFn> {
    twins.file.items.iter().filter_map(|item| match item {
        Item::Fn(function) => Some(function),
        _ => None,
    })
}

/// Whether what a twin stands for is still there, and the same as far as the headers tell.
fn check(headers: &Headers, twins: &Twins, function: &ItemFn) -> Result<(), String> {
    let twin = &function.sig;
    let name = twin.ident.to_string();
    if headers.functions.contains_key(&name) {
        return Err("it is a function of the library now".to_owned());
    }
    if let Some(inline) = headers.inline.get(&name) {
        return if types(inline) == types(twin) {
            Ok(())
        } else {
            Err(format!("its types are `{}` now", inline.to_token_stream()))
        };
    }
    let Some(found) = headers.macros.get(&name) else {
        return Err("the headers do not have it".to_owned());
    };
    // A macro that is a loop has the loop's variable besides.
    let is_loop = matches!(&twin.output, ReturnType::Type(_, ty) if is_iterator(twins, ty));
    let params = twin.inputs.len() + usize::from(is_loop);
    if found.params != params {
        return Err(format!("the macro has {} parameters now, not {params}", found.params));
    }
    if twins.is_generated {
        let own = names(function);
        if own != found.names {
            let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
            return Err(format!("the macro names {} now, not {}", list(&found.names), list(&own)));
        }
    }
    Ok(())
}

/// Whether the twins' file has this type as an iterator of its own.
fn is_iterator(twins: &Twins, ty: &Type) -> bool {
    twins.file.items.iter().any(|item| match item {
        Item::Impl(of) => {
            let of_iterator = of.trait_.as_ref().is_some_and(|(path, _)| path.is_ident("Iterator"));
            of_iterator && compact(&of.self_ty) == compact(ty)
        }
        _ => false,
    })
}

/// The fields, tables and constants that a generated twin names.
fn names(function: &ItemFn) -> BTreeSet<String> {
    let params: Vec<String> = function
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(compact(&typed.pat)),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let is_name = |token: &String| {
        token.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !params.contains(token)
            && !["unsafe", "unwrap_unchecked"].contains(&token.as_str())
    };
    let tokens = flatten(function.block.to_token_stream());
    // A field whose name is a word of Rust ends in an underscore.
    tokens.into_iter().filter(is_name).map(|name| name.trim_end_matches('_').to_owned()).collect()
}

/// The types of the parameters and of the result, by the last part of their paths.
fn types(signature: &Signature) -> Vec<String> {
    let inputs = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(short(&typed.ty)),
        FnArg::Receiver(_) => None,
    });
    let result = match &signature.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, ty) => short(ty),
    };
    inputs.chain([result]).collect()
}

fn short(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default(),
        Type::Ptr(pointer) => {
            format!("*{} {}", compact(&pointer.mutability), short(&pointer.elem))
        }
        other => compact(other),
    }
}

/// The source without some functions.
fn without(twins: &Twins, dropped: &BTreeSet<String>) -> String {
    let is_dropped = |item: &Item| matches!(item, Item::Fn(f) if dropped.contains(&f.sig.ident.to_string()));
    if !twins.file.items.iter().any(is_dropped) {
        return twins.text.clone();
    }
    let mut file = twins.file.clone();
    file.items.retain(|item| !is_dropped(item));
    prettyplease::unparse(&file)
}
