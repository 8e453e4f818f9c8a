//! Lines for people, or one JSON object per line.

use serde::Serialize;
use serde_json::Value;
use station::{NoticeKind, StationError, Verdict, notice, notices};
use std::collections::BTreeSet;
use std::io::Write as _;

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
            line(&self.text_of(&value, 0));
        }
    }

    /// A list, one line each; for people under the names of its columns.
    pub(crate) fn list<T: Serialize>(&self, values: &[T]) {
        let values = values.iter().map(serde_json::to_value);
        let values: Vec<Value> = values.filter_map(Result::ok).collect();
        if self.json {
            values.iter().for_each(|value| line(&value.to_string()));
        } else {
            self.rows(&values, "").iter().for_each(|row| line(row));
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
            if let Some(notice) = notice(fault.code) {
                line(&format!("       {}", notice.text(self.chinese)));
            }
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
            |notice| format!("{} [{code}]", notice.text(self.chinese)),
        )
    }

    /// One event; in JSON with the message and the remedy of its code.
    pub(crate) fn explained<T: Serialize>(&self, event: &T, code: Option<&str>) {
        let Ok(mut value) = serde_json::to_value(event) else {
            return;
        };
        if let (Some(fields), Some(notice)) = (value.as_object_mut(), code.and_then(notice)) {
            let (message, remedy) = if self.chinese {
                (notice.zh, notice.zh_remedy)
            } else {
                (notice.en, notice.en_remedy)
            };
            fields.insert("message".to_owned(), message.into());
            fields.insert("remedy".to_owned(), remedy.into());
        }
        line(&value.to_string());
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
        let width = notices().iter().map(|notice| notice.code.len()).max();
        let width = width.unwrap_or_default();
        for notice in notices() {
            let kind = format!("{:?}", notice.kind);
            line(&format!(
                "{:width$}  {kind:8} {}",
                notice.code,
                notice.text(true)
            ));
            line(&format!("{:width$}  {:8} {}", "", "", notice.text(false)));
        }
    }

    fn text_of(&self, value: &Value, depth: usize) -> String {
        let Value::Object(fields) = value else {
            return plain(value);
        };
        let indent = "  ".repeat(depth);
        let told = fields.iter().filter(|(_, field)| !field.is_null());
        let lines = told.map(|(name, field)| match field {
            Value::Array(items) => {
                let below = format!("{indent}    ");
                let rows = self.rows(items, &below).into_iter();
                let rows: String = rows.map(|row| format!("\n{indent}  - {row}")).collect();
                format!("{indent}{name}: {}{rows}", items.len())
            }
            Value::Object(_) => {
                format!("{indent}{name}:\n{}", self.text_of(field, depth + 1))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                format!("{indent}{name}: {}", plain(field))
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// One text for each item. Rows without a code of their own stand under the names of their columns,
    /// and a field that a row has not leaves its column empty.
    fn rows(&self, items: &[Value], below: &str) -> Vec<String> {
        let all: Option<Vec<_>> = items.iter().map(Value::as_object).collect();
        let Some(all) = all.filter(|all| all.iter().all(|row| !row.contains_key("code"))) else {
            return items.iter().map(|item| self.row_of(item, below)).collect();
        };
        let columns: BTreeSet<&String> = all.iter().flat_map(|row| row.keys()).collect();
        if columns.is_empty() {
            return Vec::new();
        }
        let head: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
        let mut rows = vec![head.join("\t")];
        rows.extend(all.iter().map(|row| {
            let cells = columns.iter().map(|name| match row.get(*name) {
                None | Some(Value::Null) => String::new(),
                Some(value) => plain(value),
            });
            cells.collect::<Vec<_>>().join("\t")
        }));
        rows
    }

    /// The fields of a row side by side. A row with a code (a finding, a fault of a
    /// roster) says below it what happened and what to do.
    fn row_of(&self, value: &Value, below: &str) -> String {
        let Some(fields) = value.as_object() else {
            return plain(value);
        };
        let row = fields.values().map(plain).collect::<Vec<_>>().join("\t");
        let told = fields.get("code").and_then(Value::as_str);
        told.and_then(notice).map_or_else(
            || row.clone(),
            |notice| format!("{row}\n{below}{}", notice.text(self.chinese)),
        )
    }
}

/// One line for whoever reads us. When nobody does any more, as after `| head`, there is nothing left
/// to do: what the store holds is whole at any moment, and an open sitting is void at the next start.
pub(crate) fn line(text: &str) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(3);
    }
}

/// One line of complaint; where nobody reads those, the exit status has to do.
pub(crate) fn complaint(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Value {
        serde_json::json!({
            "ok": false,
            "findings": [
                {"code": "crown-out-of-band", "severity": "blocks", "value": 41.0},
                {"code": "of-a-newer-program", "severity": "warns"},
            ],
        })
    }

    #[test]
    fn a_finding_says_what_to_do_in_the_chosen_language() {
        let chinese = Output::new(false, "zh").text_of(&findings(), 0);
        let english = Output::new(false, "en").text_of(&findings(), 0);
        let notice = notice("crown-out-of-band").unwrap();
        for (text, what, remedy) in [
            (&chinese, notice.zh, notice.zh_remedy),
            (&english, notice.en, notice.en_remedy),
        ] {
            let below = text
                .lines()
                .skip_while(|line| !line.contains("crown-out"))
                .nth(1);
            let below = below.unwrap();
            assert!(below.contains(what) && below.contains(remedy), "{text}");
        }
        assert!(!chinese.contains(notice.en) && !english.contains(notice.zh));
    }

    #[test]
    fn rows_stand_under_the_names_of_their_columns() {
        let controls = serde_json::json!({"controls": [
            {"control": "exposure", "value": 156, "min": 3, "max": 2047},
            {"control": "power-line", "value": 1, "kept": 1},
        ]});
        let text = Output::new(false, "en").text_of(&controls, 0);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(1)
            .map(|row| row.trim_start_matches("  - ").split('\t').collect())
            .collect();
        assert_eq!(rows[0], ["control", "kept", "max", "min", "value"]);
        assert_eq!(rows[1], ["exposure", "", "2047", "3", "156"]);
        assert_eq!(rows[2], ["power-line", "1", "", "", "1"]);
        assert_eq!(rows.len(), 3);
        // Rows with a code explain themselves, and a list of words has no columns.
        assert!(
            !Output::new(false, "en")
                .text_of(&findings(), 0)
                .contains("severity")
        );
        let words = serde_json::json!({"others_named": ["list.csv"]});
        let text = Output::new(false, "en").text_of(&words, 0);
        assert_eq!(text, "others_named: 1\n  - list.csv");
        assert!(Output::new(false, "en").rows(&[], "").is_empty());
    }

    #[test]
    fn a_code_without_a_notice_stands_alone() {
        let text = Output::new(false, "en").text_of(&findings(), 0);
        assert!(
            text.ends_with("of-a-newer-program\twarns\nok: false"),
            "{text}"
        );
        assert_eq!(
            Output::new(false, "en").say("of-a-newer-program"),
            "of-a-newer-program"
        );
    }
}
