//! Help, version, and command lines that make no sense.

use crate::memory::Memory;

#[test]
fn help_and_version_go_to_standard_output() {
    let cases: [(&[&str], &str); 8] = [
        (&["--help"], "Usage: checksum-updater [--dir DIR] COMMAND"),
        (&["-h"], "Usage: checksum-updater [--dir DIR] COMMAND"),
        (&["--dir", "/x", "--help"], "Usage: checksum-updater [--dir DIR] COMMAND"),
        (&["list", "--help"], "Usage: checksum-updater list"),
        (&["validate", "wac", "-h"], "Usage: checksum-updater validate"),
        (&["update", "--all", "--help"], "Usage: checksum-updater update"),
        (&["--version"], "checksum-updater 0.1.0\n"),
        (&["update", "-V"], "checksum-updater 0.1.0\n"),
    ];
    for (arguments, text) in cases {
        let run = Memory::new().run(arguments);
        assert_eq!((run.code, &*run.err), (0, ""), "{arguments:?}");
        assert!(run.out.contains(text) && run.out.ends_with('\n'), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_code_2() {
    let cases: [(&[&str], &str); 16] = [
        (&[], "name a command"),
        (&["--dir", "/x"], "name a command"),
        (&["lisst"], "there is no command `lisst`"),
        (&["list", "wac"], "`list` takes no tools: it always shows all"),
        (&["list", "--all"], "`list` takes no tools: it always shows all"),
        (&["list", "--dry-run"], "`--dry-run` belongs to `update`"),
        (&["validate"], "name tools or give `--all`"),
        (&["update"], "name tools or give `--all`"),
        (&["update", "--all", "wac"], "name tools or give `--all`, not both"),
        (&["validate", "--all", "--dry-run"], "`--dry-run` belongs to `update`"),
        (&["update", "../wac"], "`../wac` is no tool's name: letters, digits, `.`, `-`, `_`"),
        (&["update", ""], "`` is no tool's name: letters, digits, `.`, `-`, `_`"),
        (&["update", "--force"], "invalid option '--force'"),
        (&["update", "--all=yes"], "unexpected argument for option '--all': \"yes\""),
        (&["list", "--dir"], "missing argument for option '--dir'"),
        (&["list", "--dir", "checksums"], "`--dir` must start with `/`, is `checksums`"),
    ];
    for (arguments, what) in cases {
        let memory = Memory::new();
        let run = memory.run(arguments);
        assert_eq!((run.code, &*run.out), (2, ""), "{arguments:?}");
        assert_eq!(run.err, format!("error: {what}\n  help: `--help` shows what can be typed\n"));
        assert!(memory.updates.borrow().is_empty());
    }
}

#[test]
fn options_may_stand_anywhere() {
    let expected = Memory::new().run(&["validate", "wac"]);
    let cases: [&[&str]; 4] = [
        &["--dir", "/checksums", "validate", "wac"],
        &["validate", "--dir=/checksums", "wac"],
        &["validate", "wac", "--dir", "/checksums/"],
        &["--dir", "/nowhere", "validate", "--dir", "/checksums", "--", "wac"],
    ];
    for arguments in cases {
        let run = Memory::new().run(arguments);
        assert_eq!((run.code, run.out), (0, expected.out.clone()), "{arguments:?}");
    }
}
