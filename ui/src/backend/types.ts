// Generated from src-tauri/crates/station/src/view.rs and its neighbours; not to be edited.
// `LIKENESS_WRITE_TYPES=1 cargo test -p station the_windows_types` writes it anew.

export type JobKind = "production" | "training";
export type StageName = "vacant" | "presented" | "seated" | "exposing" | "review" | "filing" | "leaving";
export type Arrow = "back" | "closer" | "left" | "right" | "up" | "down" | "tilt-left" | "tilt-right" | "turn-left" | "turn-right" | "chin-up" | "chin-down";

export type StateKind = "wait" | "reading" | "ready" | "busy" | "review" | "filed" | "refused" | "void" | "fault";

export type Cell = "filed" | "flagged" | "missing" | "now";

export type SubjectStage = "nothing" | "welcome" | "reading" | "framing" | "exposing" | "confirm" | "filed" | "stopped";

export type Band = { 
/**
 * Lowest.
 */
min: number, 
/**
 * Highest.
 */
max: number, };

export type Bands = { 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * Top of the hair from the upper edge.
 */
crown: Band, 
/**
 * Eye line from the upper edge.
 */
eye_line: Band, 
/**
 * Cheek to cheek.
 */
face_width: Band, 
/**
 * Size of the file.
 */
bytes: Band, 
/**
 * Lowest JPEG quality.
 */
quality_min: number, };

export type JobLine = { 
/**
 * Name of its folder.
 */
name: string, 
/**
 * The folder.
 */
dir: string, 
/**
 * `production` or `training`.
 */
kind: JobKind, 
/**
 * Photo standard.
 */
profile: string, 
/**
 * Entries on the roster.
 */
entries: number, 
/**
 * Of which filed.
 */
filed: number, 
/**
 * Of which flagged.
 */
flagged: number, };

export type StateLine = { 
/**
 * Mark and fill.
 */
kind: StateKind, 
/**
 * A notice code, or a word of the window's dictionary (`put-document`, ...).
 */
code: string, 
/**
 * The finding behind `portrait-refused`.
 */
finding: string | null, };

export type FieldLine = { 
/**
 * `name`, `number`, `sex`, `birth` or `class`.
 */
field: "name" | "number" | "sex" | "birth" | "class", 
/**
 * As the chip tells it; numbers masked.
 */
document: string | null, 
/**
 * As the roster tells it; numbers masked.
 */
roster: string | null, 
/**
 * Whether the rules take them for the same.
 */
same: boolean, };

export type SubjectView = { 
/**
 * The sitting.
 */
sitting: number, 
/**
 * 学号.
 */
student_number: string, 
/**
 * 姓名 as the roster spells it.
 */
name: string, 
/**
 * 班级.
 */
class: string, 
/**
 * Document number, masked.
 */
number: string, 
/**
 * The generation that will be filed.
 */
generation: number, 
/**
 * `matched` or `referred`.
 */
basis: "matched" | "referred", 
/**
 * How the name agreed, or why it was referred.
 */
detail: string, 
/**
 * Document beside roster.
 */
fields: Array<FieldLine>, 
/**
 * Path of the admission photo.
 */
admission_photo: string | null, 
/**
 * Path of the portrait of the chip, where an installed decoder opened it.
 */
chip_portrait: string | null, 
/**
 * Why it is not shown, where there is a decoder: a notice code.
 */
chip_fault: string | null, 
/**
 * Path of the portrait that was flagged, in a re-shoot.
 */
former_portrait: string | null, };

export type Guidance = { 
/**
 * Notice code of the one thing to do; nothing while all holds.
 */
code: string | null, 
/**
 * The movement, as it is drawn on a mirrored screen.
 */
arrow: Arrow | null, };

export type SubjectScreen = { 
/**
 * Later screens have higher numbers; those of the view.
 */
seq: number, 
/**
 * Where the subject is.
 */
stage: SubjectStage, 
/**
 * A finding while framing, a notice code when stopped.
 */
code: string | null, 
/**
 * 姓名, while somebody sits.
 */
name: string | null, 
/**
 * 学号, masked but for the last four, while somebody sits.
 */
student_number: string | null, 
/**
 * What to do before the mirror; nothing while nobody has looked.
 */
guidance: Guidance | null, 
/**
 * Path of the very bytes that will be filed, while they wait for it.
 */
portrait: string | null, 
/**
 * The photo standard.
 */
bands: Bands, 
/**
 * Whether the picture shows the present.
 */
live: boolean, 
/**
 * A training job: nobody takes it for a real one.
 */
training: boolean, };

