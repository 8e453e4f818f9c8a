//! Runs the whole way from file to portrait over a folder and says what became of each picture.
//!
//!     cargo run --release -p vision --example evaluate -- DIR [OUT]
//!
//! One line per picture: the refusal, or where crown, eyes and face came to lie in the portrait.
//! With OUT the portraits are written there. Then the shares and the times, for one core.
#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use portrait::{Profile, Severity, compose, decode, encode, judge, render};
use vision::Analyst;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().context("usage: evaluate DIR [OUT]")?;
    let out = arguments.next();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "jpg" || e == "png"));
    files.sort();
    let (analyst, profile) = (Analyst::new()?, Profile::named("national")?);
    let mut times = Times::default();
    let (mut good, mut all) = (0, 0);
    for path in files {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let target = out.as_ref().map(|out| out.join(format!("{name}.jpg")));
        let verdict = evaluate(&path, target.as_deref(), &analyst, &profile, &mut times)?;
        all += 1;
        good += u32::from(verdict.0);
        println!("{name:32} {}", verdict.1);
    }
    println!("{good} of {all} inside all bands");
    times.print();
    Ok(())
}

/// Whether the portrait meets every demand that was measured, and the line about it.
fn evaluate(
    path: &Path,
    target: Option<&Path>,
    analyst: &Analyst,
    profile: &Profile,
    times: &mut Times,
) -> anyhow::Result<(bool, String)> {
    let bytes = std::fs::read(path)?;
    let start = Instant::now();
    let frame = match decode(&bytes) {
        Ok(frame) => frame,
        Err(fault) => return Ok((false, format!("refused  {}", fault.code()))),
    };
    times.decode.push(start.elapsed());
    let start = Instant::now();
    let analysis = analyst.analyse(&frame)?;
    times.analyse.push(start.elapsed());
    let size = format!(
        "{}x{} faces {}",
        frame.width(),
        frame.height(),
        analysis.faces
    );
    let face = match analysis.geometry {
        Ok(face) => face,
        Err(why) => return Ok((false, format!("refused  {size} {}", why.code()))),
    };
    let size = format!(
        "{size} frame crown {:.0} eyes {:.0},{:.0} {:.0},{:.0} chin {:.0} cheeks {:.0},{:.0}",
        face.crown_y,
        face.right_eye.x,
        face.right_eye.y,
        face.left_eye.x,
        face.left_eye.y,
        face.chin.y,
        face.cheek_min_x,
        face.cheek_max_x,
    );
    let start = Instant::now();
    let made = compose(profile, &face).and_then(|crop| {
        // A crop just composed for this frame always renders; a fault would show as a panic here.
        let portrait = render(&frame, &crop, profile).expect("the crop is of this frame");
        encode(&portrait, profile).map(|encoded| (crop, encoded))
    });
    let (crop, encoded) = match made {
        Ok(made) => made,
        Err(finding) => return Ok((false, format!("refused  {size} {finding}"))),
    };
    times.make.push(start.elapsed());
    if let Some(target) = target {
        std::fs::write(target, &encoded.jpeg)?;
    }
    let placed = face.through(&crop);
    let findings = judge(profile, &placed, Some(&crop));
    let blocks = findings
        .iter()
        .any(|finding| finding.severity() == Severity::Blocks);
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.code()).collect();
    Ok((
        !blocks,
        format!(
            "portrait {size} portrait crown {:.0} eyes {:.0} face {:.0} scale {:.2} margin {:.2} q{} {} bytes {codes:?}",
            placed.crown_y,
            placed.eye_line_y(),
            placed.face_width(),
            crop.scale(),
            crop.margin(),
            encoded.quality,
            encoded.jpeg.len(),
        ),
    ))
}

#[derive(Default)]
struct Times {
    decode: Vec<Duration>,
    analyse: Vec<Duration>,
    make: Vec<Duration>,
}

impl Times {
    fn print(mut self) {
        let steps = [
            ("decode", &mut self.decode),
            ("analyse", &mut self.analyse),
            ("make", &mut self.make),
        ];
        for (step, times) in steps {
            times.sort();
            if let (Some(least), Some(median)) = (times.first(), times.get(times.len() / 2)) {
                println!("{step:8} least {least:6.1?} median {median:6.1?}");
            }
        }
    }
}
