//! What `tools.toml` may say.

use serde_json::{json, Value};
use validator::watched::watched;

const GOOD: &str = r#"
[wasm-tools]
repository = "bytecodealliance/wasm-tools"
tag = "v{version}"

[wasm-tools.assets]
linux_amd64 = "wasm-tools-{version}-x86_64-linux.tar.gz"
"#;

#[test]
fn each_tool_becomes_an_entry_of_one_object() {
    let value: Value = serde_json::from_str(&watched(GOOD).expect("good")).expect("JSON");
    let tool = json!({
        "repository": "bytecodealliance/wasm-tools",
        "tag": "v{version}",
        "assets": {"linux_amd64": "wasm-tools-{version}-x86_64-linux.tar.gz"},
    });
    assert_eq!(value, json!({"wasm-tools": tool}));
}

#[test]
fn each_broken_rule_is_one_finding() {
    let tool = r#"["wasm-tools"]"#;
    let cases = [
        ("bytecodealliance/", "", format!("{tool}.repository: must be `owner/name`, is `wasm-tools`")),
        ("repository", "repo", format!("{tool}.repo: is not a known key; known are repository, tag, assets\n{tool}.repository: is missing")),
        ("\"v{version}\"", "\"v\"", format!("{tool}.tag: must be a tag with `{{version}}` in it once, is `v`")),
        ("\"v{version}\"", "\"{version}{version}\"", format!("{tool}.tag: must be a tag with `{{version}}` in it once, is `{{version}}{{version}}`")),
        ("\"v{version}\"", "1", format!("{tool}.tag: must be a string")),
        ("-{version}-x86", "-{v}-x86", format!("{tool}.assets.linux_amd64: must be the name of a file, with no braces but `{{version}}`, is `wasm-tools-{{v}}-x86_64-linux.tar.gz`")),
        ("\"wasm-tools-", "\"a/wasm-tools-", format!("{tool}.assets.linux_amd64: must be the name of a file, with no braces but `{{version}}`, is `a/wasm-tools-{{version}}-x86_64-linux.tar.gz`")),
        ("linux_amd64", "Linux", format!("{tool}.assets.Linux: must be named by a platform: lower-case letters, digits, `_`")),
        ("\nlinux_amd64", "\nlinux_arm64 = \"wasm-tools-{version}-x86_64-linux.tar.gz\"\nlinux_amd64", format!("{tool}.assets.linux_arm64: is the asset of linux_amd64 too")),
        ("linux_amd64", "#", format!("{tool}.assets: must not be empty")),
    ];
    for (from, to, finding) in cases {
        assert!(GOOD.contains(from), "{from}");
        let error = watched(&GOOD.replace(from, to)).expect_err(&finding).to_string();
        assert_eq!(error, finding);
    }
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
    let nested = format!("a = {}", "[".repeat(100_000));
    let cases = [
        ("[wac]\ntag = v1\n", "line 2: string values must be quoted"),
        ("[wac]\n\n[wac]\n", "line 3: duplicate key"),
        (&dotted, "line 1: recursion limit"),
        (&nested, "line 1: cannot recurse further"),
        ("", "document: must not be empty"),
        ("wac = 1\n", "wac: must be an object"),
    ];
    for (text, finding) in cases {
        let error = watched(text).expect_err(finding).to_string();
        assert!(error.starts_with(finding) && error.lines().count() == 1, "{error}");
    }
}
