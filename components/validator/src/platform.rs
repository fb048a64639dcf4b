//! Which machines the names of platforms and files stand for.

/// Words for operating systems, one system per row.
const SYSTEMS: &[&[&str]] = &[
    &["linux", "linux32", "linux64", "musl"],
    &["darwin", "macos", "macosx", "osx", "mac", "apple"],
    &["windows", "win", "win32", "win64", "mingw", "msvc", "exe"],
    &["freebsd"],
    &["openbsd"],
    &["netbsd"],
    &["android"],
    &["illumos", "solaris"],
];

/// Words for processors, one per row.
const PROCESSORS: &[&[&str]] = &[
    &["amd64", "x64", "linux64", "win64"],
    &["arm64", "aarch64", "armv8"],
    &["i386", "i586", "i686", "386", "x86", "linux32"],
    &["arm", "armhf", "armv5", "armv6", "armv6l", "armv7", "armv7l"],
    &["riscv64", "riscv64gc"],
    &["ppc64", "ppc64le", "powerpc64", "powerpc64le"],
    &["s390x"],
    &["loong64", "loongarch64"],
];

/// Whether files of a platform run anywhere, so that other platforms' digests are not compared.
pub(crate) fn is_universal(platform: &str) -> bool {
    platform == "universal" || platform == "wasm" || platform.starts_with("wasm_")
}

/// Return the word of a file's name that contradicts its platform.
///
/// A name without such words, or with the platform among others, contradicts nothing.
pub(crate) fn contradiction(platform: &str, file: &str) -> Option<&'static str> {
    let (platform, file) = (words(platform), words(file));
    [SYSTEMS, PROCESSORS].iter().find_map(|rows| {
        let rows_of = |words: &[String]| -> Vec<(usize, &'static str)> {
            let rows = rows.iter().enumerate();
            let named = |word: &&'static str| words.iter().any(|own| own == word);
            rows.flat_map(|(row, names)| {
                names.iter().copied().filter(named).map(move |it| (row, it))
            })
            .collect()
        };
        let (wanted, said) = (rows_of(&platform), rows_of(&file));
        let other = said.first().map(|(_, word)| *word)?;
        let agrees = said.iter().any(|(row, _)| wanted.iter().any(|(own, _)| own == row));
        (!wanted.is_empty() && !agrees).then_some(other)
    })
}

/// The words of a name, in lower case; `x86_64` is one word, and is called `amd64`.
fn words(name: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase().replace("x86_64", "amd64").replace("x86-64", "amd64");
    name.split(|any: char| !any.is_ascii_alphanumeric()).map(str::to_owned).collect()
}
