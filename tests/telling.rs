//! A running program that tells what happens, one JSON object a line.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The program, and everything that it told. Dropping it ends it.
pub struct Telling {
    child: Child,
    lines: Receiver<String>,
    told: Vec<String>,
}

impl Telling {
    /// Starts it; its standard input and errors are as the command says.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn begin(mut command: Command) -> Self {
        let started = command.stdout(Stdio::piped()).spawn();
        let mut child = started.expect("the program starts");
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
            child,
            lines,
            told: Vec::new(),
        }
    }

    /// Its standard input, if it was asked for; once.
    pub fn typing(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The next line within this time.
    ///
    /// # Panics
    /// If it is no JSON.
    pub fn next(&mut self, max: Duration) -> Option<Value> {
        let line = self.lines.recv_timeout(max).ok()?;
        let value = serde_json::from_str(&line).expect("one JSON object a line");
        self.told.push(line);
        Some(value)
    }

    /// Every line so far.
    #[must_use]
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// Ctrl-C.
    ///
    /// # Panics
    /// If it has ended.
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("our own child");
    }

    /// Its exit status.
    ///
    /// # Panics
    /// If it does not end within 10 s, or not by itself.
    pub fn wait(&mut self) -> i32 {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                return status.code().expect("an exit status");
            }
            let told = &self.told;
            assert!(Instant::now() < deadline, "it does not end: {told:#?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        // Only where a test failed is it still there.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
