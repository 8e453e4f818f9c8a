//! What the camera tells the host of itself, byte by byte: "Universal Serial Bus Device
//! Class Definition for Video Devices" 1.1, chapters 3 and 4.

use super::{Model, Pixels, Wanted};
use std::io;

/// Longer configurations time out under `dummy_hcd`.
const CONFIGURATION_BYTES_MAX: usize = 255;
/// The address of the stream's endpoint: number 1, to the host.
const ENDPOINT: u8 = 0x81;
/// Bytes of one payload with its head.
pub(super) const PAYLOAD_BYTES: u32 = 32 << 10;
/// The clock of the payloads' timestamps, which are not sent.
const CLOCK_HZ: u32 = 6_000_000;

/// The interfaces: controls, stream.
pub(super) const STREAMING: u8 = 1;
/// The units that have controls.
pub(super) const CAMERA_UNIT: u8 = 1;
pub(super) const PROCESSING_UNIT: u8 = 2;
const OUTPUT_UNIT: u8 = 3;

const INTERFACE: u8 = 4;
const CLASS_INTERFACE: u8 = 0x24;

/// Numbers as USB writes them: the lowest byte first.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    fn word(self, word: u16) -> Self {
        self.bytes(&word.to_le_bytes())
    }

    fn long(self, long: u32) -> Self {
        self.bytes(&long.to_le_bytes())
    }

    /// Puts its length in front.
    fn sized(self) -> Vec<u8> {
        let length = u8::try_from(self.0.len() + 1).unwrap_or(u8::MAX);
        let mut sized = vec![length];
        sized.extend(self.0);
        sized
    }
}

/// What is written to `gadgetfs` first: the configuration at full and at high speed, and
/// the device.
pub(super) fn greeting(model: &Model) -> io::Result<Vec<u8>> {
    let mut greeting = vec![0; 4];
    greeting.extend(configuration(model, 64)?);
    greeting.extend(configuration(model, 512)?);
    greeting.extend(device());
    Ok(greeting)
}

/// What is written to the stream's endpoint first: itself, at full and at high speed.
pub(super) fn endpoint_greeting() -> Vec<u8> {
    let mut greeting = vec![1, 0, 0, 0];
    greeting.extend(endpoint(64));
    greeting.extend(endpoint(512));
    greeting
}

/// Vendor 1209 gives its numbers to open projects; this product is for tests only.
fn device() -> Vec<u8> {
    Bytes::default()
        .bytes(&[1])
        .word(0x0200)
        .bytes(&[0xEF, 2, 1, 64])
        .word(0x1209)
        .word(0xCA01)
        .word(0x0100)
        .bytes(&[1, 2, 3, 1])
        .sized()
}

/// A text of the device: 0 is the list of languages, then maker, product, serial number.
pub(super) fn text(model: &Model, index: u8) -> Vec<u8> {
    let text = match index {
        0 => return vec![4, 3, 0x09, 0x04],
        1 => "Likeness Test Works",
        2 => "Likeness Test Camera",
        _ => &model.serial,
    };
    let units = text.encode_utf16();
    units
        .fold(Bytes::default().bytes(&[3]), Bytes::word)
        .sized()
}

fn configuration(model: &Model, packet: u16) -> io::Result<Vec<u8>> {
    // Both interfaces are one function, of the class video.
    let mut body = vec![8, 0x0B, 0, 2, 14, 3, 0, 2];
    body.extend([9, INTERFACE, 0, 0, 0, 14, 1, 0, 2]);
    body.extend(control_interface());
    body.extend([9, INTERFACE, STREAMING, 0, 1, 14, 2, 0, 2]);
    body.extend(stream_interface(model));
    body.extend(endpoint(packet));
    let total = 9 + body.len();
    let offered = !model.rates.is_empty() && formats(model).next().is_some();
    if total > CONFIGURATION_BYTES_MAX || !offered {
        let told = format!("a camera of {total} bytes; between 1 format and 255 bytes fit");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, told));
    }
    let total = u16::try_from(total).unwrap_or(u16::MAX);
    let head = Bytes::default().bytes(&[2]).word(total);
    let mut configuration = head.bytes(&[2, 1, 0, 0xC0, 1]).sized();
    configuration.extend(body);
    Ok(configuration)
}

