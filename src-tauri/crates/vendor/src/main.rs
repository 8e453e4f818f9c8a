//! `likeness-vendor LIBRARY`: holds a vendor's library and answers on its standard streams
//! in the frames of [`vendor::protocol`].
//!
//! Started by the program, not by people. It ends when the program does, even in the
//! middle of a call that never returns.

mod child;
mod foreign;
mod guarded;
mod streams;

use child::Child;
use std::fs::File;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use vendor::protocol::{Request, decode_request, encode_answer, read_frame, write_frame};

/// Not the arguments that the program gives.
const USAGE: u8 = 2;
/// The system gives no streams or no thread.
const NO_STREAMS: u8 = 3;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(library), None) = (arguments.next(), arguments.next()) else {
        return ExitCode::from(USAGE);
    };
    guarded::keep_off_the_disk();
    let Ok((input, output)) = streams::take() else {
        return ExitCode::from(NO_STREAMS);
    };
    let (sender, requests) = channel();
    let listening = std::thread::Builder::new().spawn(move || listen(input, &sender));
    if listening.is_err() {
        return ExitCode::from(NO_STREAMS);
    }
    serve(Child::new(library.into()), &requests, output);
    ExitCode::SUCCESS
}

/// Takes requests, one after the other. When there are no more, the process ends from
/// here: the library may hang in the other thread.
fn listen(mut input: File, requests: &Sender<(u32, Request)>) {
    while let Ok(frame) = read_frame(&mut input)
        && let Ok(request) = decode_request(&frame)
        && requests.send(request).is_ok()
    {}
    end();
}

/// Ends without a word to the library: one that hangs would hang in its own farewell too, and
/// keep the port.
#[cfg(unix)]
fn end() -> ! {
    use rustix::process::{Signal, getpid, kill_process};
    kill_process(getpid(), Signal::KILL).ok();
    std::process::abort()
}

#[cfg(not(unix))]
fn end() -> ! {
    std::process::exit(0)
}

/// Answers them. The library is only ever called by this thread, the first of the process.
fn serve(mut child: Child, requests: &Receiver<(u32, Request)>, mut output: File) {
    for (number, request) in requests {
        let answer = encode_answer(number, &child.answer(&request));
        if write_frame(&mut output, &answer).is_err() {
            return;
        }
    }
}
