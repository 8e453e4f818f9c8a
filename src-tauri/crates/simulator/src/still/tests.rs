//! The simulated camera's own parts; what it promises as a camera is tried by
//! `camera`'s contract tests.

use super::*;
use crate::stamp::read_stamp;

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_schedule_is_read_from_toml_beside_its_picture() {
    let dir = tempfile::tempdir().unwrap();
    let text = "picture = \"face.png\"\nstall_after_ms = 10\nreconnect_after_ms = 20\n\
                frames_are_old_ms = 5\nrate = 30\n";
    let (picture, schedule) = read_schedule(&write(dir.path(), "a.toml", text)).unwrap();
    assert_eq!(picture, dir.path().join("face.png"));
    assert_eq!(schedule.stall_after, Some(Duration::from_millis(10)));
    assert_eq!(schedule.reconnect_after, Some(Duration::from_millis(20)));
    assert_eq!(schedule.frames_are_old, Duration::from_millis(5));
    assert_eq!(schedule.freeze_after, None);
    assert_eq!(schedule.rate, Some(30));
    for rate in ["0", "61"] {
        let file = write(
            dir.path(),
            "b.toml",
            &format!("picture = \"a.png\"\nrate = {rate}"),
        );
        let error = read_schedule(&file).unwrap_err();
        assert!(error.to_string().contains("1 to 60"), "{error}");
    }
}

#[test]
fn a_misspelt_fault_is_refused_and_not_overlooked() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        dir.path(),
        "a.toml",
        "picture = \"x.png\"\nstal_after_ms = 10\n",
    );
    assert!(matches!(
        read_schedule(&file),
        Err(CameraError::Unusable(_))
    ));
}

#[test]
fn a_folder_gives_its_pictures_by_name_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b.JPG", "a.png", "notes.txt", "c.jpeg"] {
        write(dir.path(), name, "");
    }
    let names: Vec<_> = pictures_of(dir.path())
        .unwrap()
        .iter()
        .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, ["a.png", "b.JPG", "c.jpeg"]);
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        pictures_of(empty.path()),
        Err(CameraError::NotFound)
    ));
}

#[test]
fn large_pictures_are_scaled_to_what_a_camera_gives() {
    let still = Still::new(RgbImage::new(3840, 2160), 1).unwrap();
    assert_eq!(still.picture.dimensions(), (1920, 1080));
    assert!(Still::new(RgbImage::new(8, 8), 1).is_err());
}

#[test]
fn noise_is_small_differs_and_leaves_the_stamp_readable() {
    let flat = RgbImage::from_pixel(192, 96, image::Rgb([120, 130, 140]));
    let (mut one, mut other) = (flat.clone(), flat.clone());
    shiver(&mut one, 1);
    shiver(&mut other, 2);
    assert_ne!(one, other);
    let moved = one.iter().zip(flat.iter()).map(|(a, b)| a.abs_diff(*b));
    assert_eq!(moved.max(), Some(2));
    let said = Stamp {
        source: 7,
        epoch: 8,
        frame: 9,
    };
    stamp(&mut one, said).unwrap();
    let sent = image::load_from_memory(&encode_jpeg(&one).unwrap()).unwrap();
    assert_eq!(read_stamp(&sent.into_rgb8()), Some(said));
}

#[test]
fn another_file_under_the_name_is_somebody_else_in_the_chair() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("now.png");
    let plain = |blue: u8, width: u32| RgbImage::from_pixel(width, 120, image::Rgb([9, 9, blue]));
    plain(10, 240).save(&file).unwrap();
    let (sender, events) = std::sync::mpsc::channel();
    let camera = open(&file, Box::new(move |event| drop(sender.send(event)))).unwrap();
    while !matches!(events.recv().unwrap(), CameraEvent::Live { .. }) {}
    let shown = || {
        let preview = camera.latest()?;
        Some(read_stamp(&image::load_from_memory(&preview.bytes).ok()?.into_rgb8())?.source)
    };
    let until_other_than = |source: Option<u64>| {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            let now = shown();
            if now.is_some() && now != source {
                return now;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        panic!("the picture does not change");
    };
    let first = until_other_than(None);
    plain(200, 260).save(dir.path().join("next.png")).unwrap();
    std::fs::rename(dir.path().join("next.png"), &file).unwrap();
    assert_ne!(until_other_than(first), first);
}
