//! Prints its arguments as a headline, and their checksum.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::example::news::{checksums::fnv1a, headlines::headline};

fn main() {
    let text = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    println!("{} was {:08x}", headline(&text), fnv1a(&text));
}
