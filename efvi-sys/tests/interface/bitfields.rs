//! Bitfields against C: what C writes is read here, and what is written here has C's bytes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;

use generator::facts::{Facts, Releases};

use crate::TABLES;
use crate::compilers::{self, Scratch, root};

/// Value to write into a bitfield of so many bits: neither all ones nor a palindrome.
fn sample(bits: u64) -> u64 {
    let mask = u64::MAX >> (64 - bits);
    if bits <= 2 { mask } else { 0xB1C3_5A97_E2D4_8F69 & mask }
}

/// Bitfields of a release, and the fields that share an event with them, as (type, path, bits).
fn bitfields(facts: &Facts) -> Vec<(&str, &str, u64)> {
    let mut all = Vec::new();
    for (name, ty) in facts.types.iter() {
        for field in &ty.fields {
            let is_leaf = !field.ty.contains("{...}");
            if let Some(bits) = field.bits {
                all.push((name, field.name.as_str(), bits));
            } else if name == "ef_event" && is_leaf {
                all.push((name, field.name.as_str(), 32));
            }
        }
    }
    all
}

/// A program that prints, for each bitfield, the bytes after writing it and its value in a pattern of bytes.
fn program(facts: &Facts, all: &[(&str, &str, u64)]) -> String {
    let mut text: String = facts.headers.iter().map(|h| format!("#include <{h}>\n")).collect();
    text += "#include <stdio.h>\n#include <string.h>\n\
             static void dump(const void *p, size_t n)\n{\n  const unsigned char *b = (const unsigned char *)p;\n\
             \x20 while (n--) printf(\"%02x\", *b++);\n}\nint main(void)\n{\n";
    for (ty, path, bits) in all {
        let _ = writeln!(
            text,
            "  {{ {ty} v; memset(&v, 0, sizeof v); v.{path} = {}ull; printf(\"{path} \"); dump(&v, sizeof v);\n\
             \x20   for (size_t i = 0; i < sizeof v; i++) ((unsigned char *)&v)[i] = (unsigned char)(i * 37 + 139);\n\
             \x20   printf(\" %llu {ty}\\n\", (unsigned long long)v.{path}); }}",
            sample(*bits),
        );
    }
    text + "  return 0;\n}\n"
}

#[test]
fn bitfields_are_where_c_has_them() {
    let scratch = Scratch::new("bitfields");
    let releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let facts = releases.get(table.release).unwrap();
        let all = bitfields(facts);
        let file = scratch.file("bitfields.c", &program(facts, &all));
        let binary = scratch.0.join("bitfields");
        let include = root().join(format!("vendor/include/onload-{}", table.release));
        let compiler = &compilers::all()[0];
        let output = compiler.compile(&include, &file, &["-o", binary.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let output = Command::new(&binary).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();

        let ours: BTreeMap<_, _> = table.bitfields.iter().map(|b| ((b.ty, b.path), b)).collect();
        assert_eq!(ours.len(), all.len(), "Onload {}", table.release);
        assert_eq!(printed.lines().count(), all.len());
        for (line, (ty, path, bits)) in printed.lines().zip(&all) {
            let mut words = line.splitn(4, ' ');
            assert_eq!(words.next(), Some(*path));
            let c_bytes = unhex(words.next().unwrap());
            let c_value: u64 = words.next().unwrap().parse().unwrap();
            let bitfield = ours[&(*ty, *path)];
            assert_eq!((bitfield.write)(sample(*bits)), c_bytes, "{ty}.{path} written");
            assert_eq!((bitfield.read)(&c_bytes), sample(*bits), "{ty}.{path} read");
            let pattern: Vec<u8> = (0..c_bytes.len()).map(|i| (i * 37 + 139) as u8).collect();
            assert_eq!((bitfield.read)(&pattern), c_value, "{ty}.{path} read among others");
            // What does not fit leaves the neighbours alone.
            let all_ones = (bitfield.write)(u64::MAX);
            assert_eq!(all_ones, (bitfield.write)(u64::MAX >> (64 - bits)), "{ty}.{path} too large");
        }
        println!("Onload {}: {} bitfields, written and read both ways", table.release, all.len());
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}
