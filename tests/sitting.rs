//! A sitting that `likeness-ctl sit` holds as a process of its own: what it tells, and what
//! is said to it.

use crate::telling::Telling;
use serde_json::Value;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// A running `likeness-ctl sit`.
pub struct Sitting {
    program: Telling,
    typing: Option<ChildStdin>,
    complaints: PathBuf,
}

impl Sitting {
    /// Starts the command, which prints JSON; what it complains of is kept in this folder.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn begin(mut command: Command, dir: &Path) -> Self {
        let complaints = dir.join("complaints.txt");
        let errors = File::create(&complaints).expect("a file for complaints");
        command.stdin(Stdio::piped()).stderr(errors);
        let mut program = Telling::begin(command);
        Self {
            typing: program.typing(),
            program,
            complaints,
        }
    }

    /// The next line about such an event; the others are passed over.
    ///
    /// # Panics
    /// If none comes within 20 s.
    pub fn until(&mut self, event: &str) -> Value {
        self.until_one_of(&[event])
    }

    /// The next line about one of these events; the others are passed over.
    ///
    /// # Panics
    /// If none comes within 20 s.
    pub fn until_one_of(&mut self, events: &[&str]) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(value) = self.program.next(left) else {
                let complaints = std::fs::read_to_string(&self.complaints).unwrap_or_default();
                let told = self.program.told();
                panic!("none of {events:?}; told was {told:#?}\n{complaints}");
            };
            if events.iter().any(|event| value["event"] == *event) {
                return value;
            }
        }
    }

    /// Both devices are there, whichever comes first.
    ///
    /// # Panics
    /// If one does not come within 20 s.
    pub fn until_ready(&mut self) {
        let mut missing = vec!["camera-live", "reader-reader-ready"];
        while !missing.is_empty() {
            let told = self.until_one_of(&["camera", "reader"]);
            let state = format!("{}-{}", word(&told["event"]), word(&told["state"]));
            missing.retain(|waited| *waited != state);
        }
    }

    /// Types a line.
    ///
    /// # Panics
    /// If nobody listens any more.
    pub fn say(&mut self, command: &str) {
        let typing = self.typing.as_mut().expect("standard input");
        writeln!(typing, "{command}").expect("the sitting listens");
    }

    /// How it ended: outcome, code, exit status.
    ///
    /// # Panics
    /// If it does not end.
    #[must_use]
    pub fn end(mut self) -> (String, String, i32) {
        let end = self.until("end");
        let status = self.wait();
        (word(&end["outcome"]), word(&end["code"]), status)
    }

    /// Why it was not held at all: code, exit status.
    ///
    /// # Panics
    /// If it was held.
    #[must_use]
    pub fn refusal(mut self) -> (String, i32) {
        let refused = self.until("refused");
        let status = self.wait();
        (word(&refused["code"]), status)
    }

    /// Its exit status.
    ///
    /// # Panics
    /// If it does not end within 10 s.
    pub fn wait(&mut self) -> i32 {
        self.program.wait()
    }
}

/// The text of a value; empty when it has none.
#[must_use]
pub fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What [`Sitting::end`] returns.
#[must_use]
pub fn ended(outcome: &str, code: &str, status: i32) -> (String, String, i32) {
    (outcome.to_owned(), code.to_owned(), status)
}
