//! What a profile demands of each measure of [`crate::inspect`].

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::{FindingCode, Severity};
use crate::profile::{Band, ProfileFault};

/// The demands that hold where a profile names none of its own, each number with its source.
pub(crate) const USUAL: &str = include_str!("../../../../assets/measures.toml");

/// The table of a profile that holds them.
const TABLE: &str = "measures";

/// The word that takes a demand away.
const OFF: &str = "off";

/// The measures that can be demanded. What else is judged has a place of its own in a profile.
const MEASURES: std::ops::RangeInclusive<usize> = {
    let first = FindingCode::HeadShare as usize;
    first..=FindingCode::BlackBorder as usize
};

/// What is allowed, and how much a miss weighs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// The values that are allowed; an end that was left out is infinite.
    pub band: Band,
    /// How much a value outside weighs.
    pub severity: Severity,
}

/// The demands of one profile on the measures; read with it, and not to be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Demands(Vec<(FindingCode, Option<Demand>)>);

impl Demands {
    pub(crate) fn of(&self, code: FindingCode) -> Option<Demand> {
        let found = self.0.iter().find(|(known, _)| *known == code);
        found.and_then(|(_, demand)| *demand)
    }

    /// The usual ones as this text has them, with those of a profile in their place.
    pub(crate) fn with(own: &Written, usual: &str) -> Result<Self, ProfileFault> {
        let usual: Usual =
            toml::from_str(usual).map_err(|fault| ProfileFault::Syntax(fault.to_string()))?;
        let mut demands = usual.measures.read()?;
        for (code, demand) in own.read()? {
            demands.retain(|(known, _)| *known != code);
            demands.push((code, demand));
        }
        Ok(Self(demands))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Usual {
    measures: Written,
}

/// The table as it is written: a demand for each code.
#[derive(Deserialize, Default)]
#[serde(transparent)]
pub(crate) struct Written(BTreeMap<String, WrittenDemand>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDemand {
    min: Option<f64>,
    max: Option<f64>,
    severity: Option<String>,
}

impl Written {
    fn read(&self) -> Result<Vec<(FindingCode, Option<Demand>)>, ProfileFault> {
        let demands = self.0.iter();
        demands
            .map(|(key, written)| {
                let code = measure(key)?;
                Ok((code, written.read(key, code)?))
            })
            .collect()
    }
}

/// The measure of a key.
fn measure(key: &str) -> Result<FindingCode, ProfileFault> {
    let known = || {
        FindingCode::ALL
            .into_iter()
            .filter(|c| MEASURES.contains(&(*c as usize)))
    };
    known().find(|code| code.code() == key).ok_or_else(|| {
        let names: Vec<_> = known().map(FindingCode::code).collect();
        ProfileFault::Contradiction(format!(
            "{TABLE}.{key} is no measure; there are {}",
            names.join(", ")
        ))
    })
}

impl WrittenDemand {
    fn read(&self, key: &str, code: FindingCode) -> Result<Option<Demand>, ProfileFault> {
        let fault = |what: String| Err(ProfileFault::Contradiction(format!("{TABLE}.{key}{what}")));
        for (name, end) in [("min", self.min), ("max", self.max)] {
            if let Some(end) = end.filter(|end| !end.is_finite()) {
                return fault(format!(".{name} is {end}, it must be a finite number"));
            }
        }
        let band = Band {
            min: self.min.unwrap_or(f64::NEG_INFINITY),
            max: self.max.unwrap_or(f64::INFINITY),
        };
        if band.min > band.max {
            return fault(format!(
                ".min is {}, it must not be above max, {}",
                band.min, band.max
            ));
        }
        let is_off = self.severity.as_deref() == Some(OFF);
        if !is_off && self.min.is_none() && self.max.is_none() {
            return fault(format!(
                " has neither min nor max; one of them or severity = \"{OFF}\" is needed"
            ));
        }
        let severity = match self.severity.as_deref() {
            None => code.severity(),
            Some(OFF) => return Ok(None),
            Some(word) => match Severity::named(word) {
                Some(severity) => severity,
                None => {
                    return fault(format!(
                        ".severity is \"{word}\", allowed are {OFF}, informs, warns and blocks"
                    ));
                }
            },
        };
        Ok(Some(Demand { band, severity }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Demands, ProfileFault> {
        let usual: Usual =
            toml::from_str(text).map_err(|fault| ProfileFault::Syntax(fault.to_string()))?;
        Demands::with(&usual.measures, USUAL)
    }

    #[test]
    fn every_measure_has_a_usual_demand() {
        let demands = Demands::with(&Written::default(), USUAL).unwrap();
        let measures = FindingCode::ALL
            .into_iter()
            .filter(|c| MEASURES.contains(&(*c as usize)));
        for code in measures {
            let demand = demands
                .of(code)
                .unwrap_or_else(|| panic!("{}", code.code()));
            assert_ne!(demand.severity, Severity::Blocks, "{}", code.code());
        }
        assert_eq!(demands.of(FindingCode::CrownOutOfBand), None);
    }

    #[test]
    fn a_profile_replaces_and_takes_away() {
        let own = "[measures]\nmouth-open = { max = 0.5, severity = \"blocks\" }\n\
                   highlights = { severity = \"off\" }\nblurred = { max = 0.9 }";
        let demands = read(own).unwrap();
        let mouth = demands.of(FindingCode::MouthOpen).unwrap();
        assert_eq!((mouth.band.max, mouth.severity), (0.5, Severity::Blocks));
        assert_eq!(demands.of(FindingCode::Highlights), None);
        let blurred = demands.of(FindingCode::Blurred).unwrap();
        assert_eq!((blurred.band.max, blurred.severity), (0.9, Severity::Warns));
    }

    #[test]
    fn a_fault_names_the_key_what_is_wrong_and_what_is_allowed() {
        for (line, words) in [
            (
                "open-mouth = { max = 1 }",
                ["measures.open-mouth", "no measure", "mouth-open"],
            ),
            (
                "crown-out-of-band = { max = 1 }",
                ["measures.crown", "no measure", "head-share"],
            ),
            (
                "blurred = { max = nan }",
                ["measures.blurred.max", "NaN", "finite"],
            ),
            (
                "blurred = { min = 2, max = 1 }",
                ["measures.blurred.min", "is 2", "above max, 1"],
            ),
            (
                "blurred = {}",
                ["measures.blurred", "neither", "severity = \"off\""],
            ),
            (
                "blurred = { max = 1, severity = \"warn\" }",
                [
                    "measures.blurred.severity",
                    "\"warn\"",
                    "informs, warns and blocks",
                ],
            ),
        ] {
            let fault = read(&format!("[measures]\n{line}"))
                .unwrap_err()
                .to_string();
            for word in words {
                assert!(fault.contains(word), "{line}: {fault}");
            }
        }
    }
}
