//! Notices: what people read, in two languages, with the remedy.
//!
//! One table holds every code that the rules, the devices and the disk can give.
//! The window and the command line show its texts and nobody else writes any;
//! the manual prints the same table. `tests/manual.rs` keeps the codes of the
//! crates, this table and the manual together.

mod table;

use serde::Serialize;
use table::NOTICES;

/// What a code is about, which decides the exit status of the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeKind {
    /// The rules said no: exit 1.
    Refusal,
    /// A sitting was given up: exit 1.
    Void,
    /// A portrait misses the photo standard: exit 1.
    Finding,
    /// A check found something wrong: exit 1.
    Wrong,
    /// Worth a look; decides no exit status.
    Note,
    /// A device, a disk or a file is at fault: exit 3.
    Fault,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Notice {
    /// Stable code.
    pub code: &'static str,
    /// What it is about.
    pub kind: NoticeKind,
    /// What happened, Chinese.
    pub zh: &'static str,
    /// What to do, Chinese.
    pub zh_remedy: &'static str,
    /// What happened, English.
    pub en: &'static str,
    /// What to do, English.
    pub en_remedy: &'static str,
}

impl Notice {
    /// What happened and what to do, as two sentences of one language.
    #[must_use]
    pub fn text(&self, chinese: bool) -> String {
        if chinese {
            format!("{}。{}。", self.zh, self.zh_remedy)
        } else {
            format!("{} {}", self.en, self.en_remedy)
        }
    }
}

/// The notice of a code; `None` for a code that the table does not hold (a test
/// makes sure that every code of the rules is in it).
#[must_use]
pub fn notice(code: &str) -> Option<&'static Notice> {
    NOTICES.iter().find(|notice| notice.code == code)
}

/// Every notice, in the order of the manual.
#[must_use]
pub fn notices() -> &'static [Notice] {
    NOTICES
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_distinct_and_texts_complete() {
        let mut seen = HashSet::new();
        for notice in notices() {
            assert!(seen.insert(notice.code), "{} twice", notice.code);
            for text in [notice.zh, notice.zh_remedy, notice.en, notice.en_remedy] {
                assert!(text.chars().count() >= 4, "{}", notice.code);
            }
        }
    }
}