export type Measures = { 
/**
 * Top of the hair from the upper edge.
 */
crown_px: number, 
/**
 * Eye line from the upper edge.
 */
eye_line_px: number, 
/**
 * Cheek to cheek.
 */
face_width_px: number, 
/**
 * Tilt of the eye line in degrees.
 */
tilt_deg: number, };

export type FindingLine = { 
/**
 * Notice code.
 */
code: string, 
/**
 * `blocks`, `warns` or `informs`.
 */
severity: "blocks" | "warns" | "informs", 
/**
 * The registration system's own name.
 */
official_name: string | null, 
/**
 * What was measured.
 */
value: number | null, 
/**
 * Lowest allowed.
 */
min: number | null, 
/**
 * Highest allowed.
 */
max: number | null, };

export type BackgroundPlace = { 
/**
 * What is wrong there.
 */
flaw: "shadow" | "object" | "uneven" | "colour", 
/**
 * Left edge.
 */
left: number, 
/**
 * Upper edge.
 */
top: number, 
/**
 * To the right of the left edge.
 */
width: number, 
/**
 * Below the upper edge.
 */
height: number, };

export type ReviewView = { 
/**
 * What acceptance must echo.
 */
token: string, 
/**
 * Path of the very bytes that will be filed.
 */
portrait: string, 
/**
 * Size of the file.
 */
bytes: number, 
/**
 * JPEG quality.
 */
quality: number, 
/**
 * What was measured.
 */
measures: Measures | null, 
/**
 * What informs or warns.
 */
findings: Array<FindingLine>, 
/**
 * Where the background fails, in this very portrait.
 */
places: Array<BackgroundPlace>, 
/**
 * Paths of the frames of the press.
 */
burst: Array<string>, 
/**
 * Which of them it was made from.
 */
chosen: number, 
/**
 * The finding that the last step of the cut would have led to, and so stopped at.
 */
stopped: string | null, 
/**
 * The copy with an even background; nothing where the photo standard allows none.
 */
copy: ReviewCopy | null, };

export type ReviewCopy = { 
/**
 * Path of its very bytes; nothing where it could not be made.
 */
picture: string | null, 
/**
 * Code of the finding or notice that says why there is none; the portrait is filed without it.
 */
code: string | null, 
/**
 * What informs or warns about it.
 */
findings: Array<FindingLine>, };

export type EndView = { 
/**
 * `filed`, `refused` or `void`.
 */
outcome: "filed" | "refused" | "void", 
/**
 * Notice code.
 */
code: string, 
/**
 * The finding behind `portrait-refused`.
 */
finding: string | null, 
/**
 * 学号, of a filed record.
 */
student_number: string | null, 
/**
 * 姓名, of a filed record.
 */
name: string | null, 
/**
 * Path of the record as the database gives it back.
 */
portrait: string | null, 
/**
 * What differs, where the refusal is about that.
 */
difference: FieldLine | null, };

export type NextLine = { 
/**
 * 姓名.
 */
name: string, 
/**
 * Last four of the student number.
 */
tail: string, };

export type ClassView = { 
/**
 * 班级.
 */
class: string, 
/**
 * Entries.
 */
total: number, 
/**
 * Of which filed.
 */
filed: number, 
/**
 * Of which flagged.
 */
flagged: number, 
/**
 * Of which neither.
 */
missing: number, 
/**
 * Place of whoever sits, from 1.
 */
position: number | null, 
/**
 * One a student, in roster order.
 */
cells: Array<Cell>, 
/**
 * The next three without a portrait.
 */
next: Array<NextLine>, };

