//! The manual says what the program says, and the program has words for all of it.
//!
//! A code without a text is a riddle at the booth, a text without a code a promise that
//! nobody keeps, and a table that is copied by hand goes stale. So the codes are read out of the
//! sources, and the manual's table out of [`station::notices`].

#[path = "manual/source.rs"]
mod source;

use booth::FlagReason;
use source::{Find, Grammar, Token, body, finds, tokens};
use station::StationHome;
use station::desk::FilePlace;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Types whose `code` is a word for a state or a part of something. Nothing happened and nothing
/// is to be done, so there is no notice.
const WORDS: &[(&str, &str)] = &[
    ("DocumentKind", "which kind of document"),
    ("Assurance", "how much a way of reading proves"),
    ("Nature", "what a device is made of"),
    ("Control", "what can be set on a camera"),
    ("Standing", "whether an entry has a portrait"),
    ("Basis", "what a verification rests on"),
    ("NameMatch", "how far two names agree"),
    ("StageName", "where the booth is"),
    ("JobKind", "what a job is for"),
    ("Attendance", "whether somebody is there"),
    ("Outcome", "its one word of its own is `filed`"),
    (
        "FlagReason",
        "what people write; the manual lists them apart",
    ),
    ("RecordStatus", "where a record stands"),
    (
        "MissingReason",
        "a column of the package; `Hold` has the notices",
    ),
    ("FileKind", "what a file of a package is"),
    ("Column", "a column of the roster"),
    ("Field", "a field of the card"),
    ("Severity", "how much a finding weighs"),
];

/// Single codes without a notice.
const SILENT: &[(&str, &str)] = &[("reader-ready", "all is well")];

const BEGIN: &str = "<!-- CODES -->\n";
const END: &str = "<!-- /CODES -->";
const WRITE: &str = "LIKENESS_WRITE_MANUAL";

/// Every code that a crate can give is explained, in both directions.
#[test]
fn every_code_has_a_notice_and_every_notice_a_code() {
    let given = codes_of_the_crates();
    let mut complaints = String::new();
    for (code, places) in &given {
        if station::notice(code).is_none() {
            let places = places.iter().cloned().collect::<Vec<_>>().join(", ");
            let _ = writeln!(complaints, "  {code} ({places}) has no notice");
        }
    }
    for notice in station::notices() {
        if !given.contains_key(notice.code) {
            let _ = writeln!(complaints, "  {} is given by nothing", notice.code);
        }
    }
    assert!(
        complaints.is_empty(),
        "src-tauri/crates/station/src/notice/table.rs:\n{complaints}"
    );
    assert!(given.len() > 150, "only {} codes found", given.len());
}

/// An exception for something that is gone would hide the next thing of that name.
#[test]
fn every_exception_is_still_needed() {
    let found = all_finds();
    for (owner, reason) in WORDS {
        let is_there = found.iter().any(|find| find.owner == *owner);
        assert!(is_there, "{owner} ({reason}) gives no code any more");
    }
    for (code, reason) in SILENT {
        let is_there = found.iter().any(|find| find.code == *code);
        assert!(is_there, "{code} ({reason}) is given by nothing any more");
    }
}

/// The table of the manual is the one of the program. With `LIKENESS_WRITE_MANUAL=1` it is written.
#[test]
fn the_manual_prints_the_table_of_the_program() {
    let path = root().join("MANUAL.md");
    let manual = fs::read_to_string(&path).expect("the manual can be read");
    let (before, rest) = manual.split_once(BEGIN).expect("the manual has CODES");
    let (found, after) = rest.split_once(END).expect("the manual has /CODES");
    let table = table();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}"))
            .expect("the manual can be written");
        return;
    }
    let stale = found
        .lines()
        .zip(table.lines())
        .find(|(found, table)| found != table)
        .map_or("the length differs", |(_, table)| table);
    assert!(
        found == table,
        "the table in MANUAL.md is stale, first here:\n{stale}\nRun: \
         {WRITE}=1 cargo test -p likeness-tests --test manual"
    );
}

