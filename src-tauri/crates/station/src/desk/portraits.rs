//! Portraits of a whole folder, outside any job: made or checked one after the other, with
//! a contact sheet of those that failed and why.

use super::{
    FindingLine, NormalisedLine, PortraitVerdict, check_one, make_one, read_file, verdict_on,
    write_new,
};
use crate::error::StationError;
use crate::notice::notice;
use crate::studio::{Made, Studio, StudioError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use booth::JobKind;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Height of a picture on the contact sheet, pixels.
const THUMBNAIL_PX: u32 = 200;
/// The contact sheet of a folder that is made.
const SHEET: &str = "contact-sheet.html";
/// So many files that were left alone are named.
const NAMED_MAX: usize = 20;

/// What to do with the pictures of a folder.
#[derive(Clone, Copy, Debug)]
pub enum Batch<'a> {
    /// A portrait of each, into this folder, which must be empty or not there.
    Make {
        /// The folder.
        out: &'a Path,
    },
    /// The same, and beside each portrait a second file with its background brought to the
    /// colour of the profile, which must allow it.
    MakeNormalised {
        /// The folder.
        out: &'a Path,
        /// Where the contact sheet goes, which also shows both files of each side by side; must
        /// not exist. Left out, it lies in the folder.
        sheet: Option<&'a Path>,
    },
    /// Each is a finished portrait, to be judged.
    Check {
        /// Where the contact sheet goes, if one is wanted; must not exist.
        sheet: Option<&'a Path>,
    },
}

/// What became of one picture.
#[derive(Debug, Serialize)]
pub struct PortraitLine {
    /// Its name within the folder.
    pub file: String,
    /// It is a portrait, and no finding blocks.
    pub ok: bool,
    /// Why not: the first finding that blocks, or what was wrong with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was measured and found, where it came so far.
    #[serde(flatten)]
    pub verdict: Option<PortraitVerdict>,
}

impl PortraitLine {
    fn of_severity(&self, severity: &str) -> Vec<&FindingLine> {
        let findings = self.verdict.iter().flat_map(|verdict| &verdict.findings);
        findings
            .filter(|finding| finding.severity == severity)
            .collect()
    }
}

/// The whole folder.
#[derive(Debug, Default, Serialize)]
pub struct PortraitsDone {
    /// Pictures that were looked at.
    pub pictures: usize,
    /// Those that are portraits by the standard.
    pub passed: usize,
    /// Those of them that have something to be looked at: a finding that warns.
    pub passed_with_warnings: usize,
    /// Such findings, by their code.
    pub warned: BTreeMap<String, usize>,
    /// The others, by their code.
    pub failed: BTreeMap<String, usize>,
    /// Files that are no pictures by their names, and were left alone.
    pub others: usize,
    /// The first of their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others_named: Vec<String>,
    /// It was cancelled before its end; what was done stays.
    pub cancelled: bool,
    /// Pictures that were not looked at because it was cancelled.
    pub left: usize,
    /// The contact sheet of those that failed, where one was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<PathBuf>,
}

