//! 证件盘: a simulated reader on which files are laid.
//!
//! The reader is a folder. While `document.toml` lies in it, that document lies on the
//! reader; when the file is removed, the document was taken away. A file that changes
//! in its place is a swap that nobody saw: the same insertion, another document. So a
//! window, a script or a test can play a whole day with one reader that stays open.

use crate::document::{SimulatorError, load};
use booth::{Assurance, Device, InsertionId, Nature, QUIET_MIN, ReadMoments, Timestamp};
use card::{
    Health, ReadFault, ReadRequest, Reader, ReaderEvent, Sink, document_read, next_insertion,
};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// The folder is looked at this often.
const LOOK: Duration = Duration::from_millis(40);
/// A read takes so long, like one through a real reader.
const READ_TIME: Duration = Duration::from_millis(30);
const DOCUMENT: &str = "document.toml";

/// Opens the folder as a reader.
///
/// # Errors
/// [`SimulatorError::Io`] when the system gives no thread.
pub(crate) fn open(dir: &Path, sink: Sink) -> Result<Box<dyn Reader>, SimulatorError> {
    let device = Device {
        driver: "simulator".to_owned(),
        bus: String::new(),
        identity: dir
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        nature: Nature::Simulated,
    };
    let (inbox, requests) = channel();
    let tray = Tray {
        file: dir.join(DOCUMENT),
        device: device.clone(),
        sink,
        insertion: None,
        last_event: clock::now(),
        waiting: Vec::new(),
    };
    let thread = std::thread::Builder::new()
        .name("card-tray".to_owned())
        .spawn(move || tray.run(&requests))?;
    Ok(Box::new(TrayReader {
        device,
        inbox: Some(inbox),
        thread: Some(thread),
    }))
}

struct TrayReader {
    device: Device,
    inbox: Option<Sender<ReadRequest>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader for TrayReader {
    fn device(&self) -> Device {
        self.device.clone()
    }

    fn request(&self, request: ReadRequest) {
        if let Some(inbox) = &self.inbox {
            // The thread lives as long as this handle; if it died, nobody can answer.
            let _sent = inbox.send(request);
        }
    }
}

impl Drop for TrayReader {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened.
            drop(thread.join());
        }
    }
}

struct Tray {
    file: PathBuf,
    device: Device,
    sink: Sink,
    insertion: Option<InsertionId>,
    last_event: Timestamp,
    waiting: Vec<ReadRequest>,
}

impl Tray {
    fn run(mut self, requests: &Receiver<ReadRequest>) {
        let reader = self.device.identity.clone();
        (self.sink)(ReaderEvent::Health(Health::Ready { reader }));
        if self.file.exists() {
            self.present(true);
        } else {
            (self.sink)(ReaderEvent::Empty { at: clock::now() });
        }
        loop {
            match requests.recv_timeout(LOOK) {
                Ok(request) => self.waiting.push(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look();
            self.serve();
        }
    }

    fn look(&mut self) {
        match (self.file.exists(), self.insertion) {
            (true, None) => self.present(false),
            (false, Some(insertion)) => {
                let at = clock::now();
                (self.insertion, self.last_event) = (None, at);
                (self.sink)(ReaderEvent::Removed { insertion, at });
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    fn present(&mut self, already_there: bool) {
        let (insertion, at) = (next_insertion(), clock::now());
        (self.insertion, self.last_event) = (Some(insertion), at);
        (self.sink)(ReaderEvent::Presented {
            insertion,
            already_there,
            at,
        });
    }

    fn serve(&mut self) {
        let quiet_at = self.last_event.plus(QUIET_MIN);
        let quiet = clock::now().since(quiet_at).is_some();
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|request| {
                quiet || !request.quiet || self.insertion != Some(request.insertion)
            });
        self.waiting = later;
        for request in due {
            let result = self.read(request.insertion);
            (self.sink)(ReaderEvent::Read {
                read: request.read,
                insertion: request.insertion,
                result,
            });
        }
    }

    fn read(&self, insertion: InsertionId) -> Result<booth::CardRead, ReadFault> {
        if self.insertion != Some(insertion) {
            return Err(ReadFault::Taken);
        }
        let begun = clock::now();
        std::thread::sleep(READ_TIME);
        let unreadable = |_| ReadFault::Simulated(booth::ReadFailure::Unreadable);
        let text = load(&self.file).map_err(unreadable)?;
        let moments = ReadMoments {
            quiet_since: self.last_event,
            begun,
            ended: clock::now(),
        };
        let device = self.device.clone();
        document_read(&text, Assurance::Simulated, device, insertion, moments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::ReadId;

    const ONE: &str = "name = \"张三\"\nsex = \"male\"\nnation = \"01\"\nbirth = \"18800229\"\n\
        address = \"一路1号\"\nnumber = \"110105188002290010\"\nissuer = \"某局\"\n\
        valid_from = \"20200101\"\nvalid_to = \"长期\"\n";

    fn next(events: &Receiver<ReaderEvent>) -> ReaderEvent {
        events
            .recv_timeout(Duration::from_secs(5))
            .expect("an event comes")
    }

    fn read(reader: &dyn Reader, events: &Receiver<ReaderEvent>, of: InsertionId) -> booth::Digest {
        reader.request(ReadRequest {
            read: ReadId(1),
            insertion: of,
            quiet: false,
        });
        loop {
            if let ReaderEvent::Read { result, .. } = next(events) {
                return result.expect("a read").raw();
            }
        }
    }

    #[test]
    fn a_file_comes_is_swapped_unseen_and_leaves() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(DOCUMENT);
        let (sender, events) = channel();
        let reader =
            crate::document::open(dir.path(), Box::new(move |event| drop(sender.send(event))))
                .unwrap();
        assert!(matches!(next(&events), ReaderEvent::Health(_)));
        assert!(matches!(next(&events), ReaderEvent::Empty { .. }));
        std::fs::write(&file, ONE).unwrap();
        let ReaderEvent::Presented {
            insertion,
            already_there: false,
            ..
        } = next(&events)
        else {
            panic!("it comes");
        };
        let first = read(reader.as_ref(), &events, insertion);
        std::fs::write(&file, ONE.replace("张三", "李四")).unwrap();
        assert_ne!(read(reader.as_ref(), &events, insertion), first);
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(next(&events), ReaderEvent::Removed { .. }));
    }
}
