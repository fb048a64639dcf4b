//! Help texts, each as it is printed.

/// Of the program.
pub(crate) const MAIN: &str = "\
Keep checksum files of released tools true.

Usage: checksum-updater [--dir DIR] COMMAND

Commands:
  list      show what is recorded
  validate  check tool files
  update    poll the repositories, hash new releases, record them

Options:
  --dir DIR      directory of the checksums [default: /checksums]
  -h, --help     show this, or a command's help after its name
  -V, --version  show the version

Exit codes: 0 done, 1 failed, 2 usage, 4 a digest does not match, 5 rate limited
";

/// Of `list`.
pub(crate) const LIST: &str = "\
Show the latest recorded version of each tool.

Usage: checksum-updater list [--dir DIR]

Options:
  --dir DIR   directory of the checksums [default: /checksums]
  -h, --help  show this
";

/// Of `validate`.
pub(crate) const VALIDATE: &str = "\
Check tool files against the rules; the network is not used.

Usage: checksum-updater validate (TOOL... | --all) [--dir DIR]

Options:
  --all       check every tool file
  --dir DIR   directory of the checksums [default: /checksums]
  -h, --help  show this
";

/// Of `update`.
pub(crate) const UPDATE: &str = "\
Poll the repository of each tool; download, hash and record a newer release.

Usage: checksum-updater update (TOOL... | --all) [--dry-run] [--dir DIR]

Options:
  --all       update every tool that has a tool file
  --dry-run   do everything but write
  --dir DIR   directory of the checksums [default: /checksums]
  -h, --help  show this
";
