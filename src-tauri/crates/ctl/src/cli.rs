//! The words of the command line, as the manual prints them.

use clap::{Args, Parser, Subcommand};
use station::{CameraChoice, ControlSettings, ReaderChoice};
use std::path::PathBuf;

/// Likeness (照准): the right face on the right record.
///
/// Exit status: 0 done, 1 refused or found wrong, 2 usage, 3 fault.
#[derive(Parser)]
#[command(name = "likeness-ctl", version)]
pub(crate) struct Cli {
    /// One JSON object per line instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of the texts: zh or en.
    #[arg(long, global = true, default_value = "zh", value_parser = ["zh", "en"])]
    pub(crate) lang: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Jobs: a job is a folder.
    #[command(subcommand)]
    Job(JobCommand),
    /// The roster of a job.
    #[command(subcommand)]
    Roster(RosterCommand),
    /// Hold one sitting; returns when it is filed, refused or void.
    Sit(SitArgs),
    /// The records on file.
    #[command(subcommand)]
    Record(RecordCommand),
    /// Portraits from picture files, outside any job.
    #[command(subcommand)]
    Portrait(PortraitCommand),
    /// A camera by itself: its controls, its calibration, the clock of a watched folder's.
    #[command(subcommand)]
    Camera(CameraCommand),
    /// A document reader by itself, outside any job: nobody is verified, nothing is kept.
    #[command(subcommand)]
    Card(CardCommand),
    /// This station's signing key.
    #[command(subcommand)]
    Station(StationCommand),
    /// Write the delivery package of a job.
    Deliver {
        /// The job's folder.
        job: PathBuf,
        /// The package's folder; must not exist.
        out: PathBuf,
    },
    /// Prove a job or a delivery package; names every row that is wrong.
    Verify {
        /// The folder of a job or of a package.
        path: PathBuf,
        /// Pin the station's public key; without it the verdict says "unpinned".
        #[arg(long)]
        station_key: Option<PathBuf>,
    },
    /// Print the table of all codes.
    Codes,
}

