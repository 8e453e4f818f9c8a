//! One step: a program that is run, watched and timed.

use std::io::Read;
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

/// Runs a command and returns what it said on both streams, in the order in which it said it.
pub(crate) fn run_quietly(command: &mut Command) -> Result<(ExitStatus, String), String> {
    let name = words_of(command);
    let (mut said, writer) = std::io::pipe().map_err(|error| cannot_run(&name, &error))?;
    let other = writer
        .try_clone()
        .map_err(|error| cannot_run(&name, &error))?;
    let mut child = command
        .stdout(writer)
        .stderr(other)
        .spawn()
        .map_err(|error| cannot_run(&name, &error))?;
    // The command holds the writing ends too: closed, so that the reading comes to an end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    // Bytes, and not text: a test may print what is no UTF-8.
    let mut bytes = Vec::new();
    said.read_to_end(&mut bytes)
        .map_err(|error| cannot_run(&name, &error))?;
    let status = child.wait().map_err(|error| cannot_run(&name, &error))?;
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
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
        let (status, kept) = run_quietly(&mut command).unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(kept, "said\ncomplained\n");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let complaint = run_and_show(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(complaint.contains("no-such-program-here"), "{complaint}");
    }
}
