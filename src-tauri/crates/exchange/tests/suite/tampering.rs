//! What happens to packages on their way, and what the receiver's check says.

use crate::kit::{cells, deliver, picture, spec, station, with_copies, write_rows, xlsx};
use booth::sha256;
use ed25519_dalek::{Signer, SigningKey};
use exchange::{PackageError, PackageFaultKind as Fault, verify_package};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A package of three people, and the folder that goes with it.
fn package() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    deliver(&out, &spec([1, 2, 3])).unwrap();
    assert_eq!(found(&out), []);
    (dir, out)
}

/// What the check says, with the station's key from elsewhere.
fn found(dir: &Path) -> Vec<(Fault, String)> {
    let key = station().verifying_key().to_bytes();
    let faults = verify_package(dir, Some(&key)).unwrap().faults;
    faults
        .into_iter()
        .map(|fault| (fault.kind, fault.path))
        .collect()
}

fn of(list: &[(Fault, &str)]) -> Vec<(Fault, String)> {
    list.iter()
        .map(|(kind, path)| (*kind, (*path).to_owned()))
        .collect()
}

const ONE: &str = "portraits/20220001.jpg";
const TWO: &str = "portraits/20220002.jpg";

/// Changes the manifest as somebody with this key could.
fn sign_again(dir: &Path, key: &SigningKey, change: impl FnOnce(&mut Value)) {
    let path = dir.join("manifest.json");
    let mut manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    let mut bytes = serde_json::to_vec_pretty(&manifest).unwrap();
    bytes.push(b'\n');
    let signature = hex::encode(key.sign(&bytes).to_bytes());
    std::fs::write(path, bytes).unwrap();
    std::fs::write(dir.join("manifest.sig"), signature + "\n").unwrap();
}

/// The manifest's line on a file.
fn line_of<'a>(manifest: &'a mut Value, path: &str) -> &'a mut Value {
    let files = manifest["files"].as_array_mut().unwrap();
    files.iter_mut().find(|file| file["path"] == path).unwrap()
}

/// Replaces a file, and what the manifest says of it.
fn replace(dir: &Path, path: &str, bytes: &[u8]) {
    std::fs::write(dir.join(path), bytes).unwrap();
    sign_again(dir, &station(), |manifest| {
        let line = line_of(manifest, path);
        line["bytes"] = bytes.len().into();
        line["sha256"] = sha256(bytes).to_string().into();
    });
}

/// A sheet of the package with its rows changed.
fn changed(dir: &Path, sheet: &str, change: impl FnOnce(&mut Vec<Vec<String>>)) -> Vec<u8> {
    let mut rows = cells(&dir.join(sheet));
    change(&mut rows);
    xlsx(|sheet| write_rows(sheet, 0, &rows))
}

/// Moves one column down by a row, as a sort that forgot it does.
fn shift(rows: &mut [Vec<String>], column: usize) {
    let last = rows.last().unwrap()[column].clone();
    for at in (2..rows.len()).rev() {
        rows[at][column] = rows[at - 1][column].clone();
    }
    rows[1][column] = last;
}

#[test]
fn a_changed_portrait_is_named() {
    let (_dir, out) = package();
    let mut bytes = std::fs::read(out.join(TWO)).unwrap();
    bytes[400] ^= 1;
    std::fs::write(out.join(TWO), bytes).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileChanged, TWO)]));
}

