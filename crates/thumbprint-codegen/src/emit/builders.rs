//! The builders: one for each operation, with a setter for each parameter.

use anyhow::Result;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::Ident;

use super::{
    Argument, Body, Call, Other, Pages, docs, multipart, print::Code, requests, responses,
    written::Written,
};
use crate::{
    document::plain,
    model::{self, BodyForm, Parameter},
    rust,
};

/// The module of all builders.
pub(super) fn module(code: &mut Code<'_>, calls: &[Call], written: &Written) -> Result<()> {
    code.open(&quote! {
        /// A call of each operation: what it is given, and how it is sent.
        pub mod builder
    })?;
    if !calls.is_empty() {
        code.write(quote! {
            use super::{headers, operations, types};
            use crate::semantics::SEMANTICS;
            use ::thumbprint_transport::{Answer, CallOptions, Error};
        })?;
    }
    if calls.iter().any(|call| !call.others.is_empty()) {
        code.write(quote!(
            use ::thumbprint_transport::Content;
        ))?;
    }
    for call in calls {
        code.write(builder(call, written))?;
    }
    let converts = |call: &Call| {
        let is_converted = |body: &Body| !matches!(body.form, BodyForm::Text | BodyForm::Bytes);
        let mut bodies = call
            .body
            .iter()
            .chain(call.others.iter().map(|other| &other.body));
        !call.arguments.is_empty() || bodies.any(is_converted)
    };
    if calls.iter().any(converts) {
        code.write(quote! {
            fn convert<T, V>(
                field: &'static str,
                value: V,
                remedy: &'static str,
            ) -> Result<Option<T>, Error>
            where
                V: TryInto<T>,
                V::Error: Into<Box<dyn ::std::error::Error + Send + Sync>>,
            {
                let value = value.try_into();
                value.map(Some).map_err(|cause| Error::conversion(field, cause, remedy))
            }
        })?;
    }
    code.close();
    Ok(())
}

fn builder(call: &Call, written: &Written) -> TokenStream {
    let (name, method, success) = (&call.name, &call.method, &call.success);
    let (arguments, body) = (&call.arguments, &call.body);
    let doc = format!(" Builder for [`Client::{method}`](super::Client::{method}).");
    let fields = arguments.iter().map(|argument| {
        let (ident, ty) = (&argument.ident, &argument.ty);
        quote!(#ident: Result<Option<#ty>, Error>)
    });
    let of_body = |body: &Body| {
        let ty = &body.ty;
        quote!(body: Result<Option<#ty>, Error>)
    };
    let other = (!call.others.is_empty()).then(|| quote!(content: Option<Content>));
    let fields = fields.chain(body.iter().map(of_body)).chain(other);
    let starts = arguments.iter().map(|argument| start(argument, written));
    let body_start = body.iter().map(|body| {
        if body.has_default && body.required {
            quote!(body: Ok(Some(::std::default::Default::default())))
        } else {
            quote!(body: Ok(None))
        }
    });
    let other = (!call.others.is_empty()).then(|| quote!(content: None));
    let starts = starts.chain(body_start).chain(other);
    let setters = arguments.iter().map(setter);
    let body_setter = body.as_ref().map(|body| body_setter(call, body));
    let other_setters = call.others.iter().map(|other| other_setter(call, other));
    let options = options(call);
    let link = call.pages.as_ref().map(|_| quote!(None));
    let in_call = in_call(call);
    let exchange = exchange(call, written);
    let paged = call.pages.as_ref().map(|pages| paged(call, pages));
    let shown = name.to_string();
    quote! {
        #[doc = #doc]
        #[derive(Clone)]
        #[must_use = "a call is not made before it is sent"]
        pub struct #name<'a> {
            client: &'a super::Client,
            options: CallOptions<'a>,
            #(#fields),*
        }

        impl<'a> #name<'a> {
            /// Starts a call with nothing set but what has a default.
            pub fn new(client: &'a super::Client) -> Self {
                Self {
                    client,
                    options: CallOptions::default(),
                    #(#starts),*
                }
            }
            #(#setters)*
            #body_setter
            #(#other_setters)*
            #options

            /// Sends it, and waits for the answer.
            pub async fn send(self) -> Result<Answer<#success, headers::#name>, Error> {
                self.exchange(#link).await.map_err(|error| #in_call)
            }
            #exchange
        }
        #paged

        impl<'a> ::std::future::IntoFuture for #name<'a> {
            type Output = Result<Answer<#success, headers::#name>, Error>;
            type IntoFuture = ::thumbprint_transport::futures_util::future::BoxFuture<'a, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        // What it holds may be secret.
        impl ::std::fmt::Debug for #name<'_> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#shown).finish_non_exhaustive()
            }
        }
    }
}

