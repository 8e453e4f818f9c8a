//! `portrait make` and `portrait check` on a folder, as staff use them on pictures that come
//! from elsewhere.

use likeness_tests::{Person, program, standard_with_copies};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A name that would be markup in a page, were it not escaped.
const HOSTILE: &str = "<b>&\"x'.jpg";

fn likeness(words: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(["--json", "portrait"]).args(words);
    command
}

fn run(words: &[&str]) -> (Option<i32>, Vec<Value>) {
    let Output { status, stdout, .. } = likeness(words).output().expect("likeness-ctl runs");
    let text = String::from_utf8(stdout).expect("UTF-8");
    let lines = text.lines().map(serde_json::from_str);
    (
        status.code(),
        lines.map(|line| line.expect("JSON")).collect(),
    )
}

/// Two drawn people, a wall, half a picture, and a list that somebody forgot.
fn folder(dir: &Path) {
    fs::create_dir_all(dir).expect("a folder");
    for number in ["2024001", "2024002"] {
        let drawn = Person::new(number, "某人", "一班").picture(dir);
        let ending = drawn
            .extension()
            .expect("an ending")
            .to_string_lossy()
            .into_owned();
        fs::rename(&drawn, dir.join(format!("{number}.{ending}"))).expect("renamed");
    }
    let wall = image::RgbImage::from_pixel(800, 900, image::Rgb([100, 197, 255]));
    let wall = simulator::still::encode_jpeg(&wall).expect("a JPEG");
    fs::write(dir.join(HOSTILE), &wall).expect("written");
    fs::write(dir.join("half.jpeg"), &wall[..wall.len() / 2]).expect("written");
    fs::write(dir.join("list.csv"), "学号\n").expect("written");
    fs::create_dir(dir.join("inner.jpg")).expect("a folder with a picture's name");
}

#[test]
fn a_folder_is_made_and_checked_and_what_failed_is_on_a_page() {
    let temp = tempfile::tempdir().expect("a folder");
    let (pictures, out) = (temp.path().join("in"), temp.path().join("out"));
    folder(&pictures);
    let (input, made) = (
        pictures.to_str().expect("UTF-8"),
        out.to_str().expect("UTF-8"),
    );
    let (status, lines) = run(&["make", input, made]);
    let (done, lines) = lines.split_last().expect("a summary");
    assert_eq!(status, Some(1), "some failed");
    let told: Vec<(&str, Option<&str>)> = lines
        .iter()
        .map(|line| {
            (
                line["file"].as_str().expect("a name"),
                line["code"].as_str(),
            )
        })
        .collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(
        (done["pictures"].as_u64(), done["passed"].as_u64()),
        (Some(4), Some(2))
    );
    assert_eq!(
        (done["others"].as_u64(), done["cancelled"].as_bool()),
        (Some(1), Some(false))
    );
    assert_eq!(
        done["others_named"],
        serde_json::json!(["list.csv"]),
        "named"
    );
    assert!(told.contains(&(HOSTILE, Some("no-face"))), "{told:?}");
    let half = told.iter().find(|(file, _)| *file == "half.jpeg");
    assert!(half.is_some_and(|(_, code)| code.is_some()), "{told:?}");
    for number in ["2024001", "2024002"] {
        let portrait = image::open(out.join(format!("{number}.jpg"))).expect("a portrait");
        assert_eq!((portrait.width(), portrait.height()), (480, 640));
    }
    let page = fs::read_to_string(out.join("contact-sheet.html")).expect("a page");
    assert!(page.contains("&lt;b&gt;&amp;&quot;x'.jpg") && !page.contains("<b>&\"x"));
    assert_eq!(page.matches("<figure>").count(), 2);
    assert_eq!(
        page.matches("data:image/jpeg;base64,").count(),
        1,
        "half a picture has none"
    );
    assert!(
        page.contains("No face was found"),
        "a remedy in both languages"
    );
    assert!(page.contains("没有找到人脸"));

    // What was made is good, and nothing is written over it.
    fs::remove_file(out.join("contact-sheet.html")).expect("removed");
    let (status, lines) = run(&["check", made]);
    assert_eq!((status, lines.len()), (Some(0), 3), "{lines:?}");
    let (status, lines) = run(&["make", input, made]);
    assert_eq!(
        (status, lines[0]["code"].as_str()),
        (Some(1), Some("target-exists"))
    );
    assert_eq!(lines[0]["detail"].as_str(), Some(made), "which one");
    let nothing = temp.path().join("nothing.jpg");
    let (_, lines) = run(&["check", nothing.to_str().expect("UTF-8")]);
    let detail = lines[0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("nothing.jpg"), "{lines:?}");
}