fn endpoint(packet: u16) -> Vec<u8> {
    let bulk = 2;
    let endpoint = Bytes::default().bytes(&[5, ENDPOINT, bulk]);
    endpoint.word(packet).bytes(&[0]).sized()
}

/// The camera, its processing unit and the way out.
fn control_interface() -> Vec<u8> {
    // Exposure mode and time, focus, zoom; automatic focus.
    let camera_controls = [0b0010_1010, 0b0000_0010, 0b0000_0010];
    let camera = Bytes::default()
        .bytes(&[CLASS_INTERFACE, 2, CAMERA_UNIT])
        .word(0x0201)
        .bytes(&[0, 0, 0, 0, 0, 0, 0, 0, 3])
        .bytes(&camera_controls)
        .sized();
    // Brightness, white balance; gain, power line, automatic white balance.
    let processing_controls = [0b0100_0001, 0b0001_0110];
    let processing = Bytes::default()
        .bytes(&[CLASS_INTERFACE, 5, PROCESSING_UNIT, CAMERA_UNIT, 0, 0, 2])
        .bytes(&processing_controls)
        .bytes(&[0, 0])
        .sized();
    let output = Bytes::default()
        .bytes(&[CLASS_INTERFACE, 3, OUTPUT_UNIT])
        .word(0x0101)
        .bytes(&[0, PROCESSING_UNIT, 0])
        .sized();
    let units = [camera, processing, output].concat();
    let total = u16::try_from(13 + units.len()).unwrap_or(u16::MAX);
    let mut interface = Bytes::default()
        .bytes(&[CLASS_INTERFACE, 1])
        .word(0x0110)
        .word(total)
        .long(CLOCK_HZ)
        .bytes(&[1, STREAMING])
        .sized();
    interface.extend(units);
    interface
}

/// The formats that the model has, with their sizes, in the order of their numbers.
fn formats(model: &Model) -> impl Iterator<Item = (Pixels, &[(u16, u16)])> {
    let both = [
        (Pixels::Mjpeg, model.mjpeg.as_slice()),
        (Pixels::Yuyv, model.yuyv.as_slice()),
    ];
    both.into_iter().filter(|(_, sizes)| !sizes.is_empty())
}

fn stream_interface(model: &Model) -> Vec<u8> {
    let mut body = Vec::new();
    let mut count = 0;
    for (pixels, sizes) in formats(model) {
        count += 1;
        let many = u8::try_from(sizes.len()).unwrap_or(u8::MAX);
        body.extend(match pixels {
            Pixels::Mjpeg => vec![11, CLASS_INTERFACE, 6, count, many, 0, 1, 0, 0, 0, 0],
            Pixels::Yuyv => Bytes::default()
                .bytes(&[CLASS_INTERFACE, 4, count, many])
                .bytes(b"YUY2\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71")
                .bytes(&[16, 1, 0, 0, 0, 0])
                .sized(),
        });
        for (number, &size) in (1..).zip(sizes) {
            body.extend(frame(pixels, number, size, &model.rates));
        }
    }
    let length = 13 + usize::from(count);
    let total = u16::try_from(length + body.len()).unwrap_or(u16::MAX);
    let mut interface = Bytes::default()
        .bytes(&[CLASS_INTERFACE, 1, count])
        .word(total)
        .bytes(&[ENDPOINT, 0, OUTPUT_UNIT, 0, 0, 0, 1])
        .bytes(&vec![0; usize::from(count)])
        .sized();
    interface.extend(body);
    interface
}

fn frame(pixels: Pixels, number: u8, (width, height): (u16, u16), rates: &[u32]) -> Vec<u8> {
    let subtype = match pixels {
        Pixels::Mjpeg => 7,
        Pixels::Yuyv => 5,
    };
    let bytes_max = frame_bytes_max(width, height);
    let count = u8::try_from(rates.len()).unwrap_or(u8::MAX);
    let head = Bytes::default()
        .bytes(&[CLASS_INTERFACE, subtype, number, 0])
        .word(width)
        .word(height)
        .long(bytes_max.saturating_mul(8))
        .long(bytes_max.saturating_mul(8 * 30))
        .long(bytes_max)
        .long(interval(rates.first().copied().unwrap_or(1)))
        .bytes(&[count]);
    let whole = rates
        .iter()
        .fold(head, |head, &rate| head.long(interval(rate)));
    whole.sized()
}

