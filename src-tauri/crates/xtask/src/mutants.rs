//! Named mutations: each control is taken out once, and a named test must die.
//!
//! A test that passes with its control removed protects nobody. The workspace is
//! copied, one line is changed, one test is run and must fail; the copy is thrown
//! away. The checkout itself is never touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// One control taken out.
struct Mutation {
    name: &'static str,
    file: &'static str,
    /// Must stand exactly once in the file.
    control: &'static str,
    mutant: &'static str,
    package: &'static str,
    /// The test that must fail.
    killer: &'static str,
}

const STEPS: &str = "src-tauri/crates/booth/src/machine/steps.rs";
const FRAME: &str = "src-tauri/crates/booth/src/frame.rs";
const VERIFY: &str = "src-tauri/crates/booth/src/verify.rs";

const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "looks of another seat press",
        file: STEPS,
        control: "let presses = is_of_the_seat",
        mutant: "let presses = (is_of_the_seat || true)",
        package: "booth",
        killer: "machine::tests::held::looks_of_another_sitting_or_life_of_the_camera_press_nobody",
    },
    Mutation {
        name: "freshness off",
        file: FRAME,
        control: "if stamp.arrived.since(pressed.seated).is_none() || birth.since(pressed.seated).is_none() {",
        mutant: "if false {",
        package: "booth",
        killer: "machine::tests::frames_from_before_the_seat_never_become_portraits",
    },
    Mutation {
        name: "age of a live frame ignored",
        file: FRAME,
        control: "age.is_some_and(|age| age > FRAME_AGE_MAX) {",
        mutant: "age.is_some_and(|age| age > FRAME_AGE_MAX * 1000) {",
        package: "booth",
        killer: "frame::tests::a_live_frame_must_be_young_and_of_this_seat",
    },
    Mutation {
        name: "frozen camera ignored",
        file: FRAME,
        control: "if seen.contains(&frame.digest) {",
        mutant: "if false && seen.contains(&frame.digest) {",
        package: "booth",
        killer: "machine::tests::a_repeated_frame_is_refused_across_presses",
    },
    Mutation {
        name: "epoch ignored",
        file: FRAME,
        control: "if stamp.epoch != pressed.epoch {",
        mutant: "if false {",
        package: "booth",
        killer: "frame::tests::another_epoch_or_boot_is_refused",
    },
    Mutation {
        name: "folder picture without a measured clock accepted",
        file: FRAME,
        control: "=> Err(FrameFault::ClockUnmeasured),",
        mutant: "=> Ok(()),",
        package: "booth",
        killer: "frame::tests::a_folder_picture_needs_a_mapped_exif_time_in_production",
    },
    Mutation {
        name: "no re-read",
        file: STEPS,
        control: "Ok(card_read) if card_read.raw() == raw => self.reread_matched(out),",
        mutant: "Ok(card_read) if card_read.raw() == raw || true => self.reread_matched(out),",
        package: "booth",
        killer: "machine::tests::a_silent_swap_at_any_stage_never_files",
    },
    Mutation {
        name: "offered before the re-read",
        file: STEPS,
        control: "        if reread == Reread::Matched {\n            out.push(offer(&developed));",
        mutant: "        {\n            out.push(offer(&developed));",
        package: "booth",
        killer: "machine::tests::nothing_is_offered_before_the_reread_matched",
    },
    Mutation {
        name: "late result accepted",
        file: STEPS,
        control: "if custody.sitting != developed.sitting() || *exposure != developed.exposure() {",
        mutant: "if false {",
        package: "booth",
        killer: "machine::tests::late_results_are_dropped",
    },
    Mutation {
        name: "token ignored",
        file: STEPS,
        control: "if developed.token() == token =>",
        mutant: "if developed.token() == token || true =>",
        package: "booth",
        killer: "machine::tests::a_stale_token_and_a_second_acceptance_are_refused",
    },
    Mutation {
        name: "second insertion ignored",
        file: STEPS,
        control: "            self.second_document(now, out);\n            return;",
        mutant: "            return;",
        package: "booth",
        killer: "machine::tests::a_second_document_at_any_stage_ends_the_sitting",
    },
    Mutation {
        name: "removal ignored",
        file: STEPS,
        control: "        if self.stage.insertion() == Some(insertion) {\n            self.taken(now, out);",
        mutant: "        if self.stage.insertion() == Some(insertion) {",
        package: "booth",
        killer: "machine::tests::a_document_taken_from_the_seat_voids_at_once",
    },
    Mutation {
        name: "document at the start always counts",
        file: STEPS,
        control: "let unproven = already_there && !self.rules.last_document_left;",
        mutant: "let unproven = false && already_there && !self.rules.last_document_left;",
        package: "booth",
        killer: "machine::tests::a_document_at_the_start_counts_only_if_the_last_one_left",
    },
    Mutation {
        name: "second read at once",
        file: VERIFY,
        control: "if quiet.is_none_or(|quiet| quiet < QUIET_MIN) {",
        mutant: "if quiet.is_none() {",
        package: "booth",
        killer: "machine::tests::the_second_read_must_be_late_enough",
    },
    Mutation {
        name: "two reads not compared",
        file: VERIFY,
        control: "first.raw() != second.raw()",
        mutant: "(false && first.raw() != second.raw())",
        package: "booth",
        killer: "machine::tests::a_silent_swap_at_any_stage_never_files",
    },
    Mutation {
        name: "name ignored",
        file: VERIFY,
        control: "if name == NameMatch::Differs {",
        mutant: "if false && name == NameMatch::Differs {",
        package: "booth",
        killer: "machine::tests::refusals_are_named_and_nothing_is_filed",
    },
    Mutation {
        name: "first enrolment taken",
        file: VERIFY,
        control: "([_, _, ..], None) => return Err(Refusal::AmbiguousEntry),",
        mutant: "([first, ..], None) => *first,",
        package: "booth",
        killer: "machine::tests::one_number_with_two_enrolments_needs_the_typed_student_number",
    },
    Mutation {
        name: "index off by one",
        file: "src-tauri/crates/booth/src/roster.rs",
        control: "places.iter().filter_map(|at| self.entries.get(*at))",
        mutant: "places.iter().filter_map(|at| self.entries.get(*at + 1))",
        package: "booth",
        killer: "machine::tests::a_verified_subject_is_filed_under_their_own_entry",
    },
    Mutation {
        name: "filed entries admitted",
        file: "src-tauri/crates/booth/src/roster.rs",
        control: "Self::Filed(_) => None,",
        mutant: "Self::Filed(generation) => Some(generation.next()),",
        package: "booth",
        killer: "machine::tests::a_filed_record_admits_nobody_and_a_flagged_one_the_next_generation",
    },
    Mutation {
        name: "portrait of another frame",
        file: "src-tauri/crates/booth/src/sitting.rs",
        control: "self.source == frame.digest() && copy",
        mutant: "copy",
        package: "booth",
        killer: "machine::tests::a_portrait_of_another_frame_is_foreign",
    },
    Mutation {
        name: "copy of another portrait",
        file: "src-tauri/crates/booth/src/sitting.rs",
        control: "copy.is_none_or(|copy| copy.of == self.digest)",
        mutant: "copy.is_none_or(|_| true)",
        package: "booth",
        killer: "machine::tests::a_copy_of_another_portrait_is_foreign_and_each_copy_has_a_token_of_its_own",
    },
    Mutation {
        name: "check digit ignored",
        file: "src-tauri/crates/booth/src/identity.rs",
        control: "if CHECK_CHARACTERS[(sum % 11) as usize] != check[0] {",
        mutant: "if false {",
        package: "booth",
        killer: "machine::tests::refusals_are_named_and_nothing_is_filed",
    },
    Mutation {
        name: "simulated reader in production",
        file: STEPS,
        control: "if card_read.device().nature == Nature::Simulated && self.rules.job == JobKind::Production {",
        mutant: "if false {",
        package: "booth",
        killer: "machine::tests::a_simulated_reader_is_refused_in_a_production_job",
    },
];

