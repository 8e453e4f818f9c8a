//! The camera at its end of the cable: what the host asks on endpoint 0, answered
//! through the files of `gadgetfs` (`drivers/usb/gadget/legacy/inode.c` of the kernel).

use super::descriptors::{self, PROBE_BYTES, STREAMING, agreement, clamped};
use super::source::Source;
use super::{Model, Shared, Told, Wanted, stream, tell};
use rustix::fs::{OFlags, fcntl_setfl};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The file of the stream's endpoint begins so.
const ENDPOINT: &str = "ep1in";

/// The host sends what it announced within this time.
const DATA_MAX: Duration = Duration::from_millis(100);
/// Between two looks for it.
const PAUSE: Duration = Duration::from_micros(20);

/// Kinds of events.
const SETUP: u32 = 3;
/// Requests of USB itself.
const GET_DESCRIPTOR: u8 = 6;
const SET_CONFIGURATION: u8 = 9;
const GET_INTERFACE: u8 = 10;
const SET_INTERFACE: u8 = 11;
/// Requests of the class.
const SET_CUR: u8 = 0x01;
const GET_LEN: u8 = 0x85;
const GET_INFO: u8 = 0x86;
/// The first of the two selectors of the stream: a proposal. The other is the choice.
const PROBE: u8 = 1;

/// A request of the host.
#[derive(Clone, Copy, Debug)]
struct Request {
    kind: u8,
    request: u8,
    value: u16,
    index: u16,
    length: u16,
}

impl Request {
    const fn is_to_host(self) -> bool {
        self.kind & 0x80 != 0
    }

    const fn is_of_class(self) -> bool {
        self.kind & 0x60 == 0x20
    }

    fn selector(self) -> u8 {
        self.value.to_be_bytes()[0]
    }

    fn interface(self) -> u8 {
        self.index.to_le_bytes()[0]
    }

    fn unit(self) -> u8 {
        self.index.to_le_bytes()[1]
    }
}

/// A device on the cable.
pub(super) struct Device {
    gadget: PathBuf,
    model: Model,
    shared: Arc<Shared>,
    endpoint_0: File,
    /// Until the stream has it.
    source: Option<Source>,
    proposal: (u8, u8, Wanted),
}

impl Device {
    pub(super) fn plug(
        gadget: &Path,
        model: &Model,
        shared: Arc<Shared>,
        source: Source,
    ) -> io::Result<Self> {
        let greeting = descriptors::greeting(model)?;
        // With nothing plugged in, the controller's file is the only one.
        let controller = find(gadget, "")?;
        let mut endpoint_0 = File::options().read(true).write(true).open(controller)?;
        endpoint_0.write_all(&greeting)?;
        Ok(Self {
            gadget: gadget.to_owned(),
            model: model.clone(),
            shared,
            endpoint_0,
            source: Some(source),
            proposal: clamped(model, &[]),
        })
    }

    /// Answers for ever.
    pub(super) fn attend(mut self) {
        loop {
            if let Err(error) = self.next_event() {
                tracing::debug!(%error, "a request that a software camera could not answer");
            }
        }
    }

    fn next_event(&mut self) -> io::Result<()> {
        let mut event = [0; 12];
        // The cable has taken the data of a request by the time it tells of the request, and the next
        // one, a millisecond later, overwrites them: a look from time to time came too late.
        let length = self.endpoint_0.read(&mut event)?;
        let kind = u32::from_le_bytes([event[8], event[9], event[10], event[11]]);
        if length < event.len() || kind != SETUP {
            return Ok(());
        }
        let word = |at: usize| u16::from_le_bytes([event[at], event[at + 1]]);
        let request = Request {
            kind: event[0],
            request: event[1],
            value: word(2),
            index: word(4),
            length: word(6),
        };
        if request.is_of_class() {
            return self.class(request);
        }
        match request.request {
            GET_DESCRIPTOR if request.selector() == 3 => {
                let index = request.value.to_le_bytes()[0];
                let text = descriptors::text(&self.model, index);
                self.reply(request, Some(text))
            }
            SET_CONFIGURATION => {
                if request.value != 0 {
                    self.open_stream()?;
                }
                self.acknowledge()
            }
            GET_INTERFACE => self.reply(request, Some(vec![0])),
            SET_INTERFACE => self.acknowledge(),
            _ => self.reply(request, None),
        }
    }

