//! What holds for every text, tried on many: nothing panics, what was accepted is accepted again, and
//! versions have one order.
//!
//! Each property is tried on some cases in every run of the tests, the same each time; `FUZZ_SECONDS`
//! makes it other ones for as long as that.

use std::cmp::Ordering;
use std::env;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use serde_json::{json, Value};
use validator::checks::check;
use validator::digest::fault;
use validator::scheme::Scheme;
use validator::time::{Day, Moment};

use crate::documents::{entry, good};
use crate::strategies::{edited, text};
use crate::typed::{bazel, plan, record, sums, watched};

/// Try a property on values of a strategy.
fn holds<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let config = Config { failure_persistence: None, ..Config::default() };
    let seconds = env::var("FUZZ_SECONDS").ok().map(|text| text.parse().expect("seconds"));
    let Some(seconds) = seconds else {
        let source = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
        let mut runner = TestRunner::new_with_rng(config, source);
        return runner.run(strategy, property).unwrap_or_else(|error| panic!("{error}"));
    };
    let (end, mut cases) = (Instant::now() + Duration::from_secs(seconds), 0_u64);
    while Instant::now() < end {
        let mut runner = TestRunner::new(config.clone());
        runner.run(strategy, &property).unwrap_or_else(|error| panic!("{error}"));
        cases += u64::from(config.cases);
    }
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    eprintln!("{name}: {cases} cases");
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn tools_toml() {
    let words = &[
        "[wac]\n",
        "[wac.assets]\n",
        "source = ",
        "repository = ",
        "tag = ",
        "cooldown = ",
        "ignore = ",
        "linux_amd64 = ",
        "\"v{version}\"\n",
        "'o/r'\n",
        "{version}",
        "true\n",
        "7\n",
        "[",
        "]",
        "[[",
        "{",
        "}",
        "=",
        "\"",
        "'",
        "\"\"\"",
        "#",
        "\\",
        ".",
        ",",
        "\n",
        "2026-01-01",
        "1e9",
        "nan",
        "0x",
        "\\u{D800}",
        "scheme = 'numeric'\n",
        "rolling = ",
        "base = 'http://x'\n",
    ];
    holds(&text(words), |config| {
        // What was read is an entry again.
        for (tool, entry) in watched(&config).iter().filter_map(Value::as_object).flatten() {
            let again = crate::typed::watch(tool, entry);
            prop_assert!(again.is_ok(), "{:?} of {}", again, entry);
        }
        Ok(())
    });
}

#[test]
fn tool_files() {
    holds(&edited(good()), |document| {
        for watch in [None, Some(crate::documents::watch(&entry()))] {
            if let Ok(canonical) = check("wac", &document.to_string(), watch.as_ref()) {
                let again = check("wac", &canonical, watch.as_ref());
                prop_assert_eq!(again.as_ref(), Ok(&canonical));
                prop_assert_eq!(parsed(&canonical).to_string(), document.to_string());
            }
        }
        Ok(())
    });
}

#[test]
fn texts_of_tool_files() {
    let words = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "d800",
        "null",
        "true",
        "-",
        "0",
        "1e9",
        ".5",
        "\"tool_name\"",
        "\"versions\"",
        "\"wac\"",
        " ",
        "\n",
    ];
    holds(&text(words), |document| {
        _ = check("wac", &document, None);
        Ok(())
    });
}

#[test]
fn plans() {
    let releases = [crate::plan::release("0.9.0"), crate::plan::release("0.10.1")];
    let base = crate::plan::input(&releases);
    let document = edited(good());
    holds(&(edited(base), document, any::<bool>()), |(mut input, document, replace)| {
        if let Some(fields) = input.as_object_mut().filter(|_| replace) {
            fields.insert("document".into(), document.to_string().into());
        }
        let Ok(found) = plan(&input) else {
            return Ok(());
        };
        let states = ["current", "newer", "watched", "incomplete", "young", "more"];
        prop_assert!(states.iter().any(|state| found["state"] == *state));
        let is_newer = found["state"] == "newer";
        prop_assert_eq!(is_newer, found["assets"] != json!({}), "{}", found);
        prop_assert_eq!(found["state"] == "incomplete", found["missing"] != json!([]));
        Ok(())
    });
}

#[test]
fn records() {
    let document = edited(good());
    let base = crate::record::next();
    holds(&(edited(base), document, any::<bool>()), |(mut input, document, replace)| {
        if let Some(fields) = input.as_object_mut().filter(|_| replace) {
            fields.insert("document".into(), document.to_string().into());
        }
        let Ok(once) = record(&input) else {
            return Ok(());
        };
        let name = input["name"].as_str().expect("a name").to_owned();
        let watch = crate::typed::watch(&name, &input["watch"]).expect("an entry");
        let canonical = check(&name, &once, Some(&watch));
        prop_assert_eq!(canonical.as_ref(), Ok(&once));
        input["document"] = json!(once);
        let twice = record(&input);
        prop_assert_eq!(twice, Ok(once));
        Ok(())
    });
}

