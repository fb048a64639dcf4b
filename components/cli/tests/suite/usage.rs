//! Help, version, and command lines that make no sense.

use crate::memory::Memory;

#[test]
fn help_and_version_go_to_standard_output() {
    let cases: [(&[&str], &str); 10] = [
        (&["--help"], "Usage: checksum-updater COMMAND"),
        (&["-h"], "Usage: checksum-updater COMMAND"),
        (&["--dir", "/x", "--help"], "Usage: checksum-updater COMMAND"),
        (&["list", "--help"], "Usage: checksum-updater list"),
        (&["check", "--help"], "Usage: checksum-updater check"),
        (&["validate", "wac", "-h"], "Usage: checksum-updater validate"),
        (&["update", "--all", "--help"], "Usage: checksum-updater update"),
        (&["generate-bazel-rules", "-h"], "Usage: checksum-updater generate-bazel-rules"),
        (&["--version"], "checksum-updater 0.1.0\n"),
        (&["update", "-V"], "checksum-updater 0.1.0\n"),
    ];
    for (arguments, text) in cases {
        let run = Memory::new().run(arguments);
        assert_eq!((run.code, &*run.err), (0, ""), "{arguments:?}");
        assert!(run.out.contains(text) && run.out.ends_with('\n'), "{arguments:?}: {}", run.out);
        assert!(run.out.lines().all(|line| line.len() <= 90), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_code_2() {
    let help = "`--help` shows what can be typed";
    let commands = "the commands are list, check, update, poll, validate, generate-bazel-rules";
    let cases: [(&[&str], &str, &str); 23] = [
        (&[], "name a command", help),
        (&["--dir", "/x"], "name a command", help),
        (&["lisst"], "there is no command `lisst`", "did you mean `list`?"),
        (&["chekc"], "there is no command `chekc`", "did you mean `check`?"),
        (
            &["generate-bazel-rule"],
            "there is no command `generate-bazel-rule`",
            "did you mean `generate-bazel-rules`?",
        ),
        (&["frobnicate"], "there is no command `frobnicate`", commands),
        (&["list", "wac"], "`list` takes no tools: it always shows all", help),
        (&["list", "--all"], "`list` takes no tools: it always shows all", help),
        (&["list", "--dry-run"], "`--dry-run` belongs to `update`", help),
        (&["update"], "name tools or give `--all`", help),
        (&["update", "--all", "wac"], "name tools or give `--all`, not both", help),
        (&["check", "--all", "wac"], "name tools or give `--all`, not both", help),
        (&["validate", "--all", "--dry-run"], "`--dry-run` belongs to `update`", help),
        (&["check", "--online"], "`--online` belongs to `validate`", help),
        (&["update", "../wac"], "`../wac` is no tool's name: letters, digits, `.`, `-`, `_`", help),
        (&["update", ""], "`` is no tool's name: letters, digits, `.`, `-`, `_`", help),
        (&["update", "--force"], "there is no option `--force`", help),
        (&["update", "--dryrun"], "there is no option `--dryrun`", "did you mean `--dry-run`?"),
        (&["check", "--jsn"], "there is no option `--jsn`", "did you mean `--json`?"),
        (&["check", "-x"], "there is no option `-x`", help),
        (&["update", "--all=yes"], "unexpected argument for option '--all': \"yes\"", help),
        (&["list", "--dir"], "missing argument for option '--dir'", help),
        (&["list", "--dir", "checksums"], "`--dir` must start with `/`, is `checksums`", help),
    ];
    for (arguments, what, help) in cases {
        let memory = Memory::new();
        let run = memory.run(arguments);
        assert_eq!((run.code, &*run.out), (2, ""), "{arguments:?}");
        let error = format!("error: {what}\n  help: {help}\n  see:  doit-wasm help DW410\n");
        assert_eq!(run.err, error);
        assert!(memory.requests.borrow().is_empty());
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
