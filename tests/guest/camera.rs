//! Runs in the guest: our V4L2 source against uvcvideo and a USB camera made of software
//! (`simulator::uvc`), which knows what it truly sent and when. See `guest_devices.rs`
//! for the test that boots the guest.
//!
//! All of a picture's bytes are compared by digest, so a frame that is cut, joined of
//! two or older than it says is found without being decoded, which is dear here.

use super::seen::{PATIENCE, Seen};
use super::{judge, millis};
use booth::{Frame, Pressed, Timestamp};
use camera::LossCause;
use camera::controls::{Control, Values};
use likeness_tests::guest::{Host, Wish, load_drivers};
use simulator::stamp::read_stamp;
use simulator::uvc::{self, Misdeed, Model, Sent, UvcCamera, When, stamped, stills};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The cable, the device's end of it, the driver of cameras.
const DRIVERS: [&str; 3] = ["dummy_hcd", "gadgetfs", "uvcvideo"];
const GADGET: &str = "/dev/gadget";
/// Whether the driver hands over frames that it knows to be damaged.
const NO_DROP: &str = "/sys/module/uvcvideo/parameters/nodrop";
/// The words that make this program a camera, or a consumer of its own.
pub(crate) const DEVICE: &str = "device";
pub(crate) const CONSUMER: &str = "consumer";

/// Two cameras of one make.
const ONE: &str = "LIKENESS-1";
const OTHER: &str = "LIKENESS-2";

/// A loss is told within 500 ms, a return within 2 s. This machine is emulated on a busy
/// one and may be this much later; what was measured is told.
const LOST_MAX: Duration = Duration::from_millis(600);
const BACK_MAX: Duration = Duration::from_secs(2);
/// A camera is closed within this time, whatever its driver is waiting for.
const CLOSED_MAX: Duration = Duration::from_secs(3);

/// Plays with the rig, panics when something is wrong, and tells what was measured.
type Scenario = fn(&mut Rig) -> String;

const SCENARIOS: &[(&str, Scenario)] = &[
    ("camera: Full HD at its rate, a busy screen", full_rate),
    ("camera: uncompressed", uncompressed),
    (
        "camera: unplugged, another one, plugged in again",
        replugged,
    ),
    ("camera: controls kept over a replug", controlled),
    ("camera: stalled", stalled),
    ("camera: slow", slow),
    ("camera: frozen", frozen),
    ("camera: another size", another_size),
    ("camera: another program has it", busy),
    ("camera: flagged frames", flagged),
    ("camera: truncated at random", truncated),
    ("camera: a consumer that pauses", paused),
    ("camera: plugged in and out", cycles),
    ("camera: through nokhwa", through_nokhwa),
];

/// Plays every scenario and tells the host how it went.
pub(crate) fn play(kernel: &Path, host: &mut Host) {
    load_drivers(kernel, &DRIVERS).expect("the guest's drivers");
    fs::create_dir_all(GADGET).expect("a folder");
    let mut mount = Command::new("mount");
    let mounted = mount.args(["-t", "gadgetfs", "none", GADGET]).status();
    assert!(mounted.is_ok_and(|status| status.success()), "gadgetfs");
    let mut rig = Rig {
        plugged: None,
        plugs: 0,
    };
    let only = std::env::var("LIKENESS_CAMERA_PLAYS").unwrap_or_default();
    let is_asked = |name: &str| only.split(',').any(|part| name.contains(part));
    for (name, scenario) in SCENARIOS.iter().filter(|(name, _)| is_asked(name)) {
        let verdict = judge(name, || scenario(&mut rig));
        if verdict.outcome.is_err() {
            rig.plugged = None;
        }
        host.ask(&Wish::Note(verdict));
    }
}

/// The camera: a process of its own, because killing it is pulling its plug. Its
/// arguments are what it is and who is before it.
pub(crate) fn be_a_camera() {
    let mut words = std::env::args().skip(2);
    let mut word = || words.next().expect("an argument");
    let model: Model = serde_json::from_str(&word()).expect("a model");
    let who = word().parse().expect("a number");
    let face = std::env::var_os("LIKENESS_FACE").expect("the face");
    let source = if model.mjpeg.contains(&FULL_HD) {
        let face = fs::read(face).expect("the face");
        stills(who, HashMap::from([(FULL_HD, face)]))
    } else {
        stamped(who)
    };
    uvc::run(Path::new(GADGET), &model, source).expect("a camera");
}

