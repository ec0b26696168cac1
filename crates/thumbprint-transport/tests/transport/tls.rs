//! Which servers a client takes, by which choice, and what it says of those that it does not take. The
//! certificates are made here, the servers listen on loopback, and no port is fixed.

mod certificates;
mod choices;
mod client;
mod der;
mod identity;
mod matrix;
mod platform;
mod proxy;
mod retries;
mod server;
