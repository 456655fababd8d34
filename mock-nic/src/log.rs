//! What the mock writes on request: a line for each call and event, and the counters when a port goes.

use crate::errno::Result;
use crate::settings;
use core::fmt;
use once_cell::sync::Lazy;
use std::fs::File;
use std::io::Write;

/// Where lines go.
pub(crate) enum Sink {
    Stderr,
    File(File),
}

impl Sink {
    /// Writes a line by one system call: so it is there however the program ends, and lines don't mix.
    pub(crate) fn line(&self, text: fmt::Arguments<'_>) {
        let line = format!("{text}\n");
        // There is nobody to tell that a line could not be written.
        match self {
            Self::Stderr => std::io::stderr().write_all(line.as_bytes()).ok(),
            Self::File(file) => (&mut &*file).write_all(line.as_bytes()).ok(),
        };
    }
}

/// What is asked for.
#[derive(Default)]
pub(crate) struct Log {
    /// Calls and events.
    pub(crate) trace: Option<Sink>,
    /// A port's counters.
    pub(crate) counters: Option<Sink>,
    /// Which way the frames of an interface of the machine go, and what happens to it; why a shared one can't be had.
    pub(crate) wire: Option<Sink>,
}

/// `EFVI_MOCK_LOG`: `trace`, `counters` or `wire`, each to standard error or, with `:` and a file's name, to that file;
/// several with commas between. `%p` in the name stands for the process's number.
fn parse(text: &str) -> core::result::Result<Log, String> {
    let mut log = Log::default();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (name, file) = item.split_once(':').map_or((item, None), |(name, file)| (name, Some(file)));
        let sink = match name {
            "trace" => &mut log.trace,
            "counters" => &mut log.counters,
            "wire" => &mut log.wire,
            _ => {
                return Err(format!(
                    "'trace', 'counters' or 'wire', each with or without ':FILE' behind it, with commas between, not '{item}'"
                ));
            }
        };
        *sink = Some(match file {
            None => Sink::Stderr,
            Some(name) => {
                let path = settings::path_of(name);
                Sink::File(
                    File::create(&path)
                        .map_err(|e| format!("a file that can be written to: {}: {e}", path.display()))?,
                )
            }
        });
    }
    Ok(log)
}

static LOG: Lazy<Result<Log>> = Lazy::new(|| Ok(settings::read("EFVI_MOCK_LOG", parse)?.unwrap_or_default()));

/// What is asked for; an error if the variable's value is none.
pub(crate) fn log() -> Result<&'static Log> {
    LOG.as_ref().map_err(|e| *e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_can_be_asked_for() {
        let log = parse("trace, counters").unwrap();
        assert!(log.trace.is_some() && log.counters.is_some());
        let log = parse("counters").unwrap();
        assert!(log.trace.is_none() && log.counters.is_some());
        assert!(parse("tarce").err().unwrap().contains("not 'tarce'"));
        // Miri has no files.
        #[cfg(not(miri))]
        assert!(parse("trace:/nowhere/at/all").err().unwrap().contains("/nowhere/at/all"));
    }
}
