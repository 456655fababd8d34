//! Adding up what the two ends and the mock counted.

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};

use crate::Model;
use crate::faults;

/// What one process counted: its program, and the mock.
pub struct Counts(HashMap<String, u64>);

impl Counts {
    /// Out of what the two printed: `name=value`, with spaces between. The mock's names are told from the program's, so
    /// that none stands for two.
    pub fn read(program: &str, mock: &str) -> Self {
        let values = |text: &str, whose: &str| -> Vec<(String, u64)> {
            let pairs = text.split_whitespace().filter_map(|item| item.split_once('='));
            pairs.filter_map(|(name, value)| Some((format!("{whose}{name}"), value.parse().ok()?))).collect()
        };
        Self(values(program, "").into_iter().chain(values(mock, "mock ")).collect())
    }

    fn get(&self, name: &str) -> Result<u64> {
        self.0.get(name).copied().with_context(|| format!("no {name:?} among what was counted"))
    }

    fn sum(&self, names: &[&str]) -> Result<u64> {
        names.iter().map(|name| self.get(name)).sum()
    }

    /// Each send was reported, or lost with its VI; and the adapter got each.
    fn sends_add_up(&self, who: &str, model: Model) -> Result<()> {
        let sent = self.get("sent")?;
        let reported = self.sum(&["completed", "failed", "unreported"])?;
        ensure!(sent == reported, "the {who} sent {sent} frames and knows of {reported}");
        let (failed, errors) = (self.get("failed")?, self.get("mock tx_errors")?);
        ensure!(failed <= errors, "the {who} was told of {failed} errors, there were {errors}");
        // The fallback sends again what underran; an X3 or X4 has none.
        let poisoned = if model == Model::X2 { self.get("mock ctpio_underrun")? } else { 0 };
        let (frames, dead) = (self.get("mock tx_frames")?, self.get("mock tx_dead")?);
        println!(
            "{who:9} {sent} sent + {poisoned} poisoned = {frames} on the wire + {errors} refused + {dead} on a dead ring; \
             {} VIs replaced, {} queues revived, {} calls made again",
            self.get("replaced")?,
            self.get("revived")?,
            self.get("refused")?
        );
        ensure!(sent + poisoned == frames + errors + dead, "not every frame that the {who} sent is accounted for");
        Ok(())
    }
}

/// Fails unless each frame is accounted for, and each fault was met.
pub fn check(sender: &Counts, receiver: &Counts, frames: u64, model: Model) -> Result<()> {
    ensure!(sender.get("sent")? >= frames, "only {} frames were sent", sender.get("sent")?);
    sender.sends_add_up("sender", model)?;
    receiver.sends_add_up("receiver", model)?;

    let put = sender.sum(&["mock tx_frames", "mock duplicate"])?;
    let arrived = receiver.sum(&["good", "discarded"])?;
    let kept_off = sender.sum(&["mock tx_faulted", "mock tx_unclaimed"])?;
    let missed =
        receiver.sum(&["mock rx_faulted", "mock rx_no_descriptor", "mock rx_overruns", "mock rx_abandoned"])?;
    println!(
        "wire      {put} put on it, duplicates included = {} good + {} discards + {} dropped or without link + {} without \
         filter + {} without link at the receiver + {} without descriptor + {} overruns + {} lost with a VI",
        receiver.get("good")?,
        receiver.get("discarded")?,
        sender.get("mock tx_faulted")?,
        sender.get("mock tx_unclaimed")?,
        receiver.get("mock rx_faulted")?,
        receiver.get("mock rx_no_descriptor")?,
        receiver.get("mock rx_overruns")?,
        receiver.get("mock rx_abandoned")?,
    );
    let found = arrived + kept_off + missed;
    ensure!(put == found, "of {put} frames {found} are accounted for");

    let mut line = String::from("faults   ");
    let mut never = Vec::new();
    for fault in faults::possible(model) {
        let name = format!("mock {fault}");
        let count = sender.get(&name)? + receiver.get(&name)?;
        line += &format!(" {fault} {count},");
        if count == 0 {
            never.push(fault.name());
        }
    }
    let untimed = sender.get("untimed")? + receiver.get("untimed")?;
    println!("{line} of both ends; {untimed} timestamps not to be trusted");
    ensure!(never.is_empty(), "never happened: {}", never.join(", "));
    ensure!(untimed > 0, "the clocks failed, and no timestamp said so");
    Ok(())
}
