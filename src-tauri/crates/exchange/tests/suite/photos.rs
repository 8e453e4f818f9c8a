//! Admission photos: whose each picture is, and which are nobody's.

use crate::kit::{number, picture};
use booth::{DocumentNumber, Entry, EntryId, PersonName, Roster, Standing, StudentNumber, sha256};
use exchange::{
    MATCH_PROBLEMS, MatchProblem, PhotoError, PhotoFaultKind as Fault, PhotoFolder, match_photos,
    scan_photos,
};
use image::ImageFormat::{self, Jpeg, Png};
use std::collections::HashSet;
use std::path::Path;

/// A folder of pictures, all different.
fn folder(names: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (seed, name) in (1..).zip(names) {
        let is_png = name.to_lowercase().ends_with("png");
        put(
            dir.path(),
            name,
            &picture(seed, if is_png { Png } else { Jpeg }),
        );
    }
    dir
}

fn put(dir: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(dir.join(name), bytes).unwrap();
}

/// Students with their document numbers; ids are places from 1.
fn roster(entries: &[(&str, &str)]) -> Roster {
    Roster::new((1..).zip(entries).map(|(id, (student, number))| {
        let entry = Entry {
            id: EntryId(id),
            version: 1,
            student_number: StudentNumber::parse(student).unwrap(),
            name: PersonName::parse("样本").unwrap(),
            number: DocumentNumber::parse(number).unwrap(),
            sex: None,
            college: String::new(),
            major: String::new(),
            class: String::new(),
        };
        (entry, Standing::Open)
    }))
}

/// File name and entry of each match, then file name and problem of the others.
type Matched = (Vec<(String, i64)>, Vec<(String, MatchProblem)>);

fn matched(folder: &PhotoFolder, roster: &Roster) -> Matched {
    let matches = match_photos(&folder.photos, roster);
    let good = matches.matched.iter();
    let bad = matches.problems.iter();
    (
        good.map(|found| (name(&found.photo.path), found.entry.0))
            .collect(),
        bad.map(|(photo, problem)| (name(&photo.path), *problem))
            .collect(),
    )
}

