//! Whether a file is an archive, judged by its name.

/// The extensions that `http_archive` can unpack.
const ARCHIVES: [&str; 11] = [
    ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar.bz2", ".tbz", ".tar", ".zip",
    ".7z",
];

/// Extensions of files that no system executes.
const DATA: [&str; 11] =
    [".wasm", ".cwasm", ".gz", ".xz", ".zst", ".bz2", ".deb", ".rpm", ".msi", ".json", ".txt"];

/// What to do with a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Form<'a> {
    /// Unpack it; holds its name without the extension.
    Archive(&'a str),
    /// Make it executable.
    Binary,
    /// Keep it as it is.
    Data,
}

impl<'a> Form<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        let stem = ARCHIVES.iter().find_map(|extension| name.strip_suffix(extension));
        match stem {
            Some(stem) => Self::Archive(stem),
            None if DATA.iter().any(|extension| name.ends_with(extension)) => Self::Data,
            None => Self::Binary,
        }
    }
}
