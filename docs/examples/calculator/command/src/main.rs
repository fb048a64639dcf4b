//! Prints the result of `calculator LEFT OP RIGHT`; the arithmetic is that of another component.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::example::calculator::ops::{eval, Error, Op};
use std::process::ExitCode;

const USAGE: &str = "write LEFT add|sub|mul|div RIGHT, with whole numbers";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match calculated(&words) {
        Ok(number) => println!("{number}"),
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn calculated(words: &[String]) -> Result<i64, &'static str> {
    let [left, op, right] = words else {
        return Err(USAGE);
    };
    let number = |word: &str| word.parse::<i64>().map_err(|_| USAGE);
    let op = match op.as_str() {
        "add" => Op::Add,
        "sub" => Op::Sub,
        "mul" => Op::Mul,
        "div" => Op::Div,
        _ => return Err(USAGE),
    };
    eval(number(left)?, op, number(right)?).map_err(|error| match error {
        Error::Overflow => "the result has more than 64 bits",
        Error::DivisionByZero => "division by zero",
    })
}
