//! Whether the library that the program runs with is of the release that it was built for.
//!
//! The build script has held the headers against the bindings. What it can't see is the library that the program meets:
//! a shared one of another release, or one that lay beside headers of another. Its structures differ, so the first call
//! that fills one would overwrite memory. With bindings that were generated from newer headers (efvi-sys's feature
//! `bindgen`) it can't be told.

use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::{CStr, c_char};
use core::fmt;

use crate::error::{Error, Result};
use crate::os;

/// The ef_vi library that the program runs with.
///
/// ```
/// let driver = efvi::Driver::open()?;
/// if driver.library().is_mock() {
///     println!("no adapter: {}", driver.library());
/// }
/// # Ok::<(), efvi::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    version: String,
    driver_interface: String,
}

impl Library {
    /// Its version (`ef_vi_version_str`): such as `9.0.1.86` of a package, or commit, date and branch of a build from
    /// a checkout.
    ///
    /// ```
    /// let driver = efvi::Driver::open()?;
    /// println!("{} for {}", driver.library().version(), driver.library().driver_interface());
    /// # Ok::<(), efvi::Error>(())
    /// ```
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The interface that it needs the driver to have (`ef_vi_driver_interface_str`): a checksum of the driver's
    /// interface, or `mock-nic` for the mock adapter.
    pub fn driver_interface(&self) -> &str {
        &self.driver_interface
    }

    /// True if it is the mock adapter.
    pub fn is_mock(&self) -> bool {
        self.driver_interface == "mock-nic"
    }

    /// Asks the library, and checks that it is of the bindings' release.
    pub(crate) fn check() -> Result<Self> {
        // SAFETY: the calls have no conditions; they give strings that stay.
        let [version, driver_interface] =
            unsafe { [efvi_sys::ef_vi_version_str(), efvi_sys::ef_vi_driver_interface_str()].map(|text| read(text)) };
        let library = Self { version, driver_interface };
        // Bindings that were generated from headers of no known release are of the library that has those headers.
        let is_known = efvi_sys::HEADERS_MATCH || !efvi_sys::GENERATED;
        let bindings = Version::of(efvi_sys::RELEASE);
        let is_other = is_known && bindings.refuses(&library.version, efvi_sys::HEADERS_MATCH) && !any_library();
        if library.driver_interface.is_empty() || is_other {
            return Err(Error::Library { library, bindings: efvi_sys::RELEASE });
        }
        Ok(library)
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (driver interface {})", self.version.trim(), self.driver_interface)
    }
}

/// A string of the library's; nothing if it gives none.
///
/// # Safety
///
/// `text` is null or a C string that nobody changes.
unsafe fn read(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the same contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// A release's number, as far as it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// `9.0.1`.
    Release(u32, u32, u32),
    /// `9.2-next`: what a branch was at some time after its last release, as the bindings name it.
    Next(u32, u32),
    /// `v9_2`: some state of a branch.
    Branch(u32, u32),
    /// None: nothing can be said.
    Unknown,
}

impl Version {
    /// The number in one word: `9.0.1.86`, `v9.0.1`, `9.2-next`, `v9_2`.
    fn of(word: &str) -> Self {
        let word = word.trim_start_matches("onload-").trim_start_matches('v');
        let (word, is_next) = match word.strip_suffix("-next") {
            Some(rest) => (rest, true),
            None => (word, false),
        };
        let numbers: Option<Vec<u32>> = word.split(['.', '_']).map(|n| n.parse().ok()).collect();
        match numbers.as_deref() {
            Some([major, minor, patch, ..]) if !is_next => Self::Release(*major, *minor, *patch),
            Some([major, minor]) if is_next => Self::Next(*major, *minor),
            Some([major, minor]) => Self::Branch(*major, *minor),
            _ => Self::Unknown,
        }
    }

    /// True if a library of that version has another interface than this release, or may have. A patch release that
    /// came after these bindings has it if the program was built with headers of this interface (`has_headers`), which
    /// are taken to be the library's. A version without a number, as of a build from a checkout without a release's
    /// name, says nothing.
    fn refuses(self, library: &str, has_headers: bool) -> bool {
        let found = library.split_whitespace().map(Self::of).find(|version| *version != Self::Unknown);
        match found {
            None | Some(Self::Unknown) => false,
            Some(Self::Next(..)) => found != Some(self),
            // Some state of the branch: it may be the one.
            Some(Self::Branch(major, minor)) => !self.is_of(major, minor),
            Some(release @ Self::Release(major, minor, _)) => {
                let release = release.first_alike();
                let is_known = RELEASES.split(' ').any(|known| Self::of(known) == release);
                if is_known { release != self } else { !(has_headers && self.is_of(major, minor)) }
            }
        }
    }