export type DeviceLine = { 
/**
 * For people.
 */
name: string, 
/**
 * What is remembered.
 */
identity: string, 
/**
 * `physical`, `virtual` or `simulated`.
 */
nature: "physical" | "virtual" | "simulated", 
/**
 * Notice code, `reader-ready` or `live`.
 */
state: string, 
/**
 * Whether it works.
 */
ok: boolean, 
/**
 * What is worth a look although it works: controls that did not take, a drift.
 */
notes: Array<DeviceNote>, };

export type DeviceNote = { 
/**
 * Notice code.
 */
code: string, 
/**
 * Which control, how much; may be empty.
 */
detail: string, };

export type DevicesView = { 
/**
 * The reader.
 */
reader: DeviceLine, 
/**
 * `none`, `present` or `must-leave`.
 */
document: "none" | "present" | "must-leave", 
/**
 * The camera.
 */
camera: DeviceLine, 
/**
 * Valid frames a second, over the last two seconds.
 */
fps: number, };

export type BoothView = { 
/**
 * Later views have higher numbers.
 */
seq: number, 
/**
 * The job.
 */
job: JobLine, 
/**
 * The photo standard.
 */
bands: Bands, 
/**
 * Stage of the booth.
 */
stage: StageName, 
/**
 * What the station waits for.
 */
state: StateLine, 
/**
 * Who sits.
 */
subject: SubjectView | null, 
/**
 * What to do before the living picture; nothing while nobody has looked.
 */
guidance: Guidance | null, 
/**
 * Whether the booth presses by itself once all has held.
 */
presses_itself: boolean, 
/**
 * What waits for acceptance.
 */
review: ReviewView | null, 
/**
 * How the last sitting ended.
 */
end: EndView | null, 
/**
 * Progress of the class.
 */
class: ClassView | null, 
/**
 * Devices.
 */
devices: DevicesView, 
/**
 * Whether the picture shows the present.
 */
live: boolean, 
/**
 * Whether the devices are open.
 */
open: boolean, };

export type DeviceChoice = { 
/**
 * What is remembered: `pcsc:NAME`, `v4l:SERIAL`, `simulated:FILE`, ...
 */
choice: string, 
/**
 * For people.
 */
name: string, 
/**
 * `reader` or `camera`.
 */
kind: "reader" | "camera", 
/**
 * `physical`, `virtual` or `simulated`.
 */
nature: "physical" | "virtual" | "simulated", 
/**
 * Whether it may open in the open job.
 */
allowed: boolean, };

export type DeviceList = { 
/**
 * Readers.
 */
readers: Array<DeviceChoice>, 
/**
 * Cameras.
 */
cameras: Array<DeviceChoice>, 
/**
 * State of the smart-card service: `reader-ready` or a notice code.
 */
service: string, 
/**
 * The reader that was chosen.
 */
reader: string | null, 
/**
 * The camera that was chosen.
 */
camera: string | null, 
/**
 * The library that opens portraits of chips.
 */
decoder: string | null, };

export type ControlLine = { 
/**
 * Its name, as `camera set` takes it.
 */
control: string, 
/**
 * Its value now.
 */
value: number, 
/**
 * What it begins with.
 */
default: number, 
/**
 * The lowest value of a range.
 */
min?: number, 
/**
 * The highest value of a range.
 */
max?: number, 
/**
 * The distance of two values of a range.
 */
step?: number, 
/**
 * The values of a menu: `1 50 Hz`.
 */
offers?: Array<string>, 
/**
 * An automatic has it now.
 */
governed: boolean, 
/**
 * What is kept for this camera.
 */
kept?: number, };

export type CameraControls = { 
/**
 * Which camera.
 */
camera: string, 
/**
 * Every control that it has.
 */
controls: Array<ControlLine>, };

export type CalibrationLine = { 
/**
 * Milliseconds since 1970, UTC.
 */
wall_ms: number, 
/**
 * `backdrop` or `centre`.
 */
region: "backdrop" | "centre", 
/**
 * For another job than the open one: its colour is not compared.
 */
other_job: boolean, };

export type CameraPanel = { 
/**
 * Every control, as it is now.
 */
controls: CameraControls, 
/**
 * Nothing while it is not calibrated.
 */
calibration: CalibrationLine | null, };

