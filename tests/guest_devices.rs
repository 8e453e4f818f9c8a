//! Our devices against their true drivers in a guest machine: the PC/SC reader of `card`
//! with pcscd, libccid and an emulated USB reader, the V4L2 camera of `camera` with
//! uvcvideo and a software USB camera. What is played stands in `guest/reader.rs` and
//! `guest/camera.rs`; see [`likeness_tests::guest`] for what happens without a machine.
//!
//! One machine plays everything, for booting it is dear. Variables of the environment ask
//! for more, or for less: `LIKENESS_GUEST_PLAYS` (`reader`, `camera`),
//! `LIKENESS_CAMERA_PLAYS` (parts of the names of scenarios), `LIKENESS_CAMERA_FRAMES`, `LIKENESS_CAMERA_CYCLES`, `LIKENESS_CAMERA_PAUSE_S`.

#![cfg(target_os = "linux")]

use image::codecs::jpeg::JpegEncoder;
use likeness_tests::guest::{self, Machine, Verdict};
use simulator::subject::Subject;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

/// The whole play took half of this on two busy cores without any help of the processor.
const PLAY_MAX: Duration = Duration::from_secs(500);
/// When more was asked for.
const LONG_PLAY_MAX: Duration = Duration::from_secs(3000);
/// What may be asked for.
const ASKED: [&str; 5] = [
    "LIKENESS_GUEST_PLAYS",
    "LIKENESS_CAMERA_PLAYS",
    "LIKENESS_CAMERA_FRAMES",
    "LIKENESS_CAMERA_CYCLES",
    "LIKENESS_CAMERA_PAUSE_S",
];
/// How the scenarios of the camera are called.
const CAMERA: &str = "camera: ";

#[test]
fn no_fault_of_driver_reader_or_card_brings_a_wrong_record() {
    assert_well("reader", |scenario| !scenario.starts_with(CAMERA));
}

#[test]
fn no_fault_of_driver_or_camera_brings_an_old_spliced_or_foreign_picture() {
    assert_well("camera", |scenario| scenario.starts_with(CAMERA));
}

fn assert_well(device: &str, is_of_it: impl Fn(&str) -> bool) {
    let asked = std::env::var(ASKED[0]).unwrap_or_default();
    if !asked.is_empty() && !asked.split(',').any(|word| word == device) {
        guest::skip(&format!("only {asked} is played"));
        return;
    }
    static PLAYED: OnceLock<Result<Vec<Verdict>, String>> = OnceLock::new();
    let verdicts = match PLAYED.get_or_init(play) {
        Ok(verdicts) => verdicts,
        Err(reason) => {
            guest::skip(reason);
            return;
        }
    };
    let mut own = verdicts
        .iter()
        .filter(|verdict| is_of_it(&verdict.scenario));
    let failed: Vec<_> = own
        .clone()
        .filter(|verdict| verdict.outcome.is_err())
        .map(|verdict| verdict.scenario.as_str())
        .collect();
    assert!(failed.is_empty(), "these went wrong, see above: {failed:?}");
    assert!(own.next().is_some(), "nothing was played, see above");
}

/// Plays once. An error is that there is no machine; one that ends too early has noted
/// what it played until then and that it ended.
fn play() -> Result<Vec<Verdict>, String> {
    // Drawn here: the guest would need seconds for it.
    let face = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-face.jpg");
    let drawn = Subject::numbered(7).draw(1920, 1080, 1);
    let mut jpeg = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut jpeg, 60).encode_image(&drawn);
    encoded.map_err(|error| error.to_string())?;
    fs::write(&face, &jpeg).map_err(|error| error.to_string())?;
    let mut variables = vec![("LIKENESS_FACE", face.to_string_lossy().into_owned())];
    for name in ASKED {
        variables.extend(std::env::var(name).map(|value| (name, value)));
    }
    let max = if variables.len() > 1 {
        LONG_PLAY_MAX
    } else {
        PLAY_MAX
    };
    let program = Path::new(env!("CARGO_BIN_EXE_likeness-guest-devices"));
    let mut machine = Machine::boot(program, &variables)?;
    // Past the capture: how long each part took is worth seeing every time.
    let say = |line: &str| drop(writeln!(std::io::stderr(), "guest: {line}"));
    let mut heard = Vec::new();
    let played = machine.serve(max, |verdict| {
        let seconds = f64::from(u32::try_from(verdict.took_ms).unwrap_or(u32::MAX)) / 1000.0;
        let outcome = match &verdict.outcome {
            Ok(measured) => measured,
            Err(complaint) => complaint,
        };
        say(&format!("{} ({seconds:.1} s): {outcome}", verdict.scenario));
        heard.push(verdict.clone());
    });
    if let Err(complaint) = played {
        say(&complaint);
        for device in ["", CAMERA] {
            heard.push(Verdict {
                scenario: format!("{device}the end"),
                took_ms: 0,
                outcome: Err(complaint.clone()),
            });
        }
    }
    Ok(heard)
}
