//! 视图模型: what a window draws, and nothing else.
//!
//! Everything on the screen comes from one [`BoothView`], so that a name and a face
//! that stand together there were put together here. Texts are codes of the table of
//! notices or words of the window's own dictionary; no sentence comes from Rust.
//!
//! The window's types (`ui/src/backend/types.ts`) are generated from these; a test
//! keeps the two equal.

use crate::calibration::CameraControls;
use crate::remote::RemoteKey;
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

macro_rules! view {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ })+) => {$(
        #[derive(Clone, PartialEq, Serialize)]
        #[cfg_attr(test, derive(TS))]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)+
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}

/// Which mark and fill the state line has; its words follow from the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "lowercase")]
pub enum StateKind {
    /// Waits for a thing.
    Wait,
    /// The document is being read.
    Reading,
    /// The shutter is armed.
    Ready,
    /// The station works; nobody has to act.
    Busy,
    /// A portrait waits for the operator.
    Review,
    /// It is on file.
    Filed,
    /// The rules said no.
    Refused,
    /// The sitting was given up.
    Void,
    /// A device or the disk is at fault.
    Fault,
}

/// One student of the class strip.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// A portrait stands.
    Filed,
    /// Found wrong, waits for the re-shoot.
    Flagged,
    /// Nothing on file.
    Missing,
    /// Sits now.
    Now,
}

/// Where the subject is, for the subject's own window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "lowercase")]
pub enum SubjectStage {
    /// The booth is closed.
    Nothing,
    /// The next one may put the document down.
    Welcome,
    /// The document is being read.
    Reading,
    /// Sits before the mirror.
    Framing,
    /// Holds still.
    Exposing,
    /// Looks at the portrait that will be filed.
    Confirm,
    /// It is on file; the document has to be taken.
    Filed,
    /// It does not go on; the code says what to do.
    Stopped,
}