/// Takes out every control in a copy of the workspace; `Err` names the survivors.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let copy = root.join("target/mutants/workspace");
    copy_workspace(root, &copy)?;
    let mut survivors = Vec::new();
    for mutation in MUTATIONS {
        let begun = Instant::now();
        let killed = try_mutation(&copy, mutation)?;
        let word = if killed { "killed by" } else { "SURVIVED" };
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "  {:48} {word} {} ({seconds:.1} s)",
            mutation.name, mutation.killer
        );
        if !killed {
            survivors.push(mutation.name);
        }
    }
    if survivors.is_empty() {
        println!("  {} mutations, all killed", MUTATIONS.len());
        Ok(())
    } else {
        Err(format!("mutations survived: {}", survivors.join(", ")))
    }
}

fn try_mutation(copy: &Path, mutation: &Mutation) -> Result<bool, String> {
    let path = copy.join(mutation.file);
    let original = read(&path)?;
    // rustfmt may break a control over lines; compare without layout.
    let mutated = replace_once(&original, mutation.control, mutation.mutant)
        .ok_or_else(|| format!("{}: the control is not in {}", mutation.name, mutation.file))?;
    write(&path, &mutated)?;
    let killed = test_fails(copy, mutation);
    write(&path, &original)?;
    killed
}

