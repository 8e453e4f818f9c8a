//! What a program costs: for benchmarks that compare programs by the CPU time of their processes.

use std::process::{Command, Stdio};

/// Kernel ticks of CPU time a second; the same on every Linux that we know.
const TICKS: f64 = 100.0;

/// CPU seconds of one run of a command, its system time included. What it prints is not shown.
///
/// # Panics
/// When it does not start or fails, or where the system does not tell (it is Linux that does).
#[must_use]
pub fn seconds_of(mut command: Command) -> f64 {
    let before = seconds_of_children();
    let status = command.stdout(Stdio::null()).status();
    assert!(status.expect("it starts").success(), "{command:?} failed");
    seconds_of_children() - before
}

/// What the children of this process that are over used of the CPU.
fn seconds_of_children() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    let after = text.rsplit(") ").next().expect("the name is closed");
    let fields: Vec<&str> = after.split(' ').collect();
    // Fields 16 and 17 of the line, whose third one is the first here.
    let ticks = |at: usize| fields[at - 3].parse::<f64>().expect("a number");
    (ticks(16) + ticks(17)) / TICKS
}

/// The median of some figures; the greater of the two in the middle.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
