//! `boxoffice`: the command line.

use std::process::ExitCode;

use boxoffice::{Cli, logging};

fn main() -> ExitCode {
    let cli = Cli::parse_or_serve(std::env::args_os());
    logging::start(cli.log_format());
    match boxoffice::run(cli) {
        Ok(code) => code,
        Err(error) => {
            log::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