const FULL_HD: (u16, u16) = (1920, 1080);

/// What a scenario plays with.
struct Rig {
    /// Left over from the scenario before.
    plugged: Option<UvcCamera>,
    /// How often one was plugged in. Each shows somebody else, or a camera that counts
    /// from 1 again would repeat the bytes of its life before.
    plugs: u64,
}

impl Rig {
    /// Plugs a camera in; the driver has it then.
    fn plug(&mut self, model: &Model) -> UvcCamera {
        self.plug_at(model).0
    }

    /// The same, with the moment of plugging in. The emulated cable has no patience: when
    /// a request meets a camera that did not get a processor for some milliseconds, the
    /// driver gives the camera up. Then it is plugged in again.
    fn plug_at(&mut self, model: &Model) -> (UvcCamera, Timestamp) {
        self.plugged = None;
        for _ in 0..5 {
            self.plugs += 1;
            let own = std::env::current_exe().expect("this program");
            let mut command = Command::new("chrt");
            command.args(["--fifo", "50"]).arg(own).arg(DEVICE);
            command.arg(serde_json::to_string(model).expect("JSON"));
            command.arg(self.plugs.to_string());
            let (begun, at) = (Instant::now(), clock::now());
            let device = UvcCamera::plug(&mut command).expect("a process");
            while begun.elapsed() < Duration::from_secs(3) {
                let listed = camera::v4l2::list();
                let mut serials = listed.iter().map(|one| one.serial.as_deref());
                if serials.any(|serial| serial == Some(model.serial.as_str())) {
                    return (device, at);
                }
                sleep(Duration::from_millis(20));
            }
        }
        panic!("the driver does not take the camera");
    }

    /// A small camera that does everything right, seen live by us.
    fn small(&mut self) -> (UvcCamera, Seen) {
        let mut device = match self.plugged.take() {
            Some(device) => device,
            None => self.plug(&small(ONE, 30)),
        };
        device.behave().expect("a camera");
        let mut seen = Seen::open(ONE);
        seen.live();
        (device, seen)
    }

    /// For the next scenario.
    fn keep(&mut self, mut device: UvcCamera) {
        device.behave().expect("a camera");
        self.plugged = Some(device);
    }
}

fn small(serial: &str, rate: u32) -> Model {
    Model {
        serial: serial.to_owned(),
        mjpeg: vec![(128, 32)],
        yuyv: Vec::new(),
        rates: vec![rate],
    }
}

/// A number from the environment.
fn asked(name: &str, otherwise: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(otherwise, |value| value.parse().expect("a number"))
}

/// From one moment to the next, in milliseconds.
fn ms(from: Timestamp, to: Timestamp) -> u64 {
    millis(to.since(from).unwrap_or_default())
}

/// What the camera truly sent for each frame. Every one must have been sent so, whole,
/// at the place that the driver's counter names.
fn as_sent(frames: &[Frame], device: &UvcCamera, seen: &Seen) -> Vec<Sent> {
    let record = record_with(device, frames.last());
    // Of one that was sent again, the first time counts.
    let truth: HashMap<_, _> = record
        .iter()
        .rev()
        .map(|sent| (sent.digest(), *sent))
        .collect();
    let true_of = |frame: &Frame| {
        let sent = truth.get(&frame.digest()).copied();
        sent.unwrap_or_else(|| panic!("NEVER SENT: {frame:?}, {} bytes", frame.bytes().len()))
    };
    let sent: Vec<Sent> = frames.iter().map(true_of).collect();
    for one in &sent {
        seen.assert(one.whole, &format!("delivered, but spoilt: {one:?}"));
    }
    let offset = |(frame, sent): (&Frame, &Sent)| sent.number.wrapping_sub(frame.stamp().sequence);
    let mut offsets = frames.iter().zip(&sent).map(offset);
    let first = offsets.next();
    seen.assert(
        offsets.all(|offset| Some(offset) == first),
        "the driver counts otherwise than the camera",
    );
    sent
}