/// A copy of the one stands under the name of the other, is said to be made from another portrait, is
/// the portrait of somebody else, or lies where no copy belongs.
#[test]
fn a_copy_that_is_not_of_the_portrait_of_its_name_is_named() {
    const COPY: &str = "normalised/20220001.jpg";
    const OTHER: &str = "normalised/20220002.jpg";
    let copied = || {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        deliver(&out, &with_copies(spec([1, 2, 3]), &[1, 2])).unwrap();
        assert_eq!(found(&out), []);
        (dir, out)
    };
    let (_dir, out) = copied();
    std::fs::rename(out.join(COPY), out.join("moved.jpg")).unwrap();
    std::fs::rename(out.join(OTHER), out.join(COPY)).unwrap();
    std::fs::rename(out.join("moved.jpg"), out.join(OTHER)).unwrap();
    let both = of(&[(Fault::FileChanged, COPY), (Fault::FileChanged, OTHER)]);
    assert_eq!(found(&out), both);

    let (_dir, out) = copied();
    sign_again(&out, &station(), |manifest| {
        let other = line_of(manifest, TWO)["sha256"].clone();
        line_of(manifest, COPY)["portrait"] = other;
    });
    assert_eq!(found(&out), of(&[(Fault::CopyForeign, COPY)]));

    let (_dir, out) = copied();
    let face = std::fs::read(out.join(TWO)).unwrap();
    replace(&out, COPY, &face);
    assert_eq!(found(&out), of(&[(Fault::PortraitRepeated, COPY)]));

    let (_dir, out) = copied();
    let face = std::fs::read(out.join(OTHER)).unwrap();
    replace(&out, COPY, &face);
    assert_eq!(found(&out), of(&[(Fault::PortraitRepeated, OTHER)]));

    let (_dir, out) = copied();
    std::fs::rename(out.join(COPY), out.join("20220001.jpg")).unwrap();
    sign_again(&out, &station(), |manifest| {
        line_of(manifest, COPY)["path"] = "20220001.jpg".into();
        let files = manifest["files"].as_array_mut().unwrap();
        files.sort_by_key(|file| file["path"].as_str().unwrap().to_owned());
    });
    let wrong = found(&out);
    assert!(
        wrong.contains(&(Fault::NameDiffers, "20220001.jpg".to_owned())),
        "{wrong:?}"
    );

    // A copy where the package says that it has none, and one in a folder nobody knows.
    let (_dir, out) = package();
    std::fs::create_dir(out.join("normalised")).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileIrregular, "normalised")]));
    std::fs::write(out.join(COPY), picture(9, image::ImageFormat::Jpeg)).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileExtra, COPY)]));
    // The first form knows no copies: what says otherwise is no manifest.
    let (_dir, out) = copied();
    sign_again(&out, &station(), |manifest| {
        manifest["format"] = "likeness-package-1".into();
    });
    assert_eq!(
        found(&out),
        of(&[(Fault::ManifestInvalid, "manifest.json")])
    );
}

#[test]
fn a_missing_portrait_is_named() {
    let (_dir, out) = package();
    std::fs::remove_file(out.join(TWO)).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileMissing, TWO)]));
}

#[test]
fn swapped_portraits_are_both_named() {
    let (_dir, out) = package();
    let (one, two) = (
        std::fs::read(out.join(ONE)).unwrap(),
        std::fs::read(out.join(TWO)).unwrap(),
    );
    std::fs::write(out.join(ONE), two).unwrap();
    std::fs::write(out.join(TWO), one).unwrap();
    assert_eq!(
        found(&out),
        of(&[(Fault::FileChanged, ONE), (Fault::FileChanged, TWO)])
    );
}

#[test]
fn a_renamed_portrait_is_named_twice() {
    for renamed in [
        "portraits/20220009.jpg",
        "portraits/20220002.JPG",
        "20220002.jpg",
    ] {
        let (_dir, out) = package();
        std::fs::rename(out.join(TWO), out.join(renamed)).unwrap();
        let faults = of(&[(Fault::FileExtra, renamed), (Fault::FileMissing, TWO)]);
        assert_eq!(found(&out), faults);
    }
}

