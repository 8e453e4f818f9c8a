//! A vendor's library for the tests: it plays the published functions, and hangs, crashes,
//! prints and lies as it is told.
//!
//! Everything it knows lies in the folder in which its process runs, so that a reader that
//! is started again goes on where it was, as a true one does that has kept its power:
//!
//! | file | holds |
//! |---|---|
//! | `card` | the document that lies there, and the how-manieth laying down that is |
//! | `found`, `selected` | the laying down that was found or selected |
//! | `port` | the port that opens |
//! | `document-N` | 256 identity bytes |
//! | `mishap-FUNCTION` | `once` or `always`, and what goes wrong |
//! | `portrait-kind` | what a decoder makes of the portraits (first byte); none: `5A` |
//! | `calls` | every function that was called |
#![expect(unsafe_code, reason = "it stands for a foreign library")]
#![expect(
    clippy::print_stdout,
    reason = "libraries do, and nothing may come of it"
)]

use std::ffi::{c_int, c_uint};
use std::fs;
use std::io::{Read, Write};
use std::time::Duration;

const DONE: c_int = 0x90;
const FOUND: c_int = 0x9F;
const NOT_FOUND: c_int = 0x80;
const NOT_SELECTED: c_int = 0x81;
const NO_CONTENT: c_int = 0x91;
const READ_FAILED: c_int = 0x41;
const NO_PORT: c_int = 1;
const TEXT: usize = 256;
const PORTRAIT: usize = 1024;

#[unsafe(no_mangle)]
extern "system" fn SDT_OpenPort(port: c_int) -> c_int {
    let opens = number_in("port") == Some(port.unsigned_abs().into());
    let status = if opens { DONE } else { NO_PORT };
    mishap("SDT_OpenPort").status().unwrap_or(status)
}

#[unsafe(no_mangle)]
extern "system" fn SDT_ClosePort(_: c_int) -> c_int {
    mishap("SDT_ClosePort").status().unwrap_or(DONE)
}

#[unsafe(no_mangle)]
extern "system" fn SDT_ResetSAM(_: c_int, _: c_int) -> c_int {
    if let Some(status) = mishap("SDT_ResetSAM").status() {
        return status;
    }
    write("found", "");
    write("selected", "");
    DONE
}

#[unsafe(no_mangle)]
extern "system" fn SDT_GetSAMIDToStr(_: c_int, name: *mut u8, _: c_int) -> c_int {
    let mishap = mishap("SDT_GetSAMIDToStr");
    if let Some(status) = mishap.status() {
        return status;
    }
    fill(name, b"05.01-20160911-0000000042-0000000000\0");
    mishap.overrun(name);
    DONE
}

#[unsafe(no_mangle)]
extern "system" fn SDT_StartFindIDCard(_: c_int, answer: *mut u8, _: c_int) -> c_int {
    let mishap = mishap("SDT_StartFindIDCard");
    if let Some(status) = mishap.status() {
        return status;
    }
    fill(answer, &[0; 4]);
    mishap.overrun(answer);
    match card() {
        Some((_, laid_down)) if number_in("selected") != Some(laid_down) => {
            write("found", &laid_down.to_string());
            FOUND
        }
        _ => NOT_FOUND,
    }
}

#[unsafe(no_mangle)]
extern "system" fn SDT_SelectIDCard(_: c_int, answer: *mut u8, _: c_int) -> c_int {
    let mishap = mishap("SDT_SelectIDCard");
    if let Some(status) = mishap.status() {
        return status;
    }
    fill(answer, &[0; 8]);
    mishap.overrun(answer);
    match card() {
        Some((_, laid_down)) if number_in("found") == Some(laid_down) => {
            write("selected", &laid_down.to_string());
            DONE
        }
        _ => NOT_SELECTED,
    }
}

#[unsafe(no_mangle)]
extern "system" fn SDT_ReadNewAppMsg(
    _: c_int,
    addresses: *mut u8,
    length: *mut c_uint,
    _: c_int,
) -> c_int {
    let mishap = mishap("SDT_ReadNewAppMsg");
    if let Some(status) = mishap.status() {
        return status;
    }
    mishap.overrun(addresses);
    name_length(length, 0);
    match selected() {
        Some(_) => NO_CONTENT,
        None => READ_FAILED,
    }
}

