//! `list`.

use crate::memory::{path, Memory};

#[test]
fn each_tool_is_a_line_of_the_table() {
    let run = Memory::new().run(&["list"]);
    let table = "\
TOOL  VERSION  RELEASED    PLATFORMS
wac   0.9.0    2026-02-03  2
wkg   0.15.0   2026-02-06  1
";
    assert_eq!((run.code, &*run.out, &*run.err), (0, table, ""));
}

#[test]
fn a_file_that_is_no_json_does_not_hide_the_others() {
    let mut memory = Memory::new();
    memory.files.insert(path("broken"), "{".to_owned());
    let run = memory.run(&["list"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.out.lines().count(), 4);
    assert!(run.out.contains("\nbroken  ?        ?           ?\n"), "{}", run.out);
    assert!(
        run.err
            .starts_with("error: cannot list broken: a document breaks the rules\n  document: EOF"),
        "{}",
        run.err
    );
}

#[test]
fn what_a_file_does_not_say_is_a_question_mark() {
    let mut memory = Memory::new();
    memory.files.insert(path("odd"), r#"{"latest_version": 7, "versions": []}"#.to_owned());
    let run = memory.run(&["list"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("\nodd   ?        ?           ?\n"), "{}", run.out);
}

#[test]
fn a_directory_that_is_not_there_is_an_error_that_names_it() {
    let run = Memory::new().run(&["list", "--dir", "/nowhere", "--shown-as", "../sums"]);
    assert_eq!((run.code, &*run.out), (1, ""));
    let error = "\
error: cannot list ../sums: a file could not be read or written
  ../sums/tools: not found
  help: check the directory (`--dir`), who may read and write there, and who works in it
  see:  doit-wasm help DW412
";
    assert_eq!(run.err, error);
}

#[test]
fn tools_toml_is_not_needed() {
    let mut memory = Memory::new();
    memory.config = Ok("wrong".to_owned());
    assert_eq!(memory.run(&["list"]).code, 0);
}
