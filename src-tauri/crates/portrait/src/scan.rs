//! Whether the entropy-coded data of a JPEG is all there.
//!
//! A file can end with its end marker and still lack the lower half: a camera frame cut short in the
//! transfer and closed by the driver, or a copy repaired by a tool. Decoders paint the rest grey and
//! report success, even in their strict modes (measured). So the codes are counted here: every block
//! that the frame header announces must have its code before the next marker.
//!
//! Baseline and extended sequential JPEG with one interleaved scan are counted, which is what cameras
//! and our encoder write. For others (progressive, separate scans, files without their own
//! tables) nothing is claimed here and the decoder's own strictness has to do.

use crate::jpeg::JpegFault;

/// Codes of at most 16 bits, looked up at once: `length << 8 | symbol`, 0 where no code begins so.
struct Codes(Vec<u16>);

impl Codes {
    /// Builds the table from the sixteen counts and the symbols of a `DHT` segment (T.81 annex C).
    fn new(counts: &[u8], symbols: &[u8]) -> Option<Self> {
        let mut table = vec![0_u16; 1 << 16];
        let (mut code, mut next) = (0_usize, symbols.iter());
        for (length, count) in (1_u16..).zip(counts) {
            for _ in 0..*count {
                let width = 1_usize << (16 - length);
                let entry = length << 8 | u16::from(*next.next()?);
                table.get_mut(code..code + width)?.fill(entry);
                code += width;
            }
        }
        Some(Self(table))
    }
}

/// What is needed to count one scan, gathered while the markers are walked.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Scan {
    /// Raw tables as class and number, counts, symbols.
    tables: Vec<(u8, Vec<u8>, Vec<u8>)>,
    /// Minimum coded units between restart markers, 0 for none.
    restart_interval: u32,
    /// Table numbers (DC, AC) of each component of the scan.
    selectors: Vec<(u8, u8)>,
    /// Where the entropy-coded data lies in the file.
    data: std::ops::Range<usize>,
}

impl Scan {
    pub(crate) fn read_tables(&mut self, mut payload: &[u8]) -> Result<(), JpegFault> {
        const SHORT: JpegFault = JpegFault::Damaged("a Huffman table is too short");
        while let [head, rest @ ..] = payload {
            let counts = rest.get(..16).ok_or(SHORT)?;
            let total = counts
                .iter()
                .map(|count| usize::from(*count))
                .sum::<usize>();
            let symbols = rest.get(16..16 + total).ok_or(SHORT)?;
            self.tables.retain(|(known, ..)| known != head);
            self.tables.push((*head, counts.to_vec(), symbols.to_vec()));
            payload = &rest[16 + total..];
        }
        Ok(())
    }

    pub(crate) fn read_restart_interval(&mut self, payload: &[u8]) {
        if let [high, low] = *payload {
            self.restart_interval = u32::from(u16::from_be_bytes([high, low]));
        }
    }

    /// Takes the header of the scan and where its data lies.
    pub(crate) fn read_header(&mut self, payload: &[u8], data: std::ops::Range<usize>) {
        let count = payload.first().map_or(0, |count| usize::from(*count));
        let described = payload.get(1..1 + count * 2).unwrap_or_default();
        self.selectors = described
            .chunks_exact(2)
            .map(|pair| (pair[1] >> 4, pair[1] & 15))
            .collect();
        self.data = data;
    }

    /// Counts the codes. `sampling` are the factors of the components in the order of the scan.
    ///
    /// # Errors
    /// `Truncated` if codes are missing, `Damaged` if there is no such code.
    pub(crate) fn verify(
        &self,
        bytes: &[u8],
        (width, height): (u32, u32),
        sampling: &[(u8, u8)],
    ) -> Result<(), JpegFault> {
        if self.selectors.len() != sampling.len() {
            return Ok(());
        }
        let Some(plan) = self.plan(sampling) else {
            return Ok(());
        };
        // A single component is never interleaved: its units are single blocks (T.81 A.2.2).
        let most = |of: fn(&(u8, u8)) -> u8| {
            if sampling.len() == 1 {
                1
            } else {
                sampling.iter().map(of).max().unwrap_or(1).max(1)
            }
        };
        let (across, down) = (u32::from(most(|f| f.0)), u32::from(most(|f| f.1)));
        let mut left = width.div_ceil(8 * across) * height.div_ceil(8 * down);
        let mut bits = Bits::new(bytes.get(self.data.clone()).unwrap_or_default());
        while left > 0 {
            let run = if self.restart_interval == 0 {
                left
            } else {
                left.min(self.restart_interval)
            };
            for _ in 0..run {
                for (dc, ac) in &plan {
                    bits.block(dc, ac)?;
                }
            }
            left -= run;
            if left > 0 {
                bits.restart()?;
            }
        }
        Ok(())
    }

