//! A USB camera made of software, for the kernel's own driver.
//!
//! The kernel of a test machine can be host and device of one emulated cable
//! (`dummy_hcd`); a program gives the device its behaviour through a `gadgetfs` mount.
//! What is plugged in here is a UVC 1.1 camera to everything above the cable: USB
//! stack, `uvcvideo`, V4L2, us. It sends what a [`Source`] draws, keeps a record of
//! every frame that it sent, and misbehaves when it is told to.
//!
//! A camera is a process, and killing it is pulling its plug. Closing the files would not
//! do: `gadgetfs` waits for the stream to let go of its endpoint, and the stream for a
//! host that may fetch nothing more. [`run`] is what that process does, [`UvcCamera`]
//! starts it and is its owner's side.
//!
//! Three facts of this cable shape it: there are no isochronous transfers (the stream
//! is a bulk endpoint, as some cameras have it), only one device fits (another camera
//! is plugged in after this one was unplugged), and a configuration descriptor over 255
//! bytes times out, which leaves room for three sizes.
//!
//! A frame that nobody has fetched when the host stops its stream is the first of the
//! next one, late as it is. Cameras do that too.

mod controls;
mod descriptors;
mod device;
mod source;
mod stream;

pub use source::{Shot, Source, stamped, stills};

use booth::Digest;
use controls::Controls;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How the pixels of a frame are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pixels {
    /// One JPEG a frame.
    Mjpeg,
    /// Packed 4:2:2, two bytes a pixel.
    Yuyv,
}

/// What a camera says of itself.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Model {
    /// Its serial number.
    pub serial: String,
    /// Width and height in pixels of its MJPEG pictures; the first is its default.
    pub mjpeg: Vec<(u16, u16)>,
    /// The same of its uncompressed pictures.
    pub yuyv: Vec<(u16, u16)>,
    /// Frames a second that it offers for each; the first is its default.
    pub rates: Vec<u32>,
}

/// What a camera does wrong.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misdeed {
    /// Sends nothing.
    Stall,
    /// Ends a frame before its end, anywhere.
    Truncate,
    /// Sets the error bit on a frame that is whole.
    Flag,
    /// Sends a picture of another size than it was told to, in pixels.
    Resize {
        /// Width.
        width: u16,
        /// Height.
        height: u16,
    },
    /// Sends the bytes of the frame before.
    Repeat,
    /// Takes its time.
    Slow {
        /// Frames a second.
        rate: u32,
    },
}

/// Which frames a misdeed happens to.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// Every one.
    Always,
    /// Each of this distance, counted from the first frame after plugging in.
    Every(u64),
    /// Half of them, at random.
    Half {
        /// Names the sequence of chances.
        seed: u64,
    },
}

/// One frame as it went over the cable.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub struct Sent {
    /// Counted from 1 since the camera was plugged in.
    pub number: u64,
    /// Before it was drawn, in nanoseconds of the monotonic clock: it shows nothing older.
    pub drawn: u64,
    /// When the host had fetched its last byte, of the same clock.
    pub fetched: u64,
    /// SHA-256 of the bytes that were sent.
    digest: [u8; 32],
    /// Whether it was sent as it was drawn, in the size that was wanted, unflagged and
    /// for the first time.
    pub whole: bool,
}

impl Sent {
    /// SHA-256 of the bytes that were sent.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        Digest::from_bytes(self.digest)
    }
}

/// What the owner tells the process of a camera: one line of JSON each.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
enum Order {
    Misbehave(Misdeed, When),
    Behave,
}

/// What the process of a camera tells its owner: one line of JSON each.
#[derive(Serialize, Deserialize, Clone, Debug)]
enum Told {
    Sent(Sent),
    /// A knob was turned: its name and how it stands now.
    Turned(String, u32),
}

/// Is a camera, on the `gadgetfs` that is mounted at `gadget`, until the process is
/// killed or its standard input ends. Orders come on standard input, the record goes to
/// standard output. The host has seen the camera some hundred milliseconds later.
///
/// # Errors
/// When a camera is plugged in already, no `gadgetfs` is mounted there, or `model`
/// offers more than fits into a descriptor.
pub fn run(gadget: &Path, model: &Model, source: Source) -> io::Result<()> {
    let shared = Arc::new(Shared::default());
    let device = device::Device::plug(gadget, model, Arc::clone(&shared), source)?;
    std::thread::Builder::new()
        .name("uvc-camera".to_owned())
        .spawn(move || device.attend())?;
    for line in io::stdin().lines() {
        let order = serde_json::from_str(&line?)?;
        shared.lock().misdeed = match order {
            Order::Misbehave(misdeed, when) => Some((misdeed, when)),
            Order::Behave => None,
        };
        shared.bell.notify_all();
    }
    Ok(())
}

