//! Help texts, each as it is printed.

/// The options that every command has.
macro_rules! common {
    () => {
        "  --dir DIR    directory of the checksums [default: checksums]
  --json       write one JSON document
  -q, --quiet  tell no progress and no notes
  -h, --help   show this
"
    };
}

/// Of the program.
pub(crate) const MAIN: &str = "\
Keep checksum files of released tools true.

Usage: checksum-updater COMMAND [OPTION...]

Commands:
  list                  show what is recorded
  check                 poll for newer releases and changed digests; write nothing
  update                download, hash and record newer releases
  poll                  write what upstream has to release files; record nothing
  validate              check tool files against the rules
  generate-bazel-rules  write the tool files as a Starlark module

Options:
  --dir DIR      directory of the checksums [default: checksums]
  --json         write one JSON document
  -q, --quiet    tell no progress and no notes
  -h, --help     show this, or a command's help after its name
  -V, --version  show the version

Environment:
  GITHUB_API_URL                 base of the API, for a GitHub Enterprise
  CHECKSUM_UPDATER_TOKEN, GITHUB_TOKEN, GH_TOKEN
                                 token for the API: the first that is set
  CHECKSUM_UPDATER_HOSTS         the only hosts to talk to, with commas between
  CHECKSUM_UPDATER_WAIT          seconds to wait for rate limits in all [default: 60]
  CHECKSUM_UPDATER_CONNECTIONS   requests in flight [default: 50]

Exit codes: 0 done; 1 something failed; 2 the command line makes no sense; 3 there are
newer releases (`check`); 4 a digest does not match; 5 a rate limit: run again
";

/// Of `list`.
pub(crate) const LIST: &str = concat!(
    "\
Show the latest recorded version of each tool; the network is not used.

Usage: checksum-updater list [OPTION...]

Options:
",
    common!()
);

/// Of `poll`.
pub(crate) const POLL: &str = concat!(
    "\
Write what upstream has to a release file for each tool, from which `update` can record
without polling again. Prints one JSON object per line, as soon as a tool is polled.

Usage: checksum-updater poll [TOOL... | --all] [OPTION...]

Options:
  --all           every tool of tools.toml [default]
  --releases DIR  directory of the release files [default: build/releases]
",
    common!(),
    "
Exit codes: 0 all are polled; 5 a rate limit: run again; 1 something failed
"
);

/// Of `check`.
pub(crate) const CHECK: &str = concat!(
    "\
Poll for newer releases, and compare every recorded digest with the published one.
Nothing is downloaded or written.

Usage: checksum-updater check [TOOL... | --all] [OPTION...]

Options:
  --all        every tool of tools.toml [default]
  --releases DIR
               read what upstream has from release files instead of polling
",
    common!(),
    "
Exit codes: 0 all is current; 3 there are newer releases; 4 a recorded digest is no longer
the published one; 5 a rate limit: run again; 1 something failed
"
);

/// Of `update`.
pub(crate) const UPDATE: &str = concat!(
    "\
Poll each tool; download, hash and record a newer release. What is recorded is never
overwritten.

Usage: checksum-updater update (TOOL... | --all) [--dry-run] [OPTION...]

Options:
  --all        every tool of tools.toml
  --dry-run    do everything but write
  --releases DIR
               read what upstream has from release files instead of polling
",
    common!(),
    "
Exit codes: 0 done; 4 a digest does not match; 5 a rate limit: run again, what is done is
kept; 1 something failed
"
);

/// Of `validate`.
pub(crate) const VALIDATE: &str = concat!(
    "\
Check tool files against the rules; the network is not used unless asked for.

Usage: checksum-updater validate [TOOL... | --all] [--online] [OPTION...]

Options:
  --all        every tool file [default]
  --online     also compare every recorded digest with the published one
",
    common!()
);

/// Of `generate-bazel-rules`.
pub(crate) const BAZEL: &str = concat!(
    "\
Write tool files as a Starlark module to standard output; the network is not used.

Usage: checksum-updater generate-bazel-rules [TOOL... | --all] [OPTION...]

Options:
  --all        every tool file [default]
",
    common!()
);
