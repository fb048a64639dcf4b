//! Greets whom its arguments name.

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    println!("Hello, {}!", names.join(" and "));
}