/// `1.A.png` and `1.B.png` are two people, `c.png` and `C.jpg` may be.
#[test]
fn no_picture_takes_the_name_of_another() {
    let temp = tempfile::tempdir().expect("a folder");
    let (pictures, out) = (temp.path().join("in"), temp.path().join("out"));
    fs::create_dir_all(&pictures).expect("a folder");
    let drawn = Person::new("2024001", "某人", "一班").picture(temp.path());
    let ending = drawn.extension().expect("an ending").to_string_lossy();
    for name in ["1.A", "1.B", "1", "c"] {
        fs::copy(&drawn, pictures.join(format!("{name}.{ending}"))).expect("copied");
    }
    let wall = image::RgbImage::from_pixel(800, 900, image::Rgb([100, 197, 255]));
    let wall = simulator::still::encode_jpeg(&wall).expect("a JPEG");
    fs::write(pictures.join("C.JPEG"), wall).expect("written");
    let (_, lines) = run(&[
        "make",
        pictures.to_str().expect("UTF-8"),
        out.to_str().expect("UTF-8"),
    ]);
    let (done, _) = lines.split_last().expect("a summary");
    assert_eq!(done["failed"]["names-collide"], 2, "{done}");
    let mut made: Vec<_> = fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    made.sort();
    assert_eq!(made, ["1.A.jpg", "1.B.jpg", "1.jpg", "contact-sheet.html"]);
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_normalised_background_is_a_second_file_that_the_profile_allows() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path();
    let drawn = Person::new("2024003", "某人", "一班").picture(dir);
    let (out, page) = (dir.join("1.A.jpg"), dir.join("page.html"));
    let second = dir.join("1.A.normalised.jpg");
    let (input, profile) = (text(&drawn), standard_with_copies(dir));

    let (status, lines) = run(&["make", input, text(&out), "--normalise"]);
    let refused = lines[0]["code"].as_str();
    assert_eq!(
        (status, refused),
        (Some(1), Some("normalising-not-allowed"))
    );
    assert!(!out.exists() && !second.exists());

    let words = [
        "make",
        input,
        text(&out),
        "--normalise",
        "--profile",
        &profile,
    ];
    let with_page = [&words[..], &["--sheet", text(&page)]].concat();
    let (status, lines) = run(&with_page);
    let made = &lines[0];
    assert_eq!(
        (status, made["normalised"]["ok"].as_bool()),
        (Some(0), Some(true)),
        "{made}"
    );
    let digest = |file: &Path| booth::sha256(&fs::read(file).expect("written")).to_string();
    assert_eq!(made["sha256"], digest(&out));
    assert_eq!(made["normalised"]["sha256"], digest(&second));
    let shown = fs::read_to_string(&page).expect("a page");
    assert_eq!(shown.matches("data:image/jpeg;base64,").count(), 2);
    assert!(shown.contains(&digest(&out)) && shown.contains(&digest(&second)));

    // The portrait is what it would have been, and the second file is one by the standard.
    let plain = dir.join("plain.jpg");
    run(&["make", input, text(&plain), "--profile", &profile]);
    assert_eq!(digest(&plain), digest(&out));
    let (status, lines) = run(&["check", text(&second), "--profile", &profile]);
    let is_told = |line: &Value, code: &str| line["findings"].to_string().contains(code);
    assert_eq!(status, Some(0), "{lines:?}");
    assert!(!is_told(&lines[0], "background-"), "{lines:?}");
    assert!(is_told(made, "background-colour"), "another blue: {made}");

    let pixels = |file: &Path| image::open(file).expect("a picture").into_rgb8();
    let (before, after) = (pixels(&out), pixels(&second));
    let near = |one: &image::Rgb<u8>, other: [u8; 3]| {
        one.0.iter().zip(other).all(|(a, b)| a.abs_diff(b) < 6)
    };
    assert!(near(after.get_pixel(10, 10), [112, 194, 246]));
    assert!(near(after.get_pixel(470, 60), [112, 194, 246]));
    for (x, y) in [(240, 150), (240, 260), (200, 300), (280, 380), (240, 560)] {
        let (was, is) = (before.get_pixel(x, y), after.get_pixel(x, y));
        assert!(near(is, was.0), "{x} {y}: {was:?} {is:?}");
    }

    // Nothing is written over, and nothing is written when one of the two would be.
    fs::remove_file(&out).expect("removed");
    let (status, lines) = run(&words);
    assert_eq!(
        (status, lines[0]["code"].as_str()),
        (Some(1), Some("target-exists"))
    );
    assert!(!out.exists());
}

