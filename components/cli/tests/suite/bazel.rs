//! `generate-bazel-rules`.

use cli::host::Error;
use serde_json::json;

use crate::memory::{path, starlark, Memory};

#[test]
fn the_module_goes_to_standard_output_and_what_was_skipped_to_standard_error() {
    let mut memory = Memory::new();
    let skipped = "wac 0.9.0 linux_arm64: no sha256";
    memory.bazel = Ok(starlark("# ours\n", &[skipped]));
    let run = memory.run(&["generate-bazel-rules"]);
    assert_eq!((run.code, &*run.out), (0, "# ours\n"));
    assert_eq!(run.err, "skipped: wac 0.9.0 linux_arm64: no sha256\n");
    let input = json!({
        "tools": {"wac": memory.files[&path("wac")], "wkg": memory.files[&path("wkg")]},
        "watched": {"wac": {"scheme": "semver"}, "wkg": {"scheme": "numeric"}},
    });
    assert_eq!(*memory.requests.borrow(), [input]);
}

#[test]
fn only_what_is_named_is_rendered() {
    let memory = Memory::new();
    let run = memory.run(&["generate-bazel-rules", "wkg", "wak"]);
    assert_eq!((run.code, &*run.out), (1, "def tools():\n    pass\n"));
    let error = "\
error: there is no tool `wak`
  help: did you mean `wac`?
  see:  doit-wasm help DW411
";
    assert_eq!(run.err, error);
    let asked = memory.requests.borrow()[0]["tools"].clone();
    assert_eq!(asked, json!({"wkg": memory.files[&path("wkg")]}));
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let mut memory = Memory::new();
    memory.files.insert(path("wac"), "unreadable".to_owned());
    let run = memory.run(&["generate-bazel-rules"]);
    assert_eq!((run.code, &*run.out), (1, "def tools():\n    pass\n"));
    let error = "\
error: cannot read wac: a file could not be read or written
  /checksums/tools/wac.json: permission denied
";
    assert!(run.err.starts_with(error), "{}", run.err);
}

#[test]
fn what_cannot_be_rendered_leaves_standard_output_empty() {
    let mut memory = Memory::new();
    memory.bazel = Err(Error::invalid("wac", "latest_version: missing"));
    let run = memory.run(&["generate-bazel-rules"]);
    assert_eq!((run.code, &*run.out), (1, ""));
    assert!(run.err.starts_with("error: cannot render the tool files: "), "{}", run.err);
    assert!(run.err.contains("wac: latest_version: missing"), "{}", run.err);
}
