//! `cargo xtask demo`: five simulated students, one of them refused.
//!
//! Everything goes through `likeness-ctl`, as a stranger would use it, and
//! everything that comes out is compared with what should have: the demo fails
//! when a promise does. Each drawn subject wears a badge with their number, so the
//! last comparison is the one that matters: whose face is in whose file.

use crate::roster::{Entry, birthday, is_male, parse, stranger_to};
use crate::step::{cannot_run, cargo, timed, words_of};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Stands in the folder that this program made, so that it only ever deletes that.
const MARKER: &str = ".made-by-cargo-xtask-demo";
const REFUSAL: &str = "not-on-roster";
const SAMPLE: &str = "assets/roster/sample.csv";

/// One of the five who come.
struct Visitor {
    /// Number of the drawn subject, also on their badge.
    subject: usize,
    entry: Entry,
    is_expected: bool,
}

/// The programs, and where they work.
struct Stage<'a> {
    root: &'a Path,
    ctl: PathBuf,
    draw: PathBuf,
}

/// What a program answered.
struct Answer {
    name: String,
    code: Option<i32>,
    lines: Vec<String>,
}

/// Runs the whole job and compares the outcome.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    clear(root)?;
    let built = timed("build (release; some minutes the first time)", || {
        build(root, WITHOUT_WINDOW)
    })?;
    let stage = Stage {
        root,
        ctl: named(&built, "likeness-ctl")?,
        draw: named(&built, "draw_subject")?,
    };
    let visitors = timed("roster, documents and pictures", || prepare(&stage))?;
    timed("sittings", || {
        visitors.iter().try_for_each(|visitor| sit(&stage, visitor))
    })?;
    timed("records and faces", || export(&stage, &visitors))?;
    timed("delivery and proof", || deliver(&stage))?;
    fs::write(root.join("demo/index.html"), page(&visitors)).map_err(|error| error.to_string())?;
    let filed = visitors
        .iter()
        .filter(|visitor| visitor.is_expected)
        .count();
    println!(
        "\n{filed} filed, {} refused ({REFUSAL}); every face is under its own name; job and package verified.\n\
         Look at:\n  demo/index.html           who came, and the portrait that was filed\n  \
         demo/portraits/           the portraits, named by student number\n  \
         demo/package/             what a registrar gets: portraits, index, signed manifest\n  \
         demo/job/                 the job itself: one database\n\
         Go on with the same program: {}",
        visitors.len() - filed,
        stage.ctl.display()
    );
    Ok(())
}

/// Opens the station's window on the demo's people: nothing to configure.
pub(crate) fn open_booth(root: &Path) -> Result<(), String> {
    crate::window::build_pages(root, false)?;
    let goes_on = is_booth(root);
    if !goes_on {
        clear(root)?;
    }
    let built = timed("programs (some minutes the first time)", || {
        build(root, WITH_WINDOW)
    })?;
    let stage = Stage {
        root,
        ctl: named(&built, "likeness-ctl")?,
        draw: named(&built, "draw_subject")?,
    };
    if goes_on {
        println!("\nThe demo goes on where it was left; delete demo/ to begin anew.\n");
    } else {
        let visitors = timed("roster, documents and pictures", || {
            let visitors = prepare(&stage)?;
            stage.draw(&["--empty", EMPTY_CHAIR])?.must_end(0)?;
            Ok(visitors)
        })?;
        println!(
            "\n{} people may come; the third is not on the roster. In the window: open the demo job, click in the \
             striped line who comes, then Space, then Enter. Close the window to end.\n",
            visitors.len()
        );
    }
    let mut program = Command::new(named(&built, "likeness")?);
    program
        .current_dir(root)
        .args(["--demo", "demo"])
        .env("LIKENESS_STATION_DIR", root.join("demo/station"));
    crate::step::run_and_show(&mut program)
}

/// The chair when nobody sits in it; only the window's demo has it, and as its last file.
const EMPTY_CHAIR: &str = "demo/pictures/empty.png";

/// Whether a demo of the window was made here, so that what was filed in it is not lost
/// by giving the command again.
fn is_booth(root: &Path) -> bool {
    let parts = [EMPTY_CHAIR, "demo/job/job.db"];
    root.join("demo").join(MARKER).exists() && parts.iter().all(|part| root.join(part).exists())
}

