//! The sample roster, as far as the demo needs it: invented people of whom it
//! makes documents.

/// One line of the sample roster.
#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    /// 学号.
    pub(crate) student_number: String,
    /// 姓名.
    pub(crate) name: String,
    /// 身份证号, 18 characters.
    pub(crate) number: String,
}

/// Reads the sample, UTF-8 with the headers of the school's own export.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let headers: Vec<&str> = lines
        .next()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    let column = |header: &str| {
        let at = headers.iter().position(|found| *found == header);
        at.ok_or_else(|| format!("the sample roster has no column {header}"))
    };
    let (student, name, number) = (column("学号")?, column("姓名")?, column("身份证号")?);
    let mut entries = Vec::new();
    for (at, line) in lines
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        // The importer proper knows quotes; the sample has none and must stay so.
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if line.contains('"') || cells.len() != headers.len() {
            return Err(format!("line {} of the sample roster is not plain", at + 2));
        }
        entries.push(Entry {
            student_number: cells[student].to_owned(),
            name: cells[name].to_owned(),
            number: cells[number].to_owned(),
        });
    }
    Ok(entries)
}

/// The number of somebody of the same place, birthday and sex who is not on the
/// roster: another sequence number, with its right check digit.
pub(crate) fn stranger_to(entries: &[Entry], like: &Entry) -> Option<String> {
    let (front, sequence) = (like.number.get(..14)?, like.number.get(14..17)?);
    let sequence: u32 = sequence.parse().ok()?;
    // Steps of two: the last digit of the sequence tells the sex.
    (1..500)
        .map(|step| format!("{front}{:03}", (sequence + 2 * step) % 1000))
        .filter_map(|body| Some(format!("{body}{}", check_digit(&body)?)))
        .find(|number| entries.iter().all(|entry| entry.number != *number))
}

/// ISO 7064 MOD 11-2 over the first 17 digits, as GB 11643 wants it.
fn check_digit(body: &str) -> Option<char> {
    let doubled = body
        .chars()
        .try_fold(0, |sum, digit| Some((sum + digit.to_digit(10)?) * 2))?;
    char::from_digit((12 - doubled % 11) % 11, 11)
        .map(|digit| if digit == 'a' { 'X' } else { digit })
}

/// Birthday of a number as `YYYY-MM-DD`.
pub(crate) fn birthday(number: &str) -> Option<String> {
    Some(format!(
        "{}-{}-{}",
        number.get(6..10)?,
        number.get(10..12)?,
        number.get(12..14)?
    ))
}

/// Whether a number belongs to a man: its 17th digit is odd.
pub(crate) fn is_male(number: &str) -> bool {
    number
        .as_bytes()
        .get(16)
        .is_some_and(|digit| digit % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that GB 11643 itself prints.
    const OF_THE_STANDARD: &str = "11010519491231002X";

    #[test]
    fn the_standards_own_example_has_its_check_digit() {
        assert_eq!(check_digit(&OF_THE_STANDARD[..17]), Some('X'));
        assert_eq!(check_digit("44052418800101001"), Some('4'));
        assert_eq!(birthday(OF_THE_STANDARD).as_deref(), Some("1949-12-31"));
        assert!(!is_male(OF_THE_STANDARD));
    }

    #[test]
    fn a_stranger_is_not_on_the_roster_and_has_the_same_sex() {
        let entries: Vec<Entry> = ["11010519491231002X", "110105194912310046"]
            .map(|number| Entry {
                student_number: String::new(),
                name: String::new(),
                number: number.into(),
            })
            .into();
        let number = stranger_to(&entries, &entries[0]).unwrap();
        assert!(entries.iter().all(|entry| entry.number != number));
        assert_eq!((&number[..14], is_male(&number)), ("11010519491231", false));
    }

    #[test]
    fn columns_are_found_by_their_headers() {
        let entries = parse("\u{feff}姓名,学号,身份证号\r\n某甲,7,N\r\n\r\n").unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(
            (entries[0].name.as_str(), entries[0].student_number.as_str()),
            ("某甲", "7")
        );
        assert!(parse("学号,姓名\n1,某甲\n").is_err());
        assert!(parse("学号,姓名,身份证号\n1,\"某,甲\",N\n").is_err());
    }
}
