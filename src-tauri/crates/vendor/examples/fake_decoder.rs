//! A decoder of portraits for the tests: it opens what no maker ever closed.
//!
//! The first byte of a portrait says what happens, the second is the grey of all pixels:
//!
//! | first byte | |
//! |---|---|
//! | `01` | never returns |
//! | `02` | ends the process |
//! | `03` | writes past the room |
//! | `04` | writes what is no bitmap |
//! | `05` | writes nothing |
//! | `06` | writes a bitmap of another size |
//! | `07` | a bitmap of 102 x 126 pixels, after a second and a half |
//! | other | a bitmap of 102 x 126 pixels |
#![expect(unsafe_code, reason = "it stands for a foreign library")]

use std::ffi::c_int;
use std::time::Duration;

const WIDTH: u32 = 102;
const HEIGHT: u32 = 126;

#[unsafe(no_mangle)]
extern "system" fn unpack(closed: *mut u8, picture: *mut u8, _: c_int) -> c_int {
    // SAFETY: the caller gives 1024 bytes.
    let (what, grey) = unsafe { (closed.read(), closed.add(1).read()) };
    match what {
        1 => loop {
            std::thread::sleep(Duration::from_secs(60));
        },
        2 => std::process::abort(),
        3 => write(picture, &vec![b'A'; 100_000]),
        4 => write(picture, &[b'x'; 5000]),
        5 => return -1,
        7 => {
            std::thread::sleep(Duration::from_millis(1500));
            write(picture, &bitmap(WIDTH, HEIGHT, grey));
        }
        6 => write(picture, &bitmap(WIDTH + 2, HEIGHT, grey)),
        _ => write(picture, &bitmap(WIDTH, HEIGHT, grey)),
    }
    1
}

/// Three bytes a pixel, rows filled up to four bytes, the lowest row first. Brighter in its
/// upper half, so that upside down is seen.
fn bitmap(width: u32, height: u32, grey: u8) -> Vec<u8> {
    let row = (width * 3).next_multiple_of(4);
    let mut file = b"BM".to_vec();
    for word in [
        54 + row * height,
        0,
        54,
        40,
        width,
        height,
        0x0018_0001,
        0,
        row * height,
    ] {
        file.extend(word.to_le_bytes());
    }
    file.resize(54, 0);
    for line in 0..height {
        let bright = if line >= height / 2 { grey } else { grey / 2 };
        file.resize(file.len() + row as usize, bright);
    }
    file
}

fn write(place: *mut u8, bytes: &[u8]) {
    for (at, byte) in bytes.iter().enumerate() {
        // SAFETY: none. It writes where it was told to and further, as such libraries do.
        unsafe { place.add(at).write_volatile(*byte) };
    }
}
