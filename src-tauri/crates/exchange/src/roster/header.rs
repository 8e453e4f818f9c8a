//! The header row: which column is which.

use super::coded;
use crate::table::{Cell, HEADER_WITHIN, Row, Sheet, is_blank};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

coded! {
    /// A column of the roster that something is taken from.
    Column {
        /// 学号, required.
        StudentNumber = "student_number",
        /// 姓名, required.
        Name = "name",
        /// 身份证号, required.
        Number = "number",
        /// 性别.
        Sex = "sex",
        /// 学院.
        College = "college",
        /// 专业.
        Major = "major",
        /// 班级.
        Class = "class",
        /// 图像采集码.
        CollectionCode = "collection_code",
    }
}

impl Column {
    /// The header as our own files write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::StudentNumber => "学号",
            Self::Name => "姓名",
            Self::Number => "身份证号",
            Self::Sex => "性别",
            Self::College => "学院",
            Self::Major => "专业",
            Self::Class => "班级",
            Self::CollectionCode => "图像采集码",
        }
    }

    /// Whether a roster without it is refused.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::StudentNumber | Self::Name | Self::Number)
    }

    /// Headers that mean this column, folded, the most exact first. The variants
    /// are those of school and exam-office templates.
    #[expect(clippy::too_many_lines, reason = "a table")]
    const fn variants(self) -> &'static [&'static str] {
        match self {
            Self::StudentNumber => &[
                "学号",
                "学生学号",
                "学籍号",
                "学生编号",
                "studentnumber",
                "studentno",
                "studentid",
                "stuno",
                "xh",
            ],
            Self::Name => &[
                "姓名",
                "学生姓名",
                "名字",
                "name",
                "fullname",
                "studentname",
                "xm",
            ],
            Self::Number => &[
                "身份证号",
                "身份证号码",
                "身份证",
                "身份证件号",
                "身份证件号码",
                "居民身份证号",
                "居民身份证号码",
                "公民身份号码",
                "公民身份证号码",
                "身份号码",
                "证件号",
                "证件号码",
                "有效证件号",
                "有效证件号码",
                "idnumber",
                "idno",
                "idcard",
                "idcardnumber",
                "idcardno",
                "identitynumber",
                "identitycardnumber",
                "documentnumber",
                "documentno",
                "sfzh",
                "sfzjh",
            ],
            Self::Sex => &["性别", "学生性别", "sex", "gender", "xb"],
            Self::College => &[
                "学院",
                "学院名称",
                "所在学院",
                "所属学院",
                "院系",
                "院系名称",
                "所在院系",
                "院系所",
                "二级学院",
                "系",
                "系别",
                "系部",
                "系名称",
                "college",
                "school",
                "department",
                "faculty",
            ],
            Self::Major => &[
                "专业",
                "专业名称",
                "所学专业",
                "所在专业",
                "major",
                "program",
                "programme",
                "speciality",
            ],
            Self::Class => &[
                "班级",
                "班级名称",
                "行政班",
                "行政班级",
                "所在班级",
                "所属班级",
                "班",
                "班别",
                "class",
                "classname",
                "bj",
            ],
            Self::CollectionCode => &[
                "图像采集码",
                "采集码",
                "图像信息采集码",
                "collectioncode",
                "imagecollectioncode",
            ],
        }
    }
}

/// A header row that lacks a required column: what was found and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Line of the header row; the first is 1.
    pub line: u32,
    /// Required columns that are not there.
    pub missing: Vec<Column>,
    /// Columns that are there.
    pub found: Vec<Column>,
    /// Places of the headers that mean nothing here, e.g. `column 4`. Not their
    /// text: a row with so little of a header may be one of people.
    pub unknown: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = |columns: &[Column]| -> String {
            let titles: Vec<&str> = columns.iter().map(|column| column.title()).collect();
            titles.join(", ")
        };
        write!(f, "line {}: no column {}", self.line, titles(&self.missing))?;
        write!(f, "; found {}", titles(&self.found))?;
        if !self.unknown.is_empty() {
            write!(f, "; not known: {}", self.unknown.join(", "))?;
        }
        f.write_str(": give the columns these titles in the header row")
    }
}

