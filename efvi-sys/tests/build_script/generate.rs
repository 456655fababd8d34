//! Bindings from installed headers.

use std::path::Path;

use crate::run::{Scratch, run};

/// What a newer release may change.
const NEWER: [(&str, &str, &str); 11] = [
    (
        "etherfabric/ef_vi.h",
        "  unsigned int rx_prefix_len;",
        "  uint64_t queue_priority;\n  unsigned int rx_prefix_len;",
    ),
    (
        "etherfabric/ef_vi.h",
        "    int (*transmit)(",
        "    int (*transmit_later)(struct ef_vi *, ef_addr, int);\n    int (*transmit)(",
    ),
    ("etherfabric/ef_vi.h", "EF_VI_ARCH_EF10CT = 5,", "EF_VI_ARCH_EF10CT = 6, EF_VI_ARCH_X5 = 7,"),
    ("etherfabric/ef_vi.h", "#define EF_VI_MAX_QS 32", "#define EF_VI_MAX_QS 64\n#define EF_VI_MAX_PRIORITY 7"),
    // The event's length moves, and there is a new view.
    (
        "etherfabric/ef_vi.h",
        "    unsigned int rq_id : 32;\n    unsigned int len : 16;\n    unsigned int flags : 16;\n",
        "    unsigned int rq_id : 32;\n    unsigned int flags : 16;\n    unsigned int len : 16;\n",
    ),
    (
        "etherfabric/ef_vi.h",
        "union ef_event {",
        "union ef_event {\n  struct { unsigned int type : 16; unsigned int level : 4; } overload;",
    ),
    // A macro is gone, one takes more, one reads another field, and an inline function other types.
    ("etherfabric/ef_vi.h", "#define EF_EVENT_SW_DATA(e)", "#define EF_EVENT_SOFTWARE_DATA(e)"),
    ("etherfabric/ef_vi.h", "#define ef_vi_transmit_pio_warm(vi)", "#define ef_vi_transmit_pio_warm(vi, times)"),
    ("etherfabric/ef_vi.h", "((e).tx_alt.alt_id)", "((e).tx_alt.q_id)"),
    ("etherfabric/ef_vi.h", "static inline int ef_vi_receive_space(", "static inline long ef_vi_receive_space("),
    ("etherfabric/pd.h", "extern int ef_pd_alloc(", "extern int ef_pd_priority(ef_pd *pd);\nextern int ef_pd_alloc("),
];

/// A prefix with such headers.
fn newer() -> Scratch {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a"]);
    prefix.altered("9.2-next", &NEWER);
    prefix
}

#[cfg(not(feature = "bindgen"))]
#[test]
fn newer_headers_are_refused_without_the_feature() {
    let prefix = newer();
    run(&[("ONLOAD_DIR", &prefix.0)]).assert_refused(&["Onload 9.2-next", "enable feature `bindgen`"]);
    run(&[("ONLOAD_DIR", &prefix.0), ("EFVI_SYS_BINDGEN", Path::new("1"))])
        .assert_refused(&["feature `bindgen` is off"]);
}

#[cfg(feature = "bindgen")]
mod with_feature {
    use super::*;

    /// The bindings that a run made, without spaces and line ends, so that their layout does not matter.
    fn bindings(run: &crate::run::Run) -> String {
        assert!(run.values("rustc-cfg").contains(&"efvi_sys_generated"));
        let text = std::fs::read_to_string(run.out_dir.0.join("bindings.rs")).unwrap();
        text.split_whitespace().collect()
    }

    #[test]
    fn newer_headers_are_bound_with_the_nearest_releases_twins() {
        let prefix = newer();
        let run = run(&[("ONLOAD_DIR", &prefix.0)]);
        assert_eq!(run.values("release"), ["9.2-next"]);
        assert_eq!(run.values("generated"), ["1"]);
        let text = bindings(&run);
        for declared in [
            "pubqueue_priority:u64,",
            "pubtransmit_later:::core::option::Option<",
            "pubconstEF_VI_ARCH_EF10CT:ef_vi_arch=6;",
            "pubconstEF_VI_ARCH_X5:ef_vi_arch=7;",
            "pubconstEF_VI_MAX_QS:u32=64;",
            "pubconstEF_VI_MAX_PRIORITY:u32=7;",
            "len:(words[2]>>16)&0xffff,",
            "pubconstfnoverload(&self)->ef_event_overload",
            "pubfnef_pd_priority(pd:*mutef_pd)",
            "pubconstRELEASE:&str=\"9.2-next\";",
            // What no other type names, as the checked-in bindings have it.
            "pubconstEF_ADDRSPACE_LOCAL:ef_addrspace=18446744073709551615asef_addrspace;",
            "pubunnamed:onload_zc_iovec_unnamed,",
        ] {
            assert!(text.contains(declared), "no {declared}");
        }
        // No bytes of bindgen's own, no names of its own.
        for other in ["__Bindgen", "__bindgen", "__Incomplete", "_bitfield_"] {
            assert!(!text.contains(other), "{other}");
        }
    }