/// As [`as_sent`]; and all that was sent whole between the first and the last is there.
fn all_there(frames: &[Frame], device: &UvcCamera, seen: &Seen) -> Vec<Sent> {
    let sent = as_sent(frames, device, seen);
    if let (Some(first), Some(last)) = (sent.first(), sent.last()) {
        let between = first.number..=last.number;
        let record = device.record();
        let whole = record.iter().filter(|one| one.whole);
        let due = whole.filter(|one| between.contains(&one.number)).count();
        seen.assert(due == sent.len(), &format!("{} of {due} came", sent.len()));
    }
    sent
}

/// The record, once it has this frame in it: what a camera tells of itself comes a
/// moment after what it sends.
fn record_with(device: &UvcCamera, frame: Option<&Frame>) -> Vec<Sent> {
    let begun = Instant::now();
    loop {
        let record = device.record();
        let is_it = |sent: &Sent| frame.is_none_or(|frame| frame.digest() == sent.digest());
        if record.iter().rev().any(is_it) || begun.elapsed() > Duration::from_secs(1) {
            return record;
        }
        sleep(Duration::from_millis(5));
    }
}

/// The loss and its delay since `from`; a press that waited gets nothing, and the last
/// picture is gone.
fn assert_lost(seen: &mut Seen, cause: LossCause, from: Timestamp, max: Duration) -> u64 {
    let (told, at) = seen.lost();
    seen.assert(told == cause, &format!("told was {}", told.code()));
    let delay = ms(from, at);
    seen.assert(
        delay <= millis(max),
        &format!("{} only after {delay} ms", cause.code()),
    );
    seen.assert(seen.camera.latest().is_none(), "a picture of the past");
    let voided = seen.exposed();
    seen.assert(voided.is_empty(), "frames of a life that ended");
    delay
}

/// When the last whole frame reached the host.
fn last_fetched(device: &UvcCamera) -> Timestamp {
    let record = device.record();
    let last = record.iter().rfind(|sent| sent.whole);
    clock::at_nanos(last.expect("a whole frame").fetched)
}

// --- what is delivered --------------------------------------------------------------

fn full_rate(rig: &mut Rig) -> String {
    const FRAMES: usize = 120;
    const TRIES: u32 = 6;
    let model = Model {
        mjpeg: vec![FULL_HD, (640, 480)],
        yuyv: vec![(640, 480)],
        ..small(ONE, 30)
    };
    let device = rig.plug(&model);
    let mut seen = Seen::open(ONE);
    let (one, more) = (camera::v4l2::list(), fs::read_dir("/sys/class/video4linux"));
    let nodes = more.expect("nodes").count();
    seen.assert(
        one.len() == 1 && nodes > 1,
        "the node of metadata is listed",
    );
    seen.assert(one[0].vid_pid.as_deref() == Some("1209:ca01"), "vid:pid");
    seen.live();
    // The emulated machine itself may be held up by a busier one: once in so many it has to
    // be granted the time. All of a try or nothing of it counts.
    let mut tries = 0;
    let (frames, shown) = loop {
        tries += 1;
        let before = seen.counters();
        let (frames, shown) = before_a_busy_screen(&mut seen, FRAMES);
        let after = seen.counters();
        as_sent(&frames, &device, &seen);
        let is_whole = frames.len() == FRAMES && after.missed == before.missed;
        if is_whole && after.damaged == before.damaged {
            break (frames, shown);
        }
        seen.assert(tries < TRIES, "lost frames");
        sleep(Duration::from_secs(1));
    };
    let sent = all_there(&frames, &device, &seen);
    let rate = |from: Timestamp, to: Timestamp| {
        let span = to.since(from).unwrap_or_default().as_secs_f64();
        (frames.len() - 1) as f64 / span
    };
    let birth = |index: usize| frames[index].stamp().birth.at();
    let end = frames.len() - 1;
    let bytes = frames[0].bytes().len();
    format!(
        "{FRAMES} frames of {bytes} bytes, none lost, all as sent, while {shown} were shown; \
         {:.1} a second came, {:.1} were drawn ({tries} tries)",
        rate(birth(0), birth(end)),
        rate(
            clock::at_nanos(sent[0].drawn),
            clock::at_nanos(sent[end].drawn)
        )
    )
}