/// Where each column stands.
pub(crate) struct Header {
    pub(crate) line: u32,
    /// Columns with their places from the left, in the order of the file.
    places: Vec<(Column, usize)>,
    pub(crate) ignored: Vec<String>,
    /// Places of those, from 0.
    unknown: Vec<usize>,
    /// Cells up to the last header.
    pub(crate) width: usize,
}

impl Header {
    pub(crate) fn place(&self, column: Column) -> Option<usize> {
        let mut places = self.places.iter();
        places.find(|(own, _)| *own == column).map(|(_, at)| *at)
    }

    pub(crate) fn columns(&self) -> Vec<Column> {
        self.places.iter().map(|(column, _)| *column).collect()
    }
}

/// What the first rows of a sheet hold.
pub(crate) enum Found {
    /// All required columns.
    Complete(Header),
    /// A header row, not complete.
    Incomplete(Missing),
    /// A complete header row with one required column twice.
    Repeated(u32, Column),
    /// No row with two known headers.
    None,
}

/// Finds the header row. A single known word is not enough: a title such as
/// "2022 级 专业 名册" stands above many rosters.
pub(crate) fn find(sheet: &Sheet) -> Found {
    let mut best: Option<(usize, Missing)> = None;
    let rows = sheet.rows.iter();
    for row in rows.take_while(|row| row.line <= HEADER_WITHIN) {
        let header = match read(row) {
            Ok(header) => header,
            Err(column) => return Found::Repeated(row.line, column),
        };
        let found = header.columns();
        let required = Column::ALL.iter().copied().filter(|c| c.is_required());
        let missing: Vec<Column> = required.filter(|c| !found.contains(c)).collect();
        if missing.is_empty() {
            return Found::Complete(header);
        }
        let better = best.as_ref().is_none_or(|(known, _)| found.len() > *known);
        if found.len() >= 2 && better {
            let missing = Missing {
                line: row.line,
                missing,
                found: found.clone(),
                unknown: header.unknown.iter().map(|at| place(*at)).collect(),
            };
            best = Some((found.len(), missing));
        }
    }
    best.map_or(Found::None, |(_, missing)| Found::Incomplete(missing))
}

/// Reads one row as if it were a header; a required column that stands twice in it
/// is an error. Of an optional one that stands twice (院系 beside 学院) the most
/// exact title counts.
fn read(row: &Row) -> Result<Header, Column> {
    let mut header = Header {
        line: row.line,
        places: Vec::new(),
        ignored: Vec::new(),
        unknown: Vec::new(),
        width: 0,
    };
    let titles: Vec<Option<String>> = row.cells.iter().map(title).collect();
    let mut used = vec![false; titles.len()];
    for column in Column::ALL.iter().copied() {
        let rank = |title: &Option<String>| {
            let title = fold(title.as_deref()?);
            column
                .variants()
                .iter()
                .position(|variant| *variant == title)
        };
        let ranked = titles.iter().enumerate();
        let mut places: Vec<(usize, usize)> = ranked
            .filter_map(|(at, title)| rank(title).map(|rank| (rank, at)))
            .collect();
        places.sort_unstable();
        let same_title = matches!(places[..], [(a, _), (b, _), ..] if a == b);
        if places.len() > 1 && (column.is_required() || same_title) {
            return Err(column);
        }
        if let Some((_, at)) = places.first() {
            header.places.push((column, *at));
            used[*at] = true;
        }
    }
    header.places.sort_unstable_by_key(|(_, at)| *at);
    for (at, title) in titles.into_iter().enumerate() {
        let Some(title) = title else { continue };
        header.width = at + 1;
        if !used[at] {
            header.unknown.push(at);
            header.ignored.push(shown(title, at));
        }
    }
    Ok(header)
}

fn title(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.trim_matches(is_blank).to_owned()),
        Cell::Number(_) | Cell::Unusable => Some(String::new()),
        Cell::Empty => None,
    }
}

/// A header as it may be shown. What has digits in it or is long is no title and is
/// named by its place.
fn shown(title: String, at: usize) -> String {
    let digits = title.chars().filter(char::is_ascii_digit).count();
    if title.is_empty() || digits > 4 || title.chars().count() > 20 {
        place(at)
    } else {
        title
    }
}

fn place(at: usize) -> String {
    format!("column {}", at + 1)
}