#[test]
fn what_was_added_is_named() {
    for added in [
        "portraits/20220009.jpg",
        "notes.txt",
        ".hidden",
        "portraits/Thumbs.db",
    ] {
        let (_dir, out) = package();
        std::fs::write(out.join(added), picture(9, image::ImageFormat::Jpeg)).unwrap();
        assert_eq!(found(&out), of(&[(Fault::FileExtra, added)]));
    }
    for added in ["more", "portraits/more"] {
        let (_dir, out) = package();
        std::fs::create_dir(out.join(added)).unwrap();
        std::fs::write(out.join(added).join("20220001.jpg"), "x").unwrap();
        assert_eq!(found(&out), of(&[(Fault::FileIrregular, added)]));
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let (dir, out) = package();
    std::fs::rename(out.join(TWO), dir.path().join("two.jpg")).unwrap();
    symlink(dir.path().join("two.jpg"), out.join(TWO)).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileIrregular, TWO)]));

    // Nor read: what stands behind one is not asked whether it fits.
    let (dir, out) = package();
    std::fs::remove_file(out.join(TWO)).unwrap();
    std::fs::write(dir.path().join("other.jpg"), "x").unwrap();
    symlink(dir.path().join("other.jpg"), out.join(TWO)).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileIrregular, TWO)]));

    let (dir, out) = package();
    std::fs::rename(out.join("manifest.json"), dir.path().join("m.json")).unwrap();
    symlink(dir.path().join("m.json"), out.join("manifest.json")).unwrap();
    assert_eq!(
        found(&out),
        of(&[(Fault::ManifestUnreadable, "manifest.json")])
    );

    let (dir, out) = package();
    std::fs::rename(out.join("portraits"), dir.path().join("portraits")).unwrap();
    symlink(dir.path().join("portraits"), out.join("portraits")).unwrap();
    let faults: BTreeSet<String> = found(&out).into_iter().map(|(_, path)| path).collect();
    assert!(
        faults.contains("portraits") && faults.contains(ONE),
        "{faults:?}"
    );
}

#[test]
fn a_file_too_large_to_be_one_of_the_package_is_changed() {
    let (_dir, out) = package();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(out.join(ONE))
        .unwrap();
    file.set_len(64 * 1024 * 1024 + 1).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileChanged, ONE)]));
}

#[test]
fn a_shifted_row_of_the_index_is_named() {
    // Each column that the manifest knows, shifted by one row.
    for column in [0, 7] {
        let (_dir, out) = package();
        let index = changed(&out, "index.xlsx", |rows| shift(rows, column));
        std::fs::write(out.join("index.xlsx"), &index).unwrap();
        let rows =
            ["index.xlsx#2", "index.xlsx#3", "index.xlsx#4"].map(|row| (Fault::IndexDiffers, row));
        let faults = [&[(Fault::FileChanged, "index.xlsx")][..], &rows].concat();
        assert_eq!(found(&out), of(&faults));
        // Even the station's own signature does not make it right.
        replace(&out, "index.xlsx", &index);
        assert_eq!(found(&out), of(&rows));
    }
}

#[test]
fn an_index_of_the_same_rows_in_other_bytes_is_only_changed() {
    let (_dir, out) = package();
    let index = changed(&out, "index.xlsx", |_| {});
    std::fs::write(out.join("index.xlsx"), &index).unwrap();
    assert_eq!(found(&out), of(&[(Fault::FileChanged, "index.xlsx")]));
    // The rows are right, so with the right hash it is a package.
    replace(&out, "index.xlsx", &index);
    assert_eq!(found(&out), []);
}

#[test]
fn rows_of_the_index_that_do_not_fit_are_named() {
    type Change = fn(&mut Vec<Vec<String>>);
    let cases: [(Change, &[(Fault, &str)]); 7] = [
        (
            |rows| rows[2][8] = "9".into(),
            &[(Fault::IndexDiffers, "index.xlsx#3")],
        ),
        (
            |rows| rows[1][3] = "110105190001010011".into(),
            &[(Fault::IndexDiffers, "index.xlsx#2")],
        ),
        (
            |rows| rows.push(rows[1].clone()),
            &[(Fault::IndexDiffers, "index.xlsx#5")],
        ),
        (|rows| drop(rows.remove(3)), &[(Fault::IndexDiffers, TWO)]),
        (
            |rows| rows[0][0] = "编号".into(),
            &[(Fault::IndexUnreadable, "index.xlsx")],
        ),
        (
            |rows| rows.insert(2, Vec::new()),
            &[(Fault::IndexUnreadable, "index.xlsx")],
        ),
        (
            |rows| rows[1].push("x".into()),
            &[(Fault::IndexUnreadable, "index.xlsx")],
        ),
    ];
    for (change, faults) in cases {
        let (_dir, out) = package();
        let index = changed(&out, "index.xlsx", change);
        replace(&out, "index.xlsx", &index);
        assert_eq!(found(&out), of(faults));
    }
    let (_dir, out) = package();
    replace(&out, "index.xlsx", b"PK no workbook");
    assert_eq!(found(&out), of(&[(Fault::IndexUnreadable, "index.xlsx")]));
}

