//! What libclang, by bindgen, says of installed headers.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::panic;
use std::path::Path;
use std::rc::Rc;

use bindgen::callbacks::ParseCallbacks;
use bindgen::{Builder, CodegenConfig, EnumVariation, Formatter, RustEdition, RustTarget};
use syn::{ForeignItem, Item, Signature};

/// Begins the name of a constant that has the value of a macro.
pub const VALUE: &str = "efvi_value_";

/// A macro with parameters.
#[derive(Debug, Clone)]
pub struct Macro {
    /// How many it has.
    pub params: usize,
    /// The identifiers of its body, its parameters and the language's own words aside.
    pub names: BTreeSet<String>,
}

/// What the headers declare.
pub struct Headers {
    /// Types, constants and functions, the inline ones aside.
    pub items: Vec<Item>,
    /// Inline functions.
    pub inline: BTreeMap<String, Signature>,
    /// Functions of the library.
    pub functions: BTreeMap<String, Signature>,
    /// Macros with parameters.
    pub macros: BTreeMap<String, Macro>,
}

/// Reads the headers of a directory. `macros` are those that casts and the like keep bindgen from giving a value to.
///
/// `out_dir` takes the wrappers of inline functions that bindgen writes beside their declarations; nothing uses them.
pub fn read(include: &Path, headers: &[String], macros: &[&str], out_dir: &Path) -> Result<Headers, String> {
    let mut text: String = headers.iter().fold(String::new(), |text, header| text + "#include <" + header + ">\n");
    for name in macros {
        let _ = writeln!(
            text,
            "#ifdef {name}\nstatic const unsigned long long {VALUE}{name} = (unsigned long long)({name});\n#endif"
        );
    }
    let found = Rc::new(RefCell::new(BTreeMap::new()));
    let builder = Builder::default()
        .header_contents("efvi-sys.h", &text)
        .clang_arg(format!("-I{}", include.display()))
        .clang_arg("-Wno-everything")
        .parse_callbacks(Box::new(Macros(found.clone())))
        .formatter(Formatter::None)
        .rust_edition(RustEdition::Edition2024)
        .rust_target(RustTarget::stable(88, 0).map_err(|e| format!("efvi-sys: bindgen: {e}"))?)
        .use_core()
        .ctypes_prefix("core::ffi")
        .default_enum_style(EnumVariation::Consts)
        .prepend_enum_name(false)
        .generate_comments(false)
        .allowlist_recursively(false)
        .allowlist_file(format!("{}/(etherfabric|onload)/.*", escape(&include.to_string_lossy())))
        .allowlist_var(format!("{VALUE}.*"));
    let items = generate(builder.clone())?;
    let all = builder
        .with_codegen_config(CodegenConfig::FUNCTIONS)
        .generate_inline_functions(true)
        .wrap_static_fns(true)
        .wrap_static_fns_path(out_dir.join("inline"));
    let all = functions(&generate(all)?);
    let functions = functions(&items);
    let inline = all.into_iter().filter(|(name, _)| !functions.contains_key(name)).collect();
    Ok(Headers { items, inline, functions, macros: found.take() })
}

/// Runs bindgen, which panics where it cannot load libclang.
fn generate(builder: Builder) -> Result<Vec<Item>, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(panic::AssertUnwindSafe(|| builder.generate()));
    panic::set_hook(hook);
    let bindings = match result {
        Ok(Ok(bindings)) => bindings,
        Ok(Err(e)) => {
            return Err(format!(
                "efvi-sys: clang does not take the ef_vi headers:\n\n{}\n\n\
                 Set BINDGEN_EXTRA_CLANG_ARGS to the options that it needs, such as -I or --sysroot.",
                e.to_string().trim()
            ));
        }
        Err(cause) => {
            let cause = cause.downcast_ref::<String>().map(String::as_str).or(cause.downcast_ref::<&str>().copied());
            return Err(format!(
                "efvi-sys: feature `bindgen` generates bindings by libclang, which could not be loaded:\n\n  {}\n\n\
                 Do one of these:\n\
                 \x20 - install libclang: `apt install libclang-dev`, `dnf install clang-devel` or `zypper install clang-devel`\n\
                 \x20 - set LIBCLANG_PATH to the directory that libclang.so is in\n\
                 \x20 - install headers of a release that there are bindings for: those need no libclang",
                cause.unwrap_or("no reason given").lines().next().unwrap_or_default()
            ));
        }
    };
    let file = syn::parse_file(&bindings.to_string()).map_err(|e| format!("efvi-sys: what bindgen wrote: {e}"))?;
    Ok(file.items)
}

fn functions(items: &[Item]) -> BTreeMap<String, Signature> {
    let foreign = items.iter().filter_map(|item| match item {
        Item::ForeignMod(block) => Some(&block.items),
        _ => None,
    });
    let functions = foreign.flatten().filter_map(|item| match item {
        ForeignItem::Fn(function) => Some((function.sig.ident.to_string(), function.sig.clone())),
        _ => None,
    });
    functions.collect()
}

/// A text as a regular expression that matches it.
fn escape(text: &str) -> String {
    text.chars().flat_map(|c| (!c.is_ascii_alphanumeric() && c != '/').then_some('\\').into_iter().chain([c])).collect()
}

/// Collects the macros with parameters.
#[derive(Debug)]
struct Macros(Rc<RefCell<BTreeMap<String, Macro>>>);

impl ParseCallbacks for Macros {
    fn func_macro(&self, head: &str, body: &[&[u8]]) {
        let (name, params) = head.trim_end_matches(')').split_once('(').unwrap_or((head, ""));
        let params: Vec<&str> = params.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
        let names = body
            .iter()
            .filter_map(|token| std::str::from_utf8(token).ok())
            .filter(|token| token.starts_with(|c: char| c.is_alphabetic() || c == '_'))
            .filter(|token| !params.contains(token) && !["unsigned", "int", "void"].contains(token))
            .map(str::to_owned)
            .collect();
        self.0.borrow_mut().insert(name.to_owned(), Macro { params: params.len(), names });
    }
}