/// The synopsis names every command with every option, and nothing else.
#[test]
fn the_synopsis_is_what_the_program_takes() {
    let source = read(&root().join("src-tauri/crates/ctl/src/cli.rs"));
    let known = Grammar::of(&tokens(&source)).commands("Command", "");
    let manual = read(&root().join("MANUAL.md"));
    let told = synopsis(&manual);
    assert!(known.len() > 10, "only {} commands found", known.len());
    assert_eq!(told, known, "left: MANUAL.md, right: ctl/src/cli.rs");
}

/// `record flag --reason CODE` takes what the manual lists.
#[test]
fn the_manual_lists_every_reason_of_a_flag() {
    let manual = read(&root().join("MANUAL.md"));
    let list = manual
        .split("\nReasons: ")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next())
        .expect("the manual lists the reasons");
    let told: BTreeSet<&str> = list.split('`').skip(1).step_by(2).collect();
    let known: BTreeSet<&str> = FlagReason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(told, known, "left: MANUAL.md, right: booth::FlagReason");
}

/// The manual's simulated document and camera hold every key, and open as they are printed.
#[test]
fn the_simulated_devices_of_the_manual_open() {
    let manual = read(&root().join("MANUAL.md"));
    let simulator = root().join("src-tauri/crates/simulator/src");
    let folder = tempfile::tempdir().expect("a folder for the files");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file can be written");
        path
    };

    let text = sample(&manual, "# document.toml");
    let structs = ["DocumentFile", "ScriptFile"];
    let mut known = fields(&read(&simulator.join("document.rs")), &structs);
    // The table's own name is written in brackets.
    known.remove("script");
    assert_eq!(keys(text), known, "left: MANUAL.md, right: document.rs");
    let other = text.split("[script]").next().expect("the fields");
    write("other.toml", other.as_bytes());
    let document = write("document.toml", text.as_bytes());
    let opened = simulator::document::open(&document, Box::new(|_event| {}));
    assert!(opened.is_ok(), "{:?}", opened.err());

    let text = sample(&manual, "# camera.toml");
    let known = fields(&read(&simulator.join("still.rs")), &["ScheduleFile"]);
    assert_eq!(keys(text), known, "left: MANUAL.md, right: still.rs");
    let face = fs::read(root().join("tests/fixtures/astronaut.png")).expect("the test picture");
    write("face.jpg", &face);
    let camera = write("camera.toml", text.as_bytes());
    let opened = simulator::still::open(&camera, Box::new(|_event| {}));
    assert!(opened.is_ok(), "{:?}", opened.err());
}

/// The sample roster imports without a fault, and is of nobody: born in the 1880s.
#[test]
fn the_sample_roster_imports_and_is_of_nobody() {
    let file = root().join("assets/roster/sample.csv");
    let folder = tempfile::tempdir().expect("a folder for the job");
    let home = StationHome::at(folder.path().join("station"));
    let job = folder.path().join("job");
    home.create_job(&job, "national", true).expect("a job");
    let mut desk = home.open_job(&job).expect("the job opens");
    let import = desk
        .import_roster(&file, false, false)
        .expect("the sample can be read");
    let codes = |places: &[FilePlace]| places.iter().map(|place| place.code).collect::<Vec<_>>();
    assert!(import.imported, "{:?}", codes(&import.faults));
    // The one person who is enrolled twice, named at both rows.
    assert_eq!(codes(&import.notes), ["number-shared"; 2]);
    assert_eq!(import.added, 30);

    let text = read(&file);
    let numbers = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(3));
    let births: Vec<&str> = numbers.filter_map(|number| number.get(6..9)).collect();
    assert_eq!(births, ["188"; 30]);
}

/// The test above is only as good as what it can see.
mod the_reading_itself {
    use super::*;

    fn seen(source: &str) -> Vec<(String, String)> {
        let found = finds(&tokens(source), true);
        found.into_iter().map(|f| (f.owner, f.code)).collect()
    }