    /// Opens the endpoint of the stream once, which is there when the host configures us.
    fn open_stream(&mut self) -> io::Result<()> {
        let Some(source) = self.source.take() else {
            return Ok(());
        };
        let file = find(&self.gadget, ENDPOINT)?;
        let mut endpoint = File::options().read(true).write(true).open(file)?;
        endpoint.write_all(&descriptors::endpoint_greeting())?;
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name("uvc-stream".to_owned())
            .spawn(move || stream::run(&shared, endpoint, source))
            .map(|_runs_until_the_end| ())
    }

    fn class(&mut self, request: Request) -> io::Result<()> {
        if request.interface() == STREAMING {
            return self.negotiate(request);
        }
        let (unit, selector) = (request.unit(), request.selector());
        if request.request == SET_CUR {
            let bytes = self.data(request)?;
            let turned = self.shared.lock().controls.set(unit, selector, &bytes);
            if let Some((name, value)) = turned {
                tell(&Told::Turned(name.to_owned(), value));
            }
            return Ok(());
        }
        let answer = self
            .shared
            .lock()
            .controls
            .answer(unit, selector, request.request);
        self.reply(request, answer)
    }

    /// Format, size and rate: proposed, answered with what can be had, then chosen.
    fn negotiate(&mut self, request: Request) -> io::Result<()> {
        match request.request {
            SET_CUR => {
                let proposed = self.data(request)?;
                self.proposal = clamped(&self.model, &proposed);
                if request.selector() != PROBE {
                    self.shared.lock().wanted = Some(self.proposal.2);
                    self.shared.bell.notify_all();
                }
                Ok(())
            }
            GET_LEN => self.reply(request, Some(PROBE_BYTES.to_le_bytes().to_vec())),
            GET_INFO => self.reply(request, Some(vec![3])),
            _ => {
                let agreed = agreement(self.proposal);
                self.reply(request, Some(agreed))
            }
        }
    }

    /// What follows a request to the device. `gadgetfs` would wait for ever for the data of a
    /// request that the host has given up.
    fn data(&mut self, request: Request) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::from(request.length)];
        fcntl_setfl(&self.endpoint_0, OFlags::NONBLOCK)?;
        let begun = Instant::now();
        let read = loop {
            match self.endpoint_0.read(&mut bytes) {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock && begun.elapsed() < DATA_MAX =>
                {
                    std::thread::sleep(PAUSE);
                }
                read => break read,
            }
        };
        fcntl_setfl(&self.endpoint_0, OFlags::empty())?;
        bytes.truncate(read?);
        Ok(bytes)
    }

    /// Answers, or refuses: by reading where an answer is due, or the other way round.
    fn reply(&mut self, request: Request, answer: Option<Vec<u8>>) -> io::Result<()> {
        let refused = match answer {
            Some(answer) => {
                let length = answer.len().min(usize::from(request.length));
                return self.endpoint_0.write_all(&answer[..length]);
            }
            None if request.is_to_host() => self.endpoint_0.read(&mut []),
            None => self.endpoint_0.write(&[]),
        };
        // The refusal itself is reported as an error (EL2HLT).
        drop(refused);
        Ok(())
    }

    /// An empty read says that all is well.
    fn acknowledge(&mut self) -> io::Result<()> {
        self.endpoint_0.read(&mut []).map(|_nothing| ())
    }
}

/// The first file whose name begins so.
fn find(gadget: &Path, beginning: &str) -> io::Result<PathBuf> {
    let mut names: Vec<_> = fs::read_dir(gadget)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(beginning))
        .collect();
    names.sort_unstable();
    let name = names.first().ok_or(io::ErrorKind::NotFound)?;
    Ok(gadget.join(name))
}