#[test]
fn a_list_of_the_missing_that_does_not_fit_is_named() {
    type Change = fn(&mut Vec<Vec<String>>);
    let changes: [Change; 4] = [
        |rows| rows[1][5] = "missing".into(),
        |rows| drop(rows.pop()),
        |rows| rows.push(rows[1].clone()),
        |rows| rows[1][0] = "20220099".into(),
    ];
    for change in changes {
        let (_dir, out) = package();
        let missing = changed(&out, "missing.xlsx", change);
        replace(&out, "missing.xlsx", &missing);
        assert_eq!(found(&out), of(&[(Fault::MissingDiffers, "missing.xlsx")]));
    }
}

#[test]
fn a_manifest_signed_by_another_key_is_found_when_one_is_pinned() {
    let other = SigningKey::from_bytes(&[8; 32]);
    let others = hex::encode(other.verifying_key().to_bytes());
    let swapped = || {
        let (dir, out) = package();
        let (one, two) = (out.join(ONE), out.join(TWO));
        let (first, second) = (std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
        std::fs::write(&one, &second).unwrap();
        std::fs::write(&two, &first).unwrap();
        let swap = move |manifest: &mut Value| {
            for (path, bytes) in [(ONE, second), (TWO, first)] {
                let line = line_of(manifest, path);
                line["bytes"] = bytes.len().into();
                line["sha256"] = sha256(&bytes).to_string().into();
            }
        };
        (dir, out, swap)
    };
    // A forger who names the own key.
    let (_dir, out, swap) = swapped();
    sign_again(&out, &other, |manifest| {
        swap(manifest);
        manifest["station_key"] = others.clone().into();
    });
    let unpinned = verify_package(&out, None).unwrap();
    assert!(
        unpinned.is_good() && unpinned.unpinned,
        "integrity, and no origin"
    );
    let faults = [
        (Fault::StationKeyDiffers, "manifest.json"),
        (Fault::SignatureWrong, "manifest.sig"),
    ];
    assert_eq!(found(&out), of(&faults));
    // A forger who names the station's key.
    let (_dir, out, swap) = swapped();
    sign_again(&out, &other, swap);
    assert_eq!(found(&out), of(&[(Fault::SignatureWrong, "manifest.sig")]));
    assert!(!verify_package(&out, None).unwrap().is_good());
}

#[test]
fn a_package_that_names_no_key_is_not_the_pinned_stations() {
    for key in ["", "07", "zz"] {
        let (_dir, out) = package();
        sign_again(&out, &station(), |manifest| {
            manifest["station_key"] = key.into();
        });
        assert_eq!(
            found(&out),
            of(&[(Fault::StationKeyDiffers, "manifest.json")])
        );
        assert!(!verify_package(&out, None).unwrap().is_good());
    }
}

#[test]
fn a_manifest_that_is_gone_or_in_another_form_is_named() {
    let (_dir, out) = package();
    std::fs::remove_file(out.join("manifest.json")).unwrap();
    assert_eq!(
        found(&out),
        of(&[(Fault::ManifestUnreadable, "manifest.json")])
    );

    let (_dir, out) = package();
    let bytes = std::fs::read(out.join("manifest.json")).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let mut extended = value.clone();
    extended["remark"] = "x".into();
    let forms = [
        serde_json::to_vec(&value).unwrap(),
        serde_json::to_vec_pretty(&extended).unwrap(),
        [&bytes[..], b"\n"].concat(),
        bytes[..bytes.len() / 2].to_vec(),
        b"{}".to_vec(),
        Vec::new(),
    ];
    for form in forms {
        // Signed as it stands: it is still not the one form.
        std::fs::write(out.join("manifest.json"), &form).unwrap();
        let signature = hex::encode(station().sign(&form).to_bytes()) + "\n";
        std::fs::write(out.join("manifest.sig"), signature).unwrap();
        assert_eq!(
            found(&out),
            of(&[(Fault::ManifestInvalid, "manifest.json")])
        );
    }
}

#[test]
fn a_signature_that_is_gone_or_in_another_form_is_named() {
    let (_dir, out) = package();
    let path = out.join("manifest.sig");
    let whole = std::fs::read_to_string(&path).unwrap();
    let forms = [
        whole.to_uppercase(),
        whole.trim_end().to_owned(),
        whole.replace('\n', "\r\n"),
        whole[1..].to_owned(),
        String::new(),
        "x".repeat(500),
    ];
    for form in forms {
        std::fs::write(&path, form).unwrap();
        assert_eq!(
            found(&out),
            of(&[(Fault::SignatureUnreadable, "manifest.sig")])
        );
    }
    std::fs::write(&path, "0".repeat(128) + "\n").unwrap();
    assert_eq!(found(&out), of(&[(Fault::SignatureWrong, "manifest.sig")]));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        found(&out),
        of(&[(Fault::SignatureUnreadable, "manifest.sig")])
    );
    std::fs::write(&path, whole).unwrap();
    assert_eq!(found(&out), []);
}