/// Makes or checks every JPEG and PNG of a folder, in the order of their names, subfolders
/// left out. `tell` hears of each: what became of it, how many are done, of how many; it
/// says whether to go on.
///
/// # Errors
/// A refusal when a target exists or there is no picture, a fault when the folder cannot be read, the profile is not
/// known or something cannot be written. A picture that fails is a line and no error.
pub fn portraits(
    dir: &Path,
    batch: Batch<'_>,
    profile: &str,
    tell: &mut dyn FnMut(&PortraitLine, usize, usize) -> ControlFlow<()>,
) -> Result<PortraitsDone, StationError> {
    let studio = Studio::new(super::profile_of(profile)?, JobKind::Production)?;
    if matches!(batch, Batch::MakeNormalised { .. }) {
        allowed(&studio)?;
    }
    let (pictures, mut others) = list(dir)?;
    if pictures.is_empty() {
        return Err(StationError::Refused("folder-without-pictures"));
    }
    let sheet_file = match batch {
        Batch::Make { out } => {
            make_empty(out)?;
            Some(out.join(SHEET))
        }
        Batch::MakeNormalised { out, sheet } => {
            make_empty(out)?;
            Some(sheet.map_or_else(|| out.join(SHEET), Path::to_owned))
        }
        Batch::Check { sheet } => sheet.map(Path::to_owned),
    };
    if let Some(file) = sheet_file.as_ref().filter(|file| file.exists()) {
        return Err(target_exists(file));
    }
    let mut done = PortraitsDone {
        others: others.len(),
        ..PortraitsDone::default()
    };
    others.truncate(NAMED_MAX);
    done.others_named = others;
    let shared = shared_targets(&pictures, batch);
    let mut sheet = Sheet::new(sheet_file, profile);
    for (at, name) in pictures.iter().enumerate() {
        let is_shared = targets(name, batch).iter().any(|it| shared.contains(it));
        let line = if is_shared {
            failed(name, StationError::Refused("names-collide").code())
        } else {
            match one(&studio, dir, name, batch) {
                Ok(line) => line,
                Err(fault) => {
                    // What was done stays, and so does the page that tells of it.
                    drop(sheet.finish(&done));
                    return Err(fault);
                }
            }
        };
        done.pictures += 1;
        if line.ok {
            done.passed += 1;
            let warnings = line.of_severity("warns");
            done.passed_with_warnings += usize::from(!warnings.is_empty());
            for finding in &warnings {
                *done.warned.entry(finding.code.to_owned()).or_default() += 1;
            }
            if !warnings.is_empty() {
                sheet.add(dir, &line)?;
            }
            sheet.add_pair(batch, &line)?;
        } else {
            let code = line.code.clone().unwrap_or_default();
            *done.failed.entry(code).or_default() += 1;
            sheet.add(dir, &line)?;
        }
        if tell(&line, at + 1, pictures.len()).is_break() {
            done.left = pictures.len() - (at + 1);
            done.cancelled = done.left > 0;
            break;
        }
    }
    done.sheet = sheet.finish(&done)?;
    Ok(done)
}

fn one(
    studio: &Studio,
    dir: &Path,
    name: &str,
    batch: Batch<'_>,
) -> Result<PortraitLine, StationError> {
    let file = dir.join(name);
    let made = match batch {
        Batch::Make { out } => make_one(studio, &file, &out.join(target(name))),
        Batch::MakeNormalised { out, .. } => both_of(studio, &file, &out.join(target(name))),
        Batch::Check { .. } => check_one(studio, &file, None),
    };
    match made {
        Ok(verdict) => {
            let blocking = verdict.findings.iter().find(|it| it.severity == "blocks");
            let code = blocking.map(|finding| finding.code);
            Ok(PortraitLine {
                file: name.to_owned(),
                ok: verdict.ok,
                code: code.map(str::to_owned),
                verdict: Some(verdict),
            })
        }
        // What cannot be written concerns all of them, and so do models that fail.
        Err(error) if matches!(error.code(), "file-unwritable" | "vision-model") => Err(error),
        Err(error) => Ok(failed(name, error.code())),
    }
}

fn failed(name: &str, code: &str) -> PortraitLine {
    PortraitLine {
        file: name.to_owned(),
        ok: false,
        code: Some(code.to_owned()),
        verdict: None,
    }
}

/// The portrait's name: the picture's, with another ending and nothing else taken away.
fn target(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.jpg")
}

/// The name of the derivative beside a portrait's.
fn derivative(target: &Path) -> PathBuf {
    target.with_extension("normalised.jpg")
}

/// Every name that a picture would be written to.
fn targets(name: &str, batch: Batch<'_>) -> Vec<String> {
    let portrait = target(name);
    match batch {
        Batch::Check { .. } => Vec::new(),
        Batch::Make { .. } => vec![portrait],
        Batch::MakeNormalised { .. } => {
            let beside = derivative(Path::new(&portrait));
            vec![beside.to_string_lossy().into_owned(), portrait]
        }
    }
}

/// Names that two or more pictures would be written to, where upper and lower case may be one:
/// none of those is made, for whose it is could not be told from the name.
fn shared_targets(pictures: &[String], batch: Batch<'_>) -> BTreeSet<String> {
    let mut seen = BTreeMap::<String, Vec<String>>::new();
    for target in pictures.iter().flat_map(|name| targets(name, batch)) {
        seen.entry(target.to_lowercase()).or_default().push(target);
    }
    let shared = seen.into_values().filter(|targets| targets.len() > 1);
    shared.flatten().collect()
}