/// Tells the owner. One that has gone has killed us, or will not miss it.
fn tell(told: &Told) {
    if let Ok(mut text) = serde_json::to_string(told) {
        text.push('\n');
        drop(io::stdout().write_all(text.as_bytes()));
    }
}

/// A camera that is plugged in. Dropping it pulls the plug.
pub struct UvcCamera {
    process: Child,
    orders: ChildStdin,
    told: Arc<Mutex<Heard>>,
    listener: Option<JoinHandle<()>>,
}

/// What was heard of a camera.
#[derive(Default)]
struct Heard {
    record: Vec<Sent>,
    turned: Vec<(String, u32)>,
}

impl UvcCamera {
    /// Starts the process of a camera: a command that comes to [`run`].
    ///
    /// # Errors
    /// When it does not start.
    pub fn plug(command: &mut Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let lines = process.stdin.take().zip(process.stdout.take());
        let (orders, output) = lines.ok_or(io::ErrorKind::BrokenPipe)?;
        let told = Arc::new(Mutex::default());
        let heard = Arc::clone(&told);
        let listener = std::thread::Builder::new()
            .name("uvc-owner".to_owned())
            .spawn(move || listen(output, &heard))?;
        Ok(Self {
            process,
            orders,
            told,
            listener: Some(listener),
        })
    }

    /// From the next frame on, and until told otherwise.
    ///
    /// # Errors
    /// When its process has ended.
    pub fn misbehave(&mut self, misdeed: Misdeed, when: When) -> io::Result<()> {
        self.order(Order::Misbehave(misdeed, when))
    }

    /// From the next frame on nothing is wrong any more.
    ///
    /// # Errors
    /// When its process has ended.
    pub fn behave(&mut self) -> io::Result<()> {
        self.order(Order::Behave)
    }

    fn order(&mut self, order: Order) -> io::Result<()> {
        let text = serde_json::to_string(&order)?;
        writeln!(self.orders, "{text}")
    }

    /// Every frame that was sent so far, in order. The last ones may still be on their way
    /// to us.
    #[must_use]
    pub fn record(&self) -> Vec<Sent> {
        self.heard().record.clone()
    }

    /// How the host has set a knob: `exposure mode` (1 manual, 8 automatic), `exposure
    /// time` (in 0.1 ms), `focus`, `automatic focus`, `zoom`, `brightness`, `gain`, `power
    /// line` (0 off, 1 50 Hz, 2 60 Hz), `white balance` (in kelvin), `automatic white
    /// balance`. `None` for one that was not turned.
    #[must_use]
    pub fn knob(&self, name: &str) -> Option<u32> {
        let heard = self.heard();
        let mut turned = heard.turned.iter().rev();
        turned
            .find(|(knob, _)| knob == name)
            .map(|&(_, value)| value)
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pulls the plug, and returns the whole record when the device has left the cable.
    #[must_use]
    pub fn unplug(mut self) -> Vec<Sent> {
        self.pull();
        std::mem::take(&mut self.heard().record)
    }

    fn pull(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.process.kill());
        drop(self.process.wait());
        if let Some(listener) = self.listener.take()
            && listener.join().is_err()
        {
            tracing::error!("the listener to a software camera panicked");
        }
    }
}

impl Drop for UvcCamera {
    fn drop(&mut self) {
        self.pull();
    }
}

fn listen(output: ChildStdout, heard: &Mutex<Heard>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        // A line that was cut by the end is of no frame that arrived.
        match serde_json::from_str(&line) {
            Ok(Told::Sent(sent)) => heard.record.push(sent),
            Ok(Told::Turned(knob, value)) => heard.turned.push((knob, value)),
            Err(error) => tracing::debug!(%error, "a software camera said something else"),
        }
    }
}

/// What the threads of a camera share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Rung when the stream has something to look at.
    bell: Condvar,
}

#[derive(Default)]
struct State {
    misdeed: Option<(Misdeed, When)>,
    /// What the host wants to be sent; `None` before it said so.
    wanted: Option<Wanted>,
    controls: Controls,
}

/// What the host has chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Wanted {
    pixels: Pixels,
    width: u16,
    height: u16,
    /// Between two frames, in units of 100 ns.
    interval: u32,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
