//! What a look at the living picture costs, and what it sees, over a folder of pictures.
//!
//!     cargo run --workspace --example glance -- DIR [WIDTH HEIGHT]
//!
//! With a size each picture is laid into the middle of a frame of that size, as tall as it is. Times are
//! for one core: decoding the frame as a JPEG, the look with the crown known, the look with it measured,
//! and the whole analysis of a press.
#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use portrait::{Profile, Raster, advise, decode, preview, scale};
use vision::{Analyst, Rise};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments
        .first()
        .context("usage: glance DIR [WIDTH HEIGHT]")?;
    let size = match arguments.get(1..3) {
        Some([width, height]) => Some((width.parse()?, height.parse()?)),
        Some(_) | None => None,
    };
    let (analyst, profile) = (Analyst::new()?, Profile::named("national")?);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut off: [Vec<f32>; 4] = Default::default();
    for path in files {
        let Ok(picture) = decode(&std::fs::read(&path)?) else {
            continue;
        };
        let frame = match size {
            Some(size) => framed(&picture, size)?,
            None => picture,
        };
        let jpeg = preview(&frame, frame.width().max(frame.height()))?;
        let start = Instant::now();
        let frame = decode(&jpeg)?;
        times[0].push(start.elapsed());
        let start = Instant::now();
        let measured = analyst.glance(&frame, Rise::Measure)?;
        times[2].push(start.elapsed());
        let rise = measured.rise;
        let start = Instant::now();
        let sight = analyst.glance(&frame, Rise::Known(rise))?.sight;
        times[1].push(start.elapsed());
        let start = Instant::now();
        let whole = analyst.analyse(&frame)?;
        times[3].push(start.elapsed());
        if let (Some(quick), Ok(slow)) = (sight.face, whole.geometry) {
            let quick = quick.geometry;
            off[0].push(quick.tilt_deg() - slow.tilt_deg());
            off[1].push((quick.eye_line_y() - slow.eye_line_y()) / slow.face_width());
            off[2].push((quick.face_width() - slow.face_width()) / slow.face_width());
            off[3].push((quick.crown_y - slow.crown_y) / slow.face_width());
        }
        let (yaw, pitch) = sight
            .face
            .map_or((0.0, 0.0), |face| (face.yaw_deg, face.pitch_deg));
        println!(
            "{:24} {}x{} faces {}/{} rise {:?} yaw {yaw:.0} pitch {pitch:.0} {:?}",
            path.file_name().unwrap_or_default().to_string_lossy(),
            frame.width(),
            frame.height(),
            sight.faces,
            whole.faces,
            rise,
            advise(&sight, &profile, None),
        );
    }
    print(&mut times, &mut off);
    Ok(())
}

/// Times, and the look less the analysis: degrees, and parts of the face's width.
fn print(times: &mut [Vec<Duration>; 4], off: &mut [Vec<f32>; 4]) {
    for (name, times) in ["decode", "glance", "with crown", "analyse"]
        .iter()
        .zip(times)
    {
        times.sort();
        if let (Some(least), Some(median), Some(most)) =
            (times.first(), times.get(times.len() / 2), times.last())
        {
            println!("{name:10} least {least:6.1?} median {median:6.1?} most {most:6.1?}");
        }
    }
    for (name, off) in ["tilt", "eye line", "width", "crown"].iter().zip(off) {
        off.sort_by(f32::total_cmp);
        if let (Some(least), Some(median), Some(most)) =
            (off.first(), off.get(off.len() / 2), off.last())
        {
            println!("{name:10} off by {least:6.3} {median:6.3} {most:6.3}");
        }
    }
}

/// The picture in the middle of a frame, as tall as it is.
fn framed(picture: &Raster, (width, height): (u32, u32)) -> anyhow::Result<Raster> {
    let wide = (picture.width() * height / picture.height()).min(width);
    let scaled = scale(picture, (wide, height))?;
    let mut frame = Raster::filled(width, height, [205, 205, 210])?;
    let left = (width - wide) / 2;
    for y in 0..height {
        for x in 0..wide {
            frame.set_pixel(left + x, y, scaled.pixel(x, y));
        }
    }
    Ok(frame)
}
