//! SHA-256, streamed.

use sha2::Digest;

/// A running SHA-256.
#[derive(Debug, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// Add bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Return 64 lower-case hex digits of all bytes so far, and reset.
    pub fn finish(&mut self) -> String {
        hex(&self.0.finalize_reset())
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Return the SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut hash = Sha256::default();
    hash.update(bytes);
    hash.finish()
}