export type ControlsSet = { 
/**
 * Everything took.
 */
ok: boolean, 
/**
 * Which camera.
 */
camera: string, 
/**
 * Every control, read afterwards.
 */
controls: Array<ControlLine>, 
/**
 * What is not as it was wanted.
 */
findings: Array<DeviceNote>, };

export type PatchLine = { 
/**
 * `centre` or `backdrop`.
 */
region: string, 
/**
 * sRGB, 0 to 255.
 */
rgb: [number, number, number], 
/**
 * CIE Lab, one decimal.
 */
lab: [number, number, number], 
/**
 * Relative luminance, 0 to 1.
 */
luminance: number, 
/**
 * How uneven it is, 0 to 255.
 */
spread: number, };

export type CameraLocked = { 
/**
 * The controls are locked and kept.
 */
ok: boolean, 
/**
 * Which camera.
 */
camera: string, 
/**
 * Every control, read afterwards.
 */
controls: Array<ControlLine>, 
/**
 * What was measured afterwards; kept where everything took.
 */
reference?: PatchLine, 
/**
 * What is not as it was wanted.
 */
findings: Array<DeviceNote>, };

export type ProfileLine = { 
/**
 * For `job create`.
 */
name: string, 
/**
 * Title.
 */
title_zh: string, 
/**
 * Title.
 */
title_en: string, };

export type RemoteKey = { 
/**
 * What it stands for: `PageDown`, `F5`, `.`.
 */
key: string, 
/**
 * Its place on the keyboard, which an input method does not change; may be empty.
 */
code: string, };

export type StationInfo = { 
/**
 * Jobs that were open before, newest first.
 */
recent: Array<JobLine>, 
/**
 * Photo standards.
 */
profiles: Array<ProfileLine>, 
/**
 * The open job.
 */
job: JobLine | null, 
/**
 * Folder of the demo job, where the station was started with one.
 */
demo: string | null, 
/**
 * Who works here, as last typed.
 */
operator: string, 
/**
 * Why the job that the program was started with is not open.
 */
refused: Failure | null, 
/**
 * The key of a presenter or a foot pedal that exposes as Space does.
 */
remote: RemoteKey | null, 
/**
 * Whether the booth presses by itself once all has held.
 */
presses_itself: boolean, 
/**
 * What of the settings could not be used at the start.
 */
unsettled: Failure | null, };

export type WorkView = { 
/**
 * Later views have higher numbers.
 */
seq: number, 
/**
 * What is done; nothing when idle.
 */
kind: string | null, 
/**
 * Step of it.
 */
step: string, 
/**
 * Done.
 */
done: number, 
/**
 * Of so many; 0 while unknown.
 */
of: number, };

export type ChangedLine = { 
/**
 * 学号.
 */
student_number: string, 
/**
 * Which.
 */
columns: Array<string>, };

export type FilePlace = { 
/**
 * Line or file name.
 */
line: string, 
/**
 * Column.
 */
column: string, 
/**
 * Notice code.
 */
code: string, };

export type RosterImport = { 
/**
 * Only tried.
 */
dry_run: boolean, 
/**
 * Written.
 */
imported: boolean, 
/**
 * Rows that could be read.
 */
rows: number, 
/**
 * New entries.
 */
added: number, 
/**
 * Entries told otherwise.
 */
changed: Array<ChangedLine>, 
/**
 * Entries told as before.
 */
unchanged: number, 
/**
 * Entries that the file does not tell; they stay.
 */
absent: Array<string>, 
/**
 * How the file was read.
 */
encoding: string, 
/**
 * The encoding was guessed: look at the names before importing.
 */
encoding_doubtful: boolean, 
/**
 * Columns that are not used.
 */
ignored_columns: Array<string>, 
/**
 * Faulty rows.
 */
faults: Array<FilePlace>, 
/**
 * Rows worth a look.
 */
notes: Array<FilePlace>, };

export type PhotosImport = { 
/**
 * Kept.
 */
imported: number, 
/**
 * There already.
 */
unchanged: number, 
/**
 * Not used.
 */
faults: Array<FilePlace>, };

export type TrayView = { 
/**
 * Names of their files.
 */
documents: Array<string>, 
/**
 * Whose document lies on the reader.
 */
present: string | null, };