/// Makes a portrait from a picture file and beside it `NAME.normalised.jpg`, the same with its
/// background brought to the colour of the profile. The portrait is the one of record; that the
/// derivative cannot be made is told with it, and no error. `sheet` is a page that shows both side by
/// side; it must not exist.
///
/// # Errors
/// A refusal when the profile does not allow it, a target exists, or no portrait comes out; a fault
/// when a file cannot be read or written.
pub fn make_normalised(
    input: &Path,
    out: &Path,
    profile: &str,
    sheet: Option<&Path>,
) -> Result<PortraitVerdict, StationError> {
    let studio = Studio::new(super::profile_of(profile)?, JobKind::Production)?;
    allowed(&studio)?;
    let second = derivative(out);
    let there = [Some(second.as_path()), sheet].into_iter().flatten();
    for file in there {
        if file.exists() {
            return Err(target_exists(file));
        }
    }
    let verdict = both_of(&studio, input, out)?;
    if let Some(file) = sheet {
        let mut page = Sheet::new(Some(file.to_owned()), profile);
        page.add_both(
            &out.file_name().unwrap_or_default().to_string_lossy(),
            out,
            &verdict,
        )?;
        let done = PortraitsDone {
            pictures: 1,
            passed: 1,
            ..PortraitsDone::default()
        };
        page.finish(&done)?;
    }
    Ok(verdict)
}

fn allowed(studio: &Studio) -> Result<(), StationError> {
    let is_allowed = studio.profile().background.normalise;
    is_allowed
        .then_some(())
        .ok_or(StationError::Refused("normalising-not-allowed"))
}

/// The portrait, and its derivative beside it.
fn both_of(studio: &Studio, input: &Path, out: &Path) -> Result<PortraitVerdict, StationError> {
    let made = studio.make_from_file(&read_file(input)?)?;
    write_new(out, &made.jpeg)?;
    Ok(PortraitVerdict {
        normalised: Some(second_of(studio, &made, &derivative(out))?),
        ..verdict_on(&made)
    })
}

fn second_of(studio: &Studio, made: &Made, file: &Path) -> Result<NormalisedLine, StationError> {
    let line = |code: Option<&'static str>| NormalisedLine {
        ok: code.is_none(),
        code,
        file: None,
        bytes: None,
        sha256: None,
        quality: None,
        findings: Vec::new(),
    };
    match studio.normalise(made) {
        Ok(second) => {
            write_new(file, &second.jpeg)?;
            Ok(NormalisedLine {
                file: Some(file.to_owned()),
                bytes: Some(second.jpeg.len()),
                sha256: Some(booth::sha256(&second.jpeg).to_string()),
                quality: Some(second.quality),
                findings: second.findings.iter().map(FindingLine::from).collect(),
                ..line(None)
            })
        }
        Err(fault @ StudioError::Vision(_)) => Err(fault.into()),
        Err(why) => Ok(line(Some(why.code()))),
    }
}

/// The pictures of a folder by their names, and the other files that lie there.
fn list(dir: &Path) -> Result<(Vec<String>, Vec<String>), StationError> {
    let fault = |error: std::io::Error| StationError::Fault {
        code: "file-unreadable",
        detail: format!("{}: {error}", dir.display()),
    };
    let (mut pictures, mut others) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(dir).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        if !entry.path().is_file() {
            continue;
        }
        let ending = entry
            .path()
            .extension()
            .map(std::ffi::OsStr::to_ascii_lowercase);
        let is_picture =
            ending.is_some_and(|ending| ["jpg", "jpeg", "png"].iter().any(|it| ending == *it));
        match entry.file_name().into_string() {
            Ok(name) if is_picture && !name.starts_with('.') => pictures.push(name),
            Ok(name) => others.push(name),
            Err(name) => others.push(name.to_string_lossy().into_owned()),
        }
    }
    pictures.sort();
    others.sort();
    Ok((pictures, others))
}

/// A folder that is made, or is there and empty: nothing is overwritten.
fn make_empty(dir: &Path) -> Result<(), StationError> {
    let fault = |error: std::io::Error| unwritable(dir, &error);
    std::fs::create_dir_all(dir).map_err(fault)?;
    match std::fs::read_dir(dir).map_err(fault)?.next() {
        None => Ok(()),
        Some(_) => Err(target_exists(dir)),
    }
}

