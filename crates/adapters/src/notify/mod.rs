//! Brings notifications to merchants' endpoints, signed as the Standard Webhooks specification has it
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

mod addresses;
mod answer;
mod keys;
mod resolver;
mod sender;

pub use self::keys::StandardKeys;
pub use self::sender::{HttpSender, SenderConfig, SenderError};