export type Failure = { 
/**
 * Notice code.
 */
code: string, 
/**
 * What is to be known beside it; never personal data.
 */
detail: string | null, };

export type NudgeStep = "left" | "right" | "up" | "down" | "larger" | "smaller";

export type Intent = { "kind": "expose" } | { "kind": "retake" } | { "kind": "accept", 
/**
 * The token of the review on the screen.
 */
token: string, } | { "kind": "void" } | { "kind": "choose", 
/**
 * Counted from 0.
 */
index: number, } | { "kind": "nudge", 
/**
 * Whereto.
 */
step: NudgeStep, } | { "kind": "claim", 
/**
 * 学号.
 */
student_number: string, };

export type RosterLine = { 
/**
 * 学号.
 */
student_number: string, 
/**
 * 姓名.
 */
name: string, 
/**
 * 身份证号, masked.
 */
number: string, 
/**
 * 班级.
 */
class: string, 
/**
 * `missing`, `filed` or `flagged`.
 */
standing: "missing" | "filed" | "flagged", 
/**
 * The generation that stands or was flagged.
 */
generation: number | null, 
/**
 * Whether the school gave an admission photo.
 */
admission_photo: boolean, };

export type RecordLine = { 
/**
 * 学号.
 */
student_number: string, 
/**
 * 姓名.
 */
name: string, 
/**
 * 班级.
 */
class: string, 
/**
 * Generation, from 1.
 */
generation: number, 
/**
 * `filed`, `flagged` or `superseded`.
 */
status: "filed" | "flagged" | "superseded", 
/**
 * Whether it goes into the next delivery.
 */
deliverable: boolean, 
/**
 * Why not: `flagged`, `superseded`, `referred`, `number-changed`, `name-changed`.
 */
held_back: string | null, 
/**
 * The sitting it came from.
 */
sitting: number, 
/**
 * `matched` or `referred`.
 */
basis: string, 
/**
 * Who accepted it: `attended` or `unattended`.
 */
attendance: string, 
/**
 * SHA-256 of the portrait, hex.
 */
portrait_sha256: string, 
/**
 * SHA-256 of its copy with an even background, hex, where one is on file.
 */
normalised_sha256: string | null, 
/**
 * Which camera took it: serial number, or what stands for one.
 */
camera: string, 
/**
 * What the camera was set to, `exposure=156 gain=auto:4`; nothing where its source has no controls.
 */
controls: string | null, 
/**
 * When it was filed, milliseconds since 1970 by the wall clock.
 */
filed_wall_ms: number, 
/**
 * Why it was flagged.
 */
flag_reason: string | null, 
/**
 * Who flagged it.
 */
flagged_by: string | null, 
/**
 * Path of the portrait, for a window.
 */
portrait: string, };

export type Delivered = { 
/**
 * Its folder.
 */
package: string, 
/**
 * Portraits in it.
 */
portraits: number, 
/**
 * Those of them that have a copy with an even background beside them.
 */
copies: number, 
/**
 * Entries of the roster that are not in it.
 */
missing: number, 
/**
 * Bytes of all files.
 */
bytes: number, 
/**
 * SHA-256 of the manifest, hex: names the whole package.
 */
manifest_sha256: string, };

export type WrongPlace = { 
/**
 * Stable code of the rule that does not hold.
 */
code: string, 
/**
 * Table and row of a job, or path within a package.
 */
place: string, };

export type Verdict = { 
/**
 * `job` or `package`.
 */
what: "job" | "package", 
/**
 * Nothing is wrong.
 */
ok: boolean, 
/**
 * No station key was given: the signatures fit the key that job or package names
 * itself.
 */
unpinned: boolean, 
/**
 * Records looked at.
 */
records: number, 
/**
 * Lines of the journal; 0 for a package.
 */
journal_rows: number, 
/**
 * Last line of the journal and its hash, hex: to be noted elsewhere.
 */
journal_head: [number, string] | null, 
/**
 * `production` or `training`, where it can be read.
 */
kind: string | null, 
/**
 * Devices that were not physical, each with the number of its sittings.
 */
virtual_devices: Array<string>, 
/**
 * What is wrong.
 */
faults: Array<WrongPlace>, };

