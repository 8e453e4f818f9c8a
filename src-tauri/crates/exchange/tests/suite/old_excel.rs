//! Writes xls (BIFF8 in a compound file), as far as a roster needs it, and breaks
//! it in known places. Nothing that we depend on writes this format.

/// One cell of an old sheet.
pub(crate) enum Old {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
}

impl From<&str> for Old {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Where things lie in a file of [`compound`].
pub(crate) const SECTOR: usize = 512;
/// Where the sector table lies.
pub(crate) const FAT_AT: usize = SECTOR;
/// Sector of the directory.
pub(crate) const DIRECTORY: u32 = 1;
/// First sector of the stream.
pub(crate) const STREAM: u32 = 2;

const END: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;

/// A workbook of one sheet.
pub(crate) fn xls(rows: &[Vec<Old>]) -> Vec<u8> {
    let mut cells = Vec::new();
    for (row, values) in (0u16..).zip(rows) {
        for (column, value) in (0u16..).zip(values) {
            cells.extend(cell(row, column, value));
        }
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let size = dimensions(rows.len() as u32, width as u16);
    compound("Workbook", &workbook(&[], &[size, cells].concat()))
}

/// One LABEL or NUMBER record.
pub(crate) fn cell(row: u16, column: u16, value: &Old) -> Vec<u8> {
    let mut data = [row, column, 0].map(u16::to_le_bytes).concat();
    match value {
        Old::Text(text) => {
            let units: Vec<u16> = text.encode_utf16().collect();
            data.extend((units.len() as u16).to_le_bytes());
            data.push(1);
            data.extend(units.into_iter().flat_map(u16::to_le_bytes));
            record(0x0204, &data)
        }
        Old::Number(number) => {
            data.extend(number.to_le_bytes());
            record(0x0203, &data)
        }
    }
}

/// The DIMENSIONS record of a sheet from its first cell to these.
pub(crate) fn dimensions(rows: u32, columns: u16) -> Vec<u8> {
    let mut data = [0, rows].map(u32::to_le_bytes).concat();
    data.extend([0, columns, 0].map(u16::to_le_bytes).concat());
    record(0x0200, &data)
}

/// The stream of a workbook of one sheet, with records of one's own in both parts.
pub(crate) fn workbook(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let begin = |kind: u16| {
        let mut data = [0x0600, kind, 0, 0].map(u16::to_le_bytes).concat();
        data.extend([0; 8]);
        record(0x0809, &data)
    };
    let end = record(0x000A, &[]);
    let bound_sheet = |start: u32| {
        let mut data = start.to_le_bytes().to_vec();
        data.extend([0, 0, 5, 0]);
        data.extend(b"names");
        record(0x0085, &data)
    };
    let front = [begin(5), globals.to_vec()].concat();
    let start = front.len() + bound_sheet(0).len() + end.len();
    let sheet = [begin(0x10), sheet.to_vec(), end.clone()].concat();
    [front, bound_sheet(start as u32), end, sheet].concat()
}

/// One record.
pub(crate) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = [kind, data.len() as u16].map(u16::to_le_bytes).concat();
    record.extend(data);
    record
}

/// A compound file of one stream, which is padded until it lies in large sectors:
/// header, sector table, directory, stream.
pub(crate) fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    stream.resize(stream.len().next_multiple_of(SECTOR).max(4096), 0);
    let sectors = (stream.len() / SECTOR) as u32;
    assert!(sectors + STREAM <= 128, "one sector of the table must do");

    let mut header = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    header.extend([0; 16]);
    header.extend(
        [0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0]
            .map(u16::to_le_bytes)
            .concat(),
    );
    let words = [0, 1, DIRECTORY, 0, 4096, END, 0, END, 0, 0];
    header.extend(words.map(u32::to_le_bytes).concat());
    header.resize(SECTOR, 0xFF);

    // The table itself, the directory, then the stream from sector to sector.
    let mut table = vec![0xFFFF_FFFD, END];
    table.extend((STREAM + 1..STREAM + sectors).chain([END]));
    table.resize(SECTOR / 4, FREE);
    let table = table.into_iter().flat_map(u32::to_le_bytes);

    let root = entry("Root Entry", 5, END, 0);
    let own = entry(name, 2, STREAM, stream.len() as u32);
    let directory = [root, own, vec![0; 2 * 128]].concat();
    header
        .into_iter()
        .chain(table)
        .chain(directory)
        .chain(stream)
        .collect()
}

fn entry(name: &str, kind: u8, start: u32, bytes: u32) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let name_bytes = entry.len() as u8 + 2;
    entry.resize(64, 0);
    entry.extend([name_bytes, 0, kind, 1]);
    entry.extend([FREE, FREE, FREE].map(u32::to_le_bytes).concat());
    entry.resize(116, 0);
    entry.extend([start, bytes, 0].map(u32::to_le_bytes).concat());
    entry
}

/// Makes the sector `from` of a file's table lead to `to`.
pub(crate) fn lead(file: &mut [u8], from: u32, to: u32) {
    let at = FAT_AT + 4 * from as usize;
    file[at..at + 4].copy_from_slice(&to.to_le_bytes());
}