view! {
    /// From here to there, ends included.
    #[derive(Copy)]
    #[cfg_attr(test, ts(rename = "Band"))]
    BandView {
        /// Lowest.
        min: f64,
        /// Highest.
        max: f64,
    }

    /// What the photo standard draws on the screen; lengths in pixels of the portrait.
    Bands {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Top of the hair from the upper edge.
        crown: BandView,
        /// Eye line from the upper edge.
        eye_line: BandView,
        /// Cheek to cheek.
        face_width: BandView,
        /// Size of the file.
        bytes: BandView,
        /// Lowest JPEG quality.
        quality_min: u8,
    }

    /// A job in one line.
    JobLine {
        /// Name of its folder.
        name: String,
        /// The folder.
        dir: String,
        /// `production` or `training`.
        #[cfg_attr(test, ts(type = "JobKind"))]
        kind: String,
        /// Photo standard.
        profile: String,
        /// Entries on the roster.
        entries: u32,
        /// Of which filed.
        filed: u32,
        /// Of which flagged.
        flagged: u32,
    }

    /// What the station waits for.
    StateLine {
        /// Mark and fill.
        kind: StateKind,
        /// A notice code, or a word of the window's dictionary (`put-document`, ...).
        code: String,
        /// The finding behind `portrait-refused`.
        finding: Option<String>,
    }

    /// One field of the document beside the roster's.
    FieldLine {
        /// `name`, `number`, `sex`, `birth` or `class`.
        #[cfg_attr(test, ts(type = "\"name\" | \"number\" | \"sex\" | \"birth\" | \"class\""))]
        field: String,
        /// As the chip tells it; numbers masked.
        document: Option<String>,
        /// As the roster tells it; numbers masked.
        roster: Option<String>,
        /// Whether the rules take them for the same.
        same: bool,
    }

    /// Who sits: only ever a verified subject.
    SubjectView {
        /// The sitting.
        #[cfg_attr(test, ts(type = "number"))]
        sitting: i64,
        /// 学号.
        student_number: String,
        /// 姓名 as the roster spells it.
        name: String,
        /// 班级.
        class: String,
        /// Document number, masked.
        number: String,
        /// The generation that will be filed.
        generation: u32,
        /// `matched` or `referred`.
        #[cfg_attr(test, ts(type = "\"matched\" | \"referred\""))]
        basis: String,
        /// How the name agreed, or why it was referred.
        detail: String,
        /// Document beside roster.
        fields: Vec<FieldLine>,
        /// Path of the admission photo.
        admission_photo: Option<String>,
        /// Path of the portrait of the chip, where an installed decoder opened it.
        chip_portrait: Option<String>,
        /// Why it is not shown, where there is a decoder: a notice code.
        chip_fault: Option<String>,
        /// Path of the portrait that was flagged, in a re-shoot.
        former_portrait: Option<String>,
    }

    /// What is told to whoever sits before the living picture.
    #[cfg_attr(test, ts(rename = "Guidance"))]
    GuidanceView {
        /// Notice code of the one thing to do; nothing while all holds.
        code: Option<String>,
        /// The movement, as it is drawn on a mirrored screen.
        #[cfg_attr(test, ts(type = "Arrow | null"))]
        arrow: Option<String>,
    }

    /// Everything the subject's window draws: made from [`BoothView`] by taking away.
    SubjectScreen {
        /// Later screens have higher numbers; those of the view.
        #[cfg_attr(test, ts(type = "number"))]
        seq: u64,
        /// Where the subject is.
        stage: SubjectStage,
        /// A finding while framing, a notice code when stopped.
        code: Option<String>,
        /// 姓名, while somebody sits.
        name: Option<String>,
        /// 学号, masked but for the last four, while somebody sits.
        student_number: Option<String>,
        /// What to do before the mirror; nothing while nobody has looked.
        guidance: Option<GuidanceView>,
        /// Path of the very bytes that will be filed, while they wait for it.
        portrait: Option<String>,
        /// The photo standard.
        bands: Bands,
        /// Whether the picture shows the present.
        live: bool,
        /// A training job: nobody takes it for a real one.
        training: bool,
    }

    /// What was measured on a portrait, in its own pixels.
    #[derive(Copy)]
    #[cfg_attr(test, ts(rename = "Measures"))]
    MeasuresView {
        /// Top of the hair from the upper edge.
        crown_px: f32,
        /// Eye line from the upper edge.
        eye_line_px: f32,
        /// Cheek to cheek.
        face_width_px: f32,
        /// Tilt of the eye line in degrees.
        tilt_deg: f32,
    }

    /// One finding of the photo standard.
    #[cfg_attr(test, ts(rename = "FindingLine"))]
    FindingView {
        /// Notice code.
        code: String,
        /// `blocks`, `warns` or `informs`.
        #[cfg_attr(test, ts(type = "\"blocks\" | \"warns\" | \"informs\""))]
        severity: String,
        /// The registration system's own name.
        official_name: Option<String>,
        /// What was measured.
        value: Option<f64>,
        /// Lowest allowed.
        min: Option<f64>,
        /// Highest allowed.
        max: Option<f64>,
    }

    /// A rectangle of the background that fails, in fractions of the portrait's width and height.
    BackgroundPlace {
        /// What is wrong there.
        #[cfg_attr(test, ts(type = "\"shadow\" | \"object\" | \"uneven\" | \"colour\""))]
        flaw: String,
        /// Left edge.
        left: f32,
        /// Upper edge.
        top: f32,
        /// To the right of the left edge.
        width: f32,
        /// Below the upper edge.
        height: f32,
    }

    /// The portrait that waits for acceptance; in the stage `exposing` the former one, which stands
    /// there while another is made of the same press, and is not to be accepted.
    ReviewView {
        /// What acceptance must echo.
        token: String,
        /// Path of the very bytes that will be filed.
        portrait: String,
        /// Size of the file.
        bytes: u32,
        /// JPEG quality.
        quality: u8,
        /// What was measured.
        measures: Option<MeasuresView>,
        /// What informs or warns.
        findings: Vec<FindingView>,
        /// Where the background fails, in this very portrait.
        places: Vec<BackgroundPlace>,
        /// Paths of the frames of the press.
        burst: Vec<String>,
        /// Which of them it was made from.
        chosen: u32,
        /// The finding that the last step of the cut would have led to, and so stopped at.
        stopped: Option<String>,
        /// The copy with an even background; nothing where the photo standard allows none.
        copy: Option<CopyView>,
    }

    /// The copy that is filed beside the portrait.
    #[cfg_attr(test, ts(rename = "ReviewCopy"))]
    CopyView {
        /// Path of its very bytes; nothing where it could not be made.
        picture: Option<String>,
        /// Code of the finding or notice that says why there is none; the portrait is filed without it.
        code: Option<String>,
        /// What informs or warns about it.
        findings: Vec<FindingView>,
    }

    /// How the last sitting ended; stands until the next document.
    EndView {
        /// `filed`, `refused` or `void`.
        #[cfg_attr(test, ts(type = "\"filed\" | \"refused\" | \"void\""))]
        outcome: String,
        /// Notice code.
        code: String,
        /// The finding behind `portrait-refused`.
        finding: Option<String>,
        /// 学号, of a filed record.
        student_number: Option<String>,
        /// 姓名, of a filed record.
        name: Option<String>,
        /// Path of the record as the database gives it back.
        portrait: Option<String>,
        /// What differs, where the refusal is about that.
        difference: Option<FieldLine>,
    }

    /// Somebody who is expected; the document decides who sits.
    NextLine {
        /// 姓名.
        name: String,
        /// Last four of the student number.
        tail: String,
    }

    /// The class of whoever sits or sat last.
    ClassView {
        /// 班级.
        class: String,
        /// Entries.
        total: u32,
        /// Of which filed.
        filed: u32,
        /// Of which flagged.
        flagged: u32,
        /// Of which neither.
        missing: u32,
        /// Place of whoever sits, from 1.
        position: Option<u32>,
        /// One a student, in roster order.
        cells: Vec<Cell>,
        /// The next three without a portrait.
        next: Vec<NextLine>,
    }

    /// A device and how it is.
    DeviceLine {
        /// For people.
        name: String,
        /// What is remembered.
        identity: String,
        /// `physical`, `virtual` or `simulated`.
        #[cfg_attr(test, ts(type = "\"physical\" | \"virtual\" | \"simulated\""))]
        nature: String,
        /// Notice code, `reader-ready` or `live`.
        state: String,
        /// Whether it works.
        ok: bool,
        /// What is worth a look although it works: controls that did not take, a drift.
        notes: Vec<DeviceNote>,
    }

    /// Something about a device that works.
    DeviceNote {
        /// Notice code.
        code: String,
        /// Which control, how much; may be empty.
        detail: String,
    }

    /// Reader, document and camera.
    DevicesView {
        /// The reader.
        reader: DeviceLine,
        /// `none`, `present` or `must-leave`.
        #[cfg_attr(test, ts(type = "\"none\" | \"present\" | \"must-leave\""))]
        document: String,
        /// The camera.
        camera: DeviceLine,
        /// Valid frames a second, over the last two seconds.
        fps: f32,
    }

    /// Everything the booth screen draws.
    BoothView {
        /// Later views have higher numbers.
        #[cfg_attr(test, ts(type = "number"))]
        seq: u64,
        /// The job.
        job: JobLine,
        /// The photo standard.
        bands: Bands,
        /// Stage of the booth.
        #[cfg_attr(test, ts(type = "StageName"))]
        stage: String,
        /// What the station waits for.
        state: StateLine,
        /// Who sits.
        subject: Option<SubjectView>,
        /// What to do before the living picture; nothing while nobody has looked.
        guidance: Option<GuidanceView>,
        /// Whether the booth presses by itself once all has held.
        presses_itself: bool,
        /// What waits for acceptance.
        review: Option<ReviewView>,
        /// How the last sitting ended.
        end: Option<EndView>,
        /// Progress of the class.
        class: Option<ClassView>,
        /// Devices.
        devices: DevicesView,
        /// Whether the picture shows the present.
        live: bool,
        /// Whether the devices are open.
        open: bool,
    }

    /// A device that may be chosen.
    DeviceChoice {
        /// What is remembered: `pcsc:NAME`, `v4l:SERIAL`, `simulated:FILE`, ...
        choice: String,
        /// For people.
        name: String,
        /// `reader` or `camera`.
        #[cfg_attr(test, ts(type = "\"reader\" | \"camera\""))]
        kind: String,
        /// `physical`, `virtual` or `simulated`.
        #[cfg_attr(test, ts(type = "\"physical\" | \"virtual\" | \"simulated\""))]
        nature: String,
        /// Whether it may open in the open job.
        allowed: bool,
    }

    /// What is connected.
    DeviceList {
        /// Readers.
        readers: Vec<DeviceChoice>,
        /// Cameras.
        cameras: Vec<DeviceChoice>,
        /// State of the smart-card service: `reader-ready` or a notice code.
        service: String,
        /// The reader that was chosen.
        reader: Option<String>,
        /// The camera that was chosen.
        camera: Option<String>,
        /// The library that opens portraits of chips.
        decoder: Option<String>,
    }

    /// When and before what a camera's controls were locked.
    CalibrationLine {
        /// Milliseconds since 1970, UTC.
        #[cfg_attr(test, ts(type = "number"))]
        wall_ms: i64,
        /// `backdrop` or `centre`.
        #[cfg_attr(test, ts(type = "\"backdrop\" | \"centre\""))]
        region: String,
        /// For another job than the open one: its colour is not compared.
        other_job: bool,
    }

    /// What can be set on the chosen camera, and its calibration.
    CameraPanel {
        /// Every control, as it is now.
        controls: CameraControls,
        /// Nothing while it is not calibrated.
        calibration: Option<CalibrationLine>,
    }

    /// A photo standard.
    ProfileLine {
        /// For `job create`.
        name: String,
        /// Title.
        title_zh: String,
        /// Title.
        title_en: String,
    }

    /// What the first screen needs.
    StationInfo {
        /// Jobs that were open before, newest first.
        recent: Vec<JobLine>,
        /// Photo standards.
        profiles: Vec<ProfileLine>,
        /// The open job.
        job: Option<JobLine>,
        /// Folder of the demo job, where the station was started with one.
        demo: Option<String>,
        /// Who works here, as last typed.
        operator: String,
        /// Why the job that the program was started with is not open.
        refused: Option<Failure>,
        /// The key of a presenter or a foot pedal that exposes as Space does.
        remote: Option<RemoteKey>,
        /// Whether the booth presses by itself once all has held.
        presses_itself: bool,
        /// What of the settings could not be used at the start.
        unsettled: Option<Failure>,
    }

    /// Long work: import, photos, delivery, verify. One at a time.
    WorkView {
        /// Later views have higher numbers.
        #[cfg_attr(test, ts(type = "number"))]
        seq: u64,
        /// What is done; nothing when idle.
        kind: Option<String>,
        /// Step of it.
        step: String,
        /// Done.
        done: u32,
        /// Of so many; 0 while unknown.
        of: u32,
    }

    /// Columns of an entry that an import changes.
    ChangedLine {
        /// 学号.
        student_number: String,
        /// Which.
        columns: Vec<String>,
    }

    /// What an import does or would do.
    RosterImport {
        /// Only tried.
        dry_run: bool,
        /// Written.
        imported: bool,
        /// Rows that could be read.
        rows: u32,
        /// New entries.
        added: u32,
        /// Entries told otherwise.
        changed: Vec<ChangedLine>,
        /// Entries told as before.
        unchanged: u32,
        /// Entries that the file does not tell; they stay.
        absent: Vec<String>,
        /// How the file was read.
        encoding: String,
        /// The encoding was guessed: look at the names before importing.
        encoding_doubtful: bool,
        /// Columns that are not used.
        ignored_columns: Vec<String>,
        /// Faulty rows.
        faults: Vec<PlaceLine>,
        /// Rows worth a look.
        notes: Vec<PlaceLine>,
    }

    /// A place in a file.
    #[cfg_attr(test, ts(rename = "FilePlace"))]
    PlaceLine {
        /// Line or file name.
        line: String,
        /// Column.
        column: String,
        /// Notice code.
        code: String,
    }

    /// What an import of admission photos did.
    PhotosImport {
        /// Kept.
        imported: u32,
        /// There already.
        unchanged: u32,
        /// Not used.
        faults: Vec<PlaceLine>,
    }

    /// People who may come in the demo.
    #[derive(Default)]
    TrayView {
        /// Names of their files.
        documents: Vec<String>,
        /// Whose document lies on the reader.
        present: Option<String>,
    }

    /// What every call of the window fails with: a code, never a sentence.
    Failure {
        /// Notice code.
        code: String,
        /// What is to be known beside it; never personal data.
        detail: Option<String>,
    }
}