/// Lies that only the station's own key could tell, each with what gives it away.
#[test]
fn a_signed_lie_is_still_a_lie() {
    type Lie = fn(&mut Value);
    let cases: [(Lie, Fault); 15] = [
        (|m| m["counts"]["records"] = 2.into(), Fault::CountsDiffer),
        (|m| m["counts"]["missing"] = 2.into(), Fault::CountsDiffer),
        (|m| m["counts"]["files"] = 9.into(), Fault::CountsDiffer),
        (
            |m| m["files"].as_array_mut().unwrap().reverse(),
            Fault::CountsDiffer,
        ),
        (|m| m["journal"]["hash"] = "07".into(), Fault::CountsDiffer),
        (|m| m["kind"] = "training".into(), Fault::TrainingUnclear),
        (|m| m["kind"] = "rehearsal".into(), Fault::TrainingUnclear),
        (
            |m| line_of(m, ONE)["record"]["student_number"] = "20220002".into(),
            Fault::RecordRepeated,
        ),
        (
            |m| line_of(m, ONE)["record"]["student_number"] = "20220009".into(),
            Fault::NameDiffers,
        ),
        (
            |m| line_of(m, ONE)["kind"] = "index".into(),
            Fault::NameDiffers,
        ),
        (
            |m| line_of(m, "index.xlsx")["path"] = "../index.xlsx".into(),
            Fault::FileIrregular,
        ),
        (
            |m| line_of(m, "index.xlsx")["path"] = "/index.xlsx".into(),
            Fault::FileIrregular,
        ),
        (
            |m| line_of(m, ONE)["sha256"] = line_of(m, TWO)["sha256"].clone(),
            Fault::PortraitRepeated,
        ),
        (
            |m| m["missing"][0]["student_number"] = "20220001".into(),
            Fault::MissingDiffers,
        ),
        (
            |m| m["missing"][0]["reason"] = "forgotten".into(),
            Fault::MissingDiffers,
        ),
    ];
    for (at, (lie, fault)) in (1..).zip(cases) {
        let (_dir, out) = package();
        sign_again(&out, &station(), lie);
        let faults = found(&out);
        assert!(
            faults.iter().any(|(kind, _)| *kind == fault),
            "lie {at}: {faults:?}"
        );
        let signature = faults
            .iter()
            .any(|(kind, _)| *kind == Fault::SignatureWrong);
        assert!(!signature, "lie {at} is signed");
    }
}

