//! The models, as bytes of the program.
//!
//! They are compiled in, so that an installed program has no path to lose and no file to be exchanged.
//! Origin, licence and making are in `assets/models/README.md`; the hashes here are checked against
//! bytes and README by a test, and go into the record of every portrait that was measured with them.

/// One model.
#[derive(Clone, Copy)]
pub struct Model {
    /// The file's name in `assets/models`.
    pub file: &'static str,
    /// SHA-256 of the bytes, hexadecimal, lower case.
    pub sha256: &'static str,
    /// The ONNX bytes.
    pub bytes: &'static [u8],
}

impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Model")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// Finds faces: BlazeFace, short range.
pub const DETECTION: Model = Model {
    file: "face_detection_short.onnx",
    sha256: "7cc60e7dd0cc4458271b5a4caaa7fbb147b847ca72059d3c8cda4c8fd0362a93",
    bytes: include_bytes!("../../../../assets/models/face_detection_short.onnx"),
};

/// Lays 468 landmarks over one face.
pub const LANDMARK: Model = Model {
    file: "face_landmark.onnx",
    sha256: "961dcf9c34816dbb13d53e4d683ea364937749d87e2e79f15569684fc379d99b",
    bytes: include_bytes!("../../../../assets/models/face_landmark.onnx"),
};

/// Separates a person from the background.
pub const PERSON_MASK: Model = Model {
    file: "person_mask.onnx",
    sha256: "4313f1fc9739c005a458fb9f103356012e7aee4bf8c59673fef2ab6e62d430a0",
    bytes: include_bytes!("../../../../assets/models/person_mask.onnx"),
};

/// Finds the iris and the corners of one eye.
pub const IRIS: Model = Model {
    file: "iris_landmark.onnx",
    sha256: "0e2a0788d18859466eeb1eb70fbe60df5c67da71336a8c31b6022739cd305195",
    bytes: include_bytes!("../../../../assets/models/iris_landmark.onnx"),
};

/// All of them.
pub const ALL: [&Model; 4] = [&DETECTION, &LANDMARK, &PERSON_MASK, &IRIS];

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn bytes_constants_and_readme_agree() {
        let readme = include_str!("../../../../assets/models/README.md");
        for model in ALL {
            assert_eq!(
                hex::encode(Sha256::digest(model.bytes)),
                model.sha256,
                "{}",
                model.file
            );
            let row = readme
                .lines()
                .find(|line| line.starts_with(&format!("| `{}`", model.file)))
                .unwrap_or_else(|| panic!("{} has no row in the README", model.file));
            assert!(row.contains(model.sha256), "{row}");
            assert!(row.contains(&model.bytes.len().to_string()), "{row}");
        }
    }
}
