//! The results as an HdrHistogram interval log (version 2, deflated): what its plotters and viewers read.

use std::io::{self, Write};
use std::time::UNIX_EPOCH;

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{
    IntervalLogWriter, IntervalLogWriterBuilder, IntervalLogWriterError, Tag,
};

use super::plan::Run;
use super::results::{Measurement, Results};
use super::statistics::Recorder;

impl Results {
    /// Writes the log: an interval for each row and clock, with a tag like `ctpio-22-software`.
    pub fn write_hdr_log(&self, out: &mut impl Write) -> io::Result<()> {
        let mut serializer = V2DeflateSerializer::new();
        let mut builder = IntervalLogWriterBuilder::new();
        builder
            .add_comment("ping_pong: UDP round trips in ns, there and back")
            .add_comment("tags: mode-payload-clock")
            .with_max_value_divisor(1.0);
        if let Some((_, first)) = self.measured().next() {
            builder.with_start_time(first.started);
        }
        let mut log = builder.begin_log_with(out, &mut serializer)?;
        for (run, measured) in self.measured() {
            interval(&mut log, run, measured, "software", &measured.software)?;
            interval(&mut log, run, measured, "adapter", &measured.adapter.recorder)?;
        }
        Ok(())
    }
}

fn interval<W: Write>(
    log: &mut IntervalLogWriter<'_, '_, W, V2DeflateSerializer>,
    run: &Run,
    measured: &Measurement,
    clock: &str,
    times: &Recorder,
) -> io::Result<()> {
    if times.histogram().is_empty() {
        return Ok(());
    }
    let tag = format!("{}-{}-{clock}", run.set_up.mode, run.payload);
    let started = measured.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    log.write_histogram(times.histogram(), started, measured.took, Tag::new(&tag)).map_err(|error| match error {
        IntervalLogWriterError::IoError(error) => error,
        other => io::Error::other(format!("the histogram of {tag}: {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::super::results::sample;
    use super::*;

    #[test]
    fn the_log_reads_back() {
        let results = sample::results();
        let mut bytes = Vec::new();
        results.write_hdr_log(&mut bytes).unwrap();

        let mut tags = Vec::new();
        for entry in IntervalLogIterator::new(&bytes) {
            let LogEntry::Interval(interval) = entry.unwrap() else {
                continue;
            };
            tags.push(interval.tag().unwrap().as_str().to_owned());
            let encoded = interval.encoded_histogram();
            let histogram: Histogram<u64> =
                Deserializer::new().deserialize(&mut io::Cursor::new(decode_base64(encoded))).unwrap();
            assert_eq!(histogram.len(), 1000);
        }
        assert_eq!(tags, ["ctpio-22-software", "ctpio-22-adapter"]);
    }

    fn decode_base64(text: &str) -> Vec<u8> {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digits: Vec<u8> = text
            .bytes()
            .filter(|byte| *byte != b'=')
            .map(|byte| DIGITS.iter().position(|digit| *digit == byte).unwrap() as u8)
            .collect();
        let mut bytes = Vec::new();
        for group in digits.chunks(4) {
            let bits = group.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - group.len()));
            bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
        }
        bytes
    }
}