#[unsafe(no_mangle)]
extern "system" fn SDT_ReadBaseMsg(
    _: c_int,
    text: *mut u8,
    text_bytes: *mut c_uint,
    portrait: *mut u8,
    portrait_bytes: *mut c_uint,
    _: c_int,
) -> c_int {
    let mishap = mishap("SDT_ReadBaseMsg");
    if let Some(status) = mishap.status() {
        return status;
    }
    let Some(person) = selected() else {
        return READ_FAILED;
    };
    let mut identity = document(person);
    let mut lengths = (256, 1024);
    match mishap {
        Mishap::Of(other) => identity = document(other),
        Mishap::Halves(other) => identity[TEXT / 2..].copy_from_slice(&document(other)[TEXT / 2..]),
        Mishap::Garbage => identity.fill(0xDB),
        Mishap::Truncate(bytes) => identity.truncate(bytes),
        Mishap::Lengths(named) => lengths = named,
        Mishap::Status(_) | Mishap::Overrun(_) | Mishap::None => {}
    }
    fill(text, &identity);
    mishap.overrun(text);
    fill(portrait, &portrait_of(person));
    name_length(text_bytes, lengths.0);
    name_length(portrait_bytes, lengths.1);
    DONE
}

/// What goes wrong with what a function returns. What goes wrong otherwise has happened
/// by then.
enum Mishap {
    None,
    Status(c_int),
    Overrun(usize),
    Of(u64),
    Halves(u64),
    Garbage,
    Truncate(usize),
    Lengths((c_uint, c_uint)),
}

impl Mishap {
    /// Instead of doing anything.
    const fn status(&self) -> Option<c_int> {
        if let Self::Status(status) = self {
            Some(*status)
        } else {
            None
        }
    }

    /// So many bytes, whatever room there is.
    fn overrun(&self, room: *mut u8) {
        if let Self::Overrun(bytes) = self {
            fill(room, &vec![b'A'; *bytes]);
        }
    }
}

fn mishap(function: &str) -> Mishap {
    let log = fs::File::options().create(true).append(true).open("calls");
    drop(log.and_then(|mut log| log.write_all(format!("{function}\n").as_bytes())));
    let file = format!("mishap-{function}");
    let told = fs::read_to_string(&file).unwrap_or_default();
    let mut words = told.split_whitespace();
    if words.next() == Some("once") {
        drop(fs::remove_file(&file));
    }
    let verb = words.next().unwrap_or_default().to_owned();
    let numbers: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
    let number = |at: usize| numbers.get(at).copied().unwrap_or_default();
    let size = |at: usize| usize::try_from(number(at)).unwrap_or_default();
    let length = |at: usize| c_uint::try_from(number(at)).unwrap_or_default();
    match verb.as_str() {
        "hang" => loop {
            std::thread::sleep(Duration::from_secs(60));
        },
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "fault" => fill(std::ptr::null_mut(), &[1]),
        "slow" => std::thread::sleep(Duration::from_millis(number(0).unsigned_abs())),
        "chat" => chat(),
        "status" => return Mishap::Status(c_int::try_from(number(0)).unwrap_or_default()),
        "overrun" => return Mishap::Overrun(size(0)),
        "of" => return Mishap::Of(number(0).unsigned_abs()),
        "halves" => return Mishap::Halves(number(0).unsigned_abs()),
        "garbage" => return Mishap::Garbage,
        "truncate" => return Mishap::Truncate(size(0)),
        "lengths" => return Mishap::Lengths((length(0), length(1))),
        _ => {}
    }
    Mishap::None
}

/// Prints what looks like an answer, and waits for a key.
fn chat() {
    println!("card found");
    let mut out = std::io::stdout();
    drop(out.write_all(b"LV\x01\0\x09\0\0\0\x02\x01\0\0\0\x9F"));
    drop(out.flush());
    let mut keys = [0; 64];
    drop(std::io::stdin().read(&mut keys));
}

/// Each person's is another one: its second byte is `30`, `60`, ..
fn portrait_of(person: u64) -> [u8; PORTRAIT] {
    let mut portrait = [0x5A; PORTRAIT];
    if let Some(kind) = number_in("portrait-kind") {
        portrait[0] = kind as u8;
    }
    portrait[1] = 0x30 * (1 + person as u8);
    portrait
}

/// The document that lies there, and its laying down.
fn card() -> Option<(u64, u64)> {
    let card = fs::read_to_string("card").ok()?;
    let (person, laid_down) = card.split_once(' ')?;
    Some((person.parse().ok()?, laid_down.trim().parse().ok()?))
}

/// The document that lies there, if it is selected.
fn selected() -> Option<u64> {
    let (person, laid_down) = card()?;
    (number_in("selected") == Some(laid_down)).then_some(person)
}

fn number_in(file: &str) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn write(file: &str, text: &str) {
    drop(fs::write(file, text));
}

fn document(person: u64) -> Vec<u8> {
    let document = fs::read(format!("document-{person}"));
    document.unwrap_or_else(|_| vec![0; TEXT])
}

fn fill(room: *mut u8, bytes: &[u8]) {
    for (at, byte) in bytes.iter().enumerate() {
        // SAFETY: none. It writes where it was told to and further, as such libraries do.
        unsafe { room.add(at).write_volatile(*byte) };
    }
}

fn name_length(length: *mut c_uint, bytes: c_uint) {
    // SAFETY: the caller gives a place for the length, as documented.
    unsafe { length.write_volatile(bytes) };
}
