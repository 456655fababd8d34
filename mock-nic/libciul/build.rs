//! Gives the shared library the name that programs linked with the real one ask for.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libciul.so.1");
}
