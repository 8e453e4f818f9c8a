//! A sitting that `likeness-ctl sit` holds as a process of its own: what it tells, and what
//! is said to it.

use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A running `likeness-ctl sit`.
pub struct Sitting {
    child: Child,
    typing: Option<ChildStdin>,
    lines: Receiver<String>,
    told: Vec<String>,
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
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("likeness-ctl starts");
        let (sender, lines) = channel();
        let told = child.stdout.take().expect("standard output");
        std::thread::spawn(move || {
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            typing: child.stdin.take(),
            child,
            lines,
            told: Vec::new(),
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
            let Ok(line) = self.lines.recv_timeout(left) else {
                let complaints = std::fs::read_to_string(&self.complaints).unwrap_or_default();
                panic!(
                    "none of {events:?}; told was {:#?}\n{complaints}",
                    self.told
                );
            };
            let value: Value = serde_json::from_str(&line).expect("one JSON object a line");
            self.told.push(line);
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
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                return status.code().expect("an exit status");
            }
            assert!(
                Instant::now() < deadline,
                "it does not end: {:#?}",
                self.told
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Sitting {
    fn drop(&mut self) {
        // Only where a test failed is it still there.
        drop(self.child.kill());
        drop(self.child.wait());
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
