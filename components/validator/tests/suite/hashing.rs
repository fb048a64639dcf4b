//! SHA-256 against published vectors, whatever the pieces.

use validator::hashing::Sha256;

/// Vectors of FIPS 180-4's examples and of the NIST long test.
fn vectors() -> Vec<(Vec<u8>, &'static str)> {
    let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    vec![
        (Vec::new(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc".to_vec(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (long.to_vec(), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (vec![b'a'; 1_000_000], "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]
}

#[test]
fn the_pieces_do_not_matter() {
    for (bytes, digest) in vectors() {
        for size in [1, 3, 63, 64, 65, 4096, 1_000_001] {
            let mut hash = Sha256::default();
            bytes.chunks(size).for_each(|piece| hash.update(piece));
            assert_eq!(hash.finish(), digest, "{} bytes by {size}", bytes.len());
        }
    }
}

#[test]
fn a_finished_hasher_starts_anew() {
    let mut hash = Sha256::default();
    for (bytes, digest) in vectors() {
        hash.update(&bytes);
        assert_eq!(hash.finish(), digest);
    }
}
