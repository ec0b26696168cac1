//! The items of the code that a fact becomes.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;
use syn::{Fields, ImplItem, Item, Visibility};

use crate::{
    document::{Document, join, members},
    names::{pascal, snake},
};

use super::PROSE;

/// The items of a client and of the facade, by their paths.
pub(super) struct Items {
    api: &'static str,
    generated: BTreeSet<String>,
    facade: BTreeSet<String>,
}

/// What users meet of an element that no method of the same name carries: its name in the document, and the item. Where the
/// document has several elements of a name, the schema stands before it.
const FACADE: [(&str, &str, &str); 22] = [
    ("batch", "path thumbprint", "batch::Client::cancel_deletion"),
    (
        "batch",
        "path thumbprintAlgorithm",
        "batch::Client::cancel_deletion",
    ),
    (
        "batch",
        "query api-version",
        "batch::ClientBuilder::api_version",
    ),
    ("batch", "server", "batch::Client::builder"),
    ("batch", "security", "transport::Credential"),
    ("batch", "scheme", "transport::Credential"),
    ("batch", "BatchError.code", "transport::Error::code"),
    ("batch", "BatchError.message", "transport::Error::message"),
    ("batch", "BatchError.values", "transport::Error::details"),
    ("batch", "BatchErrorDetail", "transport::Error::details"),
    ("batch", "BatchError", "transport::Error::body_as"),
    ("batch", "ErrorMessage", "transport::Error::message"),
    ("wap", "path SubscriptionId", "wap::Client::builder"),
    ("wap", "path ThumbprintId", "wap::Client::delete"),
    ("wap", "header x-ms-principal-id", "wap::Client::builder"),
    ("wap", "server", "wap::Client::builder"),
    ("wap", "security", "transport::Credential"),
    (
        "wap",
        "SubscriptionCertificate.SubscriptionCertificatePublicKey",
        "wap::Certificate::public_key",
    ),
    (
        "wap",
        "SubscriptionCertificate.SubscriptionCertificateThumbprint",
        "wap::Certificate::thumbprint",
    ),
    (
        "wap",
        "SubscriptionCertificate.SubscriptionCertificateData",
        "wap::Certificate::data",
    ),
    (
        "wap",
        "SubscriptionCertificate.TimeCreated",
        "wap::Certificate::created_at",
    ),
    ("wap", "SubscriptionCertificate", "wap::Certificate::read"),
];

/// A fact that belongs to an operation: the operation's id, and the rest.
fn of_operation(fact: &str) -> Option<(&str, &str)> {
    let fact = fact.strip_prefix(PROSE).unwrap_or(fact);
    let (id, rest) = fact.split_once(": ")?;
    id.contains('_')
        .then_some((id, rest))
        .filter(|(id, _)| !id.contains([' ', '.']))
}

/// The word that a fact is about: its test cannot do without. `None` where there is no such word.
pub(super) fn word(fact: &str) -> Option<&str> {
    if fact.starts_with(PROSE) {
        return None;
    }
    if let Some((_, rest)) = of_operation(fact) {
        let after = |text: &'_ str, start: &str| text.find(start).map(|at| at + start.len());
        let place = ["header ", "query ", "path "]
            .into_iter()
            .find_map(|start| after(rest, start));
        return match place {
            Some(at) => rest[at..].split([',', ':']).next(),
            None => rest
                .strip_prefix("answer ")?
                .split([',', ':'])
                .next()
                .filter(|status| *status != "default"),
        };
    }
    if fact.starts_with("server variable ") {
        return fact.rsplit_once(' ').map(|(_, default)| default);
    }
    let (subject, _) = fact.split_once(": ")?;
    subject.split_once('.').map(|(_, member)| member)
}

/// Where a document tells what is no element of OpenAPI: in the operation's description.
pub(super) fn described(document: &Document, fact: &str) -> Option<String> {
    let (id, _) = of_operation(fact).filter(|_| fact.starts_with(PROSE))?;
    Some(format!("{}/description", operation(document, id)?.0))
}

/// Where an operation is, and what it is.
fn operation<'a>(document: &'a Document, id: &str) -> Option<(String, &'a Value)> {
    let paths = members(&document.value["paths"]);
    let all = paths.flat_map(|(path, item)| {
        let at = join("/paths", path);
        members(item).map(move |(method, operation)| (join(&at, method), operation))
    });
    all.into_iter()
        .find(|(_, operation)| operation["operationId"] == id)
}

impl Items {
    pub(super) fn read(root: &Path, api: &'static str) -> Result<Self> {
        let mut generated = BTreeSet::new();
        let file = format!("crates/thumbprint-{api}/src/generated.rs");
        collect(&parse(&root.join(file))?.items, "", &mut generated);
        let mut facade = BTreeSet::new();
        let sources = root.join("crates/thumbprint/src");
        let mut files = vec![sources.join(format!("{api}.rs"))];
        for entry in fs::read_dir(sources.join(api))? {
            files.push(entry?.path());
        }
        for file in files {
            collect(&parse(&file)?.items, &format!("{api}::"), &mut facade);
        }
        for file in ["error.rs", "answer.rs", "credential.rs"] {
            let file = root.join("crates/thumbprint-transport/src").join(file);
            collect(&parse(&file)?.items, "transport::", &mut facade);
        }
        Ok(Self {
            api,
            generated,
            facade,
        })
    }