fn faults(folder: &PhotoFolder) -> Vec<(String, Fault)> {
    let faults = folder.faults.iter();
    faults
        .map(|fault| (name(&fault.path), fault.kind))
        .collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn of<T: Copy>(list: &[(&str, T)]) -> Vec<(String, T)> {
    list.iter()
        .map(|(name, other)| ((*name).to_owned(), *other))
        .collect()
}

#[test]
fn photos_are_found_by_student_number_or_document_number() {
    let id = number(3);
    let by_number = format!("{}.jpg", id.to_lowercase());
    let dir = folder(&[
        "2022001.jpg",
        "2022002.JPG",
        &by_number,
        "e1234567.Jpeg",
        "２０２２００５.png",
    ]);
    let folder = scan_photos(dir.path()).unwrap();
    assert_eq!(faults(&folder), []);
    let roster = roster(&[
        ("2022001", &number(1)),
        ("2022002", &number(2)),
        ("2022003", &id),
        ("2022004", "E1234567"),
        ("2022005", &number(5)),
    ]);
    let (good, bad) = matched(&folder, &roster);
    let expected = [
        (&by_number[..], 3),
        ("2022001.jpg", 1),
        ("2022002.JPG", 2),
        ("e1234567.Jpeg", 4),
        ("２０２２００５.png", 5),
    ];
    let (good, expected): (HashSet<_>, HashSet<_>) = (
        good.into_iter().collect(),
        of(&expected).into_iter().collect(),
    );
    assert_eq!((good, bad), (expected, vec![]));
}

#[test]
fn a_scanned_photo_is_the_file_as_it_lies_there() {
    let dir = folder(&["2022001.jpg"]);
    let bytes = picture(1, Jpeg);
    let folder = scan_photos(dir.path()).unwrap();
    let photo = &folder.photos[0];
    assert_eq!(photo.sha256, sha256(&bytes));
    assert_eq!((photo.bytes, photo.format), (bytes.len() as u64, "jpeg"));
    assert_eq!((photo.width, photo.height), (48, 64));
    assert_eq!(photo.read().unwrap(), bytes);
    // Changed after it was looked at, it is not used.
    put(dir.path(), "2022001.jpg", &picture(2, Jpeg));
    let error = photo.read().unwrap_err();
    assert!(matches!(error, PhotoError::Changed), "{error:?}");
    std::fs::remove_file(&photo.path).unwrap();
    assert_eq!(photo.read().unwrap_err().code(), "file-unreadable");
}

#[test]
fn what_could_mean_nobody_or_two_people_is_not_guessed() {
    let (one, two) = (number(1), number(2));
    // Their student number is another's passport.
    let entries = [
        ("2022001", one.as_str()),
        ("Z2022001", one.as_str()),
        ("2022002", two.as_str()),
        ("E7654321", &number(4)),
        ("2022005", "E7654321"),
    ];
    let roster = roster(&entries);
    let by_one = format!("{one}.jpg");
    let dir = folder(&[
        &by_one,
        "2022002.jpg",
        "E7654321.jpg",
        "2022009.jpg",
        "样本.jpg",
        "2022002(1).jpg",
    ]);
    let folder = scan_photos(dir.path()).unwrap();
    let (good, bad) = matched(&folder, &roster);
    assert_eq!(good, of(&[("2022002.jpg", 3)]));
    let expected = of(&[
        (&by_one, MatchProblem::SeveralEntries),
        ("2022002(1).jpg", MatchProblem::Unmatched),
        ("2022009.jpg", MatchProblem::Unmatched),
        ("E7654321.jpg", MatchProblem::TwoMeanings),
        ("样本.jpg", MatchProblem::Unmatched),
    ]);
    assert_eq!(bad, expected);
    // Named by student number, each of the two enrolments has its photo.
    let dir = self::folder(&["2022001.jpg", "Z2022001.jpg"]);
    let folder = scan_photos(dir.path()).unwrap();
    let (good, bad) = matched(&folder, &roster);
    assert_eq!(good, of(&[("2022001.jpg", 1), ("Z2022001.jpg", 2)]));
    assert_eq!(bad, []);
}

#[test]
fn a_number_that_is_both_of_one_entry_is_no_doubt() {
    let roster = roster(&[("E7654321", "E7654321")]);
    let dir = folder(&["E7654321.jpg"]);
    let folder = scan_photos(dir.path()).unwrap();
    assert_eq!(matched(&folder, &roster).0, of(&[("E7654321.jpg", 1)]));
}

#[test]
fn two_files_for_one_entry_are_both_put_aside() {
    let id = number(1);
    let roster = roster(&[("2022001", &id), ("2022002", &number(2))]);
    let by_number = format!("{id}.jpg");
    let dir = folder(&["2022001.jpg", &by_number, "2022002.png"]);
    let folder = scan_photos(dir.path()).unwrap();
    let (good, bad) = matched(&folder, &roster);
    assert_eq!(good, of(&[("2022002.png", 2)]));
    let several = MatchProblem::SeveralFiles;
    assert_eq!(
        bad,
        of(&[(by_number.as_str(), several), ("2022001.jpg", several)])
    );
}

#[test]
fn two_files_of_one_name_are_both_put_aside() {
    let dir = folder(&[
        "2022001.jpg",
        "2022001.png",
        "b-7.jpg",
        "B-7.jpeg",
        "2022002.jpg",
        "2022 002.jpg",
        "2022003.jpg",
    ]);
    let folder = scan_photos(dir.path()).unwrap();
    let mut repeated = faults(&folder);
    repeated.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = of(&[
        ("2022 002.jpg", Fault::NameRepeated),
        ("2022001.jpg", Fault::NameRepeated),
        ("2022001.png", Fault::NameRepeated),
        ("2022002.jpg", Fault::NameRepeated),
        ("B-7.jpeg", Fault::NameRepeated),
        ("b-7.jpg", Fault::NameRepeated),
    ]);
    assert_eq!(repeated, expected);
    let keys: Vec<&str> = folder
        .photos
        .iter()
        .map(|photo| photo.key.as_str())
        .collect();
    assert_eq!(keys, ["2022003"]);
}

#[test]
fn pictures_that_cannot_be_seen_are_not_photos() {
    let dir = folder(&["2022001.jpg", "2022002.png"]);
    let (jpeg, png) = (picture(8, Jpeg), picture(8, Png));
    let half = jpeg.len() / 2;
    let files: [(&str, Vec<u8>, Fault); 10] = [
        ("text.jpg", b"no picture".to_vec(), Fault::NotAPicture),
        ("empty.jpg", Vec::new(), Fault::NotAPicture),
        ("cut.jpg", jpeg[..half].to_vec(), Fault::NotAPicture),
        (
            "cut-at-the-end.jpg",
            jpeg[..jpeg.len() - 2].to_vec(),
            Fault::NotAPicture,
        ),
        ("cut.png", png[..png.len() / 2].to_vec(), Fault::NotAPicture),
        ("head.jpg", jpeg[..20].to_vec(), Fault::NotAPicture),
        (
            "gif.png",
            b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
            Fault::NotAPicture,
        ),
        ("wide.png", grey_png(10_001, 1), Fault::TooLarge),
        ("notes.txt", b"x".to_vec(), Fault::OtherFile),
        (" .jpg", jpeg.clone(), Fault::NameEmpty),
    ];
    for (name, bytes, _) in &files {
        put(dir.path(), name, bytes);
    }
    let folder = scan_photos(dir.path()).unwrap();
    let found: HashSet<(String, Fault)> = faults(&folder).into_iter().collect();
    let expected = files
        .iter()
        .map(|(name, _, fault)| ((*name).to_owned(), *fault));
    assert_eq!(found, expected.collect());
    assert_eq!(folder.photos.len(), 2);
}

#[test]
fn what_a_camera_appends_to_a_picture_and_a_wrong_ending_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let appended = [picture(1, Jpeg), vec![0; 300]].concat();
    put(dir.path(), "2022001.jpg", &appended);
    put(dir.path(), "2022002.jpg", &picture(2, Png));
    let folder = scan_photos(dir.path()).unwrap();
    assert_eq!(faults(&folder), []);
    let formats: Vec<&str> = folder.photos.iter().map(|photo| photo.format).collect();
    assert_eq!(formats, ["jpeg", "png"]);
}

