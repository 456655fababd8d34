//! The macros with parameters: which value an `EF_EVENT_*` takes from the field that it reads, and the type of the entry
//! that a dispatch macro calls.

use anyhow::{Context, Result, bail};

use crate::c_types::CType;
use crate::facts::{Facts, Macro};

/// What a macro that reads an event makes of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The field as it is.
    Whole,
    /// The bits of that constant.
    Flag(&'static str),
    /// A fraction of a nanosecond, scaled from the event's bits to 16.
    Fraction16,
}

/// What a macro makes of the field that it reads.
pub fn reading(name: &str, field: &str) -> Reading {
    match name {
        // Until 8.1 the flags are the low bits of the nanoseconds.
        "EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS" if field == "tx_timestamp.ts_nsec" => {
            Reading::Flag("EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK")
        }
        "EF_EVENT_RX_SOP" | "EF_EVENT_RX_DISCARD_SOP" | "EF_EVENT_RX_MULTI_SOP" => Reading::Flag("EF_EVENT_FLAG_SOP"),
        "EF_EVENT_RX_CONT" | "EF_EVENT_RX_DISCARD_CONT" | "EF_EVENT_RX_MULTI_CONT" => {
            Reading::Flag("EF_EVENT_FLAG_CONT")
        }
        "EF_EVENT_RX_ISCSI_OKAY" => Reading::Flag("EF_EVENT_FLAG_ISCSI_OK"),
        "EF_EVENT_RX_PS_NEXT_BUFFER" => Reading::Flag("EF_EVENT_FLAG_PS_NEXT_BUFFER"),
        "EF_EVENT_TX_CTPIO" => Reading::Flag("EF_EVENT_FLAG_CTPIO"),
        "EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16" => Reading::Fraction16,
        _ => Reading::Whole,
    }
}

/// The entry of `ef_vi` that a macro calls.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Table and entry: `ops.transmit`.
    pub path: String,
    /// Type of the result.
    pub result: CType,
    /// Types of the parameters.
    pub params: Vec<CType>,
}

/// Looks up the entry that a macro calls; none if it calls none.
pub fn entry(facts: &Facts, name: &str, m: &Macro) -> Result<Option<Entry>> {
    let Some(path) = &m.calls else {
        return Ok(None);
    };
    let vi = facts.types.get("ef_vi").context("no type ef_vi")?;
    let field = vi
        .fields
        .iter()
        .find(|f| f.name == *path)
        .with_context(|| format!("{name} calls {path}, which ef_vi does not have"))?;
    let (result, params) = function(&field.ty).with_context(|| path.clone())?;
    if params.len() != m.params.len() {
        bail!("{name} has {} parameters, {path} has {}", m.params.len(), params.len());
    }
    Ok(Some(Entry { path: path.clone(), result, params }))
}

/// Result and parameters of a pointer to a function.
pub fn function(c_type: &str) -> Result<(CType, Vec<CType>)> {
    let CType::Pointer(to) = CType::parse(c_type)? else { bail!("{c_type} is not a pointer") };
    let CType::Function { result, params, .. } = *to else { bail!("{c_type} is not a function") };
    Ok((*result, params))
}

/// Entries that the library fills in on some adapters only: AF_XDP has none but the first, EF100 has no CTPIO with a
/// copy, and `receive_poll` is EFCT's.
const ON_SOME_ADAPTERS: [&str; 12] = [
    "ops.transmitv_ctpio_copy",
    "ops.receive_get_timestamp",
    "ops.receive_set_discards",
    "ops.receive_get_discards",
    "ops.receive_get_filter_id",
    "ops.start_transmit_warm",
    "ops.stop_transmit_warm",
    "ops.transmit_ctpio_fallback",
    "ops.transmitv_ctpio_fallback",
    "ops.eventq_has_event",
    "ops.eventq_has_many_events",
    "ops.receive_poll",
];

impl Entry {
    /// Whether every adapter has it, so that the library fills it in when it makes a VI.
    pub fn is_on_every_adapter(&self) -> bool {
        !ON_SOME_ADAPTERS.contains(&self.path.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::facts::Releases;

    #[test]
    fn entries_of_some_adapters_are_called_by_a_macro_of_some_release() {
        let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../abi"));
        let releases = Releases::load(dir).unwrap();
        for path in ON_SOME_ADAPTERS {
            let is_called = |facts: &Facts| facts.function_macros.iter().any(|(_, m)| m.calls.as_deref() == Some(path));
            assert!(releases.0.iter().any(is_called), "{path}: no macro calls it");
        }
    }
}