    fn pair(owner: &str, code: &str) -> (String, String) {
        (owner.to_owned(), code.to_owned())
    }

    #[test]
    fn sees_codes_in_every_form_that_the_crates_use() {
        for (source, expected) in [
            (
                "impl fmt::Debug for X {} impl<'a> Fault<'a> { pub const fn code(&self) -> &'static str \
                 { match self { Self::A => \"a-a\", Self::B(b) => b.code() } } }",
                pair("Fault", "a-a"),
            ),
            (
                "coded! { /// Doc \"no\"\n Kind { /// \"no\"\n A = \"b-b\", } }",
                pair("Kind", "b-b"),
            ),
            (
                "Err(StationError::Refused(if x { \"c-c\" } else { y.code() }))",
                pair("", "c-c"),
            ),
            (
                "Fault { code: \"d-d\", detail: \"no\".into() }",
                pair("", "d-d"),
            ),
            (
                "let code = match x { A => \"e-e\", }; f(\"no\");",
                pair("", "e-e"),
            ),
            ("self.fault(\"f-f\", \"no\", \"no\");", pair("", "f-f")),
            (
                "checker.require(g(1, 2), \"g-g\", \"no\", id);",
                pair("", "g-g"),
            ),
            ("f(place(&found.photo.path, \"h-h\"))", pair("", "h-h")),
        ] {
            assert_eq!(seen(source), [expected], "{source}");
        }
    }

    #[test]
    fn sees_nothing_in_tests_comments_and_other_words() {
        for source in [
            "#[cfg(test)] mod tests { fn f() { x(Refused(\"a\")); } }",
            "// Refused(\"a\")\n/* Refused(\"b\") */",
            "/// fn code() { \"a\" }\nstruct A;",
            "fn kind(&self) -> &'static str { \"a\" }",
            "let text = \"Refused(\\\"a\\\")\"; let c = '\"'; let raw = r#\"code: \"a\"\"#;",
            "struct A { code: &'static str, b: u8 }",
        ] {
            assert!(seen(source).is_empty(), "{source}: {:?}", seen(source));
        }
    }

    #[test]
    fn sees_commands_with_their_options() {
        let source = "enum Command { /// Doc.\n #[command(subcommand)] Job(JobCommand), Sit(SitArgs), Codes, \
                      Verify { path: PathBuf, #[arg(long)] station_key: Option<PathBuf>, } } \
                      enum JobCommand { Create { job: PathBuf, #[arg(long, default_value = \"x\")] \
                      profile: String, } } struct SitArgs { #[arg(long)] auto: bool, job: PathBuf }";
        let known = Grammar::of(&tokens(source)).commands("Command", "");
        let text = "```\nlikeness-ctl job create JOB [--profile NAME]\nlikeness-ctl sit JOB\n     [--auto]\n\
                    likeness-ctl verify PATH [--station-key FILE]\nlikeness-ctl codes\n```\n";
        assert_eq!(known.len(), 4);
        assert_eq!(synopsis(text), known);
        assert_ne!(synopsis(&text.replace("--auto", "--manual")), known);
    }
}

/// The table as Markdown: one for each kind of code, in the order of the program.
fn table() -> String {
    let mut text = String::new();
    for (kind, title) in KINDS {
        let _ = writeln!(
            text,
            "\n### {title}\n\n| code | 中文 | English |\n|---|---|---|"
        );
        for notice in station::notices()
            .iter()
            .filter(|notice| notice.kind == *kind)
        {
            let (zh, en) = (notice.text(true), notice.text(false));
            assert!(
                !format!("{zh}{en}").contains('|'),
                "{} has a |",
                notice.code
            );
            let _ = writeln!(text, "| `{}` | {zh} | {en} |", notice.code);
        }
    }
    text.push('\n');
    text
}

