//! Lines for people, or one JSON object per line.

use serde::Serialize;
use station::{NoticeKind, StationError, Verdict, notice, notices};

/// Where everything that is said goes: standard output, and faults to standard error.
pub(crate) struct Output {
    json: bool,
    chinese: bool,
}

impl Output {
    pub(crate) fn new(json: bool, lang: &str) -> Self {
        Self {
            json,
            chinese: lang == "zh",
        }
    }

    /// One result.
    pub(crate) fn value<T: Serialize>(&self, value: &T) {
        let Ok(value) = serde_json::to_value(value) else {
            return;
        };
        if self.json {
            line(&value.to_string());
        } else {
            line(&text_of(&value, 0));
        }
    }

    /// A list, one line each.
    pub(crate) fn list<T: Serialize>(&self, values: &[T]) {
        for value in values {
            let Ok(value) = serde_json::to_value(value) else {
                continue;
            };
            line(&if self.json {
                value.to_string()
            } else {
                row_of(&value)
            });
        }
    }

    /// What `verify` found: a line for each fault, then the verdict.
    pub(crate) fn verdict(&self, verdict: &Verdict) {
        if self.json {
            self.value(verdict);
            return;
        }
        for fault in &verdict.faults {
            line(&format!("WRONG  {}  {}", fault.code, fault.place));
        }
        for device in &verdict.virtual_devices {
            line(&format!("virtual device: {device}"));
        }
        let pinned = if verdict.unpinned {
            ", unpinned"
        } else {
            ", pinned"
        };
        let word = if verdict.ok {
            "verified"
        } else {
            "FOUND WRONG"
        };
        line(&format!(
            "{word}{pinned}: {} records, {} journal rows",
            verdict.records, verdict.journal_rows
        ));
    }

    /// A message that a code stands for, in the chosen language.
    pub(crate) fn say(&self, code: &str) -> String {
        notice(code).map_or_else(
            || code.to_owned(),
            |notice| {
                let (what, remedy) = if self.chinese {
                    (notice.zh, notice.zh_remedy)
                } else {
                    (notice.en, notice.en_remedy)
                };
                format!("{what} {remedy} [{code}]")
            },
        )
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// An error; returns the exit status.
    pub(crate) fn error(&self, error: &StationError) -> u8 {
        let (code, detail) = (error.code(), error.detail());
        let refused = error.kind() != NoticeKind::Fault;
        if self.json {
            let notice = notice(code);
            line(
                &serde_json::json!({
                    "event": if refused { "refused" } else { "fault" },
                    "code": code,
                    "message": notice.map(|n| if self.chinese { n.zh } else { n.en }),
                    "remedy": notice.map(|n| if self.chinese { n.zh_remedy } else { n.en_remedy }),
                    "detail": detail,
                })
                .to_string(),
            );
        }
        let detail = detail
            .map(|detail| format!(" ({detail})"))
            .unwrap_or_default();
        complaint(&format!("{}{detail}", self.say(code)));
        if refused { 1 } else { 3 }
    }

    /// The table of all codes.
    pub(crate) fn codes(&self) {
        if self.json {
            self.list(notices());
            return;
        }
        for notice in notices() {
            line(&format!(
                "{:26} {:?}  {}  {}",
                notice.code, notice.kind, notice.zh, notice.zh_remedy
            ));
            line(&format!("{:26} {}  {}", "", notice.en, notice.en_remedy));
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "standard output is this program's product"
)]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "complaints go to standard error")]
pub(crate) fn complaint(text: &str) {
    eprintln!("{text}");
}

fn text_of(value: &serde_json::Value, depth: usize) -> String {
    let serde_json::Value::Object(fields) = value else {
        return plain(value);
    };
    let indent = "  ".repeat(depth);
    let lines =
        fields
            .iter()
            .filter(|(_, field)| !field.is_null())
            .map(|(name, field)| match field {
                serde_json::Value::Array(items) => {
                    let rows: Vec<_> = items
                        .iter()
                        .map(|item| format!("\n{indent}  - {}", row_of(item)))
                        .collect();
                    format!("{indent}{name}: {}{}", items.len(), rows.concat())
                }
                serde_json::Value::Object(_) => {
                    format!("{indent}{name}:\n{}", text_of(field, depth + 1))
                }
                serde_json::Value::Null
                | serde_json::Value::Bool(_)
                | serde_json::Value::Number(_)
                | serde_json::Value::String(_) => format!("{indent}{name}: {}", plain(field)),
            });
    lines.collect::<Vec<_>>().join("\n")
}

fn row_of(value: &serde_json::Value) -> String {
    value.as_object().map_or_else(
        || plain(value),
        |fields| fields.values().map(plain).collect::<Vec<_>>().join("\t"),
    )
}

fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
