//! Invented people: a drawn face, a name, a number with a right check digit.

use simulator::subject::Subject;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// An identity number of nobody: born in the 19th century, check digit right.
#[must_use]
pub fn id_number(seed: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    // Day and number repeat together after 7000 people; then comes another month.
    let (month, day) = (1 + seed / 7000, 1 + seed % 28);
    let body = format!("1101051880{month:02}{day:02}{:03}", seed % 1000);
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, w)| u32::from(digit - b'0') * w)
        .sum();
    let check = b"10X98765432"[(sum % 11) as usize] as char;
    format!("{body}{check}")
}

/// Somebody who may come to the booth.
#[derive(Clone)]
pub struct Person {
    /// 学号, the label of everything that comes out.
    pub student_number: String,
    /// 姓名.
    pub name: String,
    /// 身份证号.
    pub number: String,
    /// 班级.
    pub class: String,
    /// The drawn subject's id, which their pixels carry.
    pub subject: u32,
}

impl Person {
    /// The person of this student number; number and face follow from it.
    ///
    /// # Panics
    /// If the student number does not end in three digits.
    #[must_use]
    pub fn new(student_number: &str, name: &str, class: &str) -> Self {
        let tail = &student_number[student_number.len() - 3..];
        let seed: u32 = tail.parse().expect("a student number ends in three digits");
        Self {
            student_number: student_number.to_owned(),
            name: name.to_owned(),
            number: id_number(seed),
            class: class.to_owned(),
            subject: seed,
        }
    }

    /// Draws the person in front of the cloth, once, and returns the picture's file.
    ///
    /// # Panics
    /// If the picture cannot be written.
    #[must_use]
    pub fn picture(&self, dir: &Path) -> PathBuf {
        let file = dir.join(format!("subject-{}.png", self.subject));
        if !file.exists() {
            let drawn = Subject::numbered(self.subject).draw(960, 1280, 1);
            drawn.save(&file).expect("the picture is written");
        }
        file
    }

    /// The document as a TOML file, with changed fields and a script.
    ///
    /// # Panics
    /// If the file cannot be written.
    #[must_use]
    pub fn document(&self, dir: &Path, valid_to: &str, script: &[String]) -> PathBuf {
        let birth = &self.number[6..14];
        let odd = self.number.as_bytes()[16] % 2 == 1;
        let sex = if odd { "male" } else { "female" };
        let mut text = String::new();
        writeln!(text, "name = \"{}\"", self.name).expect("written");
        writeln!(
            text,
            "sex = \"{sex}\"\nnation = \"01\"\nbirth = \"{birth}\""
        )
        .expect("written");
        writeln!(
            text,
            "address = \"第一路一号\"\nnumber = \"{}\"",
            self.number
        )
        .expect("written");
        writeln!(text, "issuer = \"某市公安局\"\nvalid_from = \"20200101\"").expect("written");
        writeln!(text, "valid_to = \"{valid_to}\"").expect("written");
        if !script.is_empty() {
            writeln!(text, "[script]\n{}", script.join("\n")).expect("written");
        }
        let file = dir.join(format!("document-{}-{}.toml", self.student_number, fresh()));
        std::fs::write(&file, text).expect("the document is written");
        file
    }
}

fn fresh() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Paints the cloth of a drawn picture anew, from its colour and how far right it is, 0 to 1.
///
/// # Panics
/// If the file is no picture or cannot be written.
pub fn repaint(file: &Path, paint: impl Fn([u8; 3], f32) -> [u8; 3]) {
    let mut drawn = image::open(file).expect("a picture").into_rgb8();
    let width = drawn.width() as f32;
    for (x, _, pixel) in drawn.enumerate_pixels_mut() {
        let [r, g, b] = pixel.0;
        if r.abs_diff(100) < 24 && g.abs_diff(197) < 24 && b.abs_diff(255) < 24 {
            pixel.0 = paint(pixel.0, x as f32 / width);
        }
    }
    drawn.save(file).expect("written");
}
