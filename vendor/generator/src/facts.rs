//! The facts of one release, as `vendor/abi/onload-*.json` holds them.

use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// A JSON object in the order of the file, which is the order of declaration in C.
#[derive(Debug, Clone)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Ordered<T> {
    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Whether there is an entry of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// Everything known about one release's interface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Release as in the file's name, such as `9.2.0` or `9.2-next`.
    pub release: String,
    /// Target triple that the layout was read for.
    pub target: String,
    /// Headers, as C programs include them.
    pub headers: Vec<String>,
    /// Structures and unions. A name with `struct ` has no typedef.
    pub types: Ordered<Type>,
    /// Typedefs of anything but structures and unions.
    pub typedefs: Ordered<Typedef>,
    /// Enumerations, named or anonymous.
    pub enums: Ordered<Enum>,
    /// Macros with a value.
    pub constants: Ordered<Constant>,
    /// Functions, extern and inline.
    pub functions: Ordered<Function>,
    /// Macros with parameters.
    pub function_macros: Ordered<Macro>,
}

/// A structure or union.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// `struct` or `union`.
    pub kind: String,
    /// Size in bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Fields, nested ones by dotted names.
    pub fields: Vec<Field>,
    /// Header that declares it.
    pub header: String,
}

/// A field of a structure or union.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Dotted path from the outermost structure.
    pub name: String,
    /// Offset from the start of the outermost structure, in bits.
    pub offset_bits: u64,
    /// C type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Size in bytes; negative for a flexible array; absent for a bitfield.
    pub size: Option<i64>,
    /// Width of a bitfield.
    pub bits: Option<u64>,
}

/// A typedef.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typedef {
    /// C type that it names.
    pub is: String,
    /// Size in bytes; absent for a function type.
    pub size: Option<i64>,
    /// Header that declares it.
    pub header: String,
}

/// An enumeration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// Header that declares it.
    pub header: String,
    /// Size in bytes.
    pub size: u64,
    /// Enumerators.
    pub values: Ordered<i128>,
}

/// A macro with a value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Its value.
    pub value: i128,
    /// Header that declares it.
    pub header: String,
}

/// A function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Header that declares it.
    pub header: String,
    /// C type of the result.
    pub result: String,
    /// Parameters.
    pub params: Vec<Param>,
    /// `extern` or `static inline`.
    pub linkage: String,
    /// Whether the header marks it as deprecated.
    #[serde(default)]
    pub deprecated: bool,
}

/// A function's parameter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// Name, possibly empty.
    pub name: String,
    /// C type.
    #[serde(rename = "type")]
    pub ty: String,
}

/// A macro with parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Macro {
    /// Header that declares it.
    pub header: String,
    /// Names of the parameters.
    pub params: Vec<String>,
    /// Entry of `ef_vi` that it calls, such as `ops.transmit`.
    pub calls: Option<String>,
    /// Field of `ef_event` that it reads, such as `rx.len`.
    pub reads: Option<String>,
}

impl Facts {
    /// The release as a Rust module's name: `v9_2_0`, `v9_2_next`.
    pub fn module(&self) -> String {
        format!("v{}", self.release.replace(['.', '-'], "_"))
    }
}

/// Every release's facts, oldest first.
#[derive(Debug, Clone)]
pub struct Releases(pub Vec<Facts>);

impl Releases {
    /// Reads all `onload-*.json` of a directory.
    pub fn load(dir: &Path) -> Result<Self> {
        let mut all = Vec::new();
        for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                let mut facts: Facts = serde_json::from_str(&text)
                    .with_context(|| format!("{}: not the facts of a release", path.display()))?;
                facts.types.0.iter_mut().for_each(|(_, ty)| number_unnamed(ty));
                all.push(facts);
            }
        }
        ensure!(!all.is_empty(), "{}: no onload-*.json there", dir.display());
        all.sort_by_key(|f| order(&f.release));
        Ok(Self(all))
    }

    /// The facts of a release.
    pub fn get(&self, release: &str) -> Result<&Facts> {
        self.0.iter().find(|f| f.release == release).with_context(|| format!("no facts of release {release}"))
    }

    /// Says since which release something exists, and which later ones lack it.
    pub fn since(&self, has: impl Fn(&Facts) -> bool) -> String {
        let Some(first) = self.0.iter().position(&has) else {
            return String::new();
        };
        let missing: Vec<&str> = self.0[first..].iter().filter(|f| !has(f)).map(|f| f.release.as_str()).collect();
        let mut text = if first == 0 {
            "Since Onload 8.1 or before".to_owned()
        } else {
            format!("Since Onload {}", self.0[first].release)
        };
        if !missing.is_empty() {
            text += &format!(", not in {}", missing.join(", "));
        }
        text + "."
    }
}

/// Tells the unnamed unions of a structure apart: `<unnamed>`, `<unnamed 2>`.
fn number_unnamed(ty: &mut Type) {
    let mut seen: Vec<String> = Vec::new();
    for field in ty.fields.iter_mut().filter(|f| f.name.ends_with("<unnamed>")) {
        let count = 1 + seen.iter().filter(|name| **name == field.name).count();
        seen.push(field.name.clone());
        if count > 1 {
            field.name = field.name.replace("<unnamed>", &format!("<unnamed {count}>"));
        }
    }
}

/// Sort key of a release: a branch's `-next` comes after its numbered releases.
fn order(release: &str) -> (u32, u32, u32) {
    let (branch, patch) = match release.strip_suffix("-next") {
        Some(branch) => (branch, u32::MAX),
        None => match release.rsplit_once('.') {
            Some((branch, patch)) => (branch, patch.parse().unwrap_or(0)),
            None => (release, 0),
        },
    };
    let mut parts = branch.split('.').map(|p| p.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0), patch)
}