/// Where the head goes in the portrait, as it is seen there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "lowercase")]
pub enum NudgeStep {
    /// To the left of the portrait, which is not mirrored.
    Left,
    /// To its right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
    /// The head becomes larger.
    Larger,
    /// The head becomes smaller.
    Smaller,
}

impl From<NudgeStep> for portrait::Step {
    fn from(step: NudgeStep) -> Self {
        match step {
            NudgeStep::Left => Self::Left,
            NudgeStep::Right => Self::Right,
            NudgeStep::Up => Self::Up,
            NudgeStep::Down => Self::Down,
            NudgeStep::Larger => Self::Larger,
            NudgeStep::Smaller => Self::Smaller,
        }
    }
}

/// What the operator wants. It carries no record and no picture: only what was shown.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[cfg_attr(test, ts(rename = "Intent"))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Wish {
    /// Space.
    Expose,
    /// R.
    Retake,
    /// Enter, about what was painted.
    Accept {
        /// The token of the review on the screen.
        token: String,
    },
    /// Esc.
    Void,
    /// Another frame of the burst.
    Choose {
        /// Counted from 0.
        index: u32,
    },
    /// Moves the head within the portrait, as far as the bands allow.
    Nudge {
        /// Whereto.
        step: NudgeStep,
    },
    /// The student number that was typed for the next document.
    Claim {
        /// 学号.
        student_number: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Delivered, WrongPlace};
    use crate::{CameraLocked, ControlLine, ControlsSet, PatchLine};
    use crate::{RecordLine, RosterLine, Verdict};
    use std::fmt::Write as _;
    use std::path::Path;
    use ts_rs::Config;

    /// The window's types, in the order of this file.
    fn types() -> String {
        let config = Config::default();
        let mut text = "// Generated from src-tauri/crates/station/src/view.rs and its neighbours; not to be edited.\n\
            // `LIKENESS_WRITE_TYPES=1 cargo test -p station the_windows_types` writes it anew.\n\n"
            .to_owned();
        text.push_str(
            "export type JobKind = \"production\" | \"training\";\n\
             export type StageName = \"vacant\" | \"presented\" | \"seated\" | \"exposing\" | \"review\" | \
             \"filing\" | \"leaving\";\n\
             export type Arrow = \"back\" | \"closer\" | \"left\" | \"right\" | \"up\" | \"down\" | \"tilt-left\" | \
             \"tilt-right\" | \"turn-left\" | \"turn-right\" | \"chin-up\" | \"chin-down\";\n\n",
        );
        let mut put = |declaration: String| {
            writeln!(text, "export {declaration}\n").expect("a string takes everything");
        };
        macro_rules! all {
            ($($type:ty),+ $(,)?) => {$(put(<$type>::decl(&config));)+};
        }
        all!(
            StateKind,
            Cell,
            SubjectStage,
            BandView,
            Bands,
            JobLine,
            StateLine,
            FieldLine,
            SubjectView,
            GuidanceView,
            SubjectScreen,
            MeasuresView,
            FindingView,
            BackgroundPlace,
            ReviewView,
            CopyView,
            EndView,
            NextLine,
            ClassView,
            DeviceLine,
            DeviceNote,
            DevicesView,
            BoothView,
            DeviceChoice,
            DeviceList,
            ControlLine,
            CameraControls,
            CalibrationLine,
            CameraPanel,
            ControlsSet,
            PatchLine,
            CameraLocked,
            ProfileLine,
            RemoteKey,
            StationInfo,
            WorkView,
            ChangedLine,
            PlaceLine,
            RosterImport,
            PhotosImport,
            TrayView,
            Failure,
            NudgeStep,
            Wish,
            RosterLine,
            RecordLine,
            Delivered,
            WrongPlace,
            Verdict,
        );
        text
    }

    /// Codes with their texts, for the window.
    fn notices() -> String {
        let mut text = "// Generated from the table of notices (src-tauri/crates/station/src/notice); not to be edited.\n\
            // `LIKENESS_WRITE_TYPES=1 cargo test -p station the_windows_types` writes it anew.\n\n\
            /** Of each code: what happened and what to do, in both languages. */\n\
            export type NoticeText = { zh: readonly [string, string]; en: readonly [string, string] };\n\n\
            export const NOTICES: Record<string, NoticeText> = {\n"
            .to_owned();
        for notice in crate::notices() {
            writeln!(
                text,
                "  {:?}: {{ zh: [{:?}, {:?}], en: [{:?}, {:?}] }},",
                notice.code, notice.zh, notice.zh_remedy, notice.en, notice.en_remedy
            )
            .expect("a string takes everything");
        }
        text.push_str("};\n");
        text
    }

    #[test]
    fn the_windows_types_and_texts_are_those_of_the_station() {
        let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src");
        let files = [
            (ui.join("backend/types.ts"), types()),
            (ui.join("i18n/notices.ts"), notices()),
        ];
        for (file, wanted) in files {
            if std::env::var_os("LIKENESS_WRITE_TYPES").is_some() {
                std::fs::write(&file, &wanted).unwrap();
            }
            let there = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                there.replace("\r\n", "\n") == wanted,
                "{} is not what the station says; LIKENESS_WRITE_TYPES=1 cargo test -p station \
                 the_windows_types writes it",
                file.file_name().unwrap_or_default().display()
            );
        }
    }
}
