//! The operations of a data path by the safe crate and by the raw bindings, for `ci/instructions.sh` to count beside
//! `instructions.c`, which says what each does.

mod raw;
mod safe;

use anyhow::{Context as _, Result, bail};

/// Where the frames go.
const MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x77];
const INTERFACE: &str = "lo";
const BUFFERS: usize = 1024;
/// Buffers that the receiver posts: as many eights as its ring takes.
const POSTED: usize = 504;
const FRAME: usize = 64;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [layer, mode, count] = &arguments[..] else { bail!("usage: instructions safe|dispatch|raw send|ctpio COUNT") };
    let ctpio = match &**mode {
        "send" => false,
        "ctpio" => true,
        other => bail!("{other}: expected send or ctpio"),
    };
    let count = count.parse().with_context(|| format!("{count}: expected a number"))?;
    match &**layer {
        "safe" => safe::run(ctpio, false, count),
        "dispatch" => safe::run(ctpio, true, count),
        "raw" => raw::run(ctpio, count),
        other => bail!("{other}: expected safe, dispatch or raw"),
    }
}