#[derive(Subcommand)]
pub(crate) enum JobCommand {
    /// Create a job in a new folder.
    Create {
        /// The job's folder; must not exist or be empty.
        job: PathBuf,
        /// The photo standard: a name, or a TOML file of one's own, whose text the job keeps.
        #[arg(long, default_value = "national")]
        profile: String,
        /// For demo, training and tests: simulated devices allowed, portraits marked.
        #[arg(long)]
        training: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum RosterCommand {
    /// Import a roster from xlsx, xls or csv.
    Import {
        /// The job's folder.
        job: PathBuf,
        /// The roster file.
        file: PathBuf,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
        /// Import the good rows although others are faulty.
        #[arg(long)]
        skip_faulty: bool,
    },
    /// List the entries with their standing.
    List {
        /// The job's folder.
        job: PathBuf,
        /// Only this class.
        #[arg(long)]
        class: Option<String>,
    },
    /// Import admission photos named by student number or ID number.
    Photos {
        /// The job's folder.
        job: PathBuf,
        /// The folder of pictures.
        dir: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct SitArgs {
    /// The job's folder.
    pub(crate) job: PathBuf,
    /// pcsc[:NAME] or simulated:FILE.
    #[arg(long)]
    pub(crate) reader: ReaderChoice,
    /// v4l[:SERIAL], folder:DIR, still:PATH or nokhwa[:N].
    #[arg(long)]
    pub(crate) camera: CameraChoice,
    /// Expose and accept without a person; recorded as unattended.
    #[arg(long)]
    pub(crate) auto: bool,
    /// Who works at the booth, for the record.
    #[arg(long, default_value = "operator")]
    pub(crate) operator: String,
    /// The student number that decides where one document has several enrolments.
    #[arg(long)]
    pub(crate) student_number: Option<String>,
    /// Photograph a subject whose roster entry is wrong; names who answers for it.
    #[arg(long, requires = "student_number")]
    pub(crate) refer_by: Option<String>,
    /// Seconds to wait for a document.
    #[arg(long, default_value_t = 120)]
    pub(crate) wait: u64,
}

#[derive(Subcommand)]
pub(crate) enum RecordCommand {
    /// List the records, every generation.
    List {
        /// The job's folder.
        job: PathBuf,
    },
    /// Write the current portrait of a student to a file.
    Export {
        /// The job's folder.
        job: PathBuf,
        /// 学号.
        student_number: String,
        /// The JPEG file to write; must not exist.
        out: PathBuf,
        /// An earlier generation instead of the current one.
        #[arg(long)]
        generation: Option<u32>,
        /// The copy with an even background instead of the portrait.
        #[arg(long)]
        normalised: bool,
    },
    /// Mark a portrait as wrong: admits one new sitting.
    Flag {
        /// The job's folder.
        job: PathBuf,
        /// 学号.
        student_number: String,
        /// A reason code of the manual.
        #[arg(long)]
        reason: String,
        /// Who decides it.
        #[arg(long)]
        by: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum PortraitCommand {
    /// Print a photo standard as it is written, to make one of one's own from; without a name list them.
    Profile {
        /// Its name.
        name: Option<String>,
        /// The usual limits of the measures, for what a profile leaves out, in its stead.
        #[arg(long, conflicts_with = "name")]
        measures: bool,
    },
    /// Make a portrait from a picture, or one from each picture of a folder.
    Make {
        /// JPEG or PNG, or a folder of them.
        input: PathBuf,
        /// The JPEG to write, must not exist; or a folder that is empty or not there. What
        /// failed in a folder is on its contact-sheet.html.
        out: PathBuf,
        /// Beside each portrait write NAME.normalised.jpg, a copy whose background is brought to
        /// the colour of the profile, which must allow it.
        #[arg(long)]
        normalise: bool,
        /// A page that shows both side by side; must not exist. A folder has its contact-sheet.html anyway; with this it goes elsewhere.
        #[arg(long, value_name = "PAGE.html", requires = "normalise")]
        sheet: Option<PathBuf>,
        /// The photo standard: a name, or a TOML file of one's own.
        #[arg(long, default_value = "national")]
        profile: String,
    },
    /// Check a finished portrait, or each of a folder, against the photo standard.
    Check {
        /// The JPEG, or a folder of them.
        file: PathBuf,
        /// For a folder: a page of those that failed and why; must not exist.
        #[arg(long, value_name = "PAGE.html")]
        sheet: Option<PathBuf>,
        /// Where the background fails, draw the places here (PNG); must not exist.
        #[arg(long, value_name = "PNG")]
        overlay: Option<PathBuf>,
        /// The photo standard: a name, or a TOML file of one's own.
        #[arg(long, default_value = "national")]
        profile: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum CameraCommand {
    /// The cameras that are connected.
    List,
    /// What can be set on a camera, with ranges and present values.
    Controls {
        /// v4l[:SERIAL] or still:PATH.
        #[arg(long, default_value = "v4l")]
        camera: CameraChoice,
    },
    /// Set controls, read them back, and keep them for this camera.
    Set {
        /// NAME=VALUE, e.g. exposure=156 white-balance-auto=off power-line=50hz.
        #[arg(required = true)]
        settings: Vec<ControlSettings>,
        /// As for `controls`.
        #[arg(long, default_value = "v4l")]
        camera: CameraChoice,
    },
    /// Calibrate: let the automatics settle before a grey card or the backdrop, switch them
    /// off with what they found, measure, and keep it for this camera.
    Lock {
        /// As for `controls`.
        #[arg(long, default_value = "v4l")]
        camera: CameraChoice,
        /// The job that it is made for.
        #[arg(long)]
        job: Option<PathBuf>,
        /// Where it is measured: backdrop (upper corners) or centre (a grey card).
        #[arg(long, default_value = "backdrop", value_parser = ["backdrop", "centre"])]
        region: String,
        /// Lock what is set now; no automatic looks for anything else.
        #[arg(long)]
        as_is: bool,
        /// Seconds that the automatics may take.
        #[arg(long, default_value_t = 20)]
        wait: u64,
    },
    /// Measure again, and name the drift since the calibration.
    Check {
        /// As for `controls`.
        #[arg(long, default_value = "v4l")]
        camera: CameraChoice,
        /// Seconds to wait for the picture.
        #[arg(long, default_value_t = 10)]
        wait: u64,
    },
    /// Measure the clock of the watched folder's camera: it photographs the station's
    /// clock code.
    Clock {
        /// The job's folder.
        job: PathBuf,
        /// folder:DIR.
        #[arg(long)]
        camera: CameraChoice,
        /// Where the changing clock code is drawn (PNG), for a screen that shows it.
        #[arg(long)]
        code: PathBuf,
        /// Seconds to wait for the photograph.
        #[arg(long, default_value_t = 120)]
        wait: u64,
    },
}

#[derive(Subcommand)]
pub(crate) enum CardCommand {
    /// Read one document, twice, and print it with its numbers masked.
    Read {
        /// pcsc[:NAME], sdt:PORT, sdtapi:PATH[#PORT] or simulated:FILE.
        #[arg(long, default_value = "pcsc")]
        reader: ReaderChoice,
        /// Seconds to wait for a document.
        #[arg(long, default_value_t = 30)]
        wait: u64,
        /// A library that opens portraits of chips, to see whether it works; the portrait is
        /// shown and kept nowhere.
        #[arg(long, value_name = "LIBRARY")]
        decoder: Option<PathBuf>,
    },
    /// Print what the reader tells, as it happens: its state, documents that come, are read
    /// and leave, and every fault with its remedy.
    Watch {
        /// As for `read`.
        #[arg(long, default_value = "pcsc")]
        reader: ReaderChoice,
        /// Seconds after which it is enough; without it, until Ctrl-C.
        #[arg(long)]
        r#for: Option<u64>,
    },
}

#[derive(Subcommand)]
pub(crate) enum StationCommand {
    /// Print the public key and where it lies; made at the first use.
    Key,
}
