//! Files of checksums in every form.

use serde_json::{json, Value};
use validator::error::Error;

use crate::documents::digest;
use crate::typed::sums;

/// What `sums` makes of a text in which `@A` and `@B` stand for digests.
fn read(text: &str) -> Result<Value, Error> {
    let text = text.replace("@A", &digest("a")).replace("@B", &digest("b"));
    sums(&text)
}

#[test]
fn each_form_is_read() {
    let (a, b) = (digest("a"), digest("b"));
    let upper = a.to_uppercase();
    let both = json!({"x.tar.gz": a, "y.zip": b});
    let one = json!({"x.tar.gz": a});
    let powershell = format!(
        "\r\nAlgorithm       Hash         Path\r\n---------       ----         ----\r\n\
         SHA256          {upper}          C:\\work\\x.tar.gz\r\n\r\n"
    );
    let list = format!(
        "\r\nAlgorithm : SHA256\r\nHash      : {upper}\r\nPath      : C:\\work\\x.tar.gz\r\n\r\n"
    );
    let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n@A  x.tar.gz\n@B  y.zip\n\
         -----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----\n";
    let cases = [
        ("GNU, text", "@A  x.tar.gz\n@B  y.zip\n".into(), &both),
        ("GNU, binary", "@A *x.tar.gz\n@B *y.zip\n".into(), &both),
        ("one space", "@A x.tar.gz\n@B y.zip".into(), &both),
        ("a tab", "@A\tx.tar.gz\n@B\ty.zip".into(), &both),
        ("the directory itself", "@A  ./x.tar.gz\n@B *./y.zip\n".into(), &both),
        ("carriage returns", "@A  x.tar.gz\r\n@B  y.zip\r\n".into(), &both),
        ("a byte order mark", "\u{feff}@A  x.tar.gz\n@B  y.zip\n".into(), &both),
        ("upper case", format!("{upper}  x.tar.gz\n"), &one),
        ("comments", "# made by hand\n\n@A  x.tar.gz\n; end\n".into(), &one),
        ("BSD", "SHA256 (x.tar.gz) = @A\nSHA256 (y.zip) = @B\n".into(), &both),
        ("OpenSSL", "SHA2-256(x.tar.gz)= @A\nSHA256(y.zip)= @B\n".into(), &both),
        (
            "other algorithms",
            format!("{}  x.tar.gz\nMD5 (x.tar.gz) = 0\n@A  x.tar.gz\n", "0".repeat(128)),
            &one,
        ),
        ("a table of Get-FileHash", powershell, &one),
        ("a list of Get-FileHash", list, &one),
        ("signed", signed.into(), &both),
        ("twice the same", "@A  x.tar.gz\nSHA256 (x.tar.gz) = @A\n".into(), &one),
        ("a bare digest", "@A\n".into(), &json!({"": a})),
        ("a bare digest, Windows", format!("\u{feff}{upper}\r\n"), &json!({"": a})),
        ("escaped", "\\@A  a\\\\b\\nc\n".into(), &json!({"a\\b\nc": a})),
        ("not escaped", "@A  a\\\\b\n".into(), &json!({"a\\\\b": a})),
        ("a space in the name", "@A   x\n@B *y z\n".into(), &json!({" x": a, "y z": b})),
        ("a parenthesis in the name", "SHA256 (x (1).zip) = @A\n".into(), &json!({"x (1).zip": a})),
        (
            "a directory in the name",
            "@A  win-x64/node.exe\n".into(),
            &json!({"win-x64/node.exe": a}),
        ),
    ];
    for (form, text, expected) in cases {
        assert_eq!(
            read(&text).unwrap_or_else(|error| panic!("{form}: {error}")),
            *expected,
            "{form}"
        );
    }
}

#[test]
fn what_is_no_file_of_checksums_is_refused() {
    let (a, b) = (digest("a"), digest("b"));
    let cases = [
        ("", "document: has no SHA-256 in it".to_owned()),
        ("# nothing\n", "document: has no SHA-256 in it".to_owned()),
        ("Not Found", "line 1: is no checksum: `Not Found`".to_owned()),
        ("@A  x\n<html>\n", "line 2: is no checksum: `<html>`".to_owned()),
        ("SHA256 (x) = 12\n", "line 1: is no checksum: `SHA256 (x) = 12`".to_owned()),
        ("\\@A  a\\x\n", format!("line 1: is no checksum: `\\{a}  a\\x`")),
        ("@A  x\n@B  x\n", format!("line 2: {b} for `x`, which had {a} before")),
        ("@A\n@B\n", format!("line 2: {b} for ``, which had {a} before")),
        ("0123  x\n", "line 1: is no checksum: `0123  x`".to_owned()),
    ];
    for (text, finding) in cases {
        let error = read(text).expect_err(text);
        assert!(matches!(error, Error::Answer(_)), "{error}");
        assert_eq!(error.to_string().chars().take(200).collect::<String>(), finding);
    }
}