/// The frames of one press, while a screen reads every new picture five times over; and
/// how many it read.
fn before_a_busy_screen(seen: &mut Seen, frames: usize) -> (Vec<Frame>, u32) {
    seen.press(frames, PATIENCE);
    let (mut shown, mut newest, begun) = (0, None, Instant::now());
    while begun.elapsed() < Duration::from_millis(3500) {
        let preview = seen.camera.latest();
        let preview = preview.filter(|preview| Some(preview.sequence()) != newest);
        if let Some(preview) = preview {
            newest = Some(preview.sequence());
            for _ in 0..5 {
                std::hint::black_box(booth::sha256(&preview.bytes));
            }
            shown += 1;
        } else {
            sleep(Duration::from_millis(2));
        }
    }
    (seen.exposed(), shown)
}

fn uncompressed(rig: &mut Rig) -> String {
    let model = Model {
        mjpeg: Vec::new(),
        yuyv: vec![(128, 32)],
        ..small(ONE, 30)
    };
    let device = rig.plug(&model);
    let mut seen = Seen::open(ONE);
    seen.live();
    let frames = seen.frames(10);
    all_there(&frames, &device, &seen);
    "10 frames, all as sent".to_owned()
}

// --- what goes wrong ----------------------------------------------------------------

fn replugged(rig: &mut Rig) -> String {
    let (device, mut seen) = rig.small();
    seen.press(1000, PATIENCE);
    let pulled = clock::now();
    drop(device.unplug());
    let lost = assert_lost(&mut seen, LossCause::Disconnected, pulled, LOST_MAX);
    let foreign = rig.plug(&small(OTHER, 30));
    let listed = Seen::open(OTHER);
    let taken = seen.try_live(Duration::from_millis(1200)).is_some();
    seen.assert(!taken, "another camera was taken for ours");
    drop(listed);
    drop(foreign);
    let (device, plugged) = rig.plug_at(&small(ONE, 30));
    let (_, at) = seen.live();
    let back = ms(plugged, at);
    seen.assert(back <= millis(BACK_MAX), &format!("back after {back} ms"));
    let frames = seen.frames(3);
    all_there(&frames, &device, &seen);
    rig.keep(device);
    format!("gone in {lost} ms; another serial number not taken; back in {back} ms")
}

/// This thread, and what it starts, on one processor for a while. The camera, whose priority is
/// higher, then has read what came before the driver can send the next, which would overwrite it:
/// this cable has no handshake, and a true one has.
struct OneProcessor(rustix::thread::CpuSet);

impl OneProcessor {
    fn take() -> Self {
        let before = rustix::thread::sched_getaffinity(None).expect("the processors");
        let mut one = rustix::thread::CpuSet::new();
        one.set(0);
        rustix::thread::sched_setaffinity(None, &one).expect("the first processor");
        Self(before)
    }
}

impl Drop for OneProcessor {
    fn drop(&mut self) {
        rustix::thread::sched_setaffinity(None, &self.0).expect("as before");
    }
}

/// What is kept is on the camera itself, with the automatics off, from the first frame that
/// counts, and again after the camera came back with its defaults.
fn controlled(rig: &mut Rig) -> String {
    let wanted = [
        (Control::Exposure, 333),
        (Control::WhiteBalance, 5000),
        (Control::Focus, 45),
        (Control::Gain, 7),
        (Control::PowerLine, 2),
    ];
    let turned = [
        ("exposure mode", 1),
        ("exposure time", 333),
        ("automatic white balance", 0),
        ("white balance", 5000),
        ("automatic focus", 0),
        ("focus", 45),
        ("gain", 7),
        ("power line", 2),
    ];
    let kept: Values = wanted.into_iter().collect();
    let _beside = OneProcessor::take();
    let mut device = rig.plug(&small(ONE, 30));
    let mut seen = Seen::open_kept(ONE, &kept);
    let mut frames = 0;
    for turn in 1..=2 {
        seen.live();
        // The camera tells what was turned on a pipe of its own.
        let begun = Instant::now();
        let stands = || {
            turned
                .iter()
                .all(|&(name, value)| device.knob(name) == Some(value))
        };
        while !stands() && begun.elapsed() < Duration::from_secs(2) {
            sleep(Duration::from_millis(10));
        }
        let told = turned.map(|(name, _)| (name, device.knob(name)));
        let report = seen.kept().expect("they were set before the first frame");
        seen.assert(report.turn == turn, "the turn");
        let applied = report.result.as_ref().expect("the driver takes them");
        seen.assert(
            applied.findings.is_empty(),
            &format!("{:?}; the camera was told {told:?}", applied.findings),
        );
        for (control, value) in wanted {
            let mut states = applied.states.iter();
            let found = states.find(|state| state.control == control);
            let found = found.map(|state| (state.value, state.governed));
            seen.assert(
                found == Some((value, false)),
                &format!("{control:?} reads {found:?}"),
            );
        }
        seen.assert(stands(), &format!("the camera was told {told:?}"));
        frames += seen.frames(3).len();
        if turn == 1 {
            drop(device.unplug());
            seen.lost();
            device = rig.plug(&small(ONE, 30));
        }
    }
    rig.keep(device);
    format!("8 knobs stood as wanted, after the replug too; {frames} frames")
}

