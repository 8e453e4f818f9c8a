//! The standard streams, taken away from the library.
//!
//! A library that prints for its maker's eyes would print into the middle of an answer,
//! and one that reads a key would eat a request. So the frames get handles of their own
//! before anything is loaded, and what everybody else knows as standard input and output
//! leads nowhere.

use std::fs::File;
use std::io;

/// Where requests come from and answers go.
#[cfg(unix)]
pub(crate) fn take() -> io::Result<(File, File)> {
    use rustix::stdio::{dup2_stdin, dup2_stdout};
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    let input = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    let output = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    dup2_stdin(&nowhere)?;
    dup2_stdout(&nowhere)?;
    Ok((input.into(), output.into()))
}

/// Where requests come from and answers go. Not tried on a true Windows yet.
#[cfg(windows)]
pub(crate) fn take() -> io::Result<(File, File)> {
    use std::os::windows::io::AsHandle;
    let input = io::stdin().as_handle().try_clone_to_owned()?;
    let output = io::stdout().as_handle().try_clone_to_owned()?;
    crate::foreign::silence_streams()?;
    Ok((input.into(), output.into()))
}
