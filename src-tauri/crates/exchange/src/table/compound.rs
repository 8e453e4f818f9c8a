//! Compound files (MS-CFB), which an xls and an encrypted xlsx are stored in.
//!
//! calamine follows chains of sectors without asking whether they end, and memory
//! that runs out ends the station and not the import. So every chain that it will
//! follow is followed here first, counting; what is read on the way also tells a
//! workbook from an encrypted package.

use super::TableError;

/// First bytes of every compound file.
pub(crate) const MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Ends a chain.
const END: u32 = 0xFFFF_FFFE;
/// From here on numbers have a meaning of their own and name no sector.
const RESERVED: u32 = 0xFFFF_FFFA;
/// Bytes of a small sector.
const SMALL: usize = 64;
/// Streams below this many bytes are kept in small sectors.
const SMALL_BELOW: usize = 4096;
/// Bytes of one entry of the directory.
const ENTRY: usize = 128;

/// A stream's name, its first sector and its length.
struct Entry {
    name: String,
    start: u32,
    bytes: usize,
}

/// A compound file all of whose chains end.
pub(super) struct Compound<'a> {
    /// What follows the header, in sectors.
    body: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    entries: Vec<Entry>,
    /// The stream of all small sectors, and their own table.
    small: Vec<u8>,
    small_fat: Vec<u32>,
}

impl<'a> Compound<'a> {
    /// Reads the header, the tables and the directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, TableError> {
        let sector = match (bytes.starts_with(MAGIC), u16_at(bytes, 30)?) {
            (true, 9) => 512,
            (true, 12) => 4096,
            _ => return Err(damaged()),
        };
        let mut file = Self {
            body: bytes.get(sector..).ok_or_else(damaged)?,
            sector,
            fat: Vec::new(),
            entries: Vec::new(),
            small: Vec::new(),
            small_fat: Vec::new(),
        };
        file.fat = file.table(bytes)?;
        let directory = file.stream_at(u32_at(bytes, 48)?, usize::MAX)?;
        let entries = directory.chunks_exact(ENTRY);
        file.entries = entries
            .map(|entry| entry_of(entry, sector))
            .collect::<Result<_, _>>()?;
        let small_sectors = u32_at(bytes, 64)? as usize;
        if small_sectors > 0 {
            let root = file.entries.first().ok_or_else(damaged)?;
            file.small = file.stream_at(root.start, root.bytes)?;
            let table = file.stream_at(u32_at(bytes, 60)?, small_sectors.saturating_mul(sector))?;
            file.small_fat = words(&table);
        }
        Ok(file)
    }

    /// Whether there is an entry of this name; case does not count.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The bytes of a stream, if there is one of this name.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, TableError> {
        let Some(entry) = self.entry(name) else {
            return Ok(None);
        };
        let bytes = if entry.bytes < SMALL_BELOW {
            collect(
                &self.small,
                SMALL,
                &self.small_fat,
                entry.start,
                entry.bytes,
            )?
        } else {
            self.stream_at(entry.start, entry.bytes)?
        };
        Ok(Some(bytes))
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn stream_at(&self, start: u32, bytes: usize) -> Result<Vec<u8>, TableError> {
        collect(self.body, self.sector, &self.fat, start, bytes)
    }

    /// The sector table: which sector follows which. Its own sectors are listed in
    /// the header and in a chain of further lists, of which the last word leads on.
    fn table(&self, header: &[u8]) -> Result<Vec<u32>, TableError> {
        let sectors = self.body.len().div_ceil(self.sector);
        let mut list = words(header.get(76..512).ok_or_else(damaged)?);
        let mut next = u32_at(header, 68)?;
        let mut lists = 0;
        while next < RESERVED {
            lists += 1;
            if lists > sectors {
                return Err(damaged());
            }
            list.extend(words(self.sector_at(next)?));
            next = list.pop().ok_or_else(damaged)?;
        }
        list.retain(|id| *id < RESERVED);
        if list.len() > sectors {
            return Err(damaged());
        }
        let mut fat = Vec::new();
        for id in list {
            fat.extend(words(self.sector_at(id)?));
        }
        Ok(fat)
    }

    fn sector_at(&self, id: u32) -> Result<&'a [u8], TableError> {
        sector_of(self.body, self.sector, id)
    }
}

/// Follows one chain. A file that ends within its last sector is as common as one
/// whose length is rounded up, so a short sector counts as far as it goes.
fn collect(
    body: &[u8],
    sector: usize,
    fat: &[u32],
    start: u32,
    bytes: usize,
) -> Result<Vec<u8>, TableError> {
    let mut stream = Vec::new();
    let mut next = start;
    let mut steps = 0;
    while next != END && stream.len() < bytes {
        steps += 1;
        if steps > fat.len() {
            return Err(damaged());
        }
        let part = sector_of(body, sector, next)?;
        let wanted = part.len().min(bytes - stream.len());
        stream.extend_from_slice(part.get(..wanted).unwrap_or_default());
        next = *fat.get(next as usize).ok_or_else(damaged)?;
    }
    Ok(stream)
}

fn sector_of(body: &[u8], sector: usize, id: u32) -> Result<&[u8], TableError> {
    let from = (id as usize).checked_mul(sector).ok_or_else(damaged)?;
    let rest = body.get(from..).filter(|rest| !rest.is_empty());
    let rest = rest.ok_or_else(damaged)?;
    Ok(rest.get(..sector).unwrap_or(rest))
}

fn entry_of(entry: &[u8], sector: usize) -> Result<Entry, TableError> {
    let units = words16(entry.get(..64).ok_or_else(damaged)?);
    let name: Vec<u16> = units.into_iter().take_while(|unit| *unit != 0).collect();
    let high = if sector == 512 {
        0
    } else {
        u32_at(entry, 124)?
    };
    let bytes = u64::from(high) << 32 | u64::from(u32_at(entry, 120)?);
    Ok(Entry {
        name: String::from_utf16_lossy(&name),
        start: u32_at(entry, 116)?,
        bytes: usize::try_from(bytes).map_err(|_| damaged())?,
    })
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn words16(bytes: &[u8]) -> Vec<u16> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u16::from_le_bytes(*word)).collect()
}

/// Two bytes, little end first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Result<u16, TableError> {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
    word.map(|word| u16::from_le_bytes(*word))
        .ok_or_else(damaged)
}

/// Four bytes, little end first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, TableError> {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
    word.map(|word| u32::from_le_bytes(*word))
        .ok_or_else(damaged)
}

pub(super) fn damaged() -> TableError {
    TableError::damaged("the parts of the xls do not hang together")
}
