//! House rules as tests over the files of the checkout, each with its reason.
//!
//! What a lint of the compiler can say is said in `Cargo.toml` and `clippy.toml`
//! (functions up to 70 lines, no `unwrap`, no `unsafe`); here is the rest. A rule
//! that fails names every file and line.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Crates of the rules: invariant 1.
const RULE_CRATES: [&str; 2] = ["booth", "portrait"];

/// A project that names its maker's folders does not build at a stranger's.
#[test]
fn no_file_names_a_folder_of_its_makers() {
    let mut broken = Broken::default();
    for file in checkout() {
        for (at, line) in lossy(&file.path).lines().enumerate() {
            if let Some(folder) = private_folder(line) {
                broken.add(format!("{}:{} names {folder}", file.name, at + 1));
            }
        }
    }
    broken.assert_none();
}

/// Invariant 1: rules that do no I/O and read no clock can be tested in every
/// order of events. The clippy.toml of the two crates names functions; this names
/// the modules, so that nothing new slips through.
#[test]
fn the_rules_do_no_io_and_read_no_clock() {
    let mut broken = Broken::default();
    for file in rust_files() {
        if !RULE_CRATES
            .iter()
            .any(|name| file.is_under(&format!("src-tauri/crates/{name}/src")))
        {
            continue;
        }
        for found in impurities(&code_of(&lossy(&file.path))) {
            broken.add(format!("{} uses {found}", file.name));
        }
    }
    broken.assert_none();
}

/// Invariant 8: each outside thing is known by one crate, so that it can be
/// replaced there, and so that nobody reads a card or a record past its rules.
#[test]
fn each_outside_thing_is_known_by_one_crate() {
    /// The dependency, who may have it, and who may have it for tests only.
    const HOMES: &[(&str, &[&str], &[&str])] = &[
        ("pcsc", &["card"], &["simulator"]),
        // The simulator plays the module at the other end of the line.
        ("serialport", &["card", "simulator"], &[]),
        ("libloading", &["vendor"], &[]),
        ("rusqlite", &["store"], &[]),
        ("rusqlite_migration", &["store"], &[]),
        ("nokhwa", &["camera"], &[]),
        ("v4l", &["camera"], &[]),
        ("rten", &["vision"], &[]),
        ("rten-tensor", &["vision"], &[]),
    ];
    let mut broken = Broken::default();
    for (name, manifest) in crates() {
        for dependency in dependencies(&manifest) {
            for (thing, homes, for_tests) in
                HOMES.iter().filter(|(thing, ..)| *thing == dependency.name)
            {
                let allowed = homes.contains(&name.as_str())
                    || (dependency.is_for_tests && for_tests.contains(&name.as_str()));
                if !allowed {
                    broken.add(format!("crate {name} depends on {thing}"));
                }
            }
        }
    }
    broken.assert_none();
}

/// Lints that a crate forgot to inherit protect nobody.
///
/// One crate cannot inherit them: it calls a vendor's library, and a workspace that
/// forbids `unsafe` has no exceptions. It repeats them, and is held to that.
#[test]
fn every_crate_inherits_the_lints() {
    let mut broken = Broken::default();
    for file in checkout()
        .iter()
        .filter(|file| file.name.ends_with("/Cargo.toml"))
    {
        let manifest = lossy(&file.path);
        let holds = if file.name == "src-tauri/crates/vendor/Cargo.toml" {
            repeats_the_lints(&manifest)
        } else {
            section(&manifest, "[lints]").any(|line| line == "workspace = true")
        };
        if !holds {
            broken.add(format!(
                "{} does not have the lints of the workspace",
                file.name
            ));
        }
    }
    broken.assert_none();
}

/// Every lint of the workspace, but `unsafe` denied where it is forbidden there.
fn repeats_the_lints(manifest: &str) -> bool {
    let workspace = lossy(&root().join("Cargo.toml"));
    let tables = [
        ("[workspace.lints.rust]", "[lints.rust]"),
        ("[workspace.lints.clippy]", "[lints.clippy]"),
    ];
    tables.iter().all(|(theirs, ours)| {
        let ours: Vec<&str> = section(manifest, ours).collect();
        section(&workspace, theirs).all(|line| match line {
            "unsafe_code = \"forbid\"" => ours.contains(&"unsafe_code = \"deny\""),
            _ if line.is_empty() || line.starts_with('#') => true,
            _ => ours.contains(&line),
        })
    })
}

