//! What the contract's types hold, written as JSON: a test edits one field of it by its pointer.

use serde_json::{json, Map, Value};
use validator::bazel::{self, Starlark, ToolFile};
use validator::error::Error;
use validator::plan::{self, Decision, File, Found};
use validator::record;
use validator::request::{Confirmed, ConfirmedRelease, PlanRequest, Published, Release};
use validator::sums;
use validator::time::Moment;
use validator::watch::{Source, Watch};
use validator::watched;

/// A text; an empty one if the value is none.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// None for what is no text or says nothing.
fn known(value: &Value) -> Option<String> {
    Some(text(value)).filter(|text| !text.is_empty())
}

/// The elements of a list; none if the value is no list.
fn list<T>(value: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(read).collect()
}

/// The fields of an object; none if the value is no object.
fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A value as TOML on one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let known = fields.iter().filter(|(_, value)| !value.is_null());
            let fields = known.map(|(key, value)| format!("{} = {}", json!(key), toml(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string().replace('\u{7f}', "\\u007f"),
    }
}

/// Read an entry of `tools.toml`.
pub(crate) fn watch(tool: &str, entry: &Value) -> Result<Watch, Error> {
    let mut entries = watched::parse(&format!("{} = {}", json!(tool), toml(entry)))?;
    Ok(entries.pop().expect("an entry"))
}

/// Read `tools.toml` and show each entry with the names that it has there.
pub(crate) fn watched(config: &str) -> Result<Value, Error> {
    Ok(watched::parse(config)?.iter().map(|it| (it.tool.clone(), entry(it))).collect())
}

fn entry(watch: &Watch) -> Value {
    let (source, repository, base, lts) = match &watch.source {
        Source::Github(repository) => ("github", repository.as_str(), "", false),
        Source::Go(base) => ("go", "", base.as_str(), false),
        Source::Nodejs(site) => ("nodejs", "", site.base.as_str(), site.lts),
    };
    let assets = watch.assets.iter().map(|it| (it.platform.clone(), it.asset.clone().into()));
    json!({
        "source": source,
        "repository": repository,
        "base": base,
        "tag": watch.tag,
        "scheme": watch.scheme.name(),
        "prereleases": watch.prereleases,
        "lts": lts,
        "rolling": watch.rolling,
        "ignore": watch.ignore,
        "other_tags": watch.other_tags,
        "cooldown": watch.cooldown,
        "patience": watch.patience,
        "sums": watch.sums.as_deref().unwrap_or_default(),
        "strip_prefix": watch.strip_prefix.as_deref().unwrap_or_default(),
        "universal": watch.universal,
        "optional": watch.optional,
        "assets": assets.collect::<Map<_, _>>(),
    })
}

fn file(file: &Value) -> Published {
    Published {
        name: text(&file["name"]),
        uploaded: file["state"] == "uploaded",
        digest: known(&file["digest"]),
        updated_at: known(&file["updated_at"]),
    }
}

fn release(release: &Value) -> Release {
    Release {
        id: release["id"].as_i64().unwrap_or_default(),
        tag: text(&release["tag"]),
        draft: release["draft"] == true,
        prerelease: release["prerelease"] == true,
        published_at: known(&release["published_at"]),
        assets: list(&release["assets"], file),
    }
}

/// Decide about a tool.
pub(crate) fn plan(input: &Value) -> Result<Value, Error> {
    let watch = watch(&text(&input["name"]), &input["watch"])?;
    let document = known(&input["document"]);
    let releases = list(&input["releases"], release);
    let decided = plan::decide(&PlanRequest {
        watch: &watch,
        document: document.as_deref(),
        releases: &releases,
        last: input["last"] == true,
        now: Moment::parse(&text(&input["now"])).ok_or(Error::invalid("now", "must be a time"))?,
    })?;
    let mut shown = decision(&decided.decision);
    let changes = decided.differences.iter().map(|it| {
        json!({
            "version": it.version,
            "platform": it.platform,
            "asset": it.asset,
            "recorded": it.recorded,
            "published": it.published,
            "release_date": it.release_date.as_deref().unwrap_or_default(),
            "updated_at": it.updated_at.as_deref().unwrap_or_default(),
        })
    });
    shown["changes"] = changes.collect();
    shown["compared"] = decided.compared.into();
    shown["notes"] = decided.notes.into();
    let passed = decided.passed_over.iter().map(
        |it| json!({"version": it.version, "tag": it.tag, "reason": it.reason, "until": it.until}),
    );
    shown["passed_over"] = passed.collect();
    Ok(shown)
}

fn decision(decision: &Decision) -> Value {
    let none: &[String] = &[];
    let of = |state: &str, found: Option<&Found>, missing: &[String], until: &str, problem| {
        let text = |read: fn(&Found) -> &str| found.map(read).unwrap_or_default().to_owned();
        json!({
            "state": state,
            "after": text(|it| &it.version),
            "tag": text(|it| &it.tag),
            "release": found.map(|it| it.id).unwrap_or_default(),
            "release_date": text(|it| it.date.as_deref().unwrap_or_default()),
            "assets": {},
            "sums": {},
            "missing": missing,
            "until": until,
            "problem": problem,
        })
    };
    let finding = |it: &validator::findings::Finding| format!("{}: {}", it.place, it.reason);
    let quiet = String::new;
    match decision {
        Decision::More => of("more", None, none, "", quiet()),
        Decision::Current(it) => of("current", Some(it), none, "", quiet()),
        Decision::Watched(it) => of("watched", Some(it), none, "", quiet()),
        Decision::Newer(it) => {
            let mut shown = of("newer", Some(&it.release), none, "", quiet());
            for File { platform, asset, sums } in &it.files {
                shown["assets"][platform] = asset.as_str().into();
                if let Some(sums) = sums {
                    shown["sums"][platform] = sums.as_str().into();
                }
            }
            shown
        }
        Decision::Incomplete(it) => {
            let overdue = it.overdue.as_ref().map(finding).unwrap_or_default();
            of("incomplete", Some(&it.release), &it.missing, "", overdue)
        }
        Decision::Young(it) => {
            let until = it.until.as_deref().unwrap_or_default();
            of("young", Some(&it.release), none, until, quiet())
        }
        Decision::Unmatched(it) => {
            of("unmatched", Some(&it.release), none, "", finding(&it.problem))
        }
    }
}

/// Add a release to a tool file and return its text.
pub(crate) fn record(input: &Value) -> Result<String, Error> {
    let watch = watch(&text(&input["name"]), &input["watch"])?;
    let confirmed = |(platform, file): (&String, &Value)| Confirmed {
        platform: platform.clone(),
        asset: text(&file["asset"]),
        sha256: text(&file["sha256"]),
        size: file["size"].as_u64(),
        confirmed_by: list(&file["confirmed_by"], text),
    };
    let release = ConfirmedRelease {
        version: text(&input["version"]),
        date: text(&input["release_date"]),
        tag: text(&input["tag"]),
        files: fields(&input["platforms"]).map(confirmed).collect(),
    };
    let added = record::add(&watch, known(&input["document"]).as_deref(), &release)?;
    let document: Value = serde_json::from_str(&added.text).expect("JSON");
    assert_eq!(document["latest_version"], *added.latest);
    Ok(added.text)
}

/// Read a file of checksums: name to digest, where a digest alone has the empty name.
pub(crate) fn sums(content: &str) -> Result<Value, Error> {
    let parsed = sums::parse(content)?;
    Ok(parsed.into_iter().map(|it| (it.name.unwrap_or_default(), it.sha256)).collect())
}

/// Render tool files.
pub(crate) fn bazel(input: &Value) -> Result<Starlark, Error> {
    let watched: Result<Vec<Watch>, Error> =
        fields(&input["watched"]).map(|(tool, entry)| watch(tool, entry)).collect();
    let tools = fields(&input["tools"])
        .map(|(tool, content)| ToolFile { tool: tool.clone(), text: text(content) });
    bazel::render(&tools.collect::<Vec<_>>(), &watched?)
}