fn unwritable(file: &Path, error: &std::io::Error) -> StationError {
    StationError::Fault {
        code: "file-unwritable",
        detail: format!("{}: {error}", file.display()),
    }
}

fn target_exists(file: &Path) -> StationError {
    StationError::RefusedWith {
        code: "target-exists",
        detail: file.display().to_string(),
    }
}

/// A page of what failed and of what is to be looked at, in one file: pictures and all; and of portraits beside
/// their derivatives.
/// It is written as the work goes on, for the pictures of a whole school are more than the memory has
/// to hold; so what stands at its top, the counts, comes last in the file and is put there by the style.
struct Sheet {
    /// Where it goes, if one is wanted.
    file: Option<PathBuf>,
    /// Since there is something on it.
    page: Option<BufWriter<File>>,
    profile: String,
    has_pairs: bool,
    has_warned: bool,
}

impl Sheet {
    fn new(file: Option<PathBuf>, profile: &str) -> Self {
        Self {
            file,
            page: None,
            profile: profile.to_owned(),
            has_pairs: false,
            has_warned: false,
        }
    }

    /// Writes on; the first time it begins the file, which must not exist.
    fn write(&mut self, text: &str) -> Result<(), StationError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let fault = |error: std::io::Error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                target_exists(file)
            } else {
                unwritable(file, &error)
            }
        };
        if self.page.is_none() {
            let mut page = BufWriter::new(File::create_new(file).map_err(fault)?);
            let head = format!(
                "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>{}</title>\n\
                 <style>{STYLE}</style>\n<main>\n",
                escaped(&self.profile)
            );
            page.write_all(head.as_bytes()).map_err(fault)?;
            self.page = Some(page);
        }
        match &mut self.page {
            Some(page) => page.write_all(text.as_bytes()).map_err(fault),
            None => Ok(()),
        }
    }

    /// A portrait of a folder with its derivative, where one was asked for.
    fn add_pair(&mut self, batch: Batch<'_>, line: &PortraitLine) -> Result<(), StationError> {
        if let (Batch::MakeNormalised { out, .. }, Some(verdict)) = (batch, &line.verdict) {
            let name = target(&line.file);
            self.add_both(&name, &out.join(&name), verdict)?;
        }
        Ok(())
    }

    /// Both files of one portrait, each with its digest, or why the second is missing.
    fn add_both(
        &mut self,
        name: &str,
        portrait: &Path,
        verdict: &PortraitVerdict,
    ) -> Result<(), StationError> {
        let Some(second) = &verdict.normalised else {
            return Ok(());
        };
        let digest = |digest: &Option<String>| {
            format!(
                "<p><code>{}</code></p>",
                digest.as_deref().unwrap_or_default()
            )
        };
        let missing = second
            .code
            .map_or_else(String::new, |code| reason(code, ""));
        self.has_pairs = true;
        self.write(&format!(
            "<figure class=\"pair\"><div>{}{}</div><figcaption><b>{}</b>{}{}{missing}</figcaption></figure>\n",
            shown(portrait),
            second.file.as_deref().map_or_else(String::new, shown),
            escaped(name),
            digest(&verdict.sha256),
            digest(&second.sha256),
        ))
    }

    fn add(&mut self, dir: &Path, line: &PortraitLine) -> Result<(), StationError> {
        if self.file.is_none() {
            return Ok(());
        }
        let picture = shown(&dir.join(&line.file));
        let name = escaped(&line.file);
        let mut reasons = String::new();
        let (class, findings) = if line.ok {
            self.has_warned = true;
            (" class=\"warned\"", line.of_severity("warns"))
        } else {
            ("", line.of_severity("blocks"))
        };
        let mut told: Vec<(&str, String)> = findings
            .into_iter()
            .map(|it| (it.code, measured(it.value, it.allowed)))
            .collect();
        if told.is_empty() {
            told.extend(line.code.as_deref().map(|code| (code, String::new())));
        }
        for (code, value) in told {
            reasons.push_str(&reason(code, &value));
        }
        self.write(&format!(
            "<figure{class}>{picture}<figcaption><b>{name}</b>{reasons}</figcaption></figure>\n"
        ))
    }

    /// Writes the counts and closes the page; where it lies, if there is one.
    fn finish(mut self, done: &PortraitsDone) -> Result<Option<PathBuf>, StationError> {
        if self.page.is_none() {
            return Ok(None);
        }
        self.write(&self.foot(done))?;
        if let (Some(mut page), Some(file)) = (self.page.take(), &self.file) {
            let written = page.flush().and_then(|()| page.get_ref().sync_all());
            written.map_err(|error| unwritable(file, &error))?;
        }
        Ok(self.file)
    }

    /// What stands above all pictures, and what parts those that failed from the pairs.
    fn foot(&self, done: &PortraitsDone) -> String {
        let mut counts = String::new();
        for (code, number) in &done.failed {
            let zh = notice(code).map_or(code.as_str(), |notice| notice.zh);
            let line = format!(
                "<li><b>{number}</b> {} <code>{code}</code></li>",
                escaped(zh)
            );
            counts.push_str(&line);
        }
        let failed = done.pictures - done.passed;
        let warned = if self.has_warned {
            "<h2 class=\"warned\">通过，但请看一眼 <small>Passed, with something to look at</small></h2>\n"
        } else {
            ""
        };
        let pairs = if self.has_pairs {
            "<h2 class=\"pairs\">照片与统一背景的副本 <small>Portraits, and copies with an even background</small></h2>\n"
        } else {
            ""
        };
        format!(
            "{warned}{pairs}</main>\n<header><h1>未通过 {failed} / {}，提醒 {with} <small>Failed {failed} of {}, {with} with warnings; {}</small></h1>\n\
             <ul>{counts}</ul></header></html>\n",
            done.pictures,
            done.pictures,
            escaped(&self.profile),
            with = done.passed_with_warnings,
        )
    }
}

