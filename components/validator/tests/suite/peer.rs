//! The files that users of rules_wasm_component have.

use serde_json::{json, Value};

use crate::checks::{below, said, LINUX};

#[test]
fn the_peers_files_pass_with_their_quirks() {
    let with = |name: &str| below(LINUX, name);
    let cases: [(&str, Vec<(String, Value)>); 9] = [
        (
            "a site of its own",
            vec![
                ("/github_repo".into(), Value::Null),
                ("/download_base".into(), json!("https://go.dev/dl")),
            ],
        ),
        (
            "a time of the last check",
            vec![("/last_checked".into(), json!("2026-01-01T06:40:09.069465Z"))],
        ),
        ("no list of platforms", vec![("/supported_platforms".into(), Value::Null)]),
        (
            "a list that leaves one out",
            vec![("/supported_platforms".into(), json!(["linux_amd64"]))],
        ),
        (
            "only a platform's name",
            vec![
                (with("asset"), Value::Null),
                (with("url_suffix"), json!("")),
                (with("platform_name"), json!("x86_64-unknown-linux-musl")),
            ],
        ),
        (
            "only a binary's name",
            vec![
                (with("asset"), Value::Null),
                (with("url_suffix"), Value::Null),
                (with("binary_name"), json!("wkg-x86_64-unknown-linux-gnu")),
            ],
        ),
        ("only a suffix", vec![(with("asset"), Value::Null), (with("confirmed_by"), Value::Null)]),
        (
            "extras at each level",
            vec![
                ("/security".into(), json!({"signing": "keyless"})),
                ("/notes".into(), json!(["one", "two"])),
                ("/versions/0.9.0/description".into(), json!("a release")),
                (with("binary"), json!(true)),
                (with("size_kb"), json!(853)),
            ],
        ),
        (
            "an npm package without a file",
            vec![(
                LINUX.into(),
                json!({"sha256": "", "url_suffix": "", "npm_package": "@a/b", "dependencies": ["@a/c"]}),
            )],
        ),
    ];
    for (quirk, edits) in cases {
        let edits: Vec<(&str, Value)> =
            edits.iter().map(|(place, value)| (&**place, value.clone())).collect();
        assert_eq!(said(&edits), "", "{quirk}");
    }
}
