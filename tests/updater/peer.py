"""Tool files of the peer's format, one for each of its quirks, in its way of writing them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

FIVE = {
    "linux_amd64": "x86_64-linux.tar.gz",
    "linux_arm64": "aarch64-linux.tar.gz",
    "darwin_amd64": "x86_64-macos.tar.gz",
    "darwin_arm64": "aarch64-macos.tar.gz",
    "windows_amd64": "x86_64-windows.zip",
}


def entry(suffix: str, salt: str = "", **extra: object) -> Document:
    return {
        "sha256": hashlib.sha256(f"{salt}{suffix}{sorted(extra)}".encode()).hexdigest(),
        "url_suffix": suffix,
        **extra,
    }


def platforms(version: str, suffixes: Mapping[str, str] = FIVE) -> Document:
    return {platform: entry(suffix, version) for platform, suffix in suffixes.items()}


def release(version: str, date: str = "2026-04-01", **extra: object) -> Document:
    return {"release_date": date, "platforms": platforms(version), **extra}


def tool(name: str, versions: Document, **extra: object) -> Document:
    """Return a tool file as the peer orders its keys; a field that is None is left out."""
    fields: Document = {
        "tool_name": name,
        "github_repo": f"o/{name}",
        "latest_version": next(iter(versions)),
        "last_checked": "2026-03-15T07:27:42.381912Z",
        "versions": versions,
        "supported_platforms": sorted(
            {platform for each in versions.values() for platform in each["platforms"]}
        ),
        **extra,
    }
    return {key: value for key, value in fields.items() if value is not None}


def text(document: Document) -> str:
    """Return the text as the peer writes it: in no order of keys, and without a last newline."""
    return json.dumps(document, indent=2)


def of(platform_entries: Document, **extra: object) -> Document:
    return {"release_date": "2026-03-28", "platforms": platform_entries, **extra}


NODE = {
    platform: entry(
        suffix,
        binary_path=f"node-v{{}}-{suffix}/bin/node",
        npm_path=f"node-v{{}}-{suffix}/bin/npm",
    )
    for platform, suffix in {
        "linux_amd64": "linux-x64.tar.xz",
        "linux_arm64": "linux-arm64.tar.xz",
        "darwin_amd64": "darwin-x64.tar.gz",
        "darwin_arm64": "darwin-arm64.tar.gz",
        "windows_amd64": "win-x64.zip",
    }.items()
}
TRIPLES = {
    "linux_amd64": "x86_64-unknown-linux-musl",
    "linux_arm64": "aarch64-unknown-linux-musl",
    "darwin_amd64": "x86_64-apple-darwin",
    "darwin_arm64": "aarch64-apple-darwin",
    "windows_amd64": "x86_64-pc-windows-gnu",
}
NPM = {"url_suffix": "", "npm_package": "@bytecodealliance/jco", "sha256": ""}

QUIRKS: dict[str, Document] = {
    "as-most-are": tool("plain", {"1.2.0": release("1.2.0"), "1.1.0": release("1.1.0")}),
    "no-github-repo-but-a-download-base": tool(
        "go", {"1.26.1": release("1.26.1")}, github_repo=None, download_base="https://go.dev/dl"
    ),
    "no-last-checked": tool("loom", {"1.1.14": release("1.1.14")}, last_checked=None),
    "no-supported-platforms": tool("bare", {"1.0.0": release("1.0.0")}, supported_platforms=None),
    "platform-name-and-no-suffix": tool(
        "wac",
        {"0.9.0": of({p: entry("", t, platform_name=t) for p, t in TRIPLES.items()})},
    ),
    "paths-in-the-archive-with-braces": tool("nodejs", {"24.14.1": of(NODE)}),
    "a-bare-binary-that-says-so": tool(
        "meld", {"0.10.0": of({p: entry(f"meld-{t}", binary=True) for p, t in TRIPLES.items()})}
    ),
    "sizes-notes-and-another-file-name": tool(
        "file-ops-component",
        {
            "0.2.0": of(
                {
                    "wasm_component": entry(
                        "file_ops_component.wasm", size_kb=853, notes="the regular one"
                    ),
                    "wasm_component_aot": entry(
                        "file_ops_component_aot.wasm", downloaded_file_path="file_ops.wasm"
                    ),
                },
                description="Stable release",
            )
        },
    ),
    "an-npm-package-with-an-empty-hash": tool(
        "jco",
        {
            version: of(
                {"universal": {**NPM, "npm_version": version, "dependencies": ["@x/componentize"]}}
            )
            for version in ("1.17.0", "1.16.0")
        },
    ),
    "more-fields-at-the-top": tool(
        "wsc",
        {"0.9.2": release("0.9.2")},
        description="signs",
        note="one",
        notes=["two", "three"],
        security={"signing": "keyless", "nested": {"deep": [1, 2.5, None, True]}},
        install_method="download_nodejs_then_npm",
        requires=["nodejs"],
        binary_name="wsc",
    ),
    "a-tag-that-moves-for-a-version": tool("componentize-py", {"canary": release("canary")}),
    "a-prerelease-for-the-latest": tool(
        "wasmsign2-cli",
        {"0.2.7-rc.2": of({"wasm_component": entry("wasmsign2-cli.wasm")})},
    ),
    "versions-of-one-number": tool("wasi-sdk", {"32": release("32"), "29": release("29")}),
    "an-older-version-kept-for-one-platform": tool(
        "sigil",
        {"0.9.2": release("0.9.2"), "0.7.0": of({"wasm": entry("wsc-cli.wasm", "0.7.0")})},
    ),
    "no-file-for-one-platform": tool(
        "synth", {"0.6.0": of({p: e for p, e in platforms("0.6.0").items() if "win" not in p})}
    ),
    "text-beyond-ascii": tool(
        "spar", {"0.33.0": release("0.33.0")}, description="Sp\u00e4r \u2192 \U0001f980"
    ),
}
