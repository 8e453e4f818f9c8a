//! The PC/SC reader of `card` against the true driver: pcscd, libccid and an emulated
//! USB reader in a guest machine. What is played stands in `guest/reader.rs`; see
//! [`likeness_tests::guest`] for what happens without a machine.

#![cfg(target_os = "linux")]

use likeness_tests::guest::Machine;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// The whole play took half of this on two busy cores without any help of the processor.
const PLAY_MAX: Duration = Duration::from_secs(400);

#[test]
fn no_fault_of_driver_reader_or_card_brings_a_wrong_record() {
    let program = Path::new(env!("CARGO_BIN_EXE_likeness-guest-reader"));
    let Some(mut machine) = Machine::boot(program) else {
        return;
    };
    // Past the capture: how long each part took is worth seeing every time.
    let say = |line: &str| drop(writeln!(std::io::stderr(), "guest: {line}"));
    let played = machine.serve(PLAY_MAX, |verdict| {
        let seconds = f64::from(u32::try_from(verdict.took_ms).unwrap_or(u32::MAX)) / 1000.0;
        let outcome = match &verdict.outcome {
            Ok(measured) => measured,
            Err(complaint) => complaint,
        };
        say(&format!("{} ({seconds:.1} s): {outcome}", verdict.scenario));
    });
    let verdicts = played.unwrap_or_else(|complaint| panic!("{complaint}"));
    let failed = verdicts.iter().filter(|verdict| verdict.outcome.is_err());
    let failed: Vec<_> = failed.map(|verdict| verdict.scenario.as_str()).collect();
    assert!(failed.is_empty(), "these went wrong, see above: {failed:?}");
    assert!(!verdicts.is_empty(), "nothing was played");
}
