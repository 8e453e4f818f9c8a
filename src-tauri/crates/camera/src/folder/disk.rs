//! The disk behind a watched folder, at arm's length: a network share may hold a call for
//! minutes, and with it whoever called.

use super::watch::{Listed, Mark};
use super::{FILES_MAX, SILENCE_MAX};
use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};

/// What the thread at the disk is asked for.
pub(super) enum Ask {
    List,
    Read(String),
}

/// What it says.
pub(super) enum Answer {
    Listed(io::Result<Vec<Listed>>),
    Bytes(io::Result<Vec<u8>>),
}

/// The near end of the arm.
pub(super) struct Disk {
    asks: Sender<Ask>,
    answers: Receiver<Answer>,
    /// An answer that nobody waits for any more has not come yet.
    owed: Cell<bool>,
}

impl Disk {
    /// The disk that holds `dir`.
    pub(super) fn of(dir: PathBuf) -> io::Result<Self> {
        Self::behind(move |ask| match ask {
            Ask::List => Answer::Listed(list(&dir)),
            Ask::Read(name) => Answer::Bytes(std::fs::read(dir.join(name))),
        })
    }

    fn behind(hand: impl Fn(Ask) -> Answer + Send + 'static) -> io::Result<Self> {
        let (asks, asked) = channel();
        let (answer, answers) = channel();
        std::thread::Builder::new()
            .name("camera-disk".to_owned())
            .spawn(move || {
                for ask in asked {
                    if answer.send(hand(ask)).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            asks,
            answers,
            owed: Cell::new(false),
        })
    }

    /// Whether an answer is overdue: nothing that was seen before is of now.
    pub(super) const fn is_silent(&self) -> bool {
        self.owed.get()
    }

    /// The regular files of the folder, in the order of their names.
    pub(super) fn list(&self) -> io::Result<Vec<Listed>> {
        match self.ask(Ask::List)? {
            Answer::Listed(files) => files,
            Answer::Bytes(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// The bytes of a file.
    pub(super) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        match self.ask(Ask::Read(name.to_owned()))? {
            Answer::Bytes(bytes) => bytes,
            Answer::Listed(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Waits for [`SILENCE_MAX`] and not longer; while an answer is overdue, not at all.
    fn ask(&self, ask: Ask) -> io::Result<Answer> {
        if self.owed.get() {
            match self.answers.try_recv() {
                Ok(_too_late) => self.owed.set(false),
                Err(TryRecvError::Empty) => return Err(io::ErrorKind::TimedOut.into()),
                Err(TryRecvError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
        self.asks
            .send(ask)
            .map_err(|_gone| io::ErrorKind::BrokenPipe)?;
        self.answers
            .recv_timeout(SILENCE_MAX)
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => {
                    self.owed.set(true);
                    io::ErrorKind::TimedOut.into()
                }
                RecvTimeoutError::Disconnected => io::ErrorKind::BrokenPipe.into(),
            })
    }
}

/// The regular files of a folder, in the order of their names.
pub(super) fn list(dir: &Path) -> io::Result<Vec<Listed>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // A file may vanish between the listing and the look at it.
        let Ok(about) = entry.metadata() else {
            continue;
        };
        if about.is_file() && !name.starts_with('.') {
            let mark = Mark {
                size: about.len(),
                modified: about.modified().ok(),
            };
            files.push(Listed { name, mark });
        }
        if files.len() > FILES_MAX {
            return Err(io::Error::other("too many files for a watched folder"));
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_share_that_hangs_holds_nobody_and_its_late_answer_is_thrown_away() {
        let (release, held) = channel::<()>();
        let disk = Disk::behind(move |ask| match ask {
            Ask::List => {
                held.recv().expect("released in the end");
                Answer::Listed(Ok(Vec::new()))
            }
            Ask::Read(_) => Answer::Bytes(Ok(b"of now".to_vec())),
        })
        .expect("a thread");
        let kind = |result: io::Result<Vec<u8>>| result.map_err(|error| error.kind());
        let hung = disk.list().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(hung, Err(io::ErrorKind::TimedOut));
        assert!(disk.is_silent());
        let begun = Instant::now();
        assert_eq!(kind(disk.read("a.jpg")), Err(io::ErrorKind::TimedOut));
        assert!(begun.elapsed() < SILENCE_MAX / 2, "it waited again");
        release.send(()).expect("it is still there");
        let begun = Instant::now();
        while disk.is_silent() && begun.elapsed() < SILENCE_MAX {
            if let Ok(bytes) = disk.read("a.jpg") {
                assert_eq!(bytes, b"of now");
            }
        }
        assert!(!disk.is_silent());
    }
}