/// `unsafe` stands where a vendor's library is called, in a process of its own, and where
/// the tests play one.
#[test]
fn unsafe_code_stands_in_one_file_and_its_counterparts() {
    // In two halves, so that this file does not break its own rule.
    const WAIVER: &str = concat!("unsafe", "_code,");
    let waivers = rust_files().into_iter().filter(|file| {
        let code = code_of(&lossy(&file.path));
        let packed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        packed.contains(WAIVER)
    });
    let names: Vec<String> = waivers.map(|file| file.name).collect();
    assert_eq!(
        names,
        [
            "src-tauri/crates/vendor/examples/fake_decoder.rs",
            "src-tauri/crates/vendor/examples/fake_sdtapi.rs",
            "src-tauri/crates/vendor/src/foreign.rs",
        ]
    );
}

/// A test that is not run and work that is not done look like the real thing
/// from a distance. Neither is merged.
#[test]
fn nothing_is_left_for_later() {
    // In two halves, so that this file does not break its own rule.
    let words = [
        concat!("#[", "ignore"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
    ];
    let mut broken = Broken::default();
    let files = checkout();
    let sources = files.iter().filter(|file| {
        [".rs", ".ts", ".svelte", ".sql"]
            .iter()
            .any(|ending| file.name.ends_with(ending))
    });
    for file in sources {
        for (at, line) in lossy(&file.path).lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                broken.add(format!("{}:{} has {word}", file.name, at + 1));
            }
        }
    }
    broken.assert_none();
}

/// A map that leaves out a room, or shows one that is gone, misleads newcomers.
#[test]
fn the_map_shows_every_crate_and_no_other() {
    let map = lossy(&root().join("ARCHITECTURE.md"));
    let shown: BTreeSet<String> = map
        .split("`src-tauri/crates/")
        .skip(1)
        .filter_map(|rest| rest.split_once("/`").map(|(name, _)| name.to_owned()))
        .collect();
    let there: BTreeSet<String> = crates().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        shown, there,
        "left: the map of ARCHITECTURE.md, right: src-tauri/crates"
    );
}

/// A newcomer sees the whole house from the door: three rooms and the tests.
#[test]
fn the_top_level_stays_small() {
    const FOLDERS: [&str; 4] = ["assets", "src-tauri", "tests", "ui"];
    const FILES: [&str; 5] = [
        "Cargo.toml",
        "Cargo.lock",
        "NOTICE",
        "clippy.toml",
        "rustfmt.toml",
    ];
    let mut broken = Broken::default();
    let names: BTreeSet<String> = checkout().iter().map(|file| file.name.clone()).collect();
    for name in &names {
        let known = match name.split_once('/') {
            Some((folder, _)) => folder.starts_with('.') || FOLDERS.contains(&folder),
            None => {
                name.starts_with('.')
                    || name.starts_with("LICENSE-")
                    || name.ends_with(".md")
                    || FILES.contains(&name.as_str())
            }
        };
        if !known {
            broken.add(format!("{name} does not belong at the top level"));
        }
    }
    broken.assert_none();
}

/// Invariant 2: the proof that a document fits the roster is made in one place,
/// so that there is one place to check.
#[test]
fn the_proof_of_a_match_is_made_in_one_place() {
    let mut places = Vec::new();
    for file in rust_files() {
        let made = constructions(&code_of(&lossy(&file.path)), "Verified");
        places.extend((0..made).map(|_| file.name.clone()));
    }
    assert_eq!(places, ["src-tauri/crates/booth/src/verify.rs"]);
}

/// A model is a program that nobody can read; its origin and hash are what there
/// is to check.
#[test]
fn every_model_stands_in_the_table_with_its_hash() {
    let mut broken = Broken::default();
    let files = checkout();
    let models: Vec<&File> = files
        .iter()
        .filter(|file| file.name.ends_with(".onnx"))
        .collect();
    let table = lossy(&root().join("assets/models/README.md"));
    for model in &models {
        let name = model.name.trim_start_matches("assets/models/");
        let digest = booth::sha256(&bytes(&model.path)).to_string();
        if !table
            .lines()
            .any(|row| row.contains(&format!("`{name}`")) && row.contains(&digest))
        {
            broken.add(format!(
                "{} is not in assets/models/README.md with {digest}",
                model.name
            ));
        }
    }
    assert!(!models.is_empty(), "there are no models to check");
    broken.assert_none();
}

