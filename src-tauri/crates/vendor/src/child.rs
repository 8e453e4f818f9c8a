//! Requests made calls, and what the library returns made answers.
//!
//! The library is believed nothing that can be checked: lengths, and where it wrote.
//! What its statuses mean is the program's business.

use crate::foreign::{Decoder, Library};
use crate::guarded::Guarded;
use std::path::PathBuf;
use vendor::protocol::{
    Answer, MODULE_BYTES_MAX, PICTURE_BYTES, PORTRAIT_BYTES, Request, TEXT_BYTES, is_printable,
};

/// The status of a call that went well.
const DONE: i32 = 0x90;
/// Room for the small answers; documents name 4 and 8 bytes.
const SMALL_ROOM: usize = 64;
/// Room for four further addresses of 70 bytes.
const ADDRESSES_ROOM: usize = 1024;

/// The library, once it was asked for.
pub(crate) struct Child {
    path: PathBuf,
    library: Option<Library>,
    decoder: Option<Decoder>,
    port: Option<u16>,
}

impl Child {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            library: None,
            decoder: None,
            port: None,
        }
    }

    /// Does it, and says what came of it. Takes as long as the library takes.
    pub(crate) fn answer(&mut self, request: &Request) -> Answer {
        match request {
            Request::Open { port } => return self.open(*port),
            Request::Decode(portrait) => return self.decode(portrait),
            Request::Find
            | Request::Select
            | Request::Read
            | Request::Addresses
            | Request::Reset
            | Request::Module
            | Request::Close => {}
        }
        let (Some(library), Some(port)) = (&self.library, self.port) else {
            return Answer::NotOpen;
        };
        match request {
            Request::Open { .. } | Request::Decode(_) => Answer::NotOpen,
            Request::Find => small(|room| Some(library.find(port, room))),
            Request::Select => small(|room| Some(library.select(port, room))),
            Request::Read => read(library, port),
            Request::Addresses => {
                let mut room = Guarded::new(ADDRESSES_ROOM);
                let status = library.addresses(port, &mut room);
                judged(status, &room)
            }
            Request::Reset => library
                .reset(port)
                .map_or(Answer::NotOffered, Answer::Status),
            Request::Module => module(library, port),
            Request::Close => {
                let status = library.close_port(port);
                self.port = None;
                Answer::Status(status)
            }
        }
    }

    fn open(&mut self, port: u16) -> Answer {
        if self.library.is_none() {
            match Library::load(&self.path) {
                Ok(library) => self.library = Some(library),
                Err(answer) => return answer,
            }
        }
        let Some(library) = &self.library else {
            return Answer::NotOpen;
        };
        if let Some(open) = self.port.take() {
            library.close_port(open);
        }
        let status = library.open_port(port);
        if status == DONE {
            self.port = Some(port);
        }
        Answer::Status(status)
    }
}

impl Child {
    fn decode(&mut self, portrait: &[u8; PORTRAIT_BYTES]) -> Answer {
        if self.decoder.is_none() {
            match Decoder::load(&self.path) {
                Ok(decoder) => self.decoder = Some(decoder),
                Err(answer) => return answer,
            }
        }
        let Some(decoder) = &self.decoder else {
            return Answer::NotOpen;
        };
        // Of its own, for a decoder may write into what it is given to read.
        let mut closed = Guarded::new(PORTRAIT_BYTES);
        closed.fill(portrait);
        let mut picture = Guarded::new(2 * PICTURE_BYTES);
        let status = decoder.unpack(&mut closed, &mut picture);
        let (Some(_), Some(written)) = (closed.written(), picture.written()) else {
            return Answer::Overrun;
        };
        // What the status means differs from maker to maker; a bitmap is a bitmap.
        match written.first_chunk() {
            Some(picture) if picture.starts_with(b"BM") => Answer::Picture(Box::new(*picture)),
            Some(_) | None => Answer::Status(status),
        }
    }
}

/// A call that writes a few bytes that nobody needs.
fn small(call: impl FnOnce(&mut Guarded) -> Option<i32>) -> Answer {
    let mut room = Guarded::new(SMALL_ROOM);
    let status = call(&mut room);
    judged(status, &room)
}

/// The status of a call, unless it wrote where it may not.
fn judged(status: Option<i32>, room: &Guarded) -> Answer {
    match status {
        None => Answer::NotOffered,
        Some(_) if room.written().is_none() => Answer::Overrun,
        Some(status) => Answer::Status(status),
    }
}

fn read(library: &Library, port: u16) -> Answer {
    let mut text = Guarded::new(2 * TEXT_BYTES);
    let mut portrait = Guarded::new(2048);
    let (status, text_bytes, portrait_bytes) = library.read(port, &mut text, &mut portrait);
    let (Some(written), Some(closed)) = (text.written(), portrait.written()) else {
        return Answer::Overrun;
    };
    if status != DONE {
        return Answer::Status(status);
    }
    let closed = match usize::try_from(portrait_bytes) {
        Ok(PORTRAIT_BYTES) => closed.first_chunk(),
        Ok(_) | Err(_) => None,
    };
    let fits = usize::try_from(text_bytes) == Ok(TEXT_BYTES)
        && usize::try_from(portrait_bytes).is_ok_and(|bytes| bytes <= PORTRAIT_BYTES);
    match (written.first_chunk(), closed) {
        (Some(identity), Some(closed)) if fits => Answer::Both {
            text: Box::new(*identity),
            portrait: Box::new(*closed),
        },
        (Some(identity), None) if fits => Answer::Text(Box::new(*identity)),
        (Some(_) | None, _) => Answer::Lengths {
            text: text_bytes,
            portrait: portrait_bytes,
        },
    }
}

fn module(library: &Library, port: u16) -> Answer {
    let mut room = Guarded::new(4 * MODULE_BYTES_MAX);
    let status = library.module(port, &mut room);
    let Some(written) = room.written() else {
        return Answer::Overrun;
    };
    match status {
        None => Answer::NotOffered,
        Some(DONE) => {
            let mut until_nul = written.split(|byte| *byte == 0);
            let name = until_nul.next().unwrap_or_default();
            let holds = !name.is_empty()
                && name.len() <= MODULE_BYTES_MAX
                && name.iter().copied().all(is_printable);
            if holds {
                Answer::Module(String::from_utf8_lossy(name).into_owned())
            } else {
                Answer::ModuleUnnamed
            }
        }
        Some(status) => Answer::Status(status),
    }
}
