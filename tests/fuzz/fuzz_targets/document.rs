//! Drives the target of this name.

#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, reason = "the other targets")]
mod targets;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| targets::document(data));
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut chance = fastrand::Rng::with_seed(seed.into());
    match targets::document_tree::edit(&data[..size], &mut chance) {
        // Now and then by bytes all the same.
        Some(edited) if edited.len() <= max_size && chance.u8(..16) != 0 => {
            data[..edited.len()].copy_from_slice(&edited);
            edited.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});
