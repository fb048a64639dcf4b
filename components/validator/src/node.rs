//! A value with its place in the document, which findings name.

use serde_json::{Map, Value};

use crate::findings::Findings;

/// A value of a document and its place, written as jq would: `versions["1.0"].release_date`.
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    pub(crate) place: String,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { value, place: String::new() }
    }

    /// The entries of an object; any other value is a finding.
    pub(crate) fn object(&self, findings: &mut Findings) -> Option<&'a Map<String, Value>> {
        let object = self.value.as_object();
        if object.is_none() {
            findings.add(self.place(), "must be an object");
        }
        object
    }

    /// The entries of an object that has at least one; any other value is a finding.
    pub(crate) fn entries(&self, findings: &mut Findings) -> Vec<(&'a String, Self)> {
        let Some(object) = self.object(findings) else {
            return Vec::new();
        };
        if object.is_empty() {
            findings.add(self.place(), "must not be empty");
        }
        object.iter().map(|(key, value)| (key, Self { value, place: self.below(key) })).collect()
    }

    /// A field of an object, if present.
    pub(crate) fn optional(&self, name: &str) -> Option<Self> {
        self.value.get(name).map(|value| Self { value, place: self.below(name) })
    }

    /// A field of an object; its absence is a finding.
    pub(crate) fn required(&self, name: &str, findings: &mut Findings) -> Option<Self> {
        let field = self.optional(name);
        if field.is_none() {
            findings.add(self.below(name), "is missing");
        }
        field
    }

    /// The value as a word that satisfies a rule; anything else is a finding.
    pub(crate) fn word(
        &self,
        keeps: impl Fn(&str) -> bool,
        must: &str,
        findings: &mut Findings,
    ) -> Option<&'a str> {
        let Some(text) = self.value.as_str() else {
            findings.add(self.place(), "must be a string");
            return None;
        };
        if !keeps(text) {
            findings.add(self.place(), format!("must be {must}, is `{text}`"));
        }
        Some(text)
    }

    /// The value as a list of different words; anything else is a finding.
    pub(crate) fn words(&self, findings: &mut Findings) -> Vec<&'a str> {
        let items = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
        if !self.value.is_array() || words.len() != items.len() {
            findings.add(self.place(), "must be a list of strings");
        }
        for (index, word) in words.iter().enumerate() {
            if words.iter().take(index).any(|earlier| earlier == word) {
                findings.add(self.place(), format!("names `{word}` twice"));
            }
        }
        words
    }

    /// The place of this value.
    pub(crate) fn place(&self) -> &str {
        if self.place.is_empty() {
            "document"
        } else {
            &self.place
        }
    }

    /// The place of a field of this value.
    pub(crate) fn below(&self, name: &str) -> String {
        below(&self.place, name)
    }
}

/// The place of a field of the value at a place.
pub(crate) fn below(place: &str, name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.bytes().all(plain) || name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("{place}[{name:?}]")
    } else if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}
