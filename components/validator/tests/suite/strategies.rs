//! What the properties are tried on: texts and documents that are nearly right.

use proptest::prelude::*;
use serde_json::{json, Value};

use crate::documents::digest;

/// A text made of words that mean something to a parser, and of others.
pub(crate) fn text(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => proptest::sample::select(words).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[ -~]{0,4}",
    ];
    proptest::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

/// Any JSON, of a few levels, whose keys and words are often those of our documents.
fn value() -> impl Strategy<Value = Value> {
    let word = || {
        proptest::sample::select(vec![
            "",
            "v1.2.3",
            "1.2.3",
            "1.2.4-rc.1",
            "v{version}",
            "linux_amd64",
            "a-linux-amd64.tar.gz",
            "2026-02-03",
            "2026-02-03T00:00:00Z",
            "o/r",
            "semver",
            "numeric",
            "pep440",
            "github",
            "https://go.dev/dl",
            "uploaded",
            "canary",
            "wac",
            "\"\\\u{0}é",
        ])
    };
    let key = proptest::sample::select(vec![
        "tool_name",
        "github_repo",
        "latest_version",
        "versions",
        "platforms",
        "sha256",
        "asset",
        "url_suffix",
        "release_date",
        "tag",
        "1.2.3",
        "v 1",
        "linux_amd64",
        "size",
        "confirmed_by",
        "supported_platforms",
        "npm_package",
        "é",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        word().prop_map(Value::from),
        word().prop_map(|word| json!(digest(word))),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(key, it)| (key.to_owned(), it)).collect())
            }),
        ]
    })
}

/// A value that is another one with some of its parts replaced.
pub(crate) fn edited(base: Value) -> impl Strategy<Value = Value> {
    proptest::collection::vec((any::<proptest::sample::Index>(), value()), 0..4).prop_map(
        move |edits| {
            let mut document = base.clone();
            for (index, value) in edits {
                let pointers = pointers(&document);
                if let Some(place) = document.pointer_mut(index.get::<String>(&pointers)) {
                    *place = value;
                }
            }
            document
        },
    )
}

/// The pointer of every value within a value, and of itself.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, it)| (key.clone(), it)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    for (key, part) in parts {
        let key = key.replace('~', "~0").replace('/', "~1");
        found.extend(pointers(part).into_iter().map(|below| format!("/{key}{below}")));
    }
    found
}
