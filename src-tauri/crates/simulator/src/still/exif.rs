//! Writes EXIF into a JPEG, so that a simulated camera can also be one whose
//! pictures arrive as files.

/// What a camera writes beside its picture. Absent fields are left out.
#[derive(Clone, Default, Debug)]
pub struct ExifFields<'a> {
    /// `DateTimeOriginal`, e.g. `2026:06:01 09:30:00`, by the camera's clock.
    pub taken: Option<&'a str>,
    /// `SubSecTimeOriginal`: decimal digits of a second.
    pub subsec: Option<&'a str>,
    /// `OffsetTimeOriginal`, e.g. `+08:00`.
    pub offset: Option<&'a str>,
    /// `BodySerialNumber`.
    pub serial: Option<&'a str>,
    /// `ImageUniqueID`.
    pub unique_id: Option<&'a str>,
}

/// The JPEG with a time, its sub-seconds and the body's serial number.
#[must_use]
pub fn with_exif(
    jpeg: &[u8],
    datetime: &str,
    subsec: Option<&str>,
    serial: Option<&str>,
) -> Vec<u8> {
    let fields = ExifFields {
        taken: Some(datetime),
        subsec,
        serial,
        ..ExifFields::default()
    };
    with_exif_fields(jpeg, &fields)
}

/// The JPEG with an APP1 segment of these fields right behind SOI; unchanged when
/// it is no JPEG or the fields do not fit into one segment (64 KiB).
#[must_use]
pub fn with_exif_fields(jpeg: &[u8], fields: &ExifFields<'_>) -> Vec<u8> {
    let tiff = tiff(fields);
    let length = u16::try_from(tiff.len() + 8);
    let (Ok(length), Some(rest)) = (length, jpeg.strip_prefix(&[0xFF, 0xD8])) else {
        return jpeg.to_vec();
    };
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xE1];
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(b"Exif\0\0");
    out.extend_from_slice(&tiff);
    out.extend_from_slice(rest);
    out
}

/// A little-endian TIFF: a first directory that points to the EXIF directory.
fn tiff(fields: &ExifFields<'_>) -> Vec<u8> {
    const EXIF_IFD: usize = 8 + 2 + 12 + 4;
    // Directories are sorted by tag.
    let entries: Vec<(u16, &str)> = [
        (0x9003, fields.taken),
        (0x9011, fields.offset),
        (0x9291, fields.subsec),
        (0xA420, fields.unique_id),
        (0xA431, fields.serial),
    ]
    .into_iter()
    .filter_map(|(tag, value)| value.map(|value| (tag, value)))
    .collect();
    let mut out = Vec::from(*b"II\x2A\0\x08\0\0\0\x01\0");
    entry(&mut out, 0x8769, 4, 1, &le32(EXIF_IFD));
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&le32(entries.len())[..2]);
    let mut data_at = EXIF_IFD + 2 + entries.len() * 12 + 4;
    let mut data = Vec::new();
    for (tag, value) in entries {
        let mut text = value.as_bytes().to_vec();
        text.push(0);
        let count = text.len();
        if count <= 4 {
            text.resize(4, 0);
            entry(&mut out, tag, 2, count, &text);
        } else {
            entry(&mut out, tag, 2, count, &le32(data_at));
            data_at += count;
            data.extend_from_slice(&text);
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&data);
    out
}

fn entry(out: &mut Vec<u8>, tag: u16, kind: u16, count: usize, value: &[u8]) {
    out.extend_from_slice(&tag.to_le_bytes());
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&le32(count));
    out.extend_from_slice(value);
}

fn le32(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}
