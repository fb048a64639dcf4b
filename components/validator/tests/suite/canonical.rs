//! The canonical text of a document.

use validator::checks::check;

use crate::documents::good;

#[test]
fn the_canonical_text_is_sorted_indented_and_its_own_canonical_text() {
    let canonical = check("wac", &good().to_string(), None).expect("good");
    assert!(canonical
        .starts_with("{\n  \"github_repo\": \"bytecodealliance/wac\",\n  \"latest_version\""));
    assert!(
        canonical.ends_with("}\n") && !canonical.ends_with("\n\n") && !canonical.contains('\r')
    );
    assert_eq!(check("wac", &canonical, None).expect("good"), canonical);
    let windows = canonical.replace('\n', "\r\n");
    assert_eq!(check("wac", &windows, None).expect("good"), canonical);
}

#[test]
fn the_canonical_text_keeps_every_digit_and_letter() {
    let odd = r#"{"a": 1.10, "b": 1e400, "c": 123456789012345678901234567890, "d": -0.0, "e": "ü\u0000\ud83d\ude00", "f": [], "g": {}}"#;
    let text = good().to_string().replacen('{', &format!(r#"{{"odd": {odd}, "#), 1);
    let canonical = check("wac", &text, None).expect("good");
    for part in [
        "1.10,",
        "1e+400,",
        "123456789012345678901234567890,",
        "-0.0,",
        "\"ü\\u0000😀\"",
        "[],",
        "{}\n",
    ] {
        assert!(canonical.contains(part), "{part} in {canonical}");
    }
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_read_and_not_written() {
    let text = validator::json::render(&crate::documents::good());
    let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(validator::checks::check("wac", &marked, None).expect("good"), text);
    assert!(validator::json::parse("\u{feff}\u{feff}{}").is_err());
    let toml = "[wac]\nrepository = \"o/r\"\ntag = \"v{version}\"\n";
    let marked = format!("\u{feff}{}", toml.replace('\n', "\r\n"));
    let read = |text: &str| validator::watched::parse(text).expect("good");
    assert_eq!(read(&marked), read(toml));
}
