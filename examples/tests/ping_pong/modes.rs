//! The ways to send, on each model.

use std::path::PathBuf;

use serde_json::Value;

use super::common::*;

#[test]
fn alone_it_measures_all_modes_and_leaves_nothing_behind() {
    let wire = Wire::new("alone");
    let ended = wire.run("-n 500 -w 50 --json").succeeded();
    let document = ended.document();
    assert_eq!(document["interface"], "lo");
    assert_eq!(document["iterations"], 500);
    assert_eq!(document["warm_ups"], 50);
    let modes: Vec<&str> = rows(&document).iter().map(|row| row["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["ctpio", "pio", "dma-push", "dma-doorbell"]);
    for row in rows(&document) {
        check_row(row, 500, 50);
        assert_eq!((&row["payload"], &row["frame"]), (&Value::from(22), &Value::from(64)));
    }
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

/// The modes that each model has are measured; of those that it has not the reason is in the output.
#[test]
fn each_model_is_measured_by_the_modes_that_it_has() {
    let each = ["ctpio", "pio", "dma-push", "dma-doorbell"];
    for (model, option, modes) in
        [("x2", "", &each[..]), ("x3", "", &each[..1]), ("x4", "", &each[..]), ("x4", "--express", &each[..1])]
    {
        let wire = Wire::of(model, &format!("model-{model}{option}"));
        let document = wire.run(&format!("-n 200 -w 20 --json {option}")).succeeded().document();
        assert_eq!(rows(&document).len(), each.len());
        for row in rows(&document) {
            if modes.contains(&row["mode"].as_str().unwrap()) {
                check_row(row, 200, 20);
            } else {
                assert_eq!(row["outcome"], "unavailable", "{model} {option}: {row:#}");
                assert_eq!(row["reason"], "this adapter sends by CTPIO only", "{model} {option}");
            }
        }
        assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
    }
}

/// Each end takes what is best on its adapter.
#[test]
fn the_best_mode_is_there_on_every_model() {
    for (model, ping, pong) in [("x2", "", ""), ("x3", "", ""), ("x4", "", "--express"), ("x4", "--express", "")] {
        let wire = Wire::of(model, &format!("best-{model}{ping}{pong}"));
        let pong = wire.start(&format!("pong lo {pong}"));
        let ping = wire.run(&format!("ping lo -m best -s 0,22,1472 -n 100 -w 10 -p --json {ping}")).succeeded();
        let document = ping.document();
        assert_eq!(rows(&document).len(), 3);
        for row in rows(&document) {
            assert_eq!(row["mode"], "best");
            check_row(row, 100, 10);
        }
        pong.end().succeeded();
    }
}

/// The datapath is each end's own matter: they understand each other.
#[test]
fn ends_on_both_datapaths_of_an_x4_go_together() {
    let wire = Wire::of("x4", "datapaths");
    for (ping, pong) in [("--express", ""), ("", "--express")] {
        let pong = wire.start(&format!("pong lo {pong}"));
        let ping = wire.run(&format!("ping lo -m ctpio -n 200 -w 20 --json {ping}")).succeeded();
        check_row(&rows(&ping.document())[0], 200, 20);
        pong.end().succeeded();
    }
}

/// Pong says what it has not, and ping reports it.
#[test]
fn a_mode_that_pong_has_not_is_reported_by_ping() {
    let wire = Wire::of("x4", "refused");
    let pong = wire.start("pong lo --express");
    let ping = wire.run("ping lo -n 200 -w 20 --json").succeeded();
    let outcomes: Vec<_> = rows(&ping.document()).iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["measured", "unavailable", "unavailable", "unavailable"]);
    assert_eq!(rows(&ping.document())[1]["reason"], "pong: this adapter sends by CTPIO only");
    pong.end().succeeded();
}

#[test]
fn an_adapter_without_an_express_datapath_says_so() {
    let wire = Wire::new("no-express");
    for end in ["ping", "pong"] {
        wire.run(&format!("{end} lo --express")).failed("EOPNOTSUPP");
    }
}
