//! b
fn main() {
    println!(
        "cargo:rustc-env=EFVI_SYS_TARGET={}",
        std::env::var("TARGET").unwrap()
    );
}
