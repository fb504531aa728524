//! What tests share: private databases, the application on a free port, a clock turned by hand, the contract suite.

pub mod app;
pub mod builders;
pub mod clock;
pub mod contract;
pub mod databases;
pub mod postgres;
pub mod schema;
pub mod stores;
