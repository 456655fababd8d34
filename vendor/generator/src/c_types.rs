//! C types: parsed from the facts' notation, written as C declarations and as Rust types.

use anyhow::{Result, bail, ensure};

/// A C type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CType {
    /// A name: `unsigned int`, `struct ef_vi`, `ef_addr`, `struct {...}`.
    Name {
        /// The name without qualifiers.
        name: String,
        /// Whether it is `const`.
        is_const: bool,
    },
    /// A pointer.
    Pointer(Box<CType>),
    /// An array; no length for a flexible one.
    Array(Box<CType>, Option<u64>),
    /// A function.
    Function {
        /// Type of the result.
        result: Box<CType>,
        /// Types of the parameters.
        params: Vec<CType>,
        /// Whether it ends in `...`.
        variadic: bool,
    },
}

/// `<unnamed>` is how the facts call a structure without a tag.
pub const ANONYMOUS: [&str; 2] = ["struct {...}", "union {...}"];

/// Typedefs of functions. In Rust they name the pointer, as Rust has no type for the function itself.
pub const FUNCTION_TYPEDEFS: [&str; 1] = ["ef_vi_efct_superbuf_refresh_t"];

impl CType {
    /// Parses a type in the notation of the facts.
    pub fn parse(text: &str) -> Result<Self> {
        let mut rest = text;
        let ty = parse_type(&mut rest)?;
        ensure!(rest.trim().is_empty(), "C type {text:?}: unexpected {rest:?}");
        Ok(ty)
    }

    /// The name under all pointers and arrays, if it isn't a function.
    pub fn base(&self) -> Option<&str> {
        match self {
            Self::Name { name, .. } => Some(name),
            Self::Pointer(to) | Self::Array(to, _) => to.base(),
            Self::Function { .. } => None,
        }
    }

    /// Every named type in it, results and parameters of functions included.
    pub fn names<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Self::Name { name, .. } => out.push(name),
            Self::Pointer(to) | Self::Array(to, _) => to.names(out),
            Self::Function { result, params, .. } => {
                result.names(out);
                params.iter().for_each(|p| p.names(out));
            }
        }
    }

    /// The declaration of `name` with this type, in C.
    pub fn declare(&self, name: &str) -> String {
        match self {
            Self::Name { name: base, is_const } => {
                let qualifier = if *is_const { "const " } else { "" };
                let base = if base == "_Bool" { "bool" } else { base };
                let space = if name.is_empty() { "" } else { " " };
                format!("{qualifier}{base}{space}{name}")
            }
            Self::Pointer(to) => match **to {
                Self::Function { .. } | Self::Array(..) => to.declare(&format!("(*{name})")),
                _ => to.declare(&format!("*{name}")),
            },
            Self::Array(of, length) => {
                let length = length.map(|n| n.to_string()).unwrap_or_default();
                of.declare(&format!("{name}[{length}]"))
            }
            Self::Function { result, params, variadic } => {
                let mut params: Vec<String> = params.iter().map(|p| p.declare("")).collect();
                if *variadic {
                    params.push("...".to_owned());
                }
                if params.is_empty() {
                    params.push("void".to_owned());
                }
                result.declare(&format!("{name}({})", params.join(", ")))
            }
        }
    }

    /// The type in Rust. `name` maps the names of structures, enums and typedefs.
    pub fn rust(&self, name: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Name { name: n, .. } => primitive(n).map_or_else(|| name(n), str::to_owned),
            Self::Pointer(to) => match &**to {
                Self::Function { .. } => format!("Option<{}>", to.rust(name)),
                Self::Name { name: n, .. } if FUNCTION_TYPEDEFS.contains(&n.as_str()) => format!("Option<{n}>"),
                Self::Name { name: n, is_const } if n == "void" => {
                    format!("*{} c_void", if *is_const { "const" } else { "mut" })
                }
                Self::Name { is_const: true, .. } => format!("*const {}", to.rust(name)),
                _ => format!("*mut {}", to.rust(name)),
            },
            Self::Array(of, length) => format!("[{}; {}]", of.rust(name), length.unwrap_or(0)),
            Self::Function { result, params, variadic } => {
                let mut params: Vec<String> = params.iter().map(|p| p.rust(name)).collect();
                if *variadic {
                    params.push("...".to_owned());
                }
                format!("unsafe extern \"C\" fn({}){}", params.join(", "), result.rust_result(name))
            }
        }
    }

    /// ` -> T`, or nothing for `void`.
    pub fn rust_result(&self, name: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Name { name: n, .. } if n == "void" => String::new(),
            _ => format!(" -> {}", self.rust(name)),
        }
    }
}