/// Starts clean, but deletes nothing that it did not make.
fn clear(root: &Path) -> Result<(), String> {
    let demo = root.join("demo");
    if demo.exists() {
        if !demo.join(MARKER).exists() {
            return Err("demo/ was not made by this command; move it away, then try again".into());
        }
        fs::remove_dir_all(&demo).map_err(|error| format!("demo/ cannot be emptied: {error}"))?;
    }
    for folder in ["documents", "pictures", "portraits", "now"] {
        fs::create_dir_all(demo.join(folder)).map_err(|error| format!("demo/{folder}: {error}"))?;
    }
    fs::write(
        demo.join(MARKER),
        "Deleted and made anew by `cargo xtask demo`.\n",
    )
    .map_err(|error| format!("demo/{MARKER}: {error}"))
}

/// What the demo without a window needs: fast programs.
const WITHOUT_WINDOW: &[&str] = &["--release", "-p", "likeness-ctl", "-p", "simulator"];
/// What the window needs. The whole workspace is named so that what is built here serves
/// the tests as well.
const WITH_WINDOW: &[&str] = &["--workspace", "--bin", "likeness"];

/// Builds the programs at once, so that their dependencies are built once; returns where
/// they lie.
fn build(root: &Path, more: &[&str]) -> Result<Vec<PathBuf>, String> {
    let words = [
        &["build"],
        more,
        &[
            "--bin",
            "likeness-ctl",
            "--example",
            "draw_subject",
            "--message-format",
            "json-render-diagnostics",
        ],
    ]
    .concat();
    let mut command = cargo(root, &words);
    println!("    $ {}", words_of(&command));
    // Progress goes to the terminal, the list of what was built to us.
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_run("cargo build", &error))?;
    if !output.status.success() {
        return Err("the build failed, see above".into());
    }
    let list = String::from_utf8_lossy(&output.stdout);
    Ok(list
        .lines()
        .filter_map(|line| text_field(line, "executable"))
        .map(PathBuf::from)
        .collect())
}

fn named(built: &[PathBuf], name: &str) -> Result<PathBuf, String> {
    let found = built
        .iter()
        .find(|path| path.file_stem().is_some_and(|stem| stem == name));
    found
        .cloned()
        .ok_or_else(|| format!("cargo does not say where {name} is"))
}

/// A job with the sample roster; five people with documents and faces.
fn prepare(stage: &Stage<'_>) -> Result<Vec<Visitor>, String> {
    let text = fs::read_to_string(stage.root.join(SAMPLE))
        .map_err(|error| format!("{SAMPLE}: {error}"))?;
    let visitors = visitors(&parse(&text)?)?;
    stage
        .ctl(&["job", "create", "demo/job", "--training"])?
        .must_end(0)?;
    stage
        .ctl(&["roster", "import", "demo/job", SAMPLE])?
        .must_end(0)?;
    for visitor in &visitors {
        let document = stage.root.join(visitor.document());
        fs::write(&document, toml(&visitor.entry)?)
            .map_err(|error| format!("{}: {error}", visitor.document()))?;
        stage
            .draw(&[&visitor.subject.to_string(), &visitor.picture()])?
            .must_end(0)?;
    }
    Ok(visitors)
}

/// The first five of the roster, the third with a number that is not on it: a
/// refusal in the middle must not shift anybody.
fn visitors(entries: &[Entry]) -> Result<Vec<Visitor>, String> {
    let mut visitors: Vec<Visitor> = entries
        .iter()
        .take(5)
        .zip(1..)
        .map(|(entry, subject)| Visitor {
            subject,
            entry: entry.clone(),
            is_expected: true,
        })
        .collect();
    let stranger = visitors
        .get_mut(2)
        .ok_or("the sample roster is too short")?;
    stranger.is_expected = false;
    stranger.entry.number = stranger_to(entries, &stranger.entry)
        .ok_or("no number is free beside those of the sample roster")?;
    Ok(visitors)
}

