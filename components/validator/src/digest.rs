//! Whether a word can be the digest of a published file.

use std::sync::LazyLock;

use crate::hashing::sha256;

/// Digests of what failed downloads leave, with their names.
const LEFTOVERS: &[(&[u8], &str)] = &[
    (b"", "an empty file"),
    (b"\n", "an empty line"),
    (b"Not Found", "the text `Not Found`"),
    (b"Not Found\n", "the text `Not Found`"),
    (b"404: Not Found", "the text `404: Not Found`"),
    (b"404: Not Found\n", "the text `404: Not Found`"),
    (b"404 Not Found", "the text `404 Not Found`"),
    (b"404 Not Found\n", "the text `404 Not Found`"),
    (b"404 page not found", "the text `404 page not found`"),
    (b"404 page not found\n", "the text `404 page not found`"),
    (b"Forbidden", "the text `Forbidden`"),
    (b"Bad Gateway", "the text `Bad Gateway`"),
    (b"Service Unavailable", "the text `Service Unavailable`"),
    (b"Internal Server Error", "the text `Internal Server Error`"),
    (b"Too Many Requests", "the text `Too Many Requests`"),
    (
        br#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#,
        "GitHub's answer 404",
    ),
    (
        br#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest/releases/releases#get-the-latest-release","status":"404"}"#,
        "GitHub's answer 404",
    ),
    (
        br#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest/releases/releases#list-releases","status":"404"}"#,
        "GitHub's answer 404",
    ),
    (
        br#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name","status":"404"}"#,
        "GitHub's answer 404",
    ),
    (
        br#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest/releases/assets#get-a-release-asset","status":"404"}"#,
        "GitHub's answer 404",
    ),
    (
        b"{\n  \"message\": \"Not Found\",\n  \"documentation_url\": \"https://docs.github.com/rest\",\n  \"status\": \"404\"\n}\n",
        "GitHub's answer 404",
    ),
    (
        b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        "nginx's page 404",
    ),
    (
        b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body bgcolor=\"white\">\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        "nginx's page 404",
    ),
    (
        b"<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        "nginx's page 403",
    ),
    (
        b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        "nginx's page 502",
    ),
    (
        b"<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        "nginx's page 503",
    ),
    (
        b"<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n",
        "Apache's page 404",
    ),
    (b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", "an empty gzip file"),
    (b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0", "an empty gzip file"),
    (b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\x03\0\0\0\0\0\0\0\0\0", "an empty gzip file"),
    (b"\x1f\x8b\x08\0\0\0\0\0\x04\x03\x03\0\0\0\0\0\0\0\0\0", "an empty gzip file"),
    (b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\x03\0\0\0\0\0\0\0\0\0", "an empty gzip file"),
    (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "an empty zip file"),
    (&[0; 1024], "an empty tar file"),
    (&[0; 10240], "an empty tar file"),
];

static NAMES: LazyLock<Vec<(String, &str)>> =
    LazyLock::new(|| LEFTOVERS.iter().map(|(bytes, name)| (sha256(bytes), *name)).collect());

/// Return why a word cannot be the digest of a published file; none if it can.
pub fn fault(text: &str) -> Option<String> {
    if !is_digest(text) {
        return Some("must be 64 lower-case hex digits".into());
    }
    let leftover = NAMES.iter().find(|(digest, _)| digest == text);
    let leftover = leftover.map(|(_, name)| format!("is the digest of {name}"));
    leftover.or_else(|| repeats_itself(text).then(|| "is a placeholder".into()))
}

/// Whether a word is 64 lower-case hex digits.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Return 64 hex digits in lower case; none if the word is anything else.
pub(crate) fn normal(text: &str) -> Option<String> {
    Some(text.to_ascii_lowercase()).filter(|text| is_digest(text))
}

/// Whether a word repeats one short pattern, as invented digests often do and real ones never.
fn repeats_itself(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=text.len() / 2)
        .any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b))
}
