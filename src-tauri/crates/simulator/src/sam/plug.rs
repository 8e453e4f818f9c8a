//! A module behind a pseudo-terminal, which can be pulled out and plugged in.

use super::{Manner, Sam};
use serialport::{SerialPort, TTYPort};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Start bit, eight bits, stop bit.
const BITS_A_BYTE: u64 = 10;
/// So many bytes are put on the line at once.
const PIECE: usize = 64;

/// A port with a module on it. Its terminal and its name are real; who opens it finds a
/// serial port like any other.
pub struct Plug {
    port: PathBuf,
    sam: Arc<Mutex<Sam>>,
    pulled: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Plug {
    /// The speed of the readers that are sold, in baud.
    pub const BAUD: u32 = 115_200;

    /// A port in this folder with nothing behind it yet.
    #[must_use]
    pub fn pulled(dir: &Path) -> Self {
        Self {
            port: dir.join("ttySDT"),
            sam: Arc::new(Mutex::new(Sam::new(Manner::default()))),
            pulled: Arc::default(),
            thread: None,
        }
    }

    /// A port in this folder with a module on it, at [`Plug::BAUD`].
    ///
    /// # Errors
    /// As [`Plug::plug_in`].
    pub fn new(dir: &Path) -> io::Result<Self> {
        let mut plug = Self::pulled(dir);
        plug.plug_in(Self::BAUD)?;
        Ok(plug)
    }

    /// What it is opened by.
    #[must_use]
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// The module.
    pub fn sam(&self) -> MutexGuard<'_, Sam> {
        self.sam.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The module, at a speed of its own, under the same name as ever.
    ///
    /// # Errors
    /// When the machine has no pseudo-terminal left, or the name is taken.
    pub fn plug_in(&mut self, baud: u32) -> io::Result<()> {
        let (mut master, slave) = TTYPort::pair()?;
        let name = slave.name().ok_or(io::ErrorKind::NotFound)?;
        drop(slave);
        master.set_timeout(Duration::from_millis(2))?;
        std::os::unix::fs::symlink(name, &self.port)?;
        self.pulled = Arc::default();
        let (sam, pulled) = (Arc::clone(&self.sam), Arc::clone(&self.pulled));
        let body = move || work(master, baud, &sam, &pulled);
        self.thread = Some(std::thread::spawn(body));
        Ok(())
    }

    /// The port is gone, and its name with it. What lies on the module stays there.
    ///
    /// # Errors
    /// When the name cannot be taken away.
    pub fn pull_out(&mut self) -> io::Result<()> {
        self.pulled.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        drop(thread.join());
        std::fs::remove_file(&self.port)
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        drop(self.pull_out());
    }
}

/// The module's end, as fast as the line is.
fn work(mut master: TTYPort, baud: u32, sam: &Mutex<Sam>, pulled: &AtomicBool) {
    let begun = Instant::now();
    while !pulled.load(Ordering::Relaxed) {
        let mut bytes = [0; PIECE];
        let got = master.read(&mut bytes).unwrap_or(0);
        // A speed that is not the module's brings it nothing but noise.
        let fits = master.baud_rate().is_ok_and(|set| set == baud);
        let now = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let piece: Vec<u8> = {
            let mut sam = sam.lock().unwrap_or_else(PoisonError::into_inner);
            if fits {
                sam.hear(&bytes[..got], now);
            }
            sam.work(now);
            let length = sam.outbox.len().min(PIECE);
            sam.outbox.drain(..length).collect()
        };
        if piece.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        } else {
            let bits = u64::try_from(piece.len()).unwrap_or_default() * BITS_A_BYTE;
            drop(master.write_all(&piece));
            std::thread::sleep(Duration::from_micros(bits * 1_000_000 / u64::from(baud)));
        }
    }
}