/// Replaces `control` wherever only white space differs; it must stand there once.
fn replace_once(text: &str, control: &str, mutant: &str) -> Option<String> {
    let wanted: Vec<char> = control.chars().filter(|c| !c.is_whitespace()).collect();
    let packed: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| !c.is_whitespace())
        .collect();
    let places: Vec<usize> = packed
        .windows(wanted.len())
        .enumerate()
        .filter(|(_, window)| window.iter().map(|(_, c)| c).eq(wanted.iter()))
        .map(|(at, _)| at)
        .collect();
    let [place] = places.as_slice() else {
        return None;
    };
    let start = packed.get(*place)?.0;
    let (last, c) = packed.get(place + wanted.len() - 1)?;
    Some(format!(
        "{}{mutant}{}",
        &text[..start],
        &text[last + c.len_utf8()..]
    ))
}

/// Runs the killer. It must be found, and it must fail; a mutant that does not
/// compile proves nothing and is an error.
fn test_fails(copy: &Path, mutation: &Mutation) -> Result<bool, String> {
    let cargo = |extra: &[&str]| {
        let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
        command
            .current_dir(copy)
            // Never the checkout's own folder: Cargo names what it builds by the path within
            // the workspace, so that a mutant would be taken for the real thing there.
            .env("CARGO_TARGET_DIR", copy.with_file_name("target"))
            .args(["test", "--quiet", "-p", mutation.package, "--lib"])
            .args(extra)
            .stdin(Stdio::null());
        command
    };
    let built = cargo(&["--no-run"])
        .output()
        .map_err(|error| error.to_string())?;
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr);
        return Err(format!(
            "{}: the mutant does not compile\n{said}",
            mutation.name
        ));
    }
    let ran = cargo(&["--", "--exact", mutation.killer])
        .output()
        .map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&ran.stdout);
    if said.contains("running 0 tests") || !said.contains("running 1 test") {
        return Err(format!(
            "{}: no test named {}",
            mutation.name, mutation.killer
        ));
    }
    Ok(!ran.status.success())
}

fn copy_workspace(root: &Path, copy: &Path) -> Result<(), String> {
    drop(fs::remove_dir_all(copy));
    for entry in [
        "Cargo.toml",
        "Cargo.lock",
        "clippy.toml",
        "src-tauri",
        "assets",
        "tests",
    ] {
        copy_tree(&root.join(entry), &copy.join(entry))?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), String> {
    if from.is_dir() {
        fs::create_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
        let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
        for entry in entries {
            let name = entry.map_err(|error| error.to_string())?.file_name();
            if name != "target" && name != "node_modules" {
                copy_tree(&from.join(&name), &to.join(&name))?;
            }
        }
        return Ok(());
    }
    let parent: PathBuf = to.parent().map(Path::to_path_buf).unwrap_or_default();
    fs::create_dir_all(&parent).map_err(|error| error.to_string())?;
    fs::copy(from, to)
        .map(drop)
        .map_err(|error| format!("{}: {error}", from.display()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_found_whatever_its_layout() {
        let text = "if a\n    && b {\n    c()\n}";
        assert_eq!(
            replace_once(text, "a && b", "true").as_deref(),
            Some("if true {\n    c()\n}")
        );
        assert_eq!(replace_once(text, "d", "e"), None);
        assert_eq!(replace_once("x x", "x", "y"), None);
    }
}
