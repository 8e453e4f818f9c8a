//! Readers with a security module that only their vendor's library (`sdtapi`) can speak to.
//!
//! ```text
//! watch: start likeness-vendor --> open the port --> attendant: looks every 300 ms, reads
//!           ^                                           |
//!           '------ 0.2 to 3 s <------ kill <--- hangs, crashes, runs wild
//! ```
//!
//! The library lives in a process of its own ([`::vendor`]), for it is closed, may be of
//! another word size, and may hang, crash, print or write past its buffers. What it does is
//! what the module does ([`crate::sdt`]): the same questions with the same statuses, so
//! the same attendant makes presence of them, by the same rules.
//!
//! What the library says is checked twice, in the child and here: lengths, statuses that
//! the question has, one answer to each request and to no other. After 8 s without an
//! answer the child is killed; whatever lay on the reader then counts as lost.
//!
//! **What cannot be checked** is whether the library tells the truth. One that answers a
//! read with another document is noticed when it does so between two reads of one
//! insertion, and the rules take two reads that agree; one that lies steadily is believed,
//! as a lying module would be. Which library it was, by its digest, is in the record.
//!
//! The portrait comes closed with the text and stays so, unless a [`decoder`] is installed.
//! Nothing here has been tried with a true library
//! yet: functions, statuses and port numbers are those of published documents and programs.

mod child;
pub mod decoder;
mod module;

use crate::sdt::watch::{self, Source};
use crate::{CardError, Health, Reader, Sink};
use ::vendor::protocol::{Answer, Request};
use booth::{Device, Nature};
use child::ChildProcess;
use module::{VendorFault, VendorModule};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The programs that may hold a library, the usual first: where it is of another word
/// size, the second one is tried.
const PROGRAMS: [&str; 2] = ["likeness-vendor", "likeness-vendor-32"];
/// A call that has not come back after this long hangs.
const PATIENCE: Duration = Duration::from_secs(8);
/// The USB readers, by the numbers that the library gives them.
const USB_PORTS: std::ops::RangeInclusive<u16> = 1001..=1016;
/// A file larger than this is no library of the family, which have a few hundred KiB.
const LIBRARY_BYTES_MAX: u64 = 64 << 20;
const DONE: i32 = 0x90;

/// Which library is opened, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The file of the library.
    pub library: PathBuf,
    /// 1 to 16 are serial ports, from 1001 on USB readers; `None`: the first USB reader
    /// that opens.
    pub port: Option<u16>,
    /// The programs that may hold it, in the order in which they are tried.
    pub programs: Vec<PathBuf>,
    /// A call that has not come back after this long hangs.
    pub patience: Duration,
}

impl Options {
    /// As a booth opens it: the child stands beside the running program, and has 8 s.
    #[must_use]
    pub fn new(library: PathBuf, port: Option<u16>) -> Self {
        // Never looked for on the path: a program of that name there is not ours.
        let own = std::env::current_exe().ok();
        let beside = |name: &&str| {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            Some(own.as_ref()?.with_file_name(name))
        };
        Self {
            library,
            port,
            programs: PROGRAMS.iter().filter_map(beside).collect(),
            patience: PATIENCE,
        }
    }
}

/// Watches the reader behind a vendor's library.
///
/// Returns at once. A library, a child or a reader that is missing is reported as
/// [`Health`] and waited for.
///
/// # Errors
/// [`CardError`] when the path is empty or the system gives no thread.
pub fn open(options: Options, sink: Sink) -> Result<Box<dyn Reader>, CardError> {
    if options.library.as_os_str().is_empty() {
        return Err(CardError::Name);
    }
    let closing = Arc::new(AtomicBool::new(false));
    let source = LibrarySource {
        library: std::path::absolute(&options.library).unwrap_or(options.library),
        port: options.port,
        programs: options.programs,
        patience: options.patience,
        closing: Arc::clone(&closing),
        idle: None,
    };
    let device = source.device(None, None);
    watch::watch("card-vendor", source, device, closing, sink)
}

/// A module behind a library.
struct LibrarySource {
    library: PathBuf,
    port: Option<u16>,
    programs: Vec<PathBuf>,
    patience: Duration,
    closing: Arc<AtomicBool>,
    /// A child that is well, but found no reader.
    idle: Option<ChildProcess>,
}

impl Source for LibrarySource {
    type Exchange = VendorModule;

    fn connect(&mut self) -> Result<(VendorModule, Device), VendorFault> {
        let (mut child, port) = match self.idle.take() {
            Some(child) => self.open_port(child)?,
            None => self.start()?,
        };
        let name = match child.ask(Request::Module)?.0 {
            Answer::Module(name) => Some(name),
            Answer::NotOffered | Answer::ModuleUnnamed | Answer::Status(_) => None,
            Answer::Overrun => return Err(VendorFault::Overrun),
            other @ (Answer::Text(_)
            | Answer::Both { .. }
            | Answer::Picture(_)
            | Answer::LibraryMissing
            | Answer::LibraryUnfit(_)
            | Answer::SymbolMissing(_)
            | Answer::NotOpen
            | Answer::Lengths { .. }) => return Err(VendorFault::Foreign(other)),
        };
        let device = self.device(Some(port), name);
        Ok((VendorModule::new(child), device))
    }