#[test]
fn a_thumbnail_is_not_the_end_of_a_picture_cut_short() {
    let (whole, thumbnail) = (picture(1, Jpeg), picture(2, Jpeg));
    // An EXIF segment with a whole picture in it, as cameras write it.
    let length = (thumbnail.len() as u16 + 2).to_be_bytes();
    let with_thumbnail = [&whole[..2], &[0xFF, 0xE1], &length, &thumbnail, &whole[2..]].concat();
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "2022001.jpg", &with_thumbnail);
    put(
        dir.path(),
        "2022002.jpg",
        &with_thumbnail[..with_thumbnail.len() - whole.len() / 4],
    );
    let folder = scan_photos(dir.path()).unwrap();
    assert_eq!(faults(&folder), of(&[("2022002.jpg", Fault::NotAPicture)]));
    assert_eq!(folder.photos.len(), 1);
}

#[test]
fn a_file_too_large_is_not_read() {
    let dir = folder(&["2022001.jpg"]);
    let file = std::fs::File::create(dir.path().join("2022002.jpg")).unwrap();
    file.set_len(20 * 1024 * 1024 + 1).unwrap();
    let folder = scan_photos(dir.path()).unwrap();
    assert_eq!(faults(&folder), of(&[("2022002.jpg", Fault::TooLarge)]));
}

#[test]
fn what_systems_leave_in_folders_is_passed_over_and_folders_are_named() {
    let dir = folder(&["2022001.jpg"]);
    for hidden in ["Thumbs.db", ".DS_Store", "desktop.ini", "._2022001.jpg"] {
        put(dir.path(), hidden, b"x");
    }
    let below = dir.path().join("2201.jpg");
    std::fs::create_dir(&below).unwrap();
    put(&below, "2022002.jpg", &picture(2, Jpeg));
    let folder = scan_photos(dir.path()).unwrap();
    assert_eq!(faults(&folder), of(&[("2201.jpg", Fault::OtherFile)]));
    let keys: Vec<&str> = folder
        .photos
        .iter()
        .map(|photo| photo.key.as_str())
        .collect();
    assert_eq!(keys, ["2022001"]);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_and_a_link_to_nowhere_are_faults() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let dir = folder(&["2022001.jpg"]);
    let odd = dir.path().join(OsStr::from_bytes(b"\xD0\xA7.jpg\xFF.jpg"));
    std::fs::write(odd, picture(2, Jpeg)).unwrap();
    std::os::unix::fs::symlink("nowhere.jpg", dir.path().join("2022002.jpg")).unwrap();
    let folder = scan_photos(dir.path()).unwrap();
    let kinds: HashSet<Fault> = folder.faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, HashSet::from([Fault::NameEmpty, Fault::Unreadable]));
    assert_eq!((folder.faults.len(), folder.photos.len()), (2, 1));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let error = scan_photos(&dir.path().join("nowhere")).unwrap_err();
    assert_eq!(error.code(), "file-unreadable");
    assert!(scan_photos(dir.path()).unwrap().photos.is_empty());
}

#[test]
fn nothing_that_is_printed_names_anybody() {
    let id = number(1);
    let dir = folder(&[&format!("{id}.jpg"), "20229999.jpg", "20229999.png"]);
    let folder = scan_photos(dir.path()).unwrap();
    let roster = roster(&[("2022001", &id)]);
    let matches = match_photos(&folder.photos, &roster);
    assert_eq!(matches.matched.len(), 1);
    let said = format!("{folder:?} {matches:?}");
    assert!(!said.contains(&id) && !said.contains("20229999"), "{said}");
}

#[test]
fn codes_of_photos_are_all_different() {
    let codes = Fault::ALL.iter().map(|kind| kind.code());
    let codes: Vec<&str> = codes
        .chain(MATCH_PROBLEMS.iter().map(|kind| kind.code()))
        .collect();
    let distinct: HashSet<&&str> = codes.iter().collect();
    assert_eq!(distinct.len(), codes.len());
}

/// A grey PNG of this size.
fn grey_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    let pixels = vec![0; (width * height) as usize];
    image::ImageEncoder::write_image(encoder, &pixels, width, height, image::ColorType::L8.into())
        .unwrap();
    bytes
}

#[test]
fn the_kit_draws_what_it_says() {
    let formats: [(ImageFormat, &[u8]); 2] = [(Jpeg, b"\xFF\xD8\xFF"), (Png, b"\x89PNG")];
    for (format, magic) in formats {
        assert!(picture(1, format).starts_with(magic));
        assert_ne!(picture(1, format), picture(2, format));
    }
}
