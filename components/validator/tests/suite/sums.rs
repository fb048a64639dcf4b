//! Files of checksums in every form.

use serde_json::{json, Value};
use validator::error::Error;
use validator::sums::sums;

use crate::documents::digest;

/// What `sums` makes of a text in which `@A` and `@B` stand for digests.
fn read(text: &str) -> Result<Value, Error> {
    let text = text.replace("@A", &digest("a")).replace("@B", &digest("b"));
    Ok(serde_json::from_str(&sums(&text)?).expect("JSON"))
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
fn names_are_whole_names() {
    let found = read("@A  evil-x.tgz\n").expect("good");
    assert_eq!(found.get("x.tgz"), None);
}