#[test]
fn a_file_that_is_listed_twice_or_not_at_all_is_named() {
    let (_dir, out) = package();
    sign_again(&out, &station(), |manifest| {
        let mut twin = line_of(manifest, "index.xlsx").clone();
        twin["path"] = "INDEX.xlsx".into();
        manifest["files"].as_array_mut().unwrap().insert(0, twin);
        manifest["counts"]["files"] = 6.into();
    });
    let kinds: BTreeSet<&str> = found(&out).iter().map(|(kind, _)| kind.code()).collect();
    let twice = Fault::FileRepeated.code();
    assert!(
        kinds.contains(twice) && kinds.contains(Fault::FileMissing.code()),
        "{kinds:?}"
    );

    let (_dir, out) = package();
    sign_again(&out, &station(), |manifest| {
        manifest["files"] = json!([]);
        manifest["counts"] = json!({ "files": 0, "missing": 3, "records": 0 });
    });
    let faults = found(&out);
    for path in ["index.xlsx", "missing.xlsx"] {
        assert!(
            faults.contains(&(Fault::FileMissing, path.to_owned())),
            "{faults:?}"
        );
        assert!(
            faults.contains(&(Fault::FileExtra, path.to_owned())),
            "{faults:?}"
        );
    }
}

#[test]
fn a_portrait_that_is_no_jpeg_is_named_whoever_signed_it() {
    let (_dir, out) = package();
    replace(&out, ONE, &picture(1, image::ImageFormat::Png));
    assert_eq!(found(&out), of(&[(Fault::PortraitUndecodable, ONE)]));
    // The positive twin: another JPEG under the station's signature is a portrait.
    replace(&out, ONE, &picture(9, image::ImageFormat::Jpeg));
    assert_eq!(found(&out), []);
}

#[test]
fn a_place_without_a_package_is_no_package() {
    let dir = tempfile::tempdir().unwrap();
    let faults = found(dir.path());
    assert_eq!(faults, of(&[(Fault::ManifestUnreadable, "manifest.json")]));
    let error = verify_package(&dir.path().join("nowhere"), None).unwrap_err();
    assert!(matches!(error, PackageError::Disk(_)), "{error:?}");
}

#[test]
fn a_verdict_prints_nobody() {
    let (_dir, out) = package();
    std::fs::remove_file(out.join(ONE)).unwrap();
    let verdict = verify_package(&out, None).unwrap();
    assert!(!verdict.is_good());
    assert!(!format!("{verdict:?}").contains("20220001"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// No byte of a package can change unseen.
    #[test]
    fn every_changed_byte_of_every_file_is_found(
        file in 0usize..7, place in 0.0..1.0f64, bit in 0u32..8,
    ) {
        let (_dir, out) = package();
        let three = "portraits/20220003.jpg";
        let files = [ONE, TWO, three, "index.xlsx", "missing.xlsx", "manifest.json", "manifest.sig"];
        let path = out.join(files[file]);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = (place * bytes.len() as f64) as usize;
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, bytes).unwrap();
        let faults = found(&out);
        prop_assert!(!faults.is_empty(), "{} byte {} bit {}", files[file], at, bit);
        if file < 5 {
            let expected = (Fault::FileChanged, files[file].to_owned());
            prop_assert!(faults.contains(&expected), "{:?}", faults);
        }
    }

    /// Whatever stands in the place of a manifest, the check ends.
    #[test]
    fn no_manifest_makes_the_check_panic(text in "[\\[\\]{}\":,a-z0-9.]{0,200}", whole in any::<bool>()) {
        let (_dir, out) = package();
        if whole {
            sign_again(&out, &station(), |manifest| {
                line_of(manifest, ONE)["path"] = text.clone().into();
                manifest["profile"] = text.into();
            });
        } else {
            std::fs::write(out.join("manifest.json"), text).unwrap();
        }
        prop_assert!(!found(&out).is_empty());
    }
}