use station::NoticeKind as Kind;
const KINDS: &[(Kind, &str)] = &[
    (Kind::Refusal, "Refused (exit 1)"),
    (Kind::Void, "Given up in mid-sitting (exit 1)"),
    (
        Kind::Finding,
        "Findings on a portrait (exit 1 where one blocks)",
    ),
    (
        Kind::Wrong,
        "Found wrong by an import or by `verify` (exit 1)",
    ),
    (Kind::Note, "Worth a look (no exit status of their own)"),
    (Kind::Fault, "Faults of devices, disks and files (exit 3)"),
];

// --- codes in the sources -----------------------------------------------------------------

/// Code by the places that give it, without what needs no notice.
fn codes_of_the_crates() -> BTreeMap<String, BTreeSet<String>> {
    let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for find in all_finds() {
        let is_word = WORDS.iter().any(|(owner, _)| *owner == find.owner);
        let is_silent = SILENT.iter().any(|(code, _)| *code == find.code);
        if !is_word && !is_silent {
            codes.entry(find.code).or_default().insert(find.file);
        }
    }
    codes
}

fn all_finds() -> Vec<Find> {
    let crates = root().join("src-tauri/crates");
    let mut files = Vec::new();
    for krate in fs::read_dir(&crates).expect("the crates can be listed") {
        let source = krate.expect("a crate can be read").path().join("src");
        if source.is_dir() && !source.ends_with("xtask/src") {
            collect(&source, &mut files);
        }
    }
    files.sort();
    let mut found = Vec::new();
    for path in files {
        let name = path
            .strip_prefix(&crates)
            .unwrap_or(&path)
            .to_string_lossy();
        let name = name.replace('\\', "/");
        // The table itself, and tests in files of their own.
        if name.starts_with("station/src/notice") || name.ends_with("/tests.rs") {
            continue;
        }
        // `fault` and `require` name rules in the verifier only.
        let is_verifier = name.starts_with("store/src/verify");
        let finds = finds(&tokens(&read(&path)), is_verifier).into_iter();
        found.extend(finds.map(|find| Find {
            file: name.clone(),
            ..find
        }));
    }
    found
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The commands of the manual's first block with their options.
fn synopsis(manual: &str) -> BTreeMap<String, BTreeSet<String>> {
    let block = manual
        .split("```")
        .nth(1)
        .expect("the manual has a synopsis");
    let mut commands = BTreeMap::new();
    for line in block.split("likeness-ctl ").skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_name = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase());
        let path: Vec<&str> = words.iter().take_while(is_name).copied().collect();
        let options = words
            .iter()
            .map(|word| word.trim_matches(['[', ']']).to_owned())
            .filter(|word| word.starts_with("--"));
        commands.insert(path.join(" "), options.collect());
    }
    commands
}

// --- the samples ------------------------------------------------------------------------------

/// The block of the manual that begins with this line.
fn sample<'a>(manual: &'a str, first: &str) -> &'a str {
    let found = manual.split("```").find(|block| block.contains(first));
    let block = found.unwrap_or_else(|| panic!("the manual has no block with {first}"));
    block.strip_prefix("toml").expect("the block is TOML")
}

/// The keys of a TOML text.
fn keys(text: &str) -> BTreeSet<String> {
    let keys = text.lines().filter_map(|line| line.split_once(" = "));
    keys.map(|(key, _)| key.to_owned()).collect()
}

/// The fields of these structs.
fn fields(source: &str, structs: &[&str]) -> BTreeSet<String> {
    let tokens = tokens(source);
    let mut fields = BTreeSet::new();
    for name in structs {
        let at = tokens.windows(2).position(|pair| {
            pair == [
                Token::Word("struct".to_owned()),
                Token::Word((*name).to_owned()),
            ]
        });
        let at = at.unwrap_or_else(|| panic!("there is no struct {name}"));
        let body = body(&tokens[at..]);
        fields.extend(body.windows(2).filter_map(|pair| match pair {
            [Token::Word(field), Token::Sign(':')] => Some(field.clone()),
            _ => None,
        }));
    }
    fields
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
