//! Static assertions in C, which hold any headers of a release (ours, or installed ones) to the facts.

use std::fmt::Write;

use anyhow::Result;

use crate::c_types::{CType, FUNCTION_TYPEDEFS};
use crate::facts::Facts;
use crate::tree::{self, Node};

/// Generates the file. Each assertion's text says what of which release is asserted.
pub fn generate(facts: &Facts) -> Result<String> {
    let release = &facts.release;
    let mut text = format!(
        "/* Asserts that headers are those of Onload {release}. Compiles without a word if they are.\n\
         \x20* Made by vendor/generator from vendor/abi. Do not edit. */\n"
    );
    text += &includes(facts.headers.iter().map(String::as_str))?;
    writeln!(
        text,
        "\n#include <assert.h>\n#include <stdalign.h>\n#include <stddef.h>\n\n\
         #pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"\n\n\
         /* An assertion whose text says what it asserts. */\n\
         #define IS(what, value) static_assert((long long)(what) == (long long)(value), #what \" should be \" #value)\n\
         #define WIDTH(type, field) sizeof(((type *)0)->field)\n\
         #define HAS(function, ...) \\\n  static_assert(__builtin_types_compatible_p(__typeof__(&function), __VA_ARGS__), \\\n\
         \x20               #function \" should be of type \" #__VA_ARGS__)\n"
    )?;
    assertions(&mut text, facts, |header| !is_extension(header))?;
    writeln!(text, "\n#ifndef {WITHOUT_EXTENSIONS}")?;
    assertions(&mut text, facts, is_extension)?;
    writeln!(text, "#endif")?;
    Ok(text)
}

/// What leaves out the extensions, for those who link none of them.
const WITHOUT_EXTENSIONS: &str = "EFVI_SYS_WITHOUT_EXTENSIONS";

fn is_extension(header: &str) -> bool {
    header.starts_with("onload/")
}

/// Includes headers, those of the extensions if there are to be any.
pub fn includes<'a>(headers: impl Iterator<Item = &'a str>) -> Result<String> {
    let (extensions, others): (Vec<_>, Vec<_>) = headers.partition(|header| is_extension(header));
    let include = |headers: Vec<&str>| headers.iter().map(|h| format!("#include <{h}>\n")).collect::<String>();
    Ok(format!("{}#ifndef {WITHOUT_EXTENSIONS}\n{}#endif\n", include(others), include(extensions)))
}

/// The assertions on what some headers declare.
fn assertions(text: &mut String, facts: &Facts, of: impl Fn(&str) -> bool) -> Result<()> {
    for (name, ty) in facts.types.iter().filter(|(_, t)| of(&t.header)) {
        // Fields first: the first difference is then the most telling one.
        fields(text, name, "", &tree::fields(ty)?)?;
        writeln!(text, "IS(sizeof({name}), {});", ty.size)?;
        writeln!(text, "IS(alignof({name}), {});", ty.align)?;
    }
    for (name, typedef) in facts.typedefs.iter().filter(|(_, t)| of(&t.header)) {
        // ISO C has no size of a function.
        if let Some(size) = typedef.size.filter(|_| !FUNCTION_TYPEDEFS.contains(&name)) {
            writeln!(text, "IS(sizeof({name}), {size});")?;
        }
    }
    for (name, e) in facts.enums.iter().filter(|(_, e)| of(&e.header)) {
        if !name.contains(' ') {
            writeln!(text, "IS(sizeof(enum {name}), {});", e.size)?;
        }
        for (value_name, value) in e.values.iter() {
            writeln!(text, "IS({value_name}, {value});")?;
        }
    }
    for (name, constant) in facts.constants.iter().filter(|(_, c)| of(&c.header)) {
        // Pointers are no integer constants: the test compares them at run time.
        if !POINTERS.contains(&name) {
            writeln!(text, "IS({name}, {});", constant.value)?;
        }
    }
    signatures(text, facts, of)
}

/// Constants that are pointers.
pub const POINTERS: [&str; 2] = ["ONLOAD_ZC_HANDLE_NONZC", "ONLOAD_DONT_ACCELERATE"];

fn fields(text: &mut String, ty: &str, path: &str, nodes: &[Node]) -> Result<()> {
    for node in nodes.iter().filter(|n| n.bits.is_none()) {
        let own = match (path, node.name.as_str()) {
            (_, "") => path.to_owned(),
            ("", name) => name.to_owned(),
            (path, name) => format!("{path}.{name}"),
        };
        if !node.name.is_empty() {
            writeln!(text, "IS(offsetof({ty}, {own}), {});", node.offset())?;
            match (&node.ty, node.size) {
                (CType::Array(_, None), _) | (_, None) => {}
                (_, Some(size)) => writeln!(text, "IS(WIDTH({ty}, {own}), {size});")?,
            }
        }
        let is_array = matches!(node.ty, CType::Array(..));
        fields(text, ty, &if is_array { format!("{own}[0]") } else { own }, &node.children)?;
    }
    Ok(())
}

/// Each function's type, which C can compare and C++ cannot.
fn signatures(text: &mut String, facts: &Facts, of: impl Fn(&str) -> bool) -> Result<()> {
    writeln!(text, "\n#ifndef __cplusplus")?;
    for (name, function) in facts.functions.iter().filter(|(_, f)| of(&f.header)) {
        let mut params = Vec::new();
        for param in &function.params {
            params.push(CType::parse(&param.ty)?);
        }
        let ty = CType::Pointer(Box::new(CType::Function {
            result: Box::new(CType::parse(&function.result)?),
            params,
            variadic: false,
        }));
        writeln!(text, "HAS({name}, {});", ty.declare(""))?;
    }
    writeln!(text, "#endif")?;
    Ok(())
}