/// The faces of others are not ours: every picture says in the README beside it
/// where it comes from, by its hash, or it is not committed.
#[test]
fn every_picture_says_where_it_comes_from() {
    let mut broken = Broken::default();
    for file in checkout() {
        let lower = file.name.to_lowercase();
        let is_picture = [".png", ".jpg", ".jpeg", ".bmp", ".webp"]
            .iter()
            .any(|e| lower.ends_with(e));
        if !is_picture {
            continue;
        }
        let said = file
            .path
            .parent()
            .map(|folder| lossy_if_there(&folder.join("README.md")));
        let digest = booth::sha256(&bytes(&file.path)).to_string();
        if !said.unwrap_or_default().contains(&digest) {
            broken.add(format!(
                "{} has no origin in the README beside it",
                file.name
            ));
        }
    }
    broken.assert_none();
}

/// The rules above are only as good as what they can see.
mod the_rules_themselves {
    use super::*;

    #[test]
    fn see_a_private_folder_and_no_other() {
        let home = concat!("/ho", "me/");
        assert!(private_folder(&format!("path = \"{home}me/x\"")).is_some());
        assert!(private_folder(concat!("see ..", "/shared/x")).is_some());
        assert!(private_folder("https://example.org/home/page").is_none());
        assert!(private_folder("target/mutants/workspace").is_none());
    }

    #[test]
    fn see_io_and_clocks_however_they_are_written() {
        for bad in [
            "let x = std::fs::read(p);",
            "use std::{fmt, net};",
            "use std::{collections::{BTreeMap}, thread::spawn};",
            "let t = Instant::now();",
            "println!(\"x\")",
        ] {
            assert!(!impurities(bad).is_empty(), "{bad}");
        }
        assert!(impurities("use std::{fmt, io::Cursor};\nuse std::time::Duration;").is_empty());
        assert!(impurities(&code_of("/// never calls std::fs\n")).is_empty());
    }

    #[test]
    fn see_what_a_manifest_depends_on() {
        let manifest = "[dependencies]\na.workspace = true\n[target.'cfg(unix)'.dependencies]\nb = \"1\"\n\
                        [dev-dependencies]\nc = { path = \"c\" }\n[lints]\nworkspace = true\n\
                        [dependencies.d]\nversion = \"1\"\n";
        let found: Vec<(String, bool)> = dependencies(manifest)
            .into_iter()
            .map(|found| (found.name, found.is_for_tests))
            .collect();
        let expected = [("a", false), ("b", false), ("c", true), ("d", false)];
        assert_eq!(
            found,
            expected.map(|(name, is_for_tests)| (name.to_owned(), is_for_tests))
        );
    }

    #[test]
    fn see_a_construction_and_no_declaration() {
        let code = "pub struct Proof { a: u8 }\nimpl Proof {}\nimpl Debug for Proof {}\n\
                    fn f() -> Proof { make() }\nlet Proof { a } = proof;\n";
        assert_eq!(constructions(code, "Proof"), 0);
        assert_eq!(constructions("Ok(Proof { a })", "Proof"), 1);
        assert_eq!(constructions("Ok(booth::Proof { a })", "Proof"), 1);
        assert_eq!(constructions("Unproven::NotProof { a }", "Proof"), 0);
    }
}

/// A file of the checkout: its name from the root with `/`, and where it is.
struct File {
    name: String,
    path: PathBuf,
}

impl File {
    fn is_under(&self, folder: &str) -> bool {
        self.name
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    }
}

/// What was found against a rule.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn add(&mut self, what: String) {
        self.0.push(what);
    }

    fn assert_none(self) {
        let list = self.0.iter().fold(String::new(), |mut list, what| {
            let _ = writeln!(list, "  {what}");
            list
        });
        assert!(self.0.is_empty(), "house rule broken:\n{list}");
    }
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All files but those that git ignores. Read from .gitignore and not asked of
/// git, so that the tests also run in an unpacked archive.
fn checkout() -> Vec<File> {
    let ignored = lossy(&root().join(".gitignore"));
    let ignored: Vec<&str> = ignored.lines().chain(["/.git"]).collect();
    let mut files = Vec::new();
    collect(&root(), "", &ignored, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(
        files.len() > 50,
        "only {} files: is this the checkout?",
        files.len()
    );
    files
}

fn collect(folder: &Path, prefix: &str, ignored: &[&str], files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder of the checkout can be listed") {
        let entry = entry.expect("an entry of the checkout can be read");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let is_ignored = ignored
            .iter()
            .any(|pattern| match pattern.strip_prefix('*') {
                Some(ending) => name.ends_with(ending),
                None => pattern.strip_prefix('/') == Some(name.as_str()),
            });
        if is_ignored {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), ignored, files);
        } else {
            files.push(File {
                name,
                path: entry.path(),
            });
        }
    }
}