    #[test]
    fn twins_that_the_headers_no_longer_bear_out_are_left_out_and_named() {
        let run = run(&[("ONLOAD_DIR", &newer().0)]);
        let text = bindings(&run);
        let said: Vec<&str> = run.values("warning");
        for (twin, why) in [
            ("EF_EVENT_SW_DATA", "the headers do not have it"),
            ("ef_vi_transmit_pio_warm", "the macro has 2 parameters now, not 1"),
            ("EF_EVENT_TX_ALT_ALT_ID", "the macro names q_id, tx_alt now, not alt_id, tx_alt"),
            ("ef_vi_receive_space", "its types are"),
        ] {
            assert!(said.iter().any(|s| s.contains(&format!("bindings: {twin}: {why}"))), "{twin}: {said:#?}");
            assert!(!text.contains(&format!("fn{twin}(")), "{twin}");
        }
        assert_eq!(said.len(), 4, "{said:#?}");
        assert!(run.stdout.contains("no twin of the macro or inline function EF_EVENT_SOFTWARE_DATA"));
    }

    #[test]
    fn checked_in_bindings_win_unless_asked_otherwise() {
        let prefix = Scratch::new();
        prefix.libraries(&["lib64/libciul1.a"]);
        prefix.headers("include", "9.1.0");
        let dir = ("ONLOAD_DIR", &*prefix.0);
        assert!(run(&[dir]).values("generated").is_empty());
        let forced = run(&[dir, ("EFVI_SYS_BINDGEN", Path::new("1"))]);
        assert_eq!((forced.values("generated"), forced.values("release")), (vec!["1"], vec!["9.1.0"]));
        assert!(forced.values("warning").is_empty(), "{:#?}", forced.values("warning"));
    }

    #[test]
    fn a_pin_names_the_release_whose_twins_are_taken() {
        let prefix = newer();
        let pinned = ("EFVI_SYS_RELEASE", Path::new("9.2.0"));
        run(&[("ONLOAD_DIR", &prefix.0), pinned]).assert_refused(&["are not those of Onload 9.2.0"]);
        let forced = run(&[("ONLOAD_DIR", &prefix.0), pinned, ("EFVI_SYS_BINDGEN", Path::new("1"))]);
        assert_eq!(forced.values("release"), ["9.2.0"]);
        assert!(bindings(&forced).contains("pubqueue_priority:u64,"));
    }

    #[test]
    fn the_mock_is_not_bound_by_headers_of_another_release() {
        let (mock, forced) = (("CARGO_FEATURE_MOCK_NIC", Path::new("1")), ("EFVI_SYS_BINDGEN", Path::new("1")));
        let prefix = newer();
        let include = prefix.0.join("include");
        run(&[mock, forced, ("EFVI_SYS_INCLUDE", &include)])
            .assert_refused(&["the mock is Onload 9.2.0", " should be "]);
    }

    #[test]
    fn headers_that_clang_does_not_take_are_said() {
        let prefix = Scratch::new();
        prefix.libraries(&["lib64/libciul1.a"]);
        prefix.altered("9.2.0", &[("etherfabric/pd.h", "extern int ef_pd_alloc(", "extern no_type ef_pd_alloc(")]);
        run(&[("ONLOAD_DIR", &prefix.0)]).assert_refused(&[
            "clang does not take",
            "no_type",
            "BINDGEN_EXTRA_CLANG_ARGS",
        ]);
    }

    #[test]
    fn a_missing_libclang_is_said() {
        let prefix = newer();
        let nothing = prefix.file("lib/libclang.so", "not a library");
        run(&[("ONLOAD_DIR", &prefix.0), ("LIBCLANG_PATH", &nothing)]).assert_refused(&[
            "libclang",
            "could not be loaded",
            "apt install libclang-dev",
            "LIBCLANG_PATH",
        ]);
    }
}
