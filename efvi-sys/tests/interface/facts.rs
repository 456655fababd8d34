//! The bindings against the facts.

use std::collections::BTreeMap;

use generator::facts::{Facts, Releases};

use crate::TABLES;
use crate::compilers::root;
use crate::table::Table;

/// Compares a table with the facts. Returns what was compared, and every difference.
fn compare(table: &Table, facts: &Facts) -> (String, Vec<String>) {
    let mut differences = Vec::new();
    let mut check = |what: String, ours: Option<i128>, theirs: i128| {
        if ours != Some(theirs) {
            let ours = ours.map_or("missing".to_owned(), |n| n.to_string());
            differences.push(format!("{what} is {ours}, should be {theirs}"));
        }
    };

    let types: BTreeMap<_, _> = table.types.iter().map(|t| (t.name, t)).collect();
    let fields: BTreeMap<_, _> = table.fields.iter().map(|f| ((f.ty, f.path), f)).collect();
    let (mut offsets, mut widths) = (0, 0);
    for (name, ty) in facts.types.iter() {
        let found = types.get(name);
        check(format!("size of {name}"), found.map(|t| t.size as i128), ty.size as i128);
        check(format!("alignment of {name}"), found.map(|t| t.align as i128), ty.align as i128);
        // The views of an event and its bitfields: bitfields.rs compares them with C.
        for field in ty.fields.iter().filter(|f| f.bits.is_none() && name != "ef_event") {
            let found = fields.get(&(name, field.name.as_str()));
            let offset = (field.offset_bits / 8) as i128;
            check(format!("offset of {name}.{}", field.name), found.map(|f| f.offset as i128), offset);
            offsets += 1;
            let width = found.and_then(|f| f.width);
            // No width: a flexible array, or a field of a union.
            if let (Some(width), Some(size @ 0..)) = (width, field.size) {
                check(format!("width of {name}.{}", field.name), Some(width as i128), size as i128);
                widths += 1;
            }
        }
    }
    let values: BTreeMap<_, _> = table.values.iter().map(|v| (v.name, v.value)).collect();
    let enumerators = facts.enums.iter().flat_map(|(_, e)| e.values.iter());
    let constants = facts.constants.iter().map(|(name, c)| (name, &c.value));
    let mut n_values = 0;
    for (name, value) in enumerators.chain(constants) {
        check(name.to_owned(), values.get(name).map(|v| v()), *value);
        n_values += 1;
    }
    let mut n_calls = [0, 0];
    let functions = facts.functions.iter().map(|(name, _)| (0, name, table.functions));
    let macros = facts.function_macros.iter().map(|(name, _)| (1, name, table.macros));
    for (kind, name, ours) in functions.chain(macros) {
        // An attribute: it has no twin.
        if name != "EF_VI_ALIGN" {
            check(format!("presence of {name}"), Some(ours.contains(&name) as i128), 1);
            n_calls[kind] += 1;
        }
    }
    let summary = format!(
        "Onload {}: {} types, {offsets} offsets, {widths} widths, {n_values} enumerators and constants, \
         {} functions, {} macros",
        facts.release,
        facts.types.0.len(),
        n_calls[0],
        n_calls[1],
    );
    (summary, differences)
}

#[test]
fn bindings_are_the_facts() {
    let releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let (summary, differences) = compare(table, releases.get(table.release).unwrap());
        println!("{summary}");
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

#[test]
fn one_other_offset_is_found() {
    let mut releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let facts = releases.0.iter_mut().find(|f| f.release == table.release).unwrap();
        let fields = facts.types.0.iter().map(|(name, ty)| (name.clone(), ty.fields.len()));
        for (name, count) in fields.collect::<Vec<_>>() {
            for i in (0..count).filter(|_| name != "ef_event") {
                let ty = &mut facts.types.0.iter_mut().find(|(n, _)| *n == name).unwrap().1;
                if ty.fields[i].bits.is_some() {
                    continue;
                }
                ty.fields[i].offset_bits += 32;
                assert_eq!(compare(table, facts).1.len(), 1, "{name}, field {i}");
                facts.types.0.iter_mut().find(|(n, _)| *n == name).unwrap().1.fields[i].offset_bits -= 32;
            }
        }
    }
}