/// A field as a call starts with it: a required parameter that has a default has it, as the service need
/// not know one for it. Optional ones stay unsent.
fn start(argument: &Argument, written: &Written) -> TokenStream {
    let (ident, parameter) = (&argument.ident, &argument.parameter);
    let default = parameter
        .schema
        .get("default")
        .filter(|_| parameter.required);
    let default = default.and_then(|default| default_value(default, argument, written));
    let start = default.unwrap_or_else(|| quote!(Ok(None)));
    quote!(#ident: #start)
}

fn default_value(default: &Value, argument: &Argument, written: &Written) -> Option<TokenStream> {
    let (ty, parameter) = (&argument.ty, &argument.parameter);
    if default.is_null() {
        return None;
    }
    // What stands beside a reference may give another one than the type has.
    let is_of_type = parameter.source.value["schema"].get("$ref").is_some();
    if is_of_type && written.has_default(ty) {
        return Some(quote!(Ok(Some(::std::default::Default::default()))));
    }
    let whole = default.as_i64().map(Literal::i64_unsuffixed);
    Some(match (default, whole) {
        (Value::String(text), _) if rust::is_string(ty) => quote!(Ok(Some(#text.to_owned()))),
        (Value::Bool(truth), _) if rust::is_bool(ty) => quote!(Ok(Some(#truth))),
        (_, Some(whole)) if rust::is_integer(ty) => quote!(Ok(Some(#whole))),
        _ => {
            let (field, json) = (&parameter.ident, default.to_string());
            quote!(::thumbprint_transport::input::default(#field, #json))
        }
    })
}

fn setter(argument: &Argument) -> TokenStream {
    let (ident, ty, parameter) = (&argument.ident, &argument.ty, &argument.parameter);
    let docs = docs(&describe(parameter));
    let (field, remedy) = (&parameter.ident, remedy(parameter));
    let deprecated = parameter.deprecated.then(|| quote!(#[deprecated]));
    quote! {
        #(#docs)*
        #deprecated
        pub fn #ident<V>(mut self, value: V) -> Self
        where
            V: TryInto<#ty>,
            V::Error: Into<Box<dyn ::std::error::Error + Send + Sync>>,
        {
            self.#ident = convert(#field, value, #remedy);
            self
        }
    }
}

/// What a parameter is, with its default and its range where the description does not tell them.
fn describe(parameter: &Parameter) -> String {
    let text = match parameter.description.as_str() {
        "" => format!("Sets `{}`.", parameter.name),
        description => description.to_owned(),
    };
    let default = parameter.schema.get("default").map(plain);
    let default = default
        .filter(|default| !text.contains(default))
        .map(|default| {
            if parameter.required {
                format!("`{default}` unless set.")
            } else {
                format!("The service takes `{default}` unless set.")
            }
        });
    let range = requests::range_text(parameter).filter(|range| !text.contains(range));
    let more: Vec<_> = default
        .into_iter()
        .chain(range.map(|range| range + "."))
        .collect();
    if more.is_empty() {
        text
    } else {
        format!("{text}\n\n{}", more.join(" "))
    }
}

/// What to give where a value cannot be made into the parameter's.
fn remedy(parameter: &Parameter) -> String {
    let schema = &parameter.schema;
    let word = |key: &str| schema[key].as_str();
    let words = schema["enum"].as_array();
    match (word("type"), word("format"), word("pattern"), words) {
        (.., Some(words)) => {
            let words: Vec<_> = words.iter().map(plain).collect();
            format!("give one of: {}", words.join(", "))
        }
        (Some("string"), _, Some(pattern), _) => format!("give text of the form {pattern}"),
        (Some("string"), Some(format), ..) => format!("give a text of the format {format}"),
        (Some("integer"), ..) => match requests::range_text(parameter) {
            Some(range) => format!("give an integer, {range}"),
            None => "give an integer".to_owned(),
        },
        _ => "give another value".to_owned(),
    }
}

fn body_setter(call: &Call, body: &Body) -> TokenStream {
    let ty = &body.ty;
    let description = call
        .operation
        .body
        .as_ref()
        .map(|body| model::description(&body.value));
    let description = description.filter(|text| !text.is_empty());
    let docs = docs(description.as_deref().unwrap_or("What is sent."));
    let alone = (!call.others.is_empty()).then(|| quote!(self.content = None;));
    match body.form {
        BodyForm::Text | BodyForm::Bytes => quote! {
            #(#docs)*
            pub fn body(mut self, value: impl Into<#ty>) -> Self {
                self.body = Ok(Some(value.into()));
                #alone
                self
            }
        },
        BodyForm::Json | BodyForm::Form | BodyForm::Multipart => quote! {
            #(#docs)*
            pub fn body<V>(mut self, value: V) -> Self
            where
                V: TryInto<#ty>,
                V::Error: Into<Box<dyn ::std::error::Error + Send + Sync>>,
            {
                self.body = convert("body", value, "give another body");
                #alone
                self
            }
        },
    }
}

/// The setter of a body of another media type. The last one that is set is sent.
fn other_setter(call: &Call, other: &Other) -> TokenStream {
    let Other { setter, sent, body } = other;
    let (ty, media_type) = (&body.ty, &sent.offered);
    let usual = call.operation.sent.as_ref().map(|usual| &usual.offered);
    let doc = format!(
        " Sends this as `{media_type}`, in place of `{}`.",
        usual.map_or("", String::as_str)
    );
    let content = call.operation.content_of(sent);
    let content = match sent.form {
        BodyForm::Text | BodyForm::Bytes => {
            return quote! {
                #[doc = #doc]
                pub fn #setter(mut self, value: impl Into<#ty>) -> Self {
                    let value: #ty = value.into();
                    self.content = Some(Content::bytes(#media_type, value));
                    self
                }
            };
        }
        BodyForm::Json => quote!(Content::json(#media_type, &value)),
        BodyForm::Form => {
            let styles = requests::styles(content);
            quote!(Content::form(#media_type, &value, &[#(#styles),*]))
        }
        BodyForm::Multipart => {
            let parts = multipart::expression(content, body, &quote!((&value)));
            quote!(Content::parts(#media_type, #parts))
        }
    };
    quote! {
        #[doc = #doc]
        pub fn #setter<V>(mut self, value: V) -> Self
        where
            V: TryInto<#ty>,
            V::Error: Into<Box<dyn ::std::error::Error + Send + Sync>>,
        {
            self.content = None;
            match convert::<#ty, V>("body", value, "give another body") {
                Ok(value) => self.content = value.map(|value| #content),
                Err(error) => self.body = Err(error),
            }
            self
        }
    }
}

/// The setters of how a call is made.
fn options(call: &Call) -> TokenStream {
    let for_changes = (!call.operation.is_read()).then(|| quote! {
        /// Whether it may be sent again while it is unknown whether an earlier request was carried out, which
        /// can carry it out twice. What is idempotent is sent again in any case.
        pub fn retry_ambiguous(mut self, retry: bool) -> Self {
            self.options.retry_ambiguous = retry;
            self
        }

        /// Finds out whether what a repetition was refused for is what an earlier request made: it is called
        /// with the time that is left, and answers whether the thing that exists is the one that was to be
        /// made. The call then succeeds.
        pub fn confirm(
            mut self,
            confirm: impl Fn(::std::time::Duration) -> ::thumbprint_transport::futures_util::future::BoxFuture<'a, bool>
                + Send
                + Sync
                + 'a,
        ) -> Self {
            self.options.confirm = Some(::std::sync::Arc::new(confirm));
            self
        }
    });
    quote! {
        /// Longest time for the whole call, its retries included. The client's total timeout unless set.
        pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
            self.options.deadline = Some(deadline);
            self
        }
        #for_changes
    }
}

/// The expression that names the call in `error`.
fn in_call(call: &Call) -> TokenStream {
    let operation = super::operations::name(call);
    let subject = call.subject.as_ref().map(ToTokens::to_token_stream);
    let subject = subject.unwrap_or_else(|| quote!(None));
    quote!(error.in_call(&operations::#operation, #subject))
}

fn exchange(call: &Call, written: &Written) -> TokenStream {
    let (name, success, arguments) = (&call.name, &call.success, &call.arguments);
    let operation = super::operations::name(call);
    let [transport, build, request, response] =
        ["transport", "build", "request", "response"].map(|name| free(call, name));
    let given = arguments.iter().map(|argument| {
        let Argument {
            ident, parameter, ..
        } = argument;
        self::given(ident, &parameter.ident, parameter.required)
    });
    let body = call.body.as_ref();
    let body = body.map(|body| {
        let ident = format_ident!("body");
        if call.others.is_empty() {
            return self::given(&ident, "body", body.required);
        }
        let usual = if body.required {
            quote!(Some(::thumbprint_transport::input::required(
                "body", &self.body
            )?))
        } else {
            quote!(self.body.as_ref().map_err(Error::clone)?.as_ref())
        };
        quote! {
            let body = match &self.content {
                Some(_) => None,
                None => #usual,
            };
        }
    });
    let given = given.chain(body);
    let check = |argument| requests::check(argument, written);
    let checks = arguments.iter().filter_map(check);
    let fill = requests::fill(call, &request);
    let link = call.pages.as_ref().map(|_| free(call, "link"));
    let (link, finish) = match link {
        Some(link) => (Some(quote!(#link: Option<&str>)), quote!(finish_at(#link))),
        None => (None, quote!(finish())),
    };
    let mut read = responses::read(call, &response);
    if let Some(super::Echo { argument, found }) = &call.echo {
        read = quote! {
            let answer: Answer<#success, _> = #read?;
            answer.about(#argument, |value| #found)
        };
    }
    quote! {
        async fn exchange(&self, #link) -> Result<Answer<#success, headers::#name>, Error> {
            #(#given)*
            #(#checks)*
            let #transport = &self.client.transport;
            let #build = || {
                let mut #request = #transport.request(&operations::#operation);
                #fill
                #request.#finish
            };
            let #response = #transport
                .send(&#build, &operations::#operation, &SEMANTICS, &self.options)
                .await?;
            #read
        }
    }
}

/// The statement that takes what was given out of its field.
fn given(ident: &Ident, field: &str, required: bool) -> TokenStream {
    if required {
        quote!(let #ident = ::thumbprint_transport::input::required(#field, &self.#ident)?;)
    } else {
        quote!(let #ident = self.#ident.as_ref().map_err(Error::clone)?;)
    }
}

/// A name of a variable that no argument of the call has.
fn free(call: &Call, name: &str) -> Ident {
    let mut name = name.to_owned();
    while call.arguments.iter().any(|argument| argument.ident == name) {
        name.push('_');
    }
    format_ident!("{name}")
}

/// What reads a list page by page.
fn paged(call: &Call, pages: &Pages) -> TokenStream {
    let (name, success) = (&call.name, &call.success);
    let (next_link, items, item) = (&pages.next_link, &pages.items, &pages.item);
    let count = &pages.count;
    let in_call = in_call(call);
    let stream = quote!(::thumbprint_transport::futures_util);
    let page = quote!(Answer<#success, headers::#name>);
    quote! {
        impl<'a> #name<'a> {
            /// All pages, each fetched when the stream is polled for it. The stream ends with its first
            /// error.
            pub fn pages(self) -> impl #stream::Stream<Item = Result<#page, Error>> + Send + 'a {
                ::thumbprint_transport::pager::pages(self)
            }

            /// The items of all pages. Only [`pages`](Self::pages) has the warnings of an answer.
            pub fn items(self) -> impl #stream::Stream<Item = Result<#item, Error>> + Send + 'a {
                use #stream::{TryStreamExt as _, stream};

                let items = |page: #page| {
                    let page = page.into_value();
                    stream::iter(#items.into_iter().map(Ok))
                };
                self.pages().map_ok(items).try_flatten()
            }
        }

        impl ::thumbprint_transport::pager::Paged for #name<'_> {
            type Page = #page;

            async fn fetch(&self, link: Option<&str>) -> Result<Self::Page, Error> {
                self.exchange(link).await.map_err(|error| #in_call)
            }

            fn next_link(page: &Self::Page) -> Option<&str> {
                #next_link
            }

            fn count(page: &Self::Page) -> usize {
                #count
            }

            fn transport(&self) -> &::thumbprint_transport::Transport {
                &self.client.transport
            }
        }
    }
}
