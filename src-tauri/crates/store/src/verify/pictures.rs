//! Pictures: are the bytes those that were filed?

use super::Checker;
use booth::sha256;

impl Checker<'_, '_> {
    /// Computes the digest of every picture again.
    pub(super) fn check_pictures(&mut self) {
        let sql = "SELECT photo_id, sha256, portrait, frame_sha256, original FROM photo";
        self.each("photo", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            let same = |digest: usize, bytes: usize| {
                let digest = row.get_ref(digest)?.as_blob()?.to_vec();
                Ok::<_, rusqlite::Error>(
                    digest == sha256(row.get_ref(bytes)?.as_blob()?).as_bytes(),
                )
            };
            checker.require(same(1, 2)?, "portrait-bytes", "photo", id);
            checker.require(same(3, 4)?, "original-bytes", "photo", id);
            Ok(())
        });
        let sql = "SELECT entry_id, version, sha256, picture FROM admission_photo";
        self.each("admission_photo", sql, |checker, row| {
            let id = format!("{}/{}", row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
            let digest: Vec<u8> = row.get(2)?;
            let same = digest == sha256(row.get_ref(3)?.as_blob()?).as_bytes();
            checker.require(same, "picture-bytes", "admission_photo", id);
            Ok(())
        });
    }
}
