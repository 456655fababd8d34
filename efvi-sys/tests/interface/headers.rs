//! Our C headers against the facts.

use std::path::PathBuf;
use std::process::Output;

use generator::facts::Releases;

use crate::TABLES;
use crate::compilers::{self, Scratch, root};

fn include(release: &str) -> PathBuf {
    root().join(format!("vendor/include/onload-{release}"))
}

fn assert_clean(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}:\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn headers_compile_alone_and_together() {
    let scratch = Scratch::new("headers");
    let releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let headers = &releases.get(table.release).unwrap().headers;
        let include_all = headers.iter().map(|h| format!("#include <{h}>\n"));
        let mut texts: Vec<String> = include_all.collect();
        let (forwards, backwards) = (texts.concat(), texts.iter().rev().cloned().collect());
        texts.extend([forwards, backwards]);
        for compiler in compilers::all() {
            for text in &texts {
                let file = scratch.file("headers.c", text);
                let output = compiler.compile(&include(table.release), &file, &["-fsyntax-only"]);
                assert_clean(&output, &format!("Onload {} as {}: {text}", table.release, compiler.name));
            }
            println!("Onload {} as {}: {} headers", table.release, compiler.name, headers.len());
        }
    }
}

#[test]
fn headers_are_the_facts() {
    for table in TABLES {
        let file = root().join(format!("efvi-sys/build/layout/onload-{}.c", table.release));
        let text = std::fs::read_to_string(&file).unwrap();
        let count = |prefix| text.lines().filter(|l| l.starts_with(prefix)).count();
        for compiler in compilers::all() {
            let output = compiler.compile(&include(table.release), &file, &["-fsyntax-only"]);
            assert_clean(&output, &format!("Onload {} as {}", table.release, compiler.name));
            let types = if compiler.name == "C11" { count("HAS(") } else { 0 };
            println!(
                "Onload {} as {}: {} sizes, alignments, offsets, widths and values, {types} function types",
                table.release,
                compiler.name,
                count("IS("),
            );
        }
    }
}

#[test]
fn one_wider_field_is_named() {
    let scratch = Scratch::new("altered");
    for table in TABLES {
        let headers = include(table.release);
        let text = std::fs::read_to_string(headers.join("etherfabric/ef_vi.h")).unwrap();
        let altered = text.replacen("unsigned int rx_prefix_len;", "unsigned long rx_prefix_len;", 1);
        assert_ne!(text, altered);
        std::fs::create_dir_all(scratch.0.join("etherfabric")).unwrap();
        scratch.file("etherfabric/ef_vi.h", &altered);
        let file = root().join(format!("efvi-sys/build/layout/onload-{}.c", table.release));
        for compiler in compilers::all() {
            let original = headers.to_str().unwrap();
            let output = compiler.compile(&scratch.0, &file, &["-I", original, "-fsyntax-only"]);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{}: not noticed", compiler.name);
            // Its own width, and where the padding before it takes no more, its offset.
            let difference = "(ef_vi, rx_prefix_len) should be ";
            assert!(errors.contains(difference), "{errors}");
        }
    }
}

/// A program that expands every macro with parameters, so that each body is seen by the compiler.
#[test]
fn macros_expand() {
    let scratch = Scratch::new("macros");
    let releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let facts = releases.get(table.release).unwrap();
        let mut text: String = facts.headers.iter().map(|h| format!("#include <{h}>\n")).collect();
        text += "struct aligned { char c EF_VI_ALIGN(64); };\n\
                 int all(ef_vi *vi, ef_event *evs, const ef_iovec *iov, ef_request_id id);\n\
                 int all(ef_vi *vi, ef_event *evs, const ef_iovec *iov, ef_request_id id)\n{\nint n = 0;\n";
        for (name, m) in facts.function_macros.iter() {
            if m.reads.is_some() {
                text += &format!("n += (int){name}(*evs);\n");
            }
        }
        text += "n += ef_vi_transmit(vi, 0, 60, id) + ef_vi_transmitv(vi, iov, 1, id);\n\
                 n += ef_vi_receive_init(vi, 0, id) + ef_eventq_poll(vi, evs, 2);\n\
                 n += ef_eventq_check_event(vi, 1) + efct_ef_eventq_check_event(vi);\n\
                 n += ef_eventq_has_event(vi) + ef_eventq_has_many_events(vi, 2);\n\
                 ef_vi_transmit_push(vi);\n";
        for (name, statement) in [
            ("ef_vi_reinit_txq_post_error", "n += ef_vi_reinit_txq_post_error(vi);"),
            ("ef_vi_set_shrub_client_buffer_count", "n += ef_vi_set_shrub_client_buffer_count(vi, 4);"),
            ("ef_vi_for_each_tx_error_failed_transmit", "ef_vi_for_each_tx_error_failed_transmit(vi, id) n += id;"),
            ("ef_vi_get_vi_from_q_id", "n += ef_vi_get_vi_from_q_id(vi, 0) == vi;"),
        ] {
            if facts.function_macros.contains(name) {
                text += &format!("{statement}\n");
            }
        }
        text += "return n;\n}\n";
        let file = scratch.file("macros.c", &text);
        for compiler in compilers::all() {
            let output = compiler.compile(&include(table.release), &file, &["-fsyntax-only"]);
            assert_clean(&output, &format!("Onload {} as {}", table.release, compiler.name));
        }
    }
}
