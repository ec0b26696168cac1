//! The examples of the facade do what they say. Must notice one that ends well and did nothing.

#![allow(dead_code, reason = "each has a `main` of its own")]

use std::time::Duration;

use conformance::calls::{account, tenant};
use test_support::OrFail as _;
use thumbprint::{Thumbprint, wap::NewCertificate};
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

#[path = "../../crates/thumbprint/examples/delete_and_wait.rs"]
mod delete_and_wait;
#[path = "../../crates/thumbprint/examples/rescue.rs"]
mod rescue;
#[path = "../../crates/thumbprint/examples/rotate_management_certificate.rs"]
mod rotate_management_certificate;
#[path = "../../crates/thumbprint/examples/test_with_mocks.rs"]
mod test_with_mocks;
#[path = "../../crates/thumbprint/examples/test_with_sandbox.rs"]
mod test_with_sandbox;

#[tokio::test]
async fn rescue_leaves_no_failed_deletion() {
    let sandbox = Sandbox::start().await.or_fail();
    let account = account(&sandbox.base_url());
    assert_eq!(rescue::rescue(&account).await.or_fail(), 0);
    let state = sandbox.batch_state(samples::BATCH_DELETE_FAILED);
    assert_eq!(state, Some(CertificateState::Active));
}

#[tokio::test]
async fn a_deletion_says_that_it_is_done_or_what_is_in_the_way() {
    let sandbox = Sandbox::builder()
        .deletion_time(Duration::ZERO)
        .batch_pool(samples::BATCH_ACTIVE, "pool-in-the-way");
    let sandbox = sandbox.start().await.or_fail();
    let account = account(&sandbox.base_url());
    let cert = samples::BATCH_ACTIVE.parse().or_fail();
    let said = delete_and_wait::delete(&account, &cert).await.or_fail();
    assert!(said.contains("PoolsReferencingCertificate") && said.contains("pool-in-the-way"));
    sandbox.release(samples::BATCH_ACTIVE);
    assert_eq!(
        delete_and_wait::delete(&account, &cert).await.or_fail(),
        "gone"
    );
    assert_eq!(sandbox.batch_state(samples::BATCH_ACTIVE), None);
}

#[tokio::test]
async fn a_rotation_adds_the_new_certificate_and_gives_a_copy_of_the_old_one() {
    let file = include_bytes!("../../crates/thumbprint-files/tests/data/leaf.der");
    let new = NewCertificate::new(file).or_fail();
    let added = new.thumbprint().clone();
    let old: Thumbprint = samples::WAP_THUMBPRINT.parse().or_fail();
    let sandbox = Sandbox::start().await.or_fail();
    let tenant = tenant(&sandbox.base_url());
    let copy = rotate_management_certificate::rotate(&tenant, new.clone(), &old).await;
    assert_eq!(Thumbprint::of_der(&copy.or_fail().or_fail()), old);
    assert!(tenant.get(&added).await.is_ok());
    assert!(tenant.get(&old).await.err_or_fail().is_not_found());
    // Another run adds nothing twice, and has nothing left to delete.
    let again = rotate_management_certificate::rotate(&tenant, new, &old).await;
    assert!(again.err_or_fail().is_not_found());
}

#[tokio::test]
async fn the_tests_of_ones_own_code_pass() {
    test_with_mocks::test().await.or_fail();
    test_with_sandbox::test().await.or_fail();
}
