//! Words and strings of Starlark.

/// Words that cannot name a macro: keywords of the language, and names that the module uses.
const TAKEN: &[&str] = &[
    "all_tools",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "glob",
    "global",
    "http_archive",
    "http_file",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "load",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
];

/// Return the name of a tool's macro; different tools may get the same name.
pub(super) fn identifier(tool: &str) -> String {
    let plain = |any: char| if any.is_ascii_alphanumeric() { any } else { '_' };
    let name: String = tool.chars().map(plain).collect();
    if TAKEN.contains(&name.as_str()) || name.starts_with(|first: char| !first.is_alphabetic()) {
        return format!("tool_{name}");
    }
    name
}

/// Return a string of the language.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            // Bazel knows octal escapes, but no hexadecimal ones.
            control if control < ' ' || control == '\u{7f}' => {
                quoted += &format!("\\{:03o}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