fn stalled(rig: &mut Rig) -> String {
    let (mut device, mut seen) = rig.small();
    seen.press(1000, PATIENCE);
    device
        .misbehave(Misdeed::Stall, When::Always)
        .expect("a camera");
    sleep(Duration::from_millis(100));
    let last = last_fetched(&device);
    let lost = assert_lost(&mut seen, LossCause::Stalled, last, LOST_MAX);
    // Long enough that the stream is renewed in vain.
    sleep(Duration::from_millis(2500));
    device.behave().expect("a camera");
    let again = clock::now();
    let (_, at) = seen.live();
    let frames = seen.frames(3);
    all_there(&frames, &device, &seen);
    rig.keep(device);
    format!(
        "told {lost} ms after the last frame; back in {} ms",
        ms(again, at)
    )
}

fn slow(rig: &mut Rig) -> String {
    let (mut device, mut seen) = rig.small();
    device
        .misbehave(Misdeed::Slow { rate: 5 }, When::Always)
        .expect("a camera");
    let frames = seen.frames(6);
    all_there(&frames, &device, &seen);
    seen.assert(seen.counters().losses == 0, "5 frames a second are alive");
    rig.keep(device);
    "5 frames a second are no loss".to_owned()
}

fn frozen(rig: &mut Rig) -> String {
    let (mut device, mut seen) = rig.small();
    device
        .misbehave(Misdeed::Repeat, When::Every(5))
        .expect("a camera");
    let frames = seen.frames(20);
    all_there(&frames, &device, &seen);
    let counters = seen.counters();
    seen.assert(
        counters.repeated >= 3 && counters.losses == 0,
        "single repeats",
    );
    seen.press(1000, PATIENCE);
    let from = clock::now();
    device
        .misbehave(Misdeed::Repeat, When::Always)
        .expect("a camera");
    let lost = assert_lost(&mut seen, LossCause::Frozen, from, LOST_MAX);
    device.behave().expect("a camera");
    seen.live();
    rig.keep(device);
    format!(
        "{} single repeats left out; frozen told in {lost} ms",
        counters.repeated
    )
}

fn another_size(rig: &mut Rig) -> String {
    let (mut device, mut seen) = rig.small();
    seen.press(1000, PATIENCE);
    let wrong = Misdeed::Resize {
        width: 256,
        height: 32,
    };
    device.misbehave(wrong, When::Always).expect("a camera");
    sleep(Duration::from_millis(50));
    let last = last_fetched(&device);
    let lost = assert_lost(&mut seen, LossCause::Garbled, last, LOST_MAX);
    device.behave().expect("a camera");
    seen.live();
    // The same camera with other sizes: what was wanted before counts no more.
    seen.press(1000, PATIENCE);
    drop(device.unplug());
    let model = Model {
        mjpeg: vec![(256, 32)],
        ..small(ONE, 30)
    };
    let device = rig.plug(&model);
    let voided = seen.exposed();
    seen.assert(voided.is_empty(), "frames of a life that ended");
    seen.live();
    let frames = seen.frames(3);
    all_there(&frames, &device, &seen);
    let walked = camera::jpeg::walk(frames[0].bytes()).expect("a JPEG");
    seen.assert(walked.width == 256, "the size of before");
    format!("told {lost} ms after the last whole frame; a change of format is another life")
}

