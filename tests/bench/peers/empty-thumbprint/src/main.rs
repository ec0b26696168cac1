//! A consumer that does nothing: what its dependencies alone cost to build.

fn main() {}
