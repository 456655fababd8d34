//! What the environment asks of the mock.
//!
//! Each variable is read and checked by the module that it is about. A value that is no value is an error of the call
//! that first needs it, `-EINVAL`, and a line on standard error says what was expected: whoever sets a variable of the
//! mock's looks for its effect.

use crate::errno::{Errno, Result};

/// The variable's value as read by `parse`, whose error is what was expected; none where it is not set, or empty.
pub(crate) fn read<T>(
    variable: &str,
    parse: impl FnOnce(&str) -> core::result::Result<T, String>,
) -> Result<Option<T>> {
    let Some(value) = std::env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let parsed = match value.to_str() {
        Some(text) => parse(text),
        None => Err("text".to_owned()),
    };
    parsed.map(Some).map_err(|expected| {
        eprintln!("mock-nic: {variable}={}: expected {expected}", value.display());
        Errno(libc::EINVAL)
    })
}

/// The path of a file that a variable names: `%p` in it stands for the process's number, so that each has its own.
pub(crate) fn path_of(value: &str) -> std::path::PathBuf {
    value.replace("%p", &std::process::id().to_string()).into()
}

#[cfg(test)]
mod tests {
    use crate::{Costs, Fault, Violation};
    use std::collections::BTreeSet;

    const TABLE: &str = include_str!("../VARIABLES.md");

    /// What stands in backquotes behind this heading, up to the next.
    fn names_under(heading: &str) -> BTreeSet<&'static str> {
        let (_, section) = TABLE.split_once(&format!("### {heading}\n")).unwrap();
        let section = section.split("\n### ").next().unwrap();
        section.split('`').skip(1).step_by(2).collect()
    }

    /// Variables in the text of the library, where each stands in quotes as a whole.
    #[cfg(not(miri))]
    fn read_in(directory: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_in(&path, found);
            } else {
                let text = std::fs::read_to_string(path).unwrap();
                let quoted = text.split('"').filter_map(|text| text.strip_prefix("EFVI_MOCK_"));
                let is_name = |rest: &&str| {
                    rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && !rest.is_empty()
                };
                found.extend(quoted.filter(is_name).map(|rest| format!("EFVI_MOCK_{rest}")));
            }
        }
    }

    #[cfg(not(miri))]
    #[test]
    fn the_table_has_each_variable_that_is_read_and_no_other() {
        let mut read = BTreeSet::new();
        for package in ["mock-nic", "mock-nic/libciul", "mock-nic/libonload_ext"] {
            read_in(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("src"), &mut read);
        }
        let rows = TABLE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), read);
        assert!(read.len() > 9, "{read:?}");
    }

    #[test]
    fn the_lists_have_each_name_and_no_other() {
        let faults = names_under("Faults");
        let of_faults: BTreeSet<_> = faults.iter().copied().filter(|name| !name.contains(['=', '@', '/'])).collect();
        assert_eq!(of_faults, Fault::ALL.iter().map(|fault| fault.name()).collect());
        assert_eq!(names_under("Mistakes"), Violation::ALL.iter().map(|violation| violation.name()).collect());
        let costs = names_under("Costs");
        assert_eq!(costs, Costs::NAMES.iter().copied().collect());
    }
}
