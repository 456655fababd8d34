//! Other names for the mock's interfaces, from outside: for programs that open an interface by a fixed name.

use crate::errno::Result;
use crate::interface::Interface;
use crate::settings;
use crate::wire::replay;
use std::ffi::{CStr, CString};

/// The longest name of an interface, as the kernel has it.
const LONGEST: usize = libc::IF_NAMESIZE - 1;

/// What a program's interfaces are called, and which of the mock's each of them is.
#[derive(Debug, PartialEq, Eq)]
struct Aliases(Vec<(CString, CString)>);

impl Aliases {
    fn parse(text: &str) -> core::result::Result<Self, String> {
        let mut aliases = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, interface) = item.split_once('=').ok_or_else(|| {
                format!("'NAME=INTERFACE', with commas between as in 'eth2=cable0a,eth3=cable0b', not '{item}'")
            })?;
            let alias = CString::new(name).ok().filter(|_| (1..=LONGEST).contains(&name.len()));
            let alias = alias.ok_or_else(|| format!("a name of 1 to {LONGEST} bytes before '=' in '{item}'"))?;
            let is_ours = |target: &CString| Interface::parse(target).is_ok() || replay::file_of(target).is_some();
            let target = CString::new(interface).ok().filter(is_ours).ok_or_else(|| {
                format!("'lo', an end of a cable from 'cable0a' to 'cable255b', or 'pcap:FILE', behind '=' in '{item}'")
            })?;
            if aliases.iter().any(|(other, _)| *other == alias) {
                return Err(format!("one interface for '{name}', not two"));
            }
            aliases.push((alias, target));
        }
        Ok(Self(aliases))
    }
}

/// What the interface of that name is called here: the name itself, unless `EFVI_MOCK_ALIAS` has another for it.
pub(crate) fn resolve(name: &CStr) -> Result<CString> {
    let aliases = settings::read("EFVI_MOCK_ALIAS", Aliases::parse)?;
    let named = aliases.and_then(|Aliases(all)| all.into_iter().find(|(alias, _)| alias.as_c_str() == name));
    Ok(named.map_or_else(|| name.to_owned(), |(_, interface)| interface))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_interfaces() {
        let pair = |a: &CStr, b: &CStr| (a.to_owned(), b.to_owned());
        let parsed = Aliases::parse("eth2=cable0a, eth3=cable0b,lo=cable255b,");
        assert_eq!(
            parsed,
            Ok(Aliases(vec![pair(c"eth2", c"cable0a"), pair(c"eth3", c"cable0b"), pair(c"lo", c"cable255b")]))
        );
        assert_eq!(Aliases::parse(""), Ok(Aliases(vec![])));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, says) in [
            ("eth2", "'NAME=INTERFACE', with commas between as in 'eth2=cable0a,eth3=cable0b', not 'eth2'"),
            ("=lo", "a name of 1 to 15 bytes before '=' in '=lo'"),
            ("a-name-too-long0=lo", "a name of 1 to 15 bytes"),
            (
                "eth2=eth3",
                "'lo', an end of a cable from 'cable0a' to 'cable255b', or 'pcap:FILE', behind '=' in 'eth2=eth3'",
            ),
            ("eth2=cable256a", "'cable0a' to 'cable255b'"),
            ("eth2=", "behind '=' in 'eth2='"),
            ("eth2=lo,eth2=cable0a", "one interface for 'eth2', not two"),
        ] {
            let error = Aliases::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
