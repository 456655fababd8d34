//! The environment's say in a domain's flags: `EF_VI_PD_FLAGS`, by which a program that knows nothing of an X4's express
//! datapath runs on it.

use crate::abi::*;

/// The flags for a domain that a program asks for with these ones.
pub(crate) fn from_environment(asked: ef_pd_flags) -> ef_pd_flags {
    std::env::var("EF_VI_PD_FLAGS").map_or(asked, |names| replaced(asked, &names))
}

/// Flags that are named take the place of those that were asked for, and `default` alone that of all. As the library does
/// it, a name that it doesn't know changes nothing.
fn replaced(asked: ef_pd_flags, names: &str) -> ef_pd_flags {
    let (mut flags, mut asked) = (EF_PD_DEFAULT, asked);
    // Releases without X4 know one name at a time.
    let separator = if cfg!(onload_since = "9.0.1") { ',' } else { '\0' };
    for name in names.split(separator) {
        match name {
            "vf" => flags |= EF_PD_VF,
            "phys" => flags |= EF_PD_PHYS_MODE,
            "default" => asked = EF_PD_DEFAULT,
            #[cfg(onload_since = "9.1.0")]
            "mcast_loop" => flags |= EF_PD_MCAST_LOOP,
            #[cfg(onload_since = "9.1.0")]
            "express" => flags |= EF_PD_EXPRESS,
            #[cfg(all(onload_since = "9.0.1", not(onload_since = "9.1.0")))]
            "llct" => flags |= EF_PD_LLCT,
            _ => {}
        }
    }
    if flags == EF_PD_DEFAULT { asked } else { flags }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_are_named_take_the_place_of_others() {
        let asked = EF_PD_RX_PACKED_STREAM;
        assert_eq!(replaced(asked, "phys"), EF_PD_PHYS_MODE);
        assert_eq!(replaced(asked, "default"), EF_PD_DEFAULT);
        for nothing in ["", "none", "PHYS", "physical"] {
            assert_eq!(replaced(asked, nothing), asked, "{nothing}");
        }
        #[cfg(onload_since = "9.0.1")]
        assert_eq!(replaced(asked, "vf,phys"), EF_PD_VF | EF_PD_PHYS_MODE);
        #[cfg(not(onload_since = "9.0.1"))]
        assert_eq!(replaced(asked, "vf,phys"), asked);
        #[cfg(onload_since = "9.1.0")]
        assert_eq!(replaced(asked, "default,express,mcast_loop"), EF_PD_EXPRESS | EF_PD_MCAST_LOOP);
        #[cfg(all(onload_since = "9.0.1", not(onload_since = "9.1.0")))]
        assert_eq!(replaced(asked, "llct"), EF_PD_LLCT);
    }
}