#[test]
fn one_digest_and_one_name_are_read_in_any_order() {
    let (a, b) = (digest("a"), digest("b"));
    let both = json!({"x.tar.gz": a, "y.zip": b});
    let forms = [
        "{k} {d}",
        "{k}  {d}",
        "{k}\t{d}",
        "{k}: {d}",
        "{k} : {d}",
        "{k} = {d}",
        "{k}={d}",
        "{k},{d}",
        "{d}: {k}",
        "{d},{k}",
        "{d}:{k}",
        "{d}\t*{k}",
        "sha256:{d}  {k}",
        "sha256:{d} *{k}",
        "SHA256: {d} {k}",
        "sha-256={d} {k}",
        "{k} sha256:{d}",
        "{k}: SHA256: {d}",
        "{k} (sha256: {d})",
        "| {k} | {d} |",
        "| `{k}` | `{d}` |",
        "| {k} | {d} | 1234 |",
        "\"{k}\": \"{d}\",",
        "SHA256 hash of {k}:\r\n{d}\r\nCertUtil: -hashfile command completed successfully.",
        "SHA256 hash of file {k}:\r\n{pairs}\r\nCertUtil: -hashfile command completed successfully.",
        "SHA256-Hash von {k}:\r\n{d}\r\nCertUtil: -hashfile-Befehl wurde erfolgreich ausgef\u{fffd}hrt.",
        "SHA256 hash of C:\\work dir\\{k}:\n{d}",
        "SHA256 \u{7684} {k} \u{54c8}\u{5e0c}:\n{d}\nCertUtil: -hashfile \u{547d}\u{4ee4}",
    ];
    for form in forms {
        for end in ["\n", "\r\n", "\r", "\0"] {
            let line = |name: &str, digest: &str| {
                let bytes: Vec<&str> = digest
                    .as_bytes()
                    .chunks(2)
                    .map(|it| std::str::from_utf8(it).expect("hex"))
                    .collect();
                let line = form.replace("{k}", name).replace("{d}", digest);
                line.replace("{pairs}", &bytes.join(" ")) + end
            };
            let text = line("x.tar.gz", &a) + &line("y.zip", &b.to_uppercase());
            let found = read(&text).unwrap_or_else(|error| panic!("{form:?}: {error}"));
            assert_eq!(found, both, "{form:?}");
        }
    }
}

#[test]
fn what_is_there_for_the_eye_is_passed_over() {
    let (a, b) = (digest("a"), digest("b"));
    let both = json!({"x.tar.gz": a, "y.zip": b});
    let cases = [
        "| File | SHA256 |\n|------|--------|\n| x.tar.gz | @A |\n| y.zip | @B |\n",
        "SHA256 checksums:\n\n@A  x.tar.gz\n@B  y.zip\n",
        "----\nName,Hash\nx.tar.gz,@A\ny.zip,@B\n",
        "{\"x.tar.gz\": \"@A\", \"y.zip\": \"@B\"}",
        "{\n  \"x.tar.gz\": \"@A\",\n  \"y.zip\": \"sha256:@B\"\n}\n",
        "// by hand\n@A  x.tar.gz\n@B  y.zip\n",
    ];
    for text in cases {
        assert_eq!(read(text).unwrap_or_else(|error| panic!("{text}: {error}")), both, "{text}");
    }
    assert_eq!(read("SHA256:\n@A\n").expect("good"), json!({"": a}));
    assert_eq!(read("sha256:@A").expect("good"), json!({"": a}));
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for text in ["@A @B", "x @A @B", "x: @A, y: @B", "x @A y", "| x | @A | y |"] {
        let error = read(text).map(|found| found.to_string()).expect_err(text);
        assert!(matches!(error, Error::Answer(_)), "{error}");
    }
    let (a, b) = (digest("a"), digest("b"));
    let named = format!("x-{b}.zip");
    assert_eq!(read(&format!("@A  {named}\n")).expect("good"), json!({named: a}));
}

#[test]
fn names_are_whole_names() {
    let found = read("@A  evil-x.tgz\n").expect("good");
    assert_eq!(found.get("x.tgz"), None);
}