/// A header without case, width, blanks, punctuation and remarks in parentheses.
fn fold(title: &str) -> String {
    let plain: String = title.nfkc().collect::<String>().to_lowercase();
    let mut depth = 0usize;
    let mut bare = String::new();
    for c in plain.chars() {
        match c {
            '(' | '[' | '【' | '〔' | '「' => depth += 1,
            ')' | ']' | '】' | '〕' | '」' => depth = depth.saturating_sub(1),
            c if depth == 0 && c.is_alphanumeric() => bare.push(c),
            _ => {}
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, titles: &[&str]) -> Row {
        let cell = |title: &&str| {
            if title.is_empty() {
                Cell::Empty
            } else {
                Cell::Text((*title).to_owned())
            }
        };
        Row {
            line,
            cells: titles.iter().map(cell).collect(),
        }
    }

    fn sheet(rows: Vec<Row>) -> Sheet {
        Sheet {
            name: None,
            rows,
            unclosed: None,
        }
    }

    #[test]
    fn no_variant_means_two_columns_and_all_are_folded() {
        let mut seen = std::collections::HashSet::new();
        for column in Column::ALL {
            for variant in column.variants() {
                assert!(seen.insert(*variant), "{variant} twice");
                assert_eq!(fold(variant), *variant);
            }
            assert_eq!(column.variants()[0], column.title());
        }
    }

    #[test]
    fn usual_variants_are_known() {
        let spellings = [
            ["学号", "姓名", "身份证号"],
            [" 学生学号 ", "姓 名", "身份证件号(必填)"],
            ["Student No.", "NAME", "ID Number"],
            [
                "ｓｔｕｄｅｎｔ＿ｎｕｍｂｅｒ",
                "学生姓名（*）",
                "证件号码：",
            ],
            ["*学号", "*姓名", "*居民身份证号码"],
        ];
        for titles in spellings {
            let found = find(&sheet(vec![row(1, &titles)]));
            let Found::Complete(header) = found else {
                panic!("{titles:?}");
            };
            let expected = [Column::StudentNumber, Column::Name, Column::Number];
            assert_eq!(header.columns(), expected);
        }
    }

    #[test]
    fn titles_above_the_header_are_passed_over() {
        let rows = vec![
            row(1, &["2022级毕业生名册"]),
            row(2, &["学院", "计算机学院", "班级", "2201"]),
            row(4, &["序号", "学号", "姓名", "身份证号", "民族"]),
        ];
        let Found::Complete(header) = find(&sheet(rows)) else {
            panic!("no header");
        };
        assert_eq!(header.line, 4);
        assert_eq!(header.place(Column::Name), Some(2));
        assert_eq!(header.ignored, ["序号", "民族"]);
        assert_eq!(header.width, 5);
    }

    #[test]
    fn a_header_below_the_tenth_row_is_not_looked_for() {
        let rows = vec![row(11, &["学号", "姓名", "身份证号"])];
        assert!(matches!(find(&sheet(rows)), Found::None));
    }

    #[test]
    fn what_is_missing_is_named() {
        let rows = vec![row(1, &["学号", "姓名", "样本", "20260001"])];
        let Found::Incomplete(missing) = find(&sheet(rows)) else {
            panic!("found");
        };
        assert_eq!(missing.missing, [Column::Number]);
        assert_eq!(missing.unknown, ["column 3", "column 4"]);
        let text = missing.to_string();
        assert!(
            text.contains("身份证号") && text.contains("column 3"),
            "{text}"
        );
        // A row with a name in it may look like a header.
        assert!(
            !text.contains("20260001") && !text.contains("样本"),
            "{text}"
        );
    }

    #[test]
    fn two_columns_for_one_thing_are_not_guessed() {
        let rows = vec![row(1, &["学号", "姓名", "名字", "身份证号"])];
        assert!(matches!(
            find(&sheet(rows)),
            Found::Repeated(1, Column::Name)
        ));
        let rows = vec![row(1, &["学号", "姓名", "身份证号", "院系", "学院"])];
        let Found::Complete(header) = find(&sheet(rows)) else {
            panic!("no header");
        };
        assert_eq!(header.place(Column::College), Some(4));
        assert_eq!(header.ignored, ["院系"]);
    }
}