fn busy(rig: &mut Rig) -> String {
    let (device, first) = rig.small();
    let from = clock::now();
    let mut second = Seen::open(ONE);
    let (cause, at) = second.lost();
    second.assert(cause == LossCause::Busy, "the cause");
    drop(first);
    let free = clock::now();
    let (_, live) = second.live();
    rig.keep(device);
    format!(
        "told in {} ms; free again in {} ms",
        ms(from, at),
        ms(free, live)
    )
}

fn flagged(rig: &mut Rig) -> String {
    let mut told = Vec::new();
    for keeps in ["0", "1"] {
        fs::write(NO_DROP, keeps).expect("the driver's parameter");
        let mut device = rig.plug(&small(ONE, 30));
        device
            .misbehave(Misdeed::Flag, When::Every(4))
            .expect("a camera");
        let mut seen = Seen::open(ONE);
        seen.live();
        let frames = seen.frames(15);
        all_there(&frames, &device, &seen);
        let counters = seen.counters();
        let counted = if keeps == "0" {
            counters.missed
        } else {
            counters.damaged
        };
        seen.assert(counted >= 3, "flagged frames are counted");
        told.push(counted);
    }
    fs::write(NO_DROP, "0").expect("the driver's parameter");
    format!(
        "none delivered: {} dropped by the driver, {} by us when it does not",
        told[0], told[1]
    )
}

fn truncated(rig: &mut Rig) -> String {
    const SLICE: usize = 100;
    let wanted = asked("LIKENESS_CAMERA_FRAMES", 400);
    let seed = 20_261_128;
    let mut device = rig.plug(&small(ONE, 100));
    device
        .misbehave(Misdeed::Truncate, When::Half { seed })
        .expect("a camera");
    let mut seen = Seen::open(ONE);
    seen.live();
    let begun = clock::now();
    let (mut delivered, mut voided) = (0, 0);
    while device.record().len() < usize::try_from(wanted).unwrap_or(usize::MAX) {
        seen.press(SLICE, PATIENCE * 3);
        let frames = seen.exposed();
        delivered += as_sent(&frames, &device, &seen).len();
        // Too few whole ones in half a second are a loss, and void the press.
        voided += usize::from(frames.is_empty());
        seen.assert(voided <= 2 + delivered / SLICE, "presses are voided");
        sleep(Duration::from_millis(if frames.is_empty() {
            50
        } else {
            0
        }));
    }
    assert!(delivered > 0, "nothing was delivered");
    let took = ms(begun, clock::now());
    let counters = seen.counters();
    drop(seen);
    let record = device.unplug();
    let cut = record.iter().filter(|sent| !sent.whole).count();
    // Warm-up and the last moments are seen by one side only.
    let counted = usize::try_from(counters.damaged + counters.missed).unwrap_or(0);
    assert!(
        counted + 20 >= cut,
        "{counted} of {cut} cut frames were counted"
    );
    format!(
        "{} frames in {took} ms, {cut} cut (seed {seed}); {delivered} delivered, no splice, {voided} presses voided; \
         damaged {}, empty {}",
        record.len(),
        counters.damaged,
        counters.missed
    )
}

// --- a consumer that pauses ---------------------------------------------------------

/// More frames than the ring holds are asked for, so that all it has is on offer.
const PRESSED_FRAMES: usize = 16;
/// One line of the consumer: seat, press, and of each frame its number as decoded from the
/// pixels, and whether the booth's rules take it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Answer {
    seated: u64,
    pressed: u64,
    frames: Vec<(u32, bool)>,
    voided: u32,
}

/// The consumer: a process of its own, which can be stopped as a whole.
pub(crate) fn consume() {
    let mut seen = Seen::open(ONE);
    seen.live();
    let mut output = std::io::stdout();
    for line in std::iter::once(Ok(String::new())).chain(std::io::stdin().lines()) {
        line.expect("a line");
        let mut voided = 0;
        let answer = loop {
            let seated = clock::now();
            let pressed = seen.press(PRESSED_FRAMES, Duration::from_secs(3));
            let frames = seen.exposed();
            if !frames.is_empty() {
                break Answer {
                    seated: seated.nanos(),
                    pressed: pressed.nanos(),
                    frames: judged(&frames, seated, pressed),
                    voided,
                };
            }
            voided += 1;
            assert!(voided < 200, "no frame came");
            sleep(Duration::from_millis(20));
        };
        let text = serde_json::to_string(&answer).expect("JSON");
        writeln!(output, "{text}").expect("the parent");
    }
}

