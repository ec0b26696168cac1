//! Drives the sandbox with the other Rust client, `azure_svc_batch`, unpatched: all five operations on Batch's
//! certificates. Its one argument is the URL of a fresh `thumbprint sandbox --deletion-time 0`.

use std::{collections::BTreeSet, env, fmt::Debug, sync::Arc};

use azure_core::{
    Url,
    auth::{AccessToken, TokenCredential},
};
use azure_svc_batch::{
    Client, certificate,
    models::{CertificateAddParameter, CertificateState as State},
};
use futures::TryStreamExt;

type Failure = Box<dyn std::error::Error>;

// What the sandbox holds at its start (crates/thumbprint-sandbox/src/samples.rs).
const FAILED: &str = "0123456789abcdef0123456789abcdef01234567";
const ADDED: &str = "00112233445566778899aabbccddeeff00112233";
const NOWHERE: &str = "ffffffffffffffffffffffffffffffffffffffff";

#[derive(Debug)]
struct Token;

#[async_trait::async_trait]
impl TokenCredential for Token {
    async fn get_token(&self, _: &[&str]) -> azure_core::Result<AccessToken> {
        let hour = time::OffsetDateTime::now_utc() + time::Duration::HOUR;
        Ok(AccessToken::new("token.of-the-client", hour))
    }

    async fn clear_cache(&self) -> azure_core::Result<()> {
        Ok(())
    }
}

struct Checks(usize);

impl Checks {
    fn equal<T: PartialEq + Debug>(&mut self, what: &str, found: T, expected: T) -> Result<(), Failure> {
        self.0 += 1;
        if found == expected {
            return Ok(());
        }
        Err(format!("{what}: expected {expected:?}, found {found:?}").into())
    }

    fn refused<T>(&mut self, what: &str, status: u16, answer: azure_core::Result<T>) -> Result<(), Failure> {
        let Err(error) = answer else {
            return Err(format!("{what}: it was not refused").into());
        };
        let found = error.as_http_error().map(|error| error.status());
        self.equal(what, found.map(u16::from), Some(status))
    }
}

async fn listed(pages: certificate::Client, filter: Option<&str>, size: i32) -> Result<BTreeSet<String>, Failure> {
    let mut list = pages.list().maxresults(size);
    if let Some(filter) = filter {
        list = list.filter(filter);
    }
    let pages: Vec<_> = list.into_stream().try_collect().await?;
    let all = pages.into_iter().flat_map(|page| page.value);
    Ok(all.filter_map(|one| one.thumbprint).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = env::args().nth(1).ok_or("give the sandbox's URL")?;
    let client = Client::builder(Arc::new(Token)).endpoint(Url::parse(&url)?).build()?;
    let certificates = || client.certificate_client();
    let mut checks = Checks(0);

    let parameter = || CertificateAddParameter::new(ADDED.into(), "sha1".into(), "TUlJQ2RhdGE=".into());
    certificates().add(parameter()).send().await?;
    let again = certificates().add(parameter()).send().await;
    checks.refused("add again", 409, again)?;

    let state = async |thumbprint: &str| {
        let found = certificates().get("sha1", thumbprint).await?;
        Ok::<_, azure_core::Error>(found.state)
    };
    checks.equal("get: state", state(ADDED).await?, Some(State::Active))?;
    checks.refused("get of nothing", 404, state(NOWHERE).await)?;
    let everything = listed(certificates(), None, 1000).await?;
    checks.equal("list: the added one", everything.contains(ADDED), true)?;
    checks.equal("list: all pages", listed(certificates(), None, 1).await?, everything)?;
    let failed = listed(certificates(), Some("state eq 'deletefailed'"), 1000).await?;
    checks.equal("list, filtered", failed.contains(FAILED) && !failed.contains(ADDED), true)?;

    certificates().cancel_deletion("sha1", FAILED).send().await?;
    checks.equal("cancel: state", state(FAILED).await?, Some(State::Active))?;
    let again = certificates().cancel_deletion("sha1", FAILED).send().await;
    checks.refused("cancel again", 409, again)?;

    certificates().delete("sha1", ADDED).send().await?;
    checks.refused("delete: the end", 404, state(ADDED).await)?;
    certificates().delete("sha1", FAILED).send().await?;
    checks.equal("delete, used by a pool: the end", state(FAILED).await?, Some(State::Deletefailed))?;
    println!("ok: azure_svc_batch speaks with the sandbox, {} checks", checks.0);
    Ok(())
}
