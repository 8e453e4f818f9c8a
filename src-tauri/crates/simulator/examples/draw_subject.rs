//! Draws an invented subject, or says who is on a picture.
//!
//!     cargo run --release -p simulator --example draw_subject -- 7 subject.png
//!     cargo run --release -p simulator --example draw_subject -- --who portrait.jpg
//!     cargo run --release -p simulator --example draw_subject -- --empty chair.png
//!
//! The first writes the subject with number 7 as the booth's camera would see
//! them, 1280 x 720 pixels. The second prints the number that the badge on the
//! chest carries, so that a portrait can be compared with the name it is filed
//! under; it fails if no badge can be read.

use image::{Rgb, RgbImage};
use simulator::subject::{Subject, decode};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--who", picture] => say_who(picture),
        // The cloth behind an empty chair, in the standard's blue.
        ["--empty", out] => Ok(RgbImage::from_pixel(1280, 720, Rgb([100, 197, 255])).save(out)?),
        [number, out] => Ok(Subject::numbered(number.parse()?)
            .draw(1280, 720, 1)
            .save(out)?),
        _ => Err("usage: draw_subject NUMBER OUT.png | --who PICTURE".into()),
    }
}

#[expect(clippy::print_stdout, reason = "the number is the program's product")]
fn say_who(picture: &str) -> Result<(), Box<dyn Error>> {
    let mark = decode(&image::open(picture)?.into_rgb8()).ok_or("no badge can be read")?;
    println!("{}", mark.id);
    Ok(())
}
