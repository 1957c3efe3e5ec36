//! HTTPS requests that Gatehouse makes itself: where they may go, whom they trust, how much they take.
//!
//! An address is looked up once, judged, and connected to as it was judged: a name that changes its mind in between reaches nobody.
//! Redirects aren't followed; what is answered and how long it takes is bounded.

mod address;
mod client;
mod connect;
mod error;
mod request;
mod resolve;
mod trust;

pub use address::{Network, Reach, reach};
pub use client::{Limits, Outbound};
pub use error::OutboundError;
pub use hyper::{Method, header};
pub use request::{Request, Response};
pub use resolve::{Resolve, SystemResolver};
pub use trust::Trust;
