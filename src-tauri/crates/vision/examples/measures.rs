//! Prints every measure of the portraits that a folder of pictures gives.
//!
//!     cargo run --release -p vision --example measures -- DIR [NAME | FILE.toml]
//!
//! One line a picture, tab-separated, and the codes of what the profile finds at the end. Pictures
//! of which no portrait can be made are passed over, finished portraits are measured as they are.
#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::path::PathBuf;

use anyhow::Context;
use portrait::{Profile, Scene, backdrop, compose, decode, inspect, measures, render};
use vision::Analyst;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("usage: measures DIR [PROFILE]")?;
    let profile = arguments.next().unwrap_or_else(|| "national".to_owned());
    let profile = if profile.ends_with(".toml") {
        Profile::parse(&std::fs::read_to_string(&profile)?)?
    } else {
        Profile::named(&profile)?
    };
    let analyst = Analyst::new()?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "jpg" || e == "png"));
    files.sort();
    for path in files {
        let Ok(picture) = decode(&std::fs::read(&path)?) else {
            continue;
        };
        let analysis = analyst.analyse(&picture)?;
        let (Ok(face), Some(landmarks)) = (analysis.geometry, analysis.landmarks) else {
            continue;
        };
        let is_finished = (picture.width(), picture.height()) == (profile.width, profile.height);
        let (portrait, face, landmarks) = if is_finished {
            (picture, face, landmarks)
        } else {
            let Ok(crop) = compose(&profile, &face) else {
                continue;
            };
            let portrait = render(&picture, &crop, &profile)?;
            (portrait, face.through(&crop), landmarks.through(&crop))
        };
        let person = analyst.person(&portrait)?;
        let backdrop = backdrop(&portrait, &person);
        let scene = Scene {
            portrait: &portrait,
            face: &face,
            landmarks: &landmarks,
            person: &person,
            backdrop: backdrop.as_ref(),
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let values: Vec<_> = measures(&scene)
            .iter()
            .map(|(code, value)| format!("{}={value:.4}", code.code()))
            .collect();
        let found: Vec<_> = inspect(&scene, &profile)
            .iter()
            .map(|finding| finding.code.code())
            .collect();
        println!("{name}\t{}\t{}", values.join("\t"), found.join(","));
    }
    Ok(())
}