#[test]
fn a_folder_shows_portraits_beside_their_derivatives() {
    let temp = tempfile::tempdir().expect("a folder");
    let (pictures, out) = (temp.path().join("in"), temp.path().join("out"));
    fs::create_dir_all(&pictures).expect("a folder");
    let drawn = Person::new("2024001", "某人", "一班").picture(temp.path());
    let ending = drawn.extension().expect("an ending").to_string_lossy();
    for name in ["a", "b", "b.normalised"] {
        fs::copy(&drawn, pictures.join(format!("{name}.{ending}"))).expect("copied");
    }
    let profile = standard_with_copies(temp.path());
    let (status, lines) = run(&[
        "make",
        text(&pictures),
        text(&out),
        "--normalise",
        "--profile",
        &profile,
    ]);
    let (done, lines) = lines.split_last().expect("a summary");
    assert_eq!(status, Some(1), "{done}");
    // Whose b.normalised.jpg would be could not be told.
    assert_eq!(
        (&done["failed"]["names-collide"], &done["passed"]),
        (&2.into(), &1.into())
    );
    assert_eq!(lines[0]["normalised"]["ok"], true);
    assert!(out.join("a.jpg").exists() && out.join("a.normalised.jpg").exists());
    let page = fs::read_to_string(out.join("contact-sheet.html")).expect("a page");
    assert_eq!(page.matches("<figure class=\"pair\">").count(), 1);
    // Another blue than the profile's warns: counted, and to be looked at on the page.
    let done = lines.last().expect("a summary");
    assert_eq!(done["passed_with_warnings"], done["passed"], "{done}");
    assert_eq!(
        done["warned"]["background-colour"], done["passed"],
        "{done}"
    );
    assert_eq!(page.matches("<figure class=\"warned\">").count(), 1);
    let digest = lines[0]["normalised"]["sha256"].as_str().expect("a digest");
    assert!(page.contains(digest));

    let (status, lines) = run(&[
        "make",
        text(&pictures),
        text(&temp.path().join("no")),
        "--normalise",
    ]);
    let refused = lines[0]["code"].as_str();
    assert_eq!(
        (status, refused),
        (Some(1), Some("normalising-not-allowed"))
    );
    assert!(!temp.path().join("no").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_cancelled_keeps_what_was_done() {
    let temp = tempfile::tempdir().expect("a folder");
    let (pictures, out) = (temp.path().join("in"), temp.path().join("out"));
    fs::create_dir_all(&pictures).expect("a folder");
    let wall = image::RgbImage::from_pixel(1200, 900, image::Rgb([100, 197, 255]));
    let wall = simulator::still::encode_jpeg(&wall).expect("a JPEG");
    for number in 0..200 {
        fs::write(pictures.join(format!("{number:03}.jpg")), &wall).expect("written");
    }
    let words = [
        "make",
        pictures.to_str().expect("UTF-8"),
        out.to_str().expect("UTF-8"),
    ];
    let mut child = likeness(&words)
        .stdout(Stdio::piped())
        .spawn()
        .expect("likeness-ctl runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    lines.next().expect("a line").expect("UTF-8");
    // The page grows with the work: the pictures on it are held in no memory.
    assert!(out.join("contact-sheet.html").exists());
    let pid = i32::try_from(child.id()).expect("a process");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is there");
    let last = lines.last().expect("a summary").expect("UTF-8");
    let done: Value = serde_json::from_str(&last).expect("JSON");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    assert_eq!(done["cancelled"], true, "{done}");
    let looked_at = done["pictures"].as_u64().expect("a number");
    assert!((1..200).contains(&looked_at), "{done}");
    let page = fs::read_to_string(out.join("contact-sheet.html")).expect("a page");
    assert_eq!(page.matches("<figure>").count() as u64, looked_at);
    let counts = format!("Failed {looked_at} of {looked_at}, 0 with warnings;");
    assert!(
        page.contains(&counts) && page.ends_with("</html>\n"),
        "whole"
    );
}

#[test]
fn an_empty_folder_and_an_option_for_the_other_kind_are_refused() {
    let temp = tempfile::tempdir().expect("a folder");
    let (empty, out) = (temp.path().join("empty"), temp.path().join("out"));
    fs::create_dir(&empty).expect("a folder");
    fs::write(empty.join("list.csv"), "学号\n").expect("written");
    let file = temp.path().join("one.jpg");
    fs::write(&file, b"no picture").expect("written");
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (empty, file, page) = (text(&empty), text(&file), text(&temp.path().join("page")));
    let code = |words: &[&str]| {
        let (status, lines) = run(words);
        (status, lines[0]["code"].as_str().map(str::to_owned))
    };
    let refused = |code: &str| (Some(1), Some(code.to_owned()));
    let none = refused("folder-without-pictures");
    assert_eq!(code(&["make", &empty, &text(&out)]), none);
    assert!(!out.exists());
    assert_eq!(code(&["check", &empty, "--sheet", &page]), none);
    let sheet = ["check", &file, "--sheet", &page];
    assert_eq!(code(&sheet), refused("sheet-of-a-folder"));
    let overlay = ["check", &empty, "--overlay", &page];
    assert_eq!(code(&overlay), refused("overlay-of-one-file"));
}