/// One sitting, and whether it ended as it should.
fn sit(stage: &Stage<'_>, visitor: &Visitor) -> Result<(), String> {
    let reader = format!("simulated:{}", visitor.document());
    let camera = format!("still:{}", visitor.picture());
    let answer = stage.ctl(&[
        "sit", "demo/job", "--reader", &reader, "--camera", &camera, "--auto",
    ])?;
    let last = answer.last("end").or_else(|| answer.last("refused"));
    let code = last
        .and_then(|line| text_field(line, "code"))
        .unwrap_or("(none)");
    let outcome = last
        .and_then(|line| text_field(line, "outcome"))
        .unwrap_or("refused");
    let shown = if visitor.is_expected {
        &visitor.entry.name
    } else {
        "a stranger"
    };
    println!("    {shown}: {outcome} ({code})");
    if visitor.is_expected {
        answer.must_end(0)?;
        (outcome == "filed")
            .then_some(())
            .ok_or_else(|| format!("not filed but {outcome}: {code}"))
    } else {
        answer.must_end(1)?;
        (code == REFUSAL)
            .then_some(())
            .ok_or_else(|| format!("refused as {code}, not {REFUSAL}"))
    }
}

/// Takes every portrait out again and reads the badge on it.
fn export(stage: &Stage<'_>, visitors: &[Visitor]) -> Result<(), String> {
    let records = stage.ctl(&["record", "list", "demo/job"])?;
    records.must_end(0)?;
    let expected: Vec<&Visitor> = visitors
        .iter()
        .filter(|visitor| visitor.is_expected)
        .collect();
    if records.lines.len() != expected.len() {
        return Err(format!(
            "{} records, not {}",
            records.lines.len(),
            expected.len()
        ));
    }
    for visitor in expected {
        let (number, portrait) = (&visitor.entry.student_number, visitor.portrait());
        stage
            .ctl(&["record", "export", "demo/job", number, &portrait])?
            .must_end(0)?;
        let who = stage.draw(&["--who", &portrait])?;
        who.must_end(0)?;
        if who.lines != [visitor.subject.to_string()] {
            return Err(format!(
                "{portrait} shows subject {:?}, not {}",
                who.lines, visitor.subject
            ));
        }
    }
    Ok(())
}

/// The delivery package, then job and package proven by the verifier.
fn deliver(stage: &Stage<'_>) -> Result<(), String> {
    stage
        .ctl(&["deliver", "demo/job", "demo/package"])?
        .must_end(0)?;
    for place in ["demo/job", "demo/package"] {
        stage.ctl(&["verify", place])?.must_end(0)?;
    }
    Ok(())
}

impl Stage<'_> {
    /// `likeness-ctl --json ...` with a station of the demo's own.
    fn ctl(&self, words: &[&str]) -> Result<Answer, String> {
        let mut command = Command::new(&self.ctl);
        command
            .args(words)
            .arg("--json")
            .env("LIKENESS_STATION_DIR", self.root.join("demo/station"));
        self.answer(command)
    }

    fn draw(&self, words: &[&str]) -> Result<Answer, String> {
        let mut command = Command::new(&self.draw);
        command.args(words);
        self.answer(command)
    }

    fn answer(&self, mut command: Command) -> Result<Answer, String> {
        let name = words_of(&command);
        println!("    $ {name}");
        let output = command
            .current_dir(self.root)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| cannot_run(&name, &error))?;
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(Answer {
            name,
            code: output.status.code(),
            lines: said.lines().map(str::to_owned).collect(),
        })
    }
}

impl Answer {
    fn must_end(&self, code: i32) -> Result<(), String> {
        if self.code == Some(code) {
            return Ok(());
        }
        let ended = self
            .code
            .map_or("by a signal".to_owned(), |code| format!("with {code}"));
        Err(format!(
            "`{}` ended {ended}, not with {code}\n{}",
            self.name,
            self.lines.join("\n")
        ))
    }

    /// The last line that tells this event.
    fn last(&self, event: &str) -> Option<&str> {
        let lines = self.lines.iter().rev();
        lines
            .map(String::as_str)
            .find(|line| text_field(line, "event") == Some(event))
    }
}

impl Visitor {
    fn document(&self) -> String {
        format!("demo/documents/{}.toml", self.subject)
    }

    fn picture(&self) -> String {
        format!("demo/pictures/{}.png", self.subject)
    }

    fn portrait(&self) -> String {
        format!("demo/portraits/{}.jpg", self.entry.student_number)
    }
}

