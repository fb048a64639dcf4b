//! What `tools.toml` may say.

use serde_json::{json, Value};

use crate::typed::watched;

const GOOD: &str = r#"
[wasm-tools]
repository = "bytecodealliance/wasm-tools"
tag = "v{version}"

[wasm-tools.assets]
linux_amd64 = "wasm-tools-{version}-x86_64-linux.tar.gz"
"#;

fn read(text: &str) -> Value {
    watched(text).expect("good")
}

/// What `watched` says of the good text after a line more in front of the table of assets.
fn said(line: &str) -> String {
    let text = GOOD.replace("\n[wasm-tools.assets]", &format!("{line}\n[wasm-tools.assets]"));
    watched(&text).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn each_tool_becomes_an_entry_with_every_field() {
    let tool = json!({
        "source": "github",
        "repository": "bytecodealliance/wasm-tools",
        "base": "",
        "tag": "v{version}",
        "scheme": "semver",
        "prereleases": false,
        "lts": false,
        "rolling": false,
        "ignore": [],
        "other_tags": [],
        "cooldown": 0,
        "patience": 14,
        "sums": "",
        "strip_prefix": "",
        "universal": false,
        "optional": [],
        "assets": {"linux_amd64": "wasm-tools-{version}-x86_64-linux.tar.gz"},
    });
    // Compared as text: what was typed here and what was parsed hold numbers differently.
    assert_eq!(read(GOOD).to_string(), json!({"wasm-tools": tool}).to_string());
}

#[test]
fn every_field_can_be_set() {
    let text = r#"
[node]
source = "nodejs"
base = "http://127.0.0.1:8080/dist"
tag = "v{version}"
scheme = "numeric"
prereleases = true
lts = true
ignore = ["24.0.0"]
cooldown = 7
sums = "{asset}.sha256"
strip_prefix = "{stem}"
universal = true
optional = ["linux_arm64"]

[node.assets]
linux_amd64 = "node-v{version}-linux-x64.tar.xz"
linux_arm64 = "node-v{version}-linux-x64.tar.xz"

[canary]
repository = "a/b"
tag = "canary"
rolling = true
"#;
    let found = read(text);
    let node = &found["node"];
    assert_eq!(node["source"], "nodejs");
    assert_eq!(node["base"], "http://127.0.0.1:8080/dist");
    assert_eq!(node["scheme"], "numeric");
    assert_eq!([&node["prereleases"], &node["lts"], &node["universal"]], [true, true, true]);
    assert_eq!(node["cooldown"].to_string(), "7");
    assert_eq!(node["ignore"], json!(["24.0.0"]));
    assert_eq!(node["optional"], json!(["linux_arm64"]));
    assert_eq!(node["sums"], "{asset}.sha256");
    assert_eq!(found["canary"]["rolling"], true);
    assert_eq!(found["canary"]["assets"], json!({}));
}

#[test]
fn each_broken_rule_is_one_finding() {
    let tool = r#"["wasm-tools"]"#;
    let known = "source, repository, base, tag, scheme, prereleases, lts, rolling, ignore, other_tags, cooldown, patience, interval, sums, strip_prefix, universal, optional, assets";
    let cases = [
        ("bytecodealliance/", "", format!("{tool}.repository: must be `owner/name`, is `wasm-tools`")),
        ("repository", "repo", format!("{tool}.repo: is not a known key; known are {known}\n{tool}.repository: is missing")),
        ("tag = \"v{version}\"", "", format!("{tool}.tag: is missing")),
        ("\"v{version}\"", "\"v\"", format!("{tool}.tag: must be a tag with `{{version}}` in it once, unless `rolling` is declared, is `v`")),
        ("\"v{version}\"", "\"{version}{version}\"", format!("{tool}.tag: must be a tag with `{{version}}` in it once, unless `rolling` is declared, is `{{version}}{{version}}`")),
        ("\"v{version}\"", "1", format!("{tool}.tag: must be a string")),
        ("-{version}-x86", "-{v}-x86", format!("{tool}.assets.linux_amd64: must be the name of a file, with no braces but `{{version}}`, is `wasm-tools-{{v}}-x86_64-linux.tar.gz`")),
        ("\"wasm-tools-", "\"a/wasm-tools-", format!("{tool}.assets.linux_amd64: must be the name of a file, with no braces but `{{version}}`, is `a/wasm-tools-{{version}}-x86_64-linux.tar.gz`")),
        ("linux_amd64", "Linux", format!("{tool}.assets.Linux: must be named by a platform: lower-case letters, digits, `_`")),
        ("\nlinux_amd64", "\nlinux_arm64 = \"wasm-tools-{version}-x86_64-linux.tar.gz\"\nlinux_amd64", format!("{tool}.assets.linux_arm64: is the asset of linux_amd64 too, and `universal` is not declared")),
    ];
    for (from, to, finding) in cases {
        assert!(GOOD.contains(from), "{from}");
        let error = watched(&GOOD.replace(from, to)).expect_err(&finding).to_string();
        assert_eq!(error, finding);
    }
}

#[test]
fn each_broken_rule_of_an_optional_field_is_one_finding() {
    let cases = [
        ("source = 'gitlab'", "source: must be one of github, go, nodejs, is `gitlab`"),
        ("base = 'https://go.dev'", "base: is for the source go and nodejs only"),
        ("scheme = 'string'", "scheme: must be one of semver, semver-build, calver, numeric, pep440, is `string`"),
        ("prereleases = 'yes'", "prereleases: must be true or false"),
        ("lts = true", "lts: is for the source nodejs only"),
        ("rolling = true", "tag: must be the tag itself, without `{version}`, as it is rolling, is `v{version}`"),
        ("ignore = '1.0.0'", "ignore: must be a list of strings"),
        ("ignore = ['v 1']", "ignore: must name a version, names `v 1`"),
        ("ignore = ['1', '1']", "ignore: names `1` twice"),
        ("cooldown = -1", "cooldown: must be a number of days, at most 36500"),
        ("patience = -1", "patience: must be a number of days, at most 36500"),
        ("interval = '6 parsecs'", "interval: must be such as `30m`, `6h`, `1d` or `2w`, at most 366 days, or `0`, is `6 parsecs`"),
        ("interval = '0d'", "interval: must be such as `30m`, `6h`, `1d` or `2w`, at most 366 days, or `0`, is `0d`"),
        ("interval = '367d'", "interval: must be such as `30m`, `6h`, `1d` or `2w`, at most 366 days, or `0`, is `367d`"),
        ("interval = 6", "interval: must be a string"),
        ("other_tags = ['a b']", "other_tags: must name a tag, with `*` for any characters, names `a b`"),
        ("cooldown = 1.5", "cooldown: must be a number of days, at most 36500"),
        ("sums = '{tag}.txt'", "sums: must be the name of a file, with no braces but `{version}` and `{asset}`, is `{tag}.txt`"),
        ("strip_prefix = '../{stem}'", "strip_prefix: must be a directory, with no braces but `{version}` and `{stem}`, is `../{stem}`"),
        ("universal = 1", "universal: must be true or false"),
        ("optional = ['Linux']", "optional: must name a platform: lower-case letters, digits, `_`, names `Linux`"),
    ];
    for (line, finding) in cases {
        assert_eq!(said(line), format!(r#"["wasm-tools"].{finding}"#), "{line}");
    }
}

#[test]
fn another_site_needs_its_address_and_no_repository() {
    let go = "[go]\nsource = 'go'\ntag = 'go{version}'\n";
    let cases = [
        ("", "go.base: is missing"),
        ("base = 'go.dev'", "go.base: must be an http or https address without a final `/`, is `go.dev`"),
        ("base = 'https://go.dev/dl/'", "go.base: must be an http or https address without a final `/`, is `https://go.dev/dl/`"),
        ("base = 'https://user@go.dev'", "go.base: must be an http or https address without a final `/`, is `https://user@go.dev`"),
        ("base = 'https://go.dev/dl'\nrepository = 'golang/go'", "go.repository: is for the source github only"),
    ];
    for (line, finding) in cases {
        assert_eq!(watched(&format!("{go}{line}")).expect_err(line).to_string(), finding);
    }
}

#[test]
fn where_there_is_no_table_nothing_is_watched() {
    for text in ["", "# none yet\n"] {
        assert_eq!(watched(text).expect("valid"), json!({}));
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
        ("wac = 1\n", "wac: must be an object"),
    ];
    for (text, finding) in cases {
        let error = watched(text).expect_err(finding).to_string();
        assert!(error.starts_with(finding) && error.lines().count() == 1, "{error}");
    }
}