/// The Rust type of a C type of the language or its standard headers.
fn primitive(name: &str) -> Option<&'static str> {
    Some(match name {
        "_Bool" => "bool",
        "char" => "c_char",
        "unsigned char" => "c_uchar",
        "int" => "c_int",
        "unsigned int" => "c_uint",
        "unsigned long" => "c_ulong",
        "int16_t" => "i16",
        "int32_t" => "i32",
        "int64_t" => "i64",
        "uint8_t" => "u8",
        "uint16_t" => "u16",
        "uint32_t" => "u32",
        "uint64_t" => "u64",
        "size_t" | "uintptr_t" => "usize",
        "ssize_t" => "isize",
        "off_t" => "libc::off_t",
        "void" => "c_void",
        _ => return None,
    })
}

fn parse_type(rest: &mut &str) -> Result<CType> {
    let mut words = Vec::new();
    let mut is_const = false;
    loop {
        *rest = rest.trim_start();
        let end = if rest.starts_with("{...}") {
            "{...}".len()
        } else {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        };
        if end == 0 {
            break;
        }
        let (word, tail) = rest.split_at(end);
        *rest = tail;
        if word == "const" {
            is_const = true;
        } else {
            words.push(word);
        }
    }
    ensure!(!words.is_empty(), "C type without a name before {rest:?}");
    let mut ty = CType::Name { name: words.join(" "), is_const };
    loop {
        *rest = rest.trim_start();
        if take(rest, "const") {
            // A const pointer: of no consequence to the layout or the call.
        } else if take(rest, "*") {
            ty = CType::Pointer(Box::new(ty));
        } else if take(rest, "[") {
            let Some((length, tail)) = rest.split_once(']') else {
                bail!("C array without an end: {rest:?}");
            };
            *rest = tail;
            let length = if length.is_empty() { None } else { Some(length.parse()?) };
            ty = CType::Array(Box::new(ty), length);
        } else if take(rest, "(*)(") {
            ty = CType::Pointer(Box::new(parse_function(ty, rest)?));
        } else if take(rest, "(") {
            ty = parse_function(ty, rest)?;
        } else {
            return Ok(ty);
        }
    }
}

fn parse_function(result: CType, rest: &mut &str) -> Result<CType> {
    let mut params = Vec::new();
    let mut variadic = false;
    loop {
        *rest = rest.trim_start();
        if take(rest, ")") {
            break;
        } else if take(rest, "...") {
            variadic = true;
        } else if !take(rest, ",") {
            params.push(parse_type(rest)?);
        }
    }
    if params == [CType::Name { name: "void".to_owned(), is_const: false }] {
        params.clear();
    }
    Ok(CType::Function { result: Box::new(result), params, variadic })
}

fn take(rest: &mut &str, token: &str) -> bool {
    match rest.strip_prefix(token) {
        Some(tail) => {
            *rest = tail;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::CType;

    fn rust(c: &str) -> String {
        let name = |n: &str| n.trim_start_matches("struct ").to_owned();
        CType::parse(c).unwrap().rust(&name)
    }

    #[test]
    fn pointers_keep_what_they_point_at_const() {
        assert_eq!(rust("const uint32_t *"), "*const u32");
        assert_eq!(rust("const ef_vi_layout_entry **const"), "*mut *const ef_vi_layout_entry");
        assert_eq!(rust("struct ef_vi *[32]"), "[*mut ef_vi; 32]");
    }

    #[test]
    fn function_pointers_are_options() {
        assert_eq!(
            rust("void (*)(void *, const char *, ...)"),
            "Option<unsafe extern \"C\" fn(*mut c_void, *const c_char, ...)>"
        );
        assert_eq!(rust("int (*)(struct ef_vi *, int)"), "Option<unsafe extern \"C\" fn(*mut ef_vi, c_int) -> c_int>");
    }

    #[test]
    fn c_declarations_read_inside_out() {
        let declare = |c: &str, n: &str| CType::parse(c).unwrap().declare(n);
        assert_eq!(declare("int (*)(struct ef_vi *, int)", "f"), "int (*f)(struct ef_vi *, int)");
        assert_eq!(declare("struct ef_vi *[32]", "vis"), "struct ef_vi *vis[32]");
        assert_eq!(declare("const char *", ""), "const char *");
        assert_eq!(declare("_Bool", "b"), "bool b");
    }
}