    /// What is generated of a fact, and what users meet of it; or the item that there should be.
    pub(super) fn of(
        &self,
        document: &Document,
        fact: &str,
    ) -> (Result<String, String>, Result<String, String>) {
        let there = |all: &BTreeSet<String>, item: String, shown: &str| {
            if all.contains(&item) {
                Ok(format!("{shown}{}", item.trim_start_matches("transport::")))
            } else {
                Err(format!("there is no `{item}`"))
            }
        };
        let (generated, plain) = self.names(document, fact);
        let subject = fact.strip_prefix(PROSE).unwrap_or(fact);
        let subject = of_operation(subject).map_or(subject, |(_, rest)| rest);
        let own = FACADE.iter().find(|(api, element, _)| {
            let rest = subject.strip_prefix(element).filter(|_| *api == self.api);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',', ':', '.']))
        });
        let facade = own.map_or(plain, |(_, _, item)| (*item).to_owned());
        (
            there(&self.generated, generated, ""),
            there(&self.facade, facade, "thumbprint::"),
        )
    }

    /// The names of what is generated, and of what users meet of it.
    fn names(&self, document: &Document, fact: &str) -> (String, String) {
        let Some((id, rest)) = of_operation(fact) else {
            let subject = fact.split(": ").next().unwrap_or_default();
            return match subject.split_once('.') {
                Some((schema, member)) => (format!("types::{schema}::{member}"), String::new()),
                None if fact.starts_with("server") => ("SERVERS".to_owned(), String::new()),
                None if fact.starts_with('s') => ("operations::ALL".to_owned(), String::new()),
                None => (format!("types::{subject}"), String::new()),
            };
        };
        let method = snake(id);
        let builder = pascal(&method);
        let call = id.split_once('_').map_or("", |(_, call)| call);
        let call = format!("{}::Client::{}", self.api, snake(call));
        let name = |text: &str| text.split([',', ':']).next().unwrap_or_default().to_owned();
        if let Some((status, header)) = rest.split_once(", header ") {
            debug_assert!(status.starts_with("answer "));
            let header = snake(&name(header));
            return (
                format!("headers::{builder}::{header}"),
                "transport::Answer::headers".to_owned(),
            );
        }
        for place in ["path ", "query ", "header "] {
            if let Some(element) = rest.strip_prefix(place) {
                let element = name(element);
                let given = &document.value["components"]["parameters"][&element]["x-rust-name"];
                let setter = given
                    .as_str()
                    .map_or_else(|| snake(&element), str::to_owned);
                return (format!("builder::{builder}::{setter}"), call);
            }
        }
        if rest.starts_with("answer default") {
            return (
                format!("operations::{}", method.to_uppercase()),
                "transport::Error::status".to_owned(),
            );
        }
        if rest.starts_with("answer ") {
            return (
                format!("operations::{}", method.to_uppercase()),
                "transport::Answer::status".to_owned(),
            );
        }
        (format!("Client::{method}"), call)
    }
}

fn parse(file: &Path) -> Result<syn::File> {
    let shown = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(shown)?;
    syn::parse_str(&text).with_context(shown)
}

/// The paths of all public items: of functions and fields with their types, of fields with their names on the wire too.
fn collect(items: &[Item], at: &str, found: &mut BTreeSet<String>) {
    let is_public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    collect(items, &format!("{at}{}::", module.ident), found);
                }
            }
            Item::Struct(item) if is_public(&item.vis) => {
                found.insert(format!("{at}{}", item.ident));
                if let Fields::Named(fields) = &item.fields {
                    for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
                        let name = field.ident.as_ref().map(ToString::to_string);
                        let names = name.into_iter().chain(wire_name(field));
                        found.extend(names.map(|name| format!("{at}{}::{name}", item.ident)));
                    }
                }
            }
            Item::Enum(item) if is_public(&item.vis) => {
                found.insert(format!("{at}{}", item.ident));
            }
            Item::Const(item) => {
                found.insert(format!("{at}{}", item.ident));
            }
            Item::Static(item) => {
                found.insert(format!("{at}{}", item.ident));
            }
            Item::Impl(block) => {
                let syn::Type::Path(path) = &*block.self_ty else {
                    continue;
                };
                let name = path.path.segments.last().map(|last| last.ident.to_string());
                let name = name.unwrap_or_default();
                for item in &block.items {
                    if let ImplItem::Fn(function) = item
                        && is_public(&function.vis)
                    {
                        found.insert(format!("{at}{name}::{}", function.sig.ident));
                    }
                }
            }
            _ => {}
        }
    }
}

fn wire_name(field: &syn::Field) -> Option<String> {
    let mut name = None;
    for attribute in field
        .attrs
        .iter()
        .filter(|one| one.path().is_ident("serde"))
    {
        // What is not understood renames nothing.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = meta
                .value()
                .and_then(syn::parse::ParseBuffer::parse::<syn::LitStr>);
            if meta.path.is_ident("rename") {
                name = value.ok().map(|value| value.value());
            }
            Ok(())
        });
    }
    name
}
