//! One step: a program that is run, watched and timed.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// Cargo, in the checkout: the very one that runs us.
pub(crate) fn cargo(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Nobody types: a step that asks a question must fail and not wait.
    command.current_dir(root).args(words).stdin(Stdio::null());
    command
}

/// Does one thing under a heading and says how long it took.
pub(crate) fn timed<T>(
    heading: &str,
    work: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    println!("\n==> {heading}");
    let begun = Instant::now();
    let result = work();
    let word = if result.is_ok() { "done" } else { "FAILED" };
    println!(
        "    {heading}: {word} in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    result
}

/// Runs a command whose output the reader of the terminal sees directly.
pub(crate) fn run_and_show(command: &mut Command) -> Result<(), String> {
    let name = words_of(command);
    println!("    $ {name}");
    let status = command
        .status()
        .map_err(|error| cannot_run(&name, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{name}` ended with {status}"))
    }
}

/// Runs a command, shows its output as it comes and keeps a copy of both streams.
pub(crate) fn run_and_keep(command: &mut Command) -> Result<(ExitStatus, String), String> {
    let name = words_of(command);
    println!("    $ {name}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_run(&name, &error))?;
    let (said, complained) = (child.stdout.take(), child.stderr.take());
    // Two threads: a child that fills one pipe while we read the other would hang.
    let complaints = std::thread::spawn(move || pass_on(complained, &mut std::io::stderr()));
    let mut kept = pass_on(said, &mut std::io::stdout());
    kept.push_str(&complaints.join().unwrap_or_default());
    let status = child.wait().map_err(|error| cannot_run(&name, &error))?;
    Ok((status, kept))
}

fn pass_on(stream: Option<impl Read>, to: &mut impl Write) -> String {
    let mut kept = String::new();
    let Some(stream) = stream else { return kept };
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    // Bytes, not `lines()`: a test may print what is no UTF-8.
    while stream
        .read_until(b'\n', &mut line)
        .is_ok_and(|count| count > 0)
    {
        // A closed terminal must not stop the reading, or the child would hang.
        drop(to.write_all(&line));
        kept.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    kept
}

/// The command as one would type it.
pub(crate) fn words_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn cannot_run(name: &str, error: &std::io::Error) -> String {
    format!("`{name}` cannot be run: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_kept_and_the_status_told() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo said; echo complained >&2; exit 3"]);
        let (status, kept) = run_and_keep(&mut command).unwrap();
        assert_eq!(status.code(), Some(3));
        assert!(
            kept.contains("said\n") && kept.contains("complained\n"),
            "{kept}"
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let complaint = run_and_show(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(complaint.contains("no-such-program-here"), "{complaint}");
    }
}
