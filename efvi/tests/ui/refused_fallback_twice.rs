//! A frame has one fallback.

fn main() {}

fn finish(written: efvi::CtpioFallback<'_, '_>) {
    let _ = written.finish();
    let _ = written.finish();
}