#[test]
fn files_of_checksums() {
    let words = &[
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "3E23E8160039594A33894F6564E1B1348BBD7A0088D42C4ACB73EEAED59C009D",
        "d41d8cd98f00b204e9800998ecf8427e",
        "  ",
        " *",
        "\t",
        "x.tar.gz",
        "./",
        "\n",
        "\r\n",
        "\\",
        "\\n",
        "SHA256 (",
        "SHA256(",
        "MD5 (",
        ") = ",
        ")= ",
        "Algorithm",
        " : ",
        "SHA256",
        "Hash",
        "Path",
        "C:\\a\\",
        "---------",
        "-----BEGIN PGP SIGNED MESSAGE-----\n",
        "Hash: SHA256\n\n",
        "-----BEGIN PGP SIGNATURE-----\n",
        "- ",
        "#",
        "\u{feff}",
    ];
    holds(&text(words), |content| {
        let Ok(found) = sums(&content) else {
            return Ok(());
        };
        let found = found.as_object().expect("an object");
        prop_assert!(!found.is_empty());
        // What was read can be written as coreutils would, and read again.
        let mut written = String::new();
        for (name, hex) in found {
            let hex = hex.as_str().expect("a digest");
            prop_assert!(hex.len() == 64 && hex.to_lowercase() == hex);
            let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
            let mark = if escaped == *name { "" } else { "\\" };
            let name = if name.is_empty() { String::new() } else { format!("  ./{escaped}") };
            written += &format!("{mark}{hex}{name}\n");
        }
        prop_assert_eq!(sums(&written).expect(&written), Value::Object(found.clone()));
        Ok(())
    });
}

#[test]
fn versions() {
    let version = || {
        let words = &[
            "0",
            "1",
            "2",
            "10",
            "01",
            "99999999999999999999999",
            ".",
            "-",
            "+",
            "_",
            "!",
            "a",
            "alpha",
            "b",
            "rc",
            "c",
            "pre",
            "post",
            "rev",
            "r",
            "dev",
            "v",
            "x",
        ];
        prop_oneof![text(words), "[0-9]{1,2}\\.[0-9]\\.[0-9](-[a-c0-2](\\.[a-c0-2])?)?"]
    };
    holds(&(version(), version(), version()), |(a, b, c)| {
        for scheme in Scheme::NAMES.iter().filter_map(|name| Scheme::named(name)) {
            let parts = (scheme.parse(&a), scheme.parse(&b), scheme.parse(&c));
            let (Some(a), Some(b), Some(c)) = parts else {
                continue;
            };
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a.text() == b.text());
            if a.cmp(&b) == b.cmp(&c) {
                prop_assert_eq!(a.cmp(&b), a.cmp(&c));
            }
            if a.outranks(&b) {
                prop_assert!(a > b && !b.outranks(&a));
            }
        }
        Ok(())
    });
}

#[test]
fn modules() {
    let (tools, watched) = (json!({"wac": good().to_string()}), json!({"wac": entry()}));
    let base = json!({"tools": tools, "watched": watched});
    holds(&(edited(base), edited(good())), |(mut input, document)| {
        if let Some(tools) = input.get_mut("tools").and_then(Value::as_object_mut) {
            tools.insert("wac".into(), document.to_string().into());
        }
        if let Ok(found) = bazel(&input) {
            let again = bazel(&input).expect("again");
            prop_assert_eq!(&found, &again);
            let text = &found.text;
            prop_assert!(!text.contains('\r') && text.ends_with('\n'));
            prop_assert_eq!(text.matches("\"\"\"").count() % 2, 0);
        }
        Ok(())
    });
}

#[test]
fn words() {
    let parts =
        &["2026", "1999", "-", "02", "29", "12", "31", "T", "10:00:00", ".5", "Z", "0", ":", "60"];
    holds(&(text(parts), 0_u32..40_000), |(word, days)| {
        _ = fault(&word);
        if let Some(day) = Day::parse(&word) {
            prop_assert_eq!(day.to_string(), word.clone());
            prop_assert!(days == 0 || day.later(days) > day);
            prop_assert_eq!(day.later(days).later(1), day.later(days + 1));
        }
        if let Some(moment) = Moment::parse(&word) {
            prop_assert!(moment.later(days) >= moment);
        }
        Ok(())
    });
}
