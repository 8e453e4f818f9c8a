//! The test programs of the workspace: built once, then run in two lanes.
//!
//! `cargo test` runs one program after the other, and a quarter of the time nothing happens:
//! the tests of readers and of watched folders wait for a daemon or for a deadline. They run
//! beside the others, in a lane of their own.

use crate::step::{cannot_run, cargo, run_and_show, run_quietly, words_of};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Those that mostly wait (a tenth of a core at most, measured), by the names of their targets.
const WAITING: [&str; 8] = [
    "card_cli",
    "contract",
    "controls",
    "folder",
    "reader",
    "reader_faults",
    "reader_sequences",
    "sit_pcscd",
];

/// A program of tests, built.
#[derive(Debug, PartialEq, Eq)]
struct Program {
    /// Of its target; unit tests have that of their crate.
    name: String,
    file: PathBuf,
    /// Where its package lies, and where cargo would run it.
    package: PathBuf,
}

/// What all the programs said, and the names of those that did not end well.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) output: String,
    pub(crate) failed: Vec<String>,
}

/// Builds everything and runs it with these variables of the environment.
///
/// # Errors
/// When something cannot be built.
pub(crate) fn run(root: &Path, variables: &[(&str, &str)]) -> Result<Ran, String> {
    let programs = build(root)?;
    let (waiting, working): (Vec<_>, Vec<_>) = programs
        .into_iter()
        .partition(|program| WAITING.contains(&program.name.as_str()));
    let mut ran = std::thread::scope(|scope| {
        let beside = scope.spawn(|| lane(&waiting, variables));
        let mut ran = lane(&working, variables);
        match beside.join() {
            Ok(other) => ran.add(other),
            Err(_panic) => ran.failed.push("a lane".to_owned()),
        }
        ran
    });
    // Examples in the documentation have no program of their own.
    ran.add(one(
        "examples of the documentation",
        &mut cargo(root, &["test", "--workspace", "--doc"]),
    ));
    Ok(ran)
}

impl Ran {
    fn add(&mut self, other: Self) {
        self.output.push_str(&other.output);
        self.failed.extend(other.failed);
    }
}

fn build(root: &Path) -> Result<Vec<Program>, String> {
    // First what is wrong is shown, then the list is asked for.
    let words = ["test", "--workspace", "--no-run"];
    run_and_show(&mut cargo(root, &words))?;
    let mut listing = cargo(root, &words);
    listing.args(["--message-format", "json"]);
    let name = words_of(&listing);
    let listed = listing
        .stderr(Stdio::null())
        .output()
        .map_err(|error| cannot_run(&name, &error))?;
    let programs = listed_in(&String::from_utf8_lossy(&listed.stdout));
    if listed.status.success() && !programs.is_empty() {
        Ok(programs)
    } else {
        Err(format!("`{name}` names no test program"))
    }
}

/// What cargo's messages name: <https://doc.rust-lang.org/cargo/reference/external-tools.html>.
fn listed_in(messages: &str) -> Vec<Program> {
    let program = |message: &str| {
        let told: Value = serde_json::from_str(message).ok()?;
        let is_test = told["reason"] == "compiler-artifact" && told["profile"]["test"] == true;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let file = text(&told["executable"]).filter(|_| is_test)?;
        Some(Program {
            name: text(&told["target"]["name"])?,
            file: file.into(),
            package: Path::new(told["manifest_path"].as_str()?).parent()?.into(),
        })
    };
    messages.lines().filter_map(program).collect()
}

fn lane(programs: &[Program], variables: &[(&str, &str)]) -> Ran {
    let mut ran = Ran::default();
    for program in programs {
        let mut command = Command::new(&program.file);
        command
            .current_dir(&program.package)
            .env("CARGO_MANIFEST_DIR", &program.package)
            .envs(variables.iter().copied())
            .stdin(Stdio::null());
        ran.add(one(&program.name, &mut command));
    }
    ran
}

/// Runs one program; what it says is shown in one piece when it has ended, as two may run at once.
fn one(name: &str, command: &mut Command) -> Ran {
    println!("    {name} ...");
    let begun = Instant::now();
    let (ended_well, output) = match run_quietly(command) {
        Ok((status, output)) => (status.success(), output),
        Err(complaint) => (false, complaint),
    };
    let seconds = begun.elapsed().as_secs_f64();
    println!("\n    {name}: {seconds:.1} s\n{output}");
    Ran {
        output,
        failed: if ended_well {
            Vec::new()
        } else {
            vec![name.to_owned()]
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_found_among_the_messages() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/w/card/Cargo.toml","target":{"name":"card"},"profile":{"test":true},"executable":"/w/target/card-1"}
{"reason":"compiler-artifact","manifest_path":"/w/card/Cargo.toml","target":{"name":"card"},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","manifest_path":"/w/ctl/Cargo.toml","target":{"name":"ctl"},"profile":{"test":false},"executable":"/w/target/ctl"}
no message
{"reason":"build-finished","success":true}"#;
        let card = Program {
            name: "card".to_owned(),
            file: "/w/target/card-1".into(),
            package: "/w/card".into(),
        };
        assert_eq!(listed_in(messages), [card]);
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_is_named() {
        let there = |file: &str| Program {
            name: file.to_owned(),
            file: file.into(),
            package: "/".into(),
        };
        let ran = lane(&["true", "false", "no-such-program-here"].map(there), &[]);
        assert_eq!(ran.failed, ["false", "no-such-program-here"]);
    }
}
