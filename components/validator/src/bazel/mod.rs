//! Tool files as a Starlark module that Bazel can load.
//!
//! - [`address`] the address of a platform's file;
//! - [`form`] whether it is an archive;
//! - [`starlark`] words and strings of the language.

mod address;
mod form;
mod starlark;

use serde_json::{Map, Value};

pub use crate::bindings::exports::doit_wasm::updater::documents::{Starlark, ToolFile};
use crate::checks;
use crate::error::Error;
use crate::findings::Findings;
use crate::json;
use crate::node::below;
use crate::recorded::{Recorded, Release};
use crate::watch::Watch;
use address::Address;
use form::Form;
use starlark::{identifier, string};

const HEAD: &str = "\
\"\"\"Repositories of the tools in checksums/tools, made by `checksum-updater generate-bazel-rules`.

Do not edit: the next run replaces it.
\"\"\"
";

const BUILD: &str = "
_BUILD = \"\"\"\\
exports_files(glob([\"**\"]))

filegroup(
    name = \"files\",
    srcs = glob([\"**\"]),
    visibility = [\"//visibility:public\"],
)
\"\"\"
";

/// The macro of one tool.
struct Macro {
    name: String,
    heading: String,
    rules: Vec<Rule>,
}

/// One repository.
struct Rule {
    kind: &'static str,
    /// Each argument and its value, in buildifier's order.
    arguments: Vec<(&'static str, String)>,
}

/// Render the latest version of each tool as a Starlark module.
///
/// # Errors
///
/// [`Error::Invalid`] with the findings of every tool file that breaks a rule.
pub fn render(tools: &[ToolFile], watched: &[Watch]) -> Result<Starlark, Error> {
    let documents = documents(tools, watched)?;
    let (mut macros, mut skipped) = (Vec::<Macro>::new(), Vec::new());
    for (tool, document) in &documents {
        let (recorded, watch) = (Recorded(document), entry(tool, watched));
        let rendered = tool_macro(tool, recorded, watch, &mut skipped);
        if let Some(earlier) = macros.iter().find(|earlier| earlier.name == rendered.name) {
            let (version, earlier) = (recorded.latest(), &earlier.heading);
            skipped.push(format!("{tool} {version} all: would have the macro of {earlier}"));
        } else if !rendered.rules.is_empty() {
            macros.push(rendered);
        }
    }
    Ok(Starlark { text: module(&macros), skipped })
}

/// The entry of a tool.
fn entry<'a>(tool: &str, watched: &'a [Watch]) -> Option<&'a Watch> {
    watched.iter().find(|watch| watch.tool == tool)
}

/// Parse and check each tool file.
fn documents(tools: &[ToolFile], watched: &[Watch]) -> Result<Map<String, Value>, Error> {
    let (mut documents, mut findings) = (Map::new(), Findings::default());
    for ToolFile { tool, text } in tools {
        let checked = json::parse(text).and_then(|document| {
            checks::approve(tool, &document, entry(tool, watched))?;
            Ok(document)
        });
        match checked {
            Ok(document) => _ = documents.insert(tool.clone(), document),
            Err(Error::Invalid(found)) => findings.extend(&below("tools", tool), found),
            Err(other) => return Err(other),
        }
    }
    findings.unless_any(documents).map_err(Error::Invalid)
}

/// Render the latest version of one tool.
fn tool_macro(
    tool: &str,
    recorded: Recorded<'_>,
    watch: Option<&Watch>,
    skipped: &mut Vec<String>,
) -> Macro {
    let (version, name) = (recorded.latest(), identifier(tool));
    let mut rules = Vec::new();
    let release = recorded.release(version);
    for (platform, asset) in release.into_iter().flat_map(Release::assets) {
        let address = release.map(|release| Address { recorded, watch, release, platform, asset });
        match address.map_or(Err("is not recorded".into()), |address| rule(&name, &address)) {
            Ok(rule) => rules.push(rule),
            Err(reason) => skipped.push(format!("{tool} {version} {platform}: {reason}")),
        }
    }
    Macro { name, heading: format!("{tool} {version}"), rules }
}

/// Render one platform.
///
/// # Errors
///
/// Why it has no repository.
fn rule(tool: &str, address: &Address<'_>) -> Result<Rule, String> {
    let digest = address.asset.digest().ok_or("no digest is recorded")?;
    let asset = address.file()?;
    let name = string(&format!("{tool}__{}", address.platform));
    let urls = format!("[{}]", string(&address.url(&asset)?));
    let sha256 = string(digest);
    Ok(match Form::of(&asset) {
        Form::Archive(stem) => {
            let mut arguments =
                vec![("name", name), ("build_file_content", "_BUILD".into()), ("sha256", sha256)];
            let prefix =
                address.watch.and_then(|it| it.strip_prefix_of(stem, address.release.version));
            arguments.extend(prefix.map(|prefix| ("strip_prefix", string(&prefix))));
            arguments.push(("urls", urls));
            Rule { kind: "http_archive", arguments }
        }
        form => {
            let mut arguments = vec![("name", name), ("downloaded_file_path", string(&asset))];
            if form == Form::Binary {
                arguments.push(("executable", "True".into()));
            }
            arguments.extend([("sha256", sha256), ("urls", urls)]);
            Rule { kind: "http_file", arguments }
        }
    })
}

/// Assemble the module.
fn module(macros: &[Macro]) -> String {
    let is_used =
        |kind: &&str| macros.iter().flat_map(|it| &it.rules).any(|rule| rule.kind == *kind);
    let kinds: Vec<_> = ["http_archive", "http_file"].into_iter().filter(is_used).collect();
    let mut text = HEAD.to_owned();
    if !kinds.is_empty() {
        let kinds: Vec<_> = kinds.iter().map(|kind| string(kind)).collect();
        let file = string("@bazel_tools//tools/build_defs/repo:http.bzl");
        text += &format!("\nload({file}, {})\n", kinds.join(", "));
    }
    if is_used(&"http_archive") {
        text += BUILD;
    }
    for it in macros {
        text += &format!("\ndef {}():\n", it.name);
        text += &format!("    \"\"\"Declare the files of {}.\"\"\"\n", it.heading);
        for rule in &it.rules {
            text += &format!("    {}(\n", rule.kind);
            for (name, value) in &rule.arguments {
                text += &format!("        {name} = {value},\n");
            }
            text += "    )\n";
        }
    }
    text += "\ndef all_tools():\n    \"\"\"Declare the files of every tool.\"\"\"\n";
    for it in macros {
        text += &format!("    {}()\n", it.name);
    }
    if macros.is_empty() {
        text += "    pass\n";
    }
    text
}