    fn health(&self, fault: &VendorFault, lost: Option<String>) -> Health {
        match fault {
            VendorFault::Program(_)
            | VendorFault::LibraryMissing
            | VendorFault::LibraryUnfit(_)
            | VendorFault::SymbolMissing(_) => Health::VendorMissing,
            VendorFault::Port(_) | VendorFault::Unreachable(_) => match lost {
                Some(reader) => Health::Unplugged { reader },
                None => Health::NoReader,
            },
            VendorFault::Gone(_)
            | VendorFault::Wild(_)
            | VendorFault::Silent
            | VendorFault::Foreign(_)
            | VendorFault::Overrun
            | VendorFault::Lengths { .. }
            | VendorFault::Status(_) => Health::Hung,
        }
    }

    fn is_absent(&self, fault: &VendorFault) -> bool {
        matches!(fault, VendorFault::Port(_))
    }
}

impl LibrarySource {
    /// A child that holds the library, its port open.
    fn start(&mut self) -> Result<(ChildProcess, u16), VendorFault> {
        let mut fault = VendorFault::Program(std::io::ErrorKind::NotFound.into());
        for program in self.programs.clone() {
            let closing = Arc::clone(&self.closing);
            let started = ChildProcess::start(&program, &self.library, self.patience, closing);
            match started.and_then(|child| self.open_port(child)) {
                // Of another word size, or this program is not installed.
                Err(unfit @ VendorFault::LibraryUnfit(_)) => fault = unfit,
                Err(VendorFault::Program(error)) => {
                    if matches!(fault, VendorFault::Program(_)) {
                        fault = VendorFault::Program(error);
                    }
                }
                other => return other,
            }
        }
        Err(fault)
    }

    /// Opens the port, or the first that opens.
    fn open_port(&mut self, mut child: ChildProcess) -> Result<(ChildProcess, u16), VendorFault> {
        let mut refused = 0;
        let ports = self.port.map_or(USB_PORTS, |port| port..=port);
        for port in ports {
            match child.ask(Request::Open { port })?.0 {
                Answer::Status(DONE) => return Ok((child, port)),
                Answer::Status(status) => refused = status,
                Answer::LibraryMissing => return Err(VendorFault::LibraryMissing),
                Answer::LibraryUnfit(word) => return Err(VendorFault::LibraryUnfit(word)),
                Answer::SymbolMissing(symbol) => return Err(VendorFault::SymbolMissing(symbol)),
                other @ (Answer::Text(_)
                | Answer::Both { .. }
                | Answer::Picture(_)
                | Answer::Module(_)
                | Answer::NotOffered
                | Answer::NotOpen
                | Answer::Lengths { .. }
                | Answer::ModuleUnnamed
                | Answer::Overrun) => return Err(VendorFault::Foreign(other)),
            }
        }
        self.idle = Some(child);
        Err(VendorFault::Port(refused))
    }

    /// What stands in the record: the module by its own name; library, digest and port as
    /// what it hangs on, for the library is what was believed.
    fn device(&self, port: Option<u16>, module: Option<String>) -> Device {
        let file = self.library.file_name().unwrap_or_default();
        let file = file.to_string_lossy().into_owned();
        let digest = digest_of(&self.library).map(|digest| format!(":{}", &digest[..16]));
        let port = port.or(self.port).map(|port| format!("#{port}"));
        Device {
            driver: "sdtapi".to_owned(),
            bus: [
                file.clone(),
                digest.unwrap_or_default(),
                port.unwrap_or_default(),
            ]
            .concat(),
            identity: module.unwrap_or(file),
            nature: Nature::Physical,
        }
    }
}

/// SHA-256 of a file, in hexadecimal.
fn digest_of(file: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(file).ok()?.take(LIBRARY_BYTES_MAX);
    file.read_to_end(&mut bytes).ok()?;
    Some(booth::sha256(&bytes).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_stands_beside_the_program() {
        let options = Options::new("x.so".into(), None);
        let own = std::env::current_exe().unwrap();
        assert_eq!(options.programs[0].parent(), own.parent());
        assert!(
            options.programs[0]
                .to_string_lossy()
                .contains("likeness-vendor")
        );
    }

    #[test]
    fn a_library_needs_a_name() {
        let sink: Sink = Box::new(|_| {});
        let options = Options::new(PathBuf::new(), None);
        assert!(matches!(open(options, sink), Err(CardError::Name)));
    }
}