    /// Whether it is a release or state of that branch; 10.0 has begun with the interface of 9.2's.
    fn is_of(self, major: u32, minor: u32) -> bool {
        match self {
            Self::Release(m, n, _) => (m, n) == (major, minor),
            Self::Next(m, n) => (m, n) == (major, minor) || (m, n) == (9, 2) && (major, minor) == (10, 0),
            Self::Branch(..) | Self::Unknown => false,
        }
    }

    /// The release that has the same interface and bindings: 9.0.0 has that of 9.0.1, and 8.1.1 that of 8.1.2.
    fn first_alike(self) -> Self {
        match self {
            Self::Release(9, 0, 0) => Self::Release(9, 0, 1),
            Self::Release(8, 1, 1) => Self::Release(8, 1, 2),
            other => other,
        }
    }
}

/// The releases that there are bindings for.
const RELEASES: &str = env!("EFVI_RELEASES");

/// Whether the user vouches for the library.
fn any_library() -> bool {
    os::variable_is(c"EFVI_ANY_LIBRARY", c"1")
}

#[cfg(test)]
mod tests {
    use std::{format, string::ToString as _};

    use super::*;

    #[test]
    fn knows_the_ways_in_which_versions_are_written() {
        assert_eq!(Version::of("9.0.1.86"), Version::Release(9, 0, 1));
        assert_eq!(Version::of("9.2.0"), Version::Release(9, 2, 0));
        assert_eq!(Version::of("v9.0.1"), Version::Release(9, 0, 1));
        assert_eq!(Version::of("onload-8.1.3"), Version::Release(8, 1, 3));
        assert_eq!(Version::of("9.2-next"), Version::Next(9, 2));
        assert_eq!(Version::of("v9_2"), Version::Branch(9, 2));
        for other in ["", "master", "3c7f0b7", "2026-02-03", "<dev-snapshot>", "9", "9.x.1"] {
            assert_eq!(Version::of(other), Version::Unknown, "{other}");
        }
    }

    #[test]
    fn refuses_another_release_and_nothing_else() {
        let refused = |bindings: &str, library: &str| Version::of(bindings).refuses(library, true);
        for (bindings, library) in [
            ("9.2.0", "9.2.0"),
            ("9.2.0", "9.2.0.17"),
            ("9.0.1", "9.0.0.40"),
            ("8.1.2", "8.1.1.17"),
            ("9.0.1", "3c7f0b7 2024-08-01 v9.0.1 "),
            ("9.2.0", "3c7f0b7 2026-08-01 master "),
            ("9.2.0", "<dev-snapshot> "),
            ("9.2.0", "3c7f0b7 2026-08-01 v9_2 "),
            ("9.2-next", "9.2-next"),
            ("9.2-next", "9.2.1.5"),
            // Patch releases that are not known.
            ("9.2.0", "9.2.1.17"),
            ("9.1.1", "9.1.2.3"),
            ("9.2-next", "10.0.0.3"),
            ("8.1-next", "8.1.4"),
        ] {
            assert!(!refused(bindings, library), "{bindings} and {library}");
        }
        for (bindings, library) in [
            ("9.2.0", "9.1.1"),
            ("9.2.0", "9.3.0.1"),
            ("9.2.0", "8.0.1.2"),
            ("9.2.0", "9.1-next"),
            ("9.2.0", "9.2-next"),
            ("9.1.1", "3c7f0b7 2024-08-01 v9_2 "),
            ("9.2-next", "9.1-next"),
            ("9.0.1", "9.0.2.40"),
            ("8.1.0", "8.1.1.17"),
            ("9.1.1", "3c7f0b7 2024-08-01 v9.1.0 "),
            ("9.2-next", "9.2.0"),
            ("9.1-next", "9.2.0"),
            ("9.1-next", "9.1.1"),
            ("8.1-next", "8.1.3.40"),
            ("9.1-next", "10.0.0"),
        ] {
            assert!(refused(bindings, library), "{bindings} and {library}");
        }
        // Without headers nothing speaks for a patch release that is not known.
        let refused = |library| Version::of("9.2.0").refuses(library, false);
        assert!(refused("9.2.1.17"));
        assert!(!refused("9.2.0.17") && !refused("3c7f0b7 2026-08-01 v9_2 "));
    }

    #[test]
    fn the_library_of_the_tests_is_the_mock_of_the_same_release() {
        let library = Library::check().unwrap();
        assert!(library.is_mock());
        assert_eq!(library.version(), efvi_sys::RELEASE);
        assert_eq!(library.to_string(), format!("{} (driver interface mock-nic)", efvi_sys::RELEASE));
    }
}
