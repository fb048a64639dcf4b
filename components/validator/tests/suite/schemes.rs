//! The order of versions by each scheme.

use std::cmp::Ordering;

use validator::scheme::{Scheme, Version};

fn version(scheme: Scheme, text: &str) -> Version {
    scheme.parse(text).unwrap_or_else(|| panic!("{text} by {}", scheme.name()))
}

/// Versions from the oldest to the newest, by each scheme.
const ASCENDING: [(Scheme, &[&str]); 5] = [
    (
        Scheme::Semver,
        &[
            "0.0.0",
            "0.9.0",
            "0.10.0",
            "1.0.0-0",
            "1.0.0-9",
            "1.0.0-10",
            // The example of clause 11.
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.246.2",
            "99999999999999999999999.0.0",
            "100000000000000000000000.0.0",
        ],
    ),
    (
        Scheme::SemverBuild,
        &[
            "1.17.0-rc1+k3s1",
            "1.17.0",
            "1.17.0+k3s.1",
            "1.17.1+k3s1",
            "1.17.1+k3s2",
            "1.17.1+k3s10",
            "1.17.1+rke2r1",
            "1.18.0+1",
            "1.18.0+2",
            "1.18.0+10",
            "1.18.0+20260101.1",
            "1.18.0+20260101.2",
        ],
    ),
    (
        Scheme::Calver,
        &[
            "18.04",
            "18.04.1",
            "20191231",
            "2020.1",
            "20.04",
            "2020.10",
            "2021.1.15-rc1",
            "2021.1.15",
            "2021.1.15-2",
            "2021.01.16.1",
            "20210117",
            "2021-01-18T16-07-38Z",
            "2021-01-18T16-07-39Z",
            "20210119093000",
            "2022.2.0.dev1",
            "2022.2.0a1",
            "2022.2.0b3",
            "2022.2.0rc1",
            "2022.2.0",
            "2022.2.0.post1",
            "202203",
            "220401",
            "2023a",
            "2023b",
            "2024.1 LTS",
            "2024.1.1-nightly",
            "2024.1.1",
        ],
    ),
    (Scheme::Numeric, &["0", "9", "9.1", "9.10", "99", "100", "129", "2026.08.01", "20260801"]),
    (
        Scheme::Pep440,
        &[
            "0.9",
            "1.0.dev1",
            "1.0a1.dev2",
            "1.0a1",
            "1.0a1.post1",
            "1.0a2",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0+5",
            "1.0.post1.dev1",
            "1.0-2",
            "1.0.post3",
            "1.0.1.dev1",
            "1.1",
            "1.10",
            "1!0.1",
        ],
    ),
];

#[test]
fn versions_are_in_the_order_of_their_scheme() {
    for (scheme, texts) in ASCENDING {
        let versions: Vec<Version> = texts.iter().map(|text| version(scheme, text)).collect();
        for (index, later) in versions.iter().enumerate() {
            for earlier in versions.iter().take(index) {
                let names = format!("{} before {}", earlier.text(), later.text());
                assert_eq!(earlier.cmp(later), Ordering::Less, "{names}");
                assert_eq!(later.cmp(earlier), Ordering::Greater, "{names}");
                assert!(later.outranks(earlier) && !earlier.outranks(later), "{names}");
            }
            assert!(!later.outranks(later), "{}", later.text());
        }
    }
}

#[test]
fn spellings_of_one_version_do_not_outrank_each_other() {
    let cases: [(Scheme, &[&str]); 7] = [
        (Scheme::SemverBuild, &["1.0.0+a.1", "1.0.0+a1", "1.0.0+a.01"]),
        (Scheme::Calver, &["2024.1.5", "2024.01.05", "24.1.5", "20240105", "240105"]),
        (Scheme::Calver, &["2024.1", "24.01", "202401", "2024.1.0", "2024-01-lts"]),
        (Scheme::Semver, &["1.0.0", "1.0.0+a", "1.0.0+b.1"]),
        (Scheme::Numeric, &["1", "1.0", "01.0.0"]),
        (Scheme::Pep440, &["1.0a1", "1.0-alpha.1", "1.0_ALPHA_1", "v1.0.a1", "1a01", "0!1.0a1"]),
        (Scheme::Pep440, &["1.0.post1", "1.0-1", "1.0rev1", "1.0-r.1"]),
    ];
    for (scheme, texts) in cases {
        for one in texts {
            for other in texts {
                assert!(!version(scheme, one).outranks(&version(scheme, other)), "{one}, {other}");
                let same = version(scheme, one) == version(scheme, other);
                assert_eq!(same, one == other);
            }
        }
    }
}

#[test]
fn what_is_no_version_is_refused() {
    let cases: [(Scheme, &[&str]); 5] = [
        (Scheme::SemverBuild, &["", "1.2", "1.2.3+", "1.2.3+a_b", "01.2.3+1", "+1"]),
        (
            Scheme::Calver,
            &[
                "",
                "1",
                "1.2.3",
                "123",
                "12345",
                "1234567",
                "1234",
                "1979.1",
                "20241301",
                "20240132",
                "v2024",
                "2024.1x1",
                "2024.1rc1.2",
                "2024Z1",
                "canary",
                "2024.rc.beta",
                "٢٠٢٤",
            ],
        ),
        (
            Scheme::Semver,
            &[
                "",
                "1",
                "1.2",
                "1.2.3.4",
                "v1.2.3",
                "01.2.3",
                "1.2.3-",
                "1.2.3-01",
                "1.2.3-a..b",
                "1.2.3+",
                "1.2.3+a_b",
                "canary",
                "1.-2.3",
                "1.2.3 ",
                "١.2.3",
            ],
        ),
        (Scheme::Numeric, &["", ".", "1.", ".1", "1..2", "1a", "v1", "-1", "canary", "1.0-rc1"]),
        (
            Scheme::Pep440,
            &["", "canary", "1.0.", "1..0", "1.0x1", "1.0+", "1.0+a..b", "!1", "1!", "1.0.dev1a1"],
        ),
    ];
    for (scheme, texts) in cases {
        for text in texts {
            assert_eq!(scheme.parse(text), None, "{text} by {}", scheme.name());
        }
    }
}

#[test]
fn the_scheme_says_what_a_prerelease_is() {
    for (scheme, text, expected) in [
        (Scheme::Semver, "0.2.7-rc.2", true),
        (Scheme::Semver, "0.2.7+rc.2", false),
        (Scheme::SemverBuild, "1.2.3-rc1+k3s1", true),
        (Scheme::SemverBuild, "1.2.3+k3s1-rc1", false),
        (Scheme::Calver, "2024.1.0rc1", true),
        (Scheme::Calver, "2024.1.0-nightly", true),
        (Scheme::Calver, "2024b", false),
        (Scheme::Calver, "2024.1-2", false),
        (Scheme::Numeric, "129", false),
        (Scheme::Pep440, "1.0rc1", true),
        (Scheme::Pep440, "1.0.dev0", true),
        (Scheme::Pep440, "1.0.post1.dev0", true),
        (Scheme::Pep440, "1.0.post1", false),
    ] {
        assert_eq!(version(scheme, text).is_prerelease(), expected, "{text}");
    }
}

#[test]
fn a_scheme_has_one_name() {
    for name in Scheme::NAMES {
        assert_eq!(Scheme::named(name).map(Scheme::name), Some(*name));
    }
    assert_eq!(Scheme::named("string"), None);
}
