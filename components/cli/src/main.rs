//! The command: connects the streams and arguments of the process with the other components.

#[cfg(target_family = "wasm")]
fn main() {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let status =
        cli::run(std::env::args_os().skip(1), &cli::component::Composed, &mut out, &mut err);
    if status != cli::status::Status::Done {
        // `std::process::exit` would turn every code but 0 into 1.
        wasip2::cli::exit::exit_with_code(status.code());
    }
}

#[cfg(not(target_family = "wasm"))]
fn main() -> std::process::ExitCode {
    // The components that do the work exist only as WebAssembly.
    std::process::ExitCode::from(cli::status::Status::Usage.code())
}