fn rust_files() -> Vec<File> {
    checkout()
        .into_iter()
        .filter(|file| file.name.ends_with(".rs"))
        .collect()
}

/// Name of each folder under `src-tauri/crates` with its manifest.
fn crates() -> Vec<(String, String)> {
    let manifests = checkout().into_iter().filter_map(|file| {
        let name = file
            .name
            .strip_prefix("src-tauri/crates/")?
            .strip_suffix("/Cargo.toml")?;
        (!name.contains('/')).then(|| (name.to_owned(), lossy(&file.path)))
    });
    manifests.collect()
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lossy(path: &Path) -> String {
    String::from_utf8_lossy(&bytes(path)).into_owned()
}

fn lossy_if_there(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The first folder of a maker's own machine that a line names. After a letter, a
/// digit or a dot the same characters are the middle of a longer path.
fn private_folder(line: &str) -> Option<&'static str> {
    // In two halves, so that this file does not break its own rule.
    const ROOTED: [&str; 4] = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
    ];
    const ANYWHERE: [&str; 2] = [concat!("..", "/shared"), concat!("C:\\", "Users")];
    let rooted = ROOTED.into_iter().find(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || ".-_*{}~".contains(c))
        })
    });
    rooted.or_else(|| ANYWHERE.into_iter().find(|folder| line.contains(folder)))
}

/// The code without whole-line comments.
fn code_of(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Modules, clocks and macros that the rules must not touch.
fn impurities(code: &str) -> Vec<String> {
    const MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];
    const ANYWHERE: [&str; 6] = [
        "Instant::now",
        "SystemTime::now",
        "println!",
        "eprintln!",
        "io::stdin",
        "io::stdout",
    ];
    let packed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let modules = packed.split("std::").skip(1).flat_map(modules_after);
    let mut found: Vec<String> = modules
        .filter(|module| MODULES.contains(module))
        .map(|module| format!("std::{module}"))
        .collect();
    found.extend(
        ANYWHERE
            .iter()
            .filter(|word| packed.contains(**word))
            .map(|&word| word.to_owned()),
    );
    found
}

/// What follows `std::`: one module, or the first name of each item of a group.
fn modules_after(rest: &str) -> Vec<&str> {
    let first = |item: &'_ str| {
        item.find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(item.len())
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![&rest[..first(rest)]];
    };
    let mut depth = 1;
    let mut start = 0;
    let mut modules = Vec::new();
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            let item = &group[start..at];
            modules.push(&item[..first(item)]);
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    modules
}

struct Dependency {
    name: String,
    is_for_tests: bool,
}

/// All dependencies of a manifest, whatever the system they are for.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table = "";
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']']);
            if let Some((kind, name)) = table.rsplit_once("dependencies.") {
                found.push(Dependency {
                    name: name.to_owned(),
                    is_for_tests: kind.ends_with("dev-"),
                });
            }
        } else if table.ends_with("dependencies")
            && !line.starts_with('#')
            && let Some((key, _)) = line.split_once('=')
        {
            let name = key.split('.').next().unwrap_or_default();
            found.push(Dependency {
                name: name.trim().trim_matches('"').to_owned(),
                is_for_tests: table.ends_with("dev-dependencies"),
            });
        }
    }
    found
}

/// The lines of one table of a manifest.
fn section<'a>(manifest: &'a str, table: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = manifest
        .lines()
        .map(str::trim)
        .skip_while(move |line| *line != table)
        .skip(1);
    lines.take_while(|line| !line.starts_with('['))
}

/// How often a struct is made in braces; declarations, return types and patterns
/// are not counted.
fn constructions(code: &str, name: &str) -> usize {
    let braced = format!("{name} {{");
    let is_made = |at: usize| {
        let before = &code[..at];
        // A path before the name belongs to it.
        let before = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let is_whole_name = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let before = before.trim_end();
        is_whole_name
            && !["struct", "impl", "for", "->", "let", "enum"]
                .iter()
                .any(|word| before.ends_with(word))
    };
    code.match_indices(&braced)
        .filter(|(at, _)| is_made(*at))
        .count()
}
