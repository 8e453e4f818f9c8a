//! The child: started, asked one thing at a time, and killed.

use super::module::VendorFault;
use ::vendor::protocol::{
    Answer, Request, StreamFault, decode_answer, encode_request, read_frame, write_frame,
};
use booth::Timestamp;
use std::io;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// The program can close in the middle of a wait.
const SLICE: Duration = Duration::from_millis(50);
/// A child that is well has this long to close its port.
const CLOSE_MAX: Duration = Duration::from_millis(300);
/// The system takes a killed child away in less than this, unless a driver holds it.
const REAP_MAX: Duration = Duration::from_secs(1);

type Answered = Result<(u32, Answer), StreamFault>;

pub(super) struct ChildProcess {
    child: Option<Child>,
    requests: ChildStdin,
    answers: Receiver<Answered>,
    number: u32,
    patience: Duration,
    closing: Arc<AtomicBool>,
    /// Every request was answered so far.
    well: bool,
}

impl ChildProcess {
    /// Starts the program. The library is not loaded before the first request.
    pub(super) fn start(
        program: &Path,
        library: &Path,
        patience: Duration,
        closing: Arc<AtomicBool>,
    ) -> Result<Self, VendorFault> {
        let mut command = Command::new(program);
        command
            .arg(library)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a library says there may hold a name.
            .stderr(Stdio::null());
        // Licences and libraries of its own lie beside it.
        if let Some(folder) = library.parent().filter(|folder| folder.is_dir()) {
            command.current_dir(folder);
        }
        without_a_window(&mut command);
        let mut child = command.spawn().map_err(VendorFault::Program)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (sender, answers) = channel();
        let listening = pipes.map(|(requests, output)| {
            let body = move || listen(output, &sender);
            let thread = std::thread::Builder::new().name("card-vendor-answers".to_owned());
            thread.spawn(body).map(|_| requests)
        });
        match listening {
            Some(Ok(requests)) => Ok(Self {
                child: Some(child),
                requests,
                answers,
                number: 0,
                patience,
                closing,
                well: true,
            }),
            Some(Err(error)) => {
                end(child);
                Err(VendorFault::Gone(error))
            }
            None => {
                end(child);
                Err(VendorFault::Gone(io::ErrorKind::BrokenPipe.into()))
            }
        }
    }

    /// Asks, and returns the answer to exactly this request and when it was put. After
    /// a fault nothing is asked of this child any more.
    pub(super) fn ask(&mut self, request: Request) -> Result<(Answer, Timestamp), VendorFault> {
        if !self.well {
            return Err(VendorFault::Gone(io::ErrorKind::BrokenPipe.into()));
        }
        self.well = false;
        self.number = self.number.wrapping_add(1);
        let asked = clock::now();
        let frame = encode_request(self.number, &request);
        write_frame(&mut self.requests, &frame).map_err(VendorFault::Gone)?;
        let answer = self.next(Instant::now() + self.patience)?;
        self.well = true;
        Ok((answer, asked))
    }

    fn next(&self, end: Instant) -> Result<Answer, VendorFault> {
        loop {
            if self.closing.load(Ordering::Relaxed) {
                return Err(VendorFault::Gone(io::ErrorKind::Interrupted.into()));
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left.min(SLICE)) {
                Ok(Ok((number, answer))) if number == self.number => return Ok(answer),
                // One request at a time: nothing else can be under way.
                Ok(Ok((_, answer))) => return Err(VendorFault::Foreign(answer)),
                Ok(Err(StreamFault::Gone(error))) => return Err(VendorFault::Gone(error)),
                Ok(Err(StreamFault::Frame(fault))) => return Err(VendorFault::Wild(fault)),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(VendorFault::Silent);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(VendorFault::Gone(io::ErrorKind::UnexpectedEof.into()));
                }
            }
        }
    }

    /// Lets it close its port, if it will.
    fn close(&mut self) {
        let frame = encode_request(self.number.wrapping_add(1), &Request::Close);
        if write_frame(&mut self.requests, &frame).is_ok() {
            drop(self.answers.recv_timeout(CLOSE_MAX));
        }
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        if self.well {
            self.close();
        }
        if let Some(child) = self.child.take() {
            end(child);
        }
    }
}

/// Takes answers until the child ends or sends what is no answer.
fn listen(mut output: ChildStdout, answers: &Sender<Answered>) {
    loop {
        let frame = read_frame(&mut output);
        let answer = frame.and_then(|frame| Ok(decode_answer(&frame)?));
        let last = answer.is_err();
        if answers.send(answer).is_err() || last {
            return;
        }
    }
}

/// Kills it and waits until it is gone; one that a driver holds is waited for elsewhere.
fn end(mut child: Child) {
    if let Err(error) = child.kill() {
        tracing::warn!(%error, "the child of the vendor's library cannot be killed");
    }
    let deadline = Instant::now() + REAP_MAX;
    while Instant::now() < deadline {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Ok(Some(_)) | Err(_) => return,
        }
    }
    tracing::warn!("the child of the vendor's library hangs in the system and is left behind");
    std::thread::spawn(move || drop(child.wait()));
}

#[cfg(windows)]
fn without_a_window(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
const fn without_a_window(_: &mut Command) {}