/// In units of 100 ns.
const fn interval(rate: u32) -> u32 {
    match 10_000_000_u32.checked_div(rate) {
        Some(interval) => interval,
        None => u32::MAX,
    }
}

fn frame_bytes_max(width: u16, height: u16) -> u32 {
    u32::from(width) * u32::from(height) * 2
}

/// Bytes of what host and camera agree on.
pub(super) const PROBE_BYTES: u16 = 34;

/// What the host proposes, made into something that the camera can.
pub(super) fn clamped(model: &Model, proposed: &[u8]) -> (u8, u8, Wanted) {
    let number = |at: usize| proposed.get(at).copied().unwrap_or(1).max(1);
    let count = formats(model).count();
    let format = usize::from(number(2)).min(count);
    let (pixels, sizes) = formats(model)
        .nth(format.saturating_sub(1))
        .unwrap_or((Pixels::Mjpeg, &[]));
    let frame = usize::from(number(3)).min(sizes.len());
    let (width, height) = sizes
        .get(frame.saturating_sub(1))
        .copied()
        .unwrap_or_default();
    let wished = proposed
        .get(4..8)
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_le_bytes);
    let mut intervals = model.rates.iter().map(|&rate| interval(rate));
    let default = intervals.clone().next().unwrap_or(u32::MAX);
    let interval = if wished == 0 {
        default
    } else {
        let distance = |&is: &u32| is.abs_diff(wished);
        intervals.by_ref().min_by_key(distance).unwrap_or(default)
    };
    let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let wanted = Wanted {
        pixels,
        width,
        height,
        interval,
    };
    (small(format), small(frame), wanted)
}

/// The agreement as it goes over the cable.
pub(super) fn agreement((format, frame, wanted): (u8, u8, Wanted)) -> Vec<u8> {
    Bytes::default()
        .word(1)
        .bytes(&[format, frame])
        .long(wanted.interval)
        .bytes(&[0; 10])
        .long(frame_bytes_max(wanted.width, wanted.height))
        .long(PAYLOAD_BYTES)
        .long(CLOCK_HZ)
        .bytes(&[0; 4])
        .0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        Model {
            serial: "LIKENESS-1".to_owned(),
            mjpeg: vec![(1920, 1080), (640, 480)],
            yuyv: vec![(640, 480)],
            rates: vec![30],
        }
    }

    #[test]
    fn every_descriptor_is_as_long_as_it_says() {
        let whole = configuration(&model(), 512).unwrap();
        assert_eq!(
            usize::from(u16::from_le_bytes([whole[2], whole[3]])),
            whole.len()
        );
        let (mut at, mut kinds) = (0, Vec::new());
        while at < whole.len() {
            kinds.push((whole[at + 1], whole[at + 2]));
            at += usize::from(whole[at]);
        }
        assert_eq!(at, whole.len());
        let frames = kinds
            .iter()
            .filter(|kind| [(0x24, 7), (0x24, 5)].contains(kind));
        // The processing unit has the number of an uncompressed frame.
        assert_eq!(frames.count(), 4);
        assert_eq!(text(&model(), 3)[..4], [22, 3, b'L', 0]);
        assert_eq!(device().len(), 18);
    }

    #[test]
    fn too_many_sizes_are_refused() {
        let mut many = model();
        many.yuyv.push((320, 240));
        assert_eq!(
            configuration(&many, 512).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        many.yuyv.clear();
        many.mjpeg.clear();
        assert!(configuration(&many, 512).is_err());
    }

    #[test]
    fn a_proposal_becomes_something_that_the_camera_can() {
        let mut fast = model();
        fast.rates = vec![30, 15];
        let (format, frame, wanted) = clamped(&fast, &[]);
        assert_eq!((format, frame), (1, 1));
        assert_eq!((wanted.width, wanted.interval), (1920, 333_333));
        let mut asked = vec![1, 0, 2, 9];
        asked.extend(600_000_u32.to_le_bytes());
        let (format, frame, wanted) = clamped(&fast, &asked);
        assert_eq!((format, frame), (2, 1));
        assert_eq!((wanted.pixels, wanted.interval), (Pixels::Yuyv, 666_666));
        let agreed = agreement((format, frame, wanted));
        assert_eq!(agreed.len(), usize::from(PROBE_BYTES));
    }
}