    /// The tables of every block of a unit, in order; nothing if a table is not in the file.
    fn plan(&self, sampling: &[(u8, u8)]) -> Option<Vec<(Codes, Codes)>> {
        let codes = |class: u8, number: u8| {
            let (_, counts, symbols) = self
                .tables
                .iter()
                .find(|(head, ..)| *head == class << 4 | number)?;
            Codes::new(counts, symbols)
        };
        let mut plan = Vec::new();
        for ((dc, ac), (across, down)) in self.selectors.iter().zip(sampling) {
            let blocks = if sampling.len() == 1 {
                1
            } else {
                u32::from(*across) * u32::from(*down)
            };
            // T.81 allows ten blocks a unit.
            for _ in 0..blocks.min(10) {
                plan.push((codes(0, *dc)?, codes(1, *ac)?));
            }
        }
        Some(plan)
    }
}

/// Entropy-coded data, bit by bit, stuffed zeros taken out.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    buffer: u64,
    /// Bits in the buffer that came from the data.
    held: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            buffer: 0,
            held: 0,
        }
    }

    /// Fills the buffer up to a marker or the end.
    fn fill(&mut self) {
        while self.held <= 48 {
            match (self.data.get(self.at), self.data.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.push(0xFF);
                    self.at += 2;
                }
                (Some(0xFF), _) | (None, _) => return,
                (Some(byte), _) => {
                    self.push(*byte);
                    self.at += 1;
                }
            }
        }
    }

    fn push(&mut self, byte: u8) {
        self.buffer = self.buffer << 8 | u64::from(byte);
        self.held += 8;
    }

    fn skip(&mut self, count: u32) -> Result<(), JpegFault> {
        self.held = self.held.checked_sub(count).ok_or(JpegFault::Truncated)?;
        Ok(())
    }

    /// The next symbol; the bits behind the end read as ones, which no code consists of.
    fn symbol(&mut self, codes: &Codes) -> Result<u8, JpegFault> {
        if self.held < 32 {
            self.fill();
        }
        let ahead = if self.held >= 16 {
            self.buffer >> (self.held - 16)
        } else {
            self.buffer << (16 - self.held) | ((1 << (16 - self.held)) - 1)
        };
        let entry = codes.0[(ahead & 0xFFFF) as usize];
        if entry == 0 {
            let short = self.held < 16;
            let damaged = JpegFault::Damaged("there is no such code");
            return Err(if short { JpegFault::Truncated } else { damaged });
        }
        self.skip(u32::from(entry >> 8))?;
        Ok((entry & 0xFF) as u8)
    }

    /// Passes over the codes of one block of 64 coefficients.
    fn block(&mut self, dc: &Codes, ac: &Codes) -> Result<(), JpegFault> {
        let size = u32::from(self.symbol(dc)?).min(16);
        self.skip(size)?;
        let mut coefficient = 1;
        while coefficient < 64 {
            let symbol = self.symbol(ac)?;
            let (run, size) = (symbol >> 4, u32::from(symbol & 15));
            match (run, size) {
                (0..=14, 0) => return Ok(()),
                (_, 0) => coefficient += 16,
                _ => {
                    self.skip(size)?;
                    coefficient += run + 1;
                }
            }
        }
        Ok(())
    }

    /// Goes on behind the next restart marker.
    fn restart(&mut self) -> Result<(), JpegFault> {
        self.held = 0;
        while self.data.get(self.at) == Some(&0xFF) && self.data.get(self.at + 1) == Some(&0xFF) {
            self.at += 1;
        }
        match (self.data.get(self.at), self.data.get(self.at + 1)) {
            (Some(0xFF), Some(0xD0..=0xD7)) => {
                self.at += 2;
                Ok(())
            }
            (None, _) => Err(JpegFault::Truncated),
            _ => Err(JpegFault::Damaged("a restart marker is missing")),
        }
    }
}