/// The true number of each frame, and whether the rules take it for somebody who was seated
/// then.
fn judged(frames: &[Frame], seated: Timestamp, at: Timestamp) -> Vec<(u32, bool)> {
    let number = |frame: &Frame| {
        let picture = image::load_from_memory(frame.bytes()).expect("a picture");
        read_stamp(&picture.into_rgb8()).expect("a stamp").frame
    };
    let verdict = |frame: &Frame| {
        let pressed = Pressed {
            seated,
            epoch: frame.stamp().epoch,
            at,
            training: false,
        };
        booth::judge_frame(frame, &pressed, &HashSet::new()).is_ok()
    };
    frames
        .iter()
        .map(|frame| (number(frame), verdict(frame)))
        .collect()
}

struct Consumer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Consumer {
    fn start() -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut command = Command::new(own);
        command.arg(CONSUMER);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a consumer");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self {
            child,
            input,
            output,
        }
    }

    fn answer(&mut self) -> Answer {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).expect("a line");
        assert!(read > 0, "the consumer ended");
        serde_json::from_str(&line).expect("an answer")
    }

    /// Stops it for a while; what it has to do then waits for it already.
    fn pause(&mut self, span: Duration) -> Answer {
        self.signal(rustix::process::Signal::STOP);
        sleep(span);
        writeln!(self.input, "press").expect("the consumer");
        self.signal(rustix::process::Signal::CONT);
        self.answer()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let child = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(child, signal).expect("a signal");
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn paused(rig: &mut Rig) -> String {
    let device = rig.plug(&small(ONE, 15));
    let mut consumer = Consumer::start();
    consumer.answer();
    let longest = asked("LIKENESS_CAMERA_PAUSE_S", 3) * 1000;
    let mut pauses = vec![30, 150, 300, 700, 1500, 3000, longest];
    pauses.retain(|&pause| pause <= longest);
    pauses.dedup();
    let (mut count, mut unseated, mut voided, mut oldest) = (0, 0, 0, 0);
    for pause in pauses {
        let answer = consumer.pause(Duration::from_millis(pause));
        let record = until_sent(&device, &answer);
        voided += answer.voided;
        for (number, is_taken) in answer.frames {
            let mut sent = record.iter();
            let sent = sent.find(|sent| sent.number == u64::from(number));
            let sent = sent.expect("a frame that was sent");
            let before = |moment: u64| moment.saturating_sub(sent.fetched) / 1_000_000;
            let (press, seat) = (before(answer.pressed), before(answer.seated));
            let told = format!("paused {pause} ms: {sent:?}, {press} ms before the press");
            assert!(press <= millis(booth::FRAME_AGE_MAX), "{told}");
            count += 1;
            oldest = oldest.max(answer.pressed.saturating_sub(sent.drawn) / 1_000_000);
            if is_taken {
                assert!(seat == 0, "{told}, and {seat} ms before the seat");
            } else {
                unseated += 1;
            }
        }
    }
    assert!(unseated > 0, "there was nothing for the rules to refuse");
    assert!(unseated < count, "the rules refused everything");
    format!(
        "{count} frames after pauses to {longest} ms, the oldest drawn {oldest} ms before the \
         press; {unseated} of before the seat, which the rules refuse; {voided} presses voided"
    )
}

/// The record, once all of an answer is in it.
fn until_sent(device: &UvcCamera, answer: &Answer) -> Vec<Sent> {
    let last = answer.frames.iter().map(|&(number, _)| number).max();
    let begun = Instant::now();
    loop {
        let record = device.record();
        let reached = record.last().map(|sent| sent.number);
        if reached >= last.map(u64::from) || begun.elapsed() > Duration::from_secs(1) {
            return record;
        }
        sleep(Duration::from_millis(5));
    }
}

// --- in and out ---------------------------------------------------------------------

/// What this process holds: open files, threads, memory in KiB.
fn held() -> (usize, usize, usize) {
    let status = fs::read_to_string("/proc/self/status").expect("the status");
    let number = |name: &str| {
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix(name));
        let words = line.expect("a line").split_whitespace();
        words
            .take(1)
            .find_map(|word| word.parse().ok())
            .expect("a number")
    };
    let files = fs::read_dir("/proc/self/fd").expect("the files").count();
    (files, number("Threads:"), number("VmRSS:"))
}