/// The simulated document of an entry. Place and authority are invented.
fn toml(entry: &Entry) -> Result<String, String> {
    let birth = birthday(&entry.number).ok_or("a number of the sample roster is too short")?;
    let sex = if is_male(&entry.number) {
        "male"
    } else {
        "female"
    };
    Ok(format!(
        "# Made by `cargo xtask demo`; the manual explains every field.\n\
         name = \"{}\"\nsex = \"{sex}\"\nnation = \"01\"\nbirth = \"{birth}\"\n\
         address = \"样例省样例市样例路1号\"\nnumber = \"{}\"\nissuer = \"样例市公安局\"\n\
         valid_from = \"2020-01-01\"\nvalid_to = \"2040-01-01\"\n",
        entry.name, entry.number
    ))
}

/// The string under `name` in a line of JSON. Our codes, numbers and paths hold
/// no escapes, so that this is enough and no library is needed.
fn text_field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = line.split_once(&format!("\"{name}\":\""))?;
    after.split_once('"').map(|(text, _)| text)
}

/// A page to look at: who came, and what was filed.
fn page(visitors: &[Visitor]) -> String {
    let rows: Vec<String> = visitors
        .iter()
        .map(|visitor| {
            let Entry {
                student_number,
                name,
                ..
            } = &visitor.entry;
            let outcome = if visitor.is_expected {
                format!("<img src='portraits/{student_number}.jpg' height='320' alt='portrait'>")
            } else {
                format!("refused: {REFUSAL}")
            };
            format!(
                "<tr><td>{student_number}<br>{name}<td><img src='pictures/{}.png' height='320' \
                 alt='camera'><td>{outcome}\n",
                visitor.subject
            )
        })
        .collect();
    format!(
        "<!doctype html><meta charset='utf-8'><title>Likeness 照准: demo</title>\n\
         <style>body{{font-family:sans-serif}}td,th{{padding:8px;text-align:left}}</style>\n\
         <h1>Likeness 照准: demo</h1>\n<p>Invented people, drawn. The portraits carry the mark of a \
         training job.</p>\n<table>\n<tr><th>Entry<th>Before the camera<th>On file\n{}</table>\n",
        rows.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        (1..=6)
            .map(|at| Entry {
                student_number: format!("2026{at}"),
                name: format!("某{at}"),
                number: format!("1101051949123100{at}X"),
            })
            .collect()
    }

    #[test]
    fn five_come_and_the_third_is_a_stranger() {
        let visitors = visitors(&entries()).unwrap();
        let expected: Vec<bool> = visitors.iter().map(|visitor| visitor.is_expected).collect();
        assert_eq!(expected, [true, true, false, true, true]);
        assert!(
            entries()
                .iter()
                .all(|entry| entry.number != visitors[2].entry.number)
        );
        assert!(super::visitors(&entries()[..2]).is_err());
    }

    #[test]
    fn fields_are_read_out_of_a_line_of_json() {
        let line = r#"{"code":"not-on-roster","event":"end","outcome":"refused","sitting":3}"#;
        assert_eq!(text_field(line, "code"), Some("not-on-roster"));
        assert_eq!(text_field(line, "sitting"), None);
        let answer = Answer {
            name: String::new(),
            code: Some(1),
            lines: vec![line.into()],
        };
        assert_eq!(answer.last("end"), Some(line));
        assert_eq!(answer.last("refused"), None);
        assert!(answer.must_end(1).is_ok() && answer.must_end(0).is_err());
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let root = std::env::temp_dir().join(format!("likeness-demo-{}", std::process::id()));
        fs::create_dir_all(root.join("demo/mine")).unwrap();
        assert!(clear(&root).unwrap_err().contains("move it away"));
        assert!(root.join("demo/mine").is_dir());
        fs::write(root.join("demo").join(MARKER), "").unwrap();
        clear(&root).unwrap();
        assert!(!root.join("demo/mine").exists() && root.join("demo/portraits").is_dir());
        assert!(!is_booth(&root), "nothing to go on with");
        fs::create_dir_all(root.join("demo/job")).unwrap();
        fs::write(root.join("demo/job/job.db"), "").unwrap();
        assert!(!is_booth(&root), "the demo of the command line");
        fs::write(root.join(EMPTY_CHAIR), "").unwrap();
        assert!(is_booth(&root));
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn the_page_shows_the_refusal_instead_of_a_face() {
        let page = page(&visitors(&entries()).unwrap());
        assert_eq!(page.matches("portraits/").count(), 4);
        assert!(page.contains("refused: not-on-roster"));
    }
}