/// A small picture for the page.
fn shown(file: &Path) -> String {
    thumbnail(file).map_or_else(
        || "<div class=\"none\">—</div>".to_owned(),
        |jpeg| {
            let data = STANDARD.encode(jpeg);
            format!("<img alt=\"\" src=\"data:image/jpeg;base64,{data}\">")
        },
    )
}

const STYLE: &str = "body{font:14px/1.4 sans-serif;margin:24px;color:#222;display:flex;flex-direction:column}\
    header{order:-1}h2{width:100%;margin:0}h2.warned{order:1}.warned{order:2}h2.pairs{order:3}.pair{order:4}small{color:#666;font-weight:normal}main{display:flex;flex-wrap:wrap;gap:16px}\
    figure{margin:0;width:220px;border:1px solid #ccc;border-radius:6px;padding:10px}\
    img,.none{height:200px;max-width:100%;display:block;margin:0 auto 8px;object-fit:contain}\
    .none{text-align:center;line-height:200px;background:#eee}\
    .pair{width:340px}.pair div{display:flex;gap:8px}.pair code{font-size:9px;overflow-wrap:anywhere}\
    figcaption b{overflow-wrap:anywhere}p{margin:6px 0}p small{display:block}\
    code{color:#666}ul{padding-left:18px}@media print{figure{break-inside:avoid}}";

fn reason(code: &str, value: &str) -> String {
    match notice(code) {
        Some(notice) => format!(
            "<p>{}{value}。{}<small>{} {}</small></p>",
            escaped(notice.zh),
            escaped(notice.zh_remedy),
            escaped(notice.en),
            escaped(notice.en_remedy)
        ),
        None => format!("<p><code>{}</code>{value}</p>", escaped(code)),
    }
}

fn measured(value: Option<f64>, allowed: Option<(f64, f64)>) -> String {
    match (value, allowed) {
        (Some(value), Some((least, most))) => format!("（{value:.0}，{least:.0}–{most:.0}）"),
        (Some(value), None) => format!("（{value:.0}）"),
        (None, _) => String::new(),
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A small JPEG of a picture; nothing where it cannot be read.
fn thumbnail(file: &Path) -> Option<Vec<u8>> {
    let picture = portrait::decode(&super::read_file(file).ok()?).ok()?;
    let (width, height) = (picture.width(), picture.height());
    let whole = image::RgbImage::from_raw(width, height, picture.data().to_vec())?;
    let width = (width * THUMBNAIL_PX / height.max(1)).clamp(1, 3 * THUMBNAIL_PX);
    let small = image::imageops::thumbnail(&whole, width, THUMBNAIL_PX);
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 75);
    small.write_with_encoder(encoder).ok()?;
    Some(jpeg)
}
