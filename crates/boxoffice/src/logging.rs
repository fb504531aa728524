//! What log lines look like. What is logged, and where, is in docs/LOGGING.md.

use std::io::Write;

use env_logger::fmt::Formatter;
use env_logger::{Builder, Env};
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::{Map, Value as Json};

use crate::cli::LogFormat;

/// Actix tells of every connection that sent it nonsense, and of its own threads.
const DEFAULT_FILTER: &str = "info,actix_http=off,actix_server=warn";

/// Starts logging to standard error, by `RUST_LOG` or at `info`. A second start changes nothing.
pub fn start(format: LogFormat) {
    let mut builder = Builder::from_env(Env::default().default_filter_or(DEFAULT_FILTER));
    match format {
        LogFormat::Text => builder.format(write_text),
        LogFormat::Json => builder.format(write_json),
    };
    // Tests start several servers in one process.
    drop(builder.try_init());
}

fn write_text(out: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let style = out.default_level_style(record.level());
    let (time, level) = (out.timestamp_millis(), record.level());
    write!(out, "{time} {style}{level:<5}{style:#} {} {}", record.target(), one_line(&record.args().to_string()))?;
    let mut pairs = TextPairs(out, Ok(()));
    drop(record.key_values().visit(&mut pairs));
    pairs.1?;
    writeln!(out)
}

fn write_json(out: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let mut line = Map::new();
    drop(record.key_values().visit(&mut JsonPairs(&mut line)));
    line.insert("time".to_owned(), out.timestamp_micros().to_string().into());
    line.insert("level".to_owned(), record.level().as_str().into());
    line.insert("target".to_owned(), record.target().into());
    line.insert("message".to_owned(), record.args().to_string().into());
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

/// A log line is one line, whatever somebody put in a path or a header.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { line.extend(character.escape_default()) } else { line.push(character) }
    }
    line
}

struct TextPairs<'a>(&'a mut Formatter, std::io::Result<()>);

impl<'kvs> VisitSource<'kvs> for TextPairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let text = value.to_string();
        let needs_quotes = text.is_empty() || text.contains(|c: char| c.is_whitespace() || c == '"' || c.is_control());
        let written = if needs_quotes { write!(self.0, " {key}={text:?}") } else { write!(self.0, " {key}={text}") };
        if written.is_err() {
            self.1 = written;
        }
        Ok(())
    }
}

struct JsonPairs<'a>(&'a mut Map<String, Json>);

impl<'kvs> VisitSource<'kvs> for JsonPairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let json = match (value.to_u64(), value.to_i64(), value.to_bool()) {
            (Some(number), _, _) => number.into(),
            (_, Some(number), _) => number.into(),
            (_, _, Some(truth)) => truth.into(),
            _ => value.to_string().into(),
        };
        self.0.insert(key.to_string(), json);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_line_stays_one_line_and_readable() {
        assert_eq!(one_line("can't\n\u{1b}[31m go \"on\""), "can't\\n\\u{1b}[31m go \"on\"");
    }
}
