//! `cargo xtask test`: formatting, lints and all tests, with one total at the end.

use crate::step::{cargo, run_and_show, timed};
use std::path::Path;

/// Makes tests that need the smart-card service fail instead of skipping, so
/// that a green run means that they ran.
const REQUIRE_PCSCD: &str = "LIKENESS_REQUIRE_PCSCD";
/// The same for tests that need a screen and the built program.
const REQUIRE_WINDOW: &str = "LIKENESS_REQUIRE_WINDOW";
/// The same for tests in a guest machine, where its kernel could be had.
const REQUIRE_GUEST: &str = "LIKENESS_REQUIRE_GUEST";
/// Said by a test that could not do its work, on a line of its own.
const SKIPPED: &str = "SKIPPED";

/// What the `test result:` lines add up to.
#[derive(Default, Debug, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Runs everything, even after a failure: one run shows all that is wrong.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut wrong = Vec::new();
    let mut note = |result: Result<(), String>| {
        if let Err(complaint) = result {
            wrong.push(complaint);
        }
    };
    note(timed("formatting", || {
        step_run(root, &["fmt", "--all", "--check"])
    }));
    note(crate::window::build_pages(root, true));
    let mut counts = Counts::default();
    // The shell is no default member, but belongs to a whole run. One selection for all:
    // each other one would build half of the dependencies with other features again.
    note(timed("lints", || {
        step_run(
            root,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        )
    }));
    // The window's tests open the program itself, which no test target builds.
    note(timed("program", || {
        step_run(root, &["build", "--workspace"])
    }));
    note(timed("tests", || test(root, &mut counts)));
    note(timed("mutants", || crate::mutants::run(root)));
    tell(&counts);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n       "))
    }
}

/// Only the house rules.
pub(crate) fn tidy(root: &Path) -> Result<(), String> {
    step_run(
        root,
        &["test", "--package", "likeness-tests", "--test", "tidy"],
    )
}

fn step_run(root: &Path, words: &[&str]) -> Result<(), String> {
    run_and_show(&mut cargo(root, words))
}

fn test(root: &Path, total: &mut Counts) -> Result<(), String> {
    let mut required = vec![(REQUIRE_PCSCD, "1"), (REQUIRE_WINDOW, "1")];
    if crate::guest::is_there(root) {
        required.push((REQUIRE_GUEST, "1"));
    }
    let ran = crate::programs::run(root, &required).inspect_err(|_| total.failed += 1)?;
    for line in ran.output.lines().filter(|line| line.contains(SKIPPED)) {
        println!("!!! {line}");
    }
    let mut counts = count(&ran.output);
    if counts.failed == 0 {
        // A test that took its process down has no result line; it must not vanish from the total.
        counts.failed += ran.failed.len();
    }
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    if !ran.failed.is_empty() || counts.failed > 0 {
        return Err(format!(
            "tests failed, see above: {}",
            ran.failed.join(", ")
        ));
    }
    if counts.passed == 0 {
        return Err("no test ran".to_owned());
    }
    Ok(())
}

fn tell(counts: &Counts) {
    let Counts {
        passed,
        failed,
        skipped,
    } = counts;
    let skipped = if *skipped > 0 {
        format!(", {skipped} skipped")
    } else {
        String::new()
    };
    println!("\nlikeness: {passed} passed, {failed} failed{skipped}");
}

/// Sums the lines in which the test programs tell their results. A test that says
/// that it skipped is counted as passed by its program; here it is not.
fn count(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        if let Some(result) = line.trim_start().strip_prefix("test result: ") {
            counts.passed += number_before(result, "passed");
            counts.failed += number_before(result, "failed");
            counts.skipped += number_before(result, "ignored");
        }
    }
    let said = output.lines().filter(|line| line.contains(SKIPPED)).count();
    counts.passed = counts.passed.saturating_sub(said);
    counts.skipped += said;
    counts
}

/// The 3 of `ok. 3 passed; 0 failed; ...`.
fn number_before(result: &str, word: &str) -> usize {
    result
        .split(['.', ';'])
        .filter_map(|part| part.trim().strip_suffix(word))
        .find_map(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_summed() {
        let output = "running 3 tests\n\
            test a ... ok\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 1.20s\n";
        assert_eq!(
            count(output),
            Counts {
                passed: 13,
                failed: 2,
                skipped: 1
            }
        );
    }

    #[test]
    fn a_test_that_says_it_skipped_has_not_passed() {
        let output = "SKIPPED reader: no pcscd\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(
            count(output),
            Counts {
                passed: 1,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            count("7 passed; 7 failed\nerror: test failed"),
            Counts::default()
        );
    }
}