fn cycles(rig: &mut Rig) -> String {
    let wanted = asked("LIKENESS_CAMERA_CYCLES", 4);
    let mut device = rig.plug(&small(ONE, 30));
    let mut seen = Seen::open(ONE);
    seen.live();
    let (mut slowest, mut before) = (0, None);
    for _ in 0..wanted {
        drop(device.unplug());
        let (cause, _) = seen.lost();
        seen.assert(cause == LossCause::Disconnected, "the cause");
        let plugged;
        (device, plugged) = rig.plug_at(&small(ONE, 30));
        let (_, at) = seen.live();
        slowest = slowest.max(ms(plugged, at));
        // The first time round everything that stays is made.
        before.get_or_insert_with(held);
    }
    let (before, after) = (before.expect("a cycle"), held());
    rig.keep(device);
    let told = format!("files, threads, KiB: {before:?} before, {after:?} after {wanted} cycles");
    seen.assert(after.0 == before.0 && after.1 == before.1, &told);
    seen.assert(after.2 < before.2 + (8 << 10), &told);
    seen.assert(
        slowest <= millis(BACK_MAX),
        &format!("back after {slowest} ms"),
    );
    format!("{told}; back in {slowest} ms at most")
}

/// On Linux this source is for training only. What is true of it too: bytes of whole
/// frames, loss and return. What is not: it tells neither length nor number of a frame,
/// so a cut one may come with another's end, and a stall is noticed but not got rid of: the
/// device stays taken until it sends again or is unplugged.
fn through_nokhwa(rig: &mut Rig) -> String {
    let mut device = rig.plug(&small(ONE, 30));
    let mut seen = Seen::open_nokhwa(ONE);
    seen.live();
    let frames = seen.frames(5);
    let digests_of = |record: Vec<Sent>| record.iter().map(Sent::digest).collect::<Vec<_>>();
    let digests = digests_of(record_with(&device, frames.last()));
    let was_sent = |frame: &&Frame| digests.contains(&frame.digest());
    seen.assert(frames.iter().all(|frame| was_sent(&frame)), "NEVER SENT");
    device
        .misbehave(Misdeed::Truncate, When::Half { seed: 1 })
        .expect("a camera");
    let frames = seen.frames(40);
    device.behave().expect("a camera");
    // The last ones may not have been told of yet, and are no splices.
    sleep(Duration::from_millis(200));
    let digests = digests_of(device.record());
    let spliced = frames
        .iter()
        .filter(|frame| !digests.contains(&frame.digest()));
    let spliced = spliced.count();
    let pulled = clock::now();
    seen.press(1000, PATIENCE);
    drop(device.unplug());
    let lost = assert_lost(&mut seen, LossCause::Disconnected, pulled, LOST_MAX);
    let (mut device, plugged) = rig.plug_at(&small(ONE, 30));
    let (_, at) = seen.live();
    // nokhwa itself waits for ever here; ours tells it, and closing does not wait with it.
    seen.press(1000, PATIENCE);
    device
        .misbehave(Misdeed::Stall, When::Always)
        .expect("a camera");
    sleep(Duration::from_millis(100));
    let last = last_fetched(&device);
    let stalled = assert_lost(&mut seen, LossCause::Stalled, last, LOST_MAX);
    let closed = Instant::now();
    drop(seen);
    let closed = closed.elapsed();
    assert!(closed < CLOSED_MAX, "closing took {closed:?}");
    rig.keep(device);
    format!(
        "bytes as sent; of 40 among cut ones {spliced} were joined of two; gone in {lost} ms, \
         back in {} ms; a stall told after {stalled} ms, closed in {} ms",
        ms(plugged, at),
        millis(closed)
    )
}
