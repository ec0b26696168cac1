//! What a document says of an operation, as data. The generator writes one [`Operation`] per
//! operation of a document; the runtime, the sandbox and the tests read it.

use crate::header;

/// An operation of an API, as its document describes it.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The operation id, as the vendor spells it.
    pub id: &'static str,
    /// What messages call the operation.
    pub title: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path's template, with parameters in braces.
    pub path: &'static str,
    /// What the request's `Accept` header says: the media types of all answers.
    pub accept: Option<&'static str>,
    /// The media type of the request's body, with its parameters. `None` where there is no body.
    pub content_type: Option<&'static str>,
    /// Every parameter that the document declares.
    pub parameters: &'static [Parameter],
    /// The members of the request's body whose values are marked as sensitive, wherever in it they stand. An
    /// empty name stands for the whole body.
    pub sensitive_body: &'static [&'static str],
    /// Every response that the document declares.
    pub responses: &'static [ResponseSpec],
    /// Whether the document asks for a credential.
    pub secured: bool,
    /// What it asks for, where that is not a bearer token: alternatives, each of schemes that all have to be
    /// there. An empty alternative asks for nothing.
    pub security: &'static [&'static [SecurityScheme]],
    /// Whether the document calls the operation deprecated.
    pub deprecated: bool,
}

/// How a service wants to be shown who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// A bearer token in `Authorization`: of `OAuth` 2, `OpenID` Connect, or another origin.
    Bearer,
    /// A user's name and password in `Authorization`.
    Basic,
    /// A key in the header of this name.
    Header(&'static str),
    /// A key in the query's parameter of this name.
    Query(&'static str),
    /// A key in the cookie of this name.
    Cookie(&'static str),
    /// Another one, of this name: only a signature can be it.
    Other(&'static str),
}

/// A parameter of an [`Operation`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name on the wire.
    pub name: &'static str,
    /// Where it is sent.
    pub location: Location,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What its values look like.
    pub format: ValueFormat,
    /// Whether its values are marked as sensitive: where an answer repeats one, that is not shown.
    pub sensitive: bool,
}

/// Where a [`Parameter`] is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the path's template.
    Path,
    /// In the query.
    Query,
    /// As a header.
    Header,
    /// As a cookie.
    Cookie,
}

/// The format of a [`Parameter`]'s values, as far as a receiver can check it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueFormat {
    /// Any text.
    Text,
    /// Text that matches a regular expression.
    Pattern(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A GUID.
    Uuid,
    /// `true` or `false`.
    Boolean,
    /// An integer of 32 bits.
    Int32,
    /// A time in the form of RFC 1123.
    HttpDate,
}

/// A response that an [`Operation`] can have.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseSpec {
    /// The status. A single digit stands for its hundred (`4` is `4XX`), and `None` for every status that
    /// has no response of its own.
    pub status: Option<u16>,
    /// The media type of the body. `None` where there is no body.
    pub media_type: Option<&'static str>,
    /// The headers that the document declares.
    pub headers: &'static [&'static str],
    /// Whether the body is bytes, whatever its media type.
    pub bytes: bool,
}

impl Operation {
    /// Describes an operation. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "called by generated code only")]
    pub const fn new(
        id: &'static str,
        title: &'static str,
        method: &'static str,
        path: &'static str,
        accept: Option<&'static str>,
        content_type: Option<&'static str>,
        parameters: &'static [Parameter],
        responses: &'static [ResponseSpec],
        secured: bool,
        deprecated: bool,
    ) -> Self {
        Self {
            id,
            title,
            method,
            path,
            accept,
            content_type,
            parameters,
            sensitive_body: &[],
            responses,
            secured,
            security: &[],
            deprecated,
        }
    }

    /// The same with security that is no bearer token. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_security(mut self, security: &'static [&'static [SecurityScheme]]) -> Self {
        self.security = security;
        self
    }

    /// The same with members of the body whose values are sensitive. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_sensitive_body(mut self, members: &'static [&'static str]) -> Self {
        self.sensitive_body = members;
        self
    }

    /// Whether it changes nothing at the service.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }

    /// The response declared for a success by its status or its hundred.
    pub(crate) fn success(&self, status: http::StatusCode) -> Option<&'static ResponseSpec> {
        let declared = self.response(status.as_u16());
        declared.filter(|response| status.is_success() && response.status.is_some())
    }

    /// The response declared for `status`: its own, its hundred's, or the one for every other status.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&'static ResponseSpec> {
        let find = |wanted| {
            let mut all = self.responses.iter();
            all.find(|response| response.status == wanted)
        };
        find(Some(status))
            .or_else(|| find(Some(status / 100)))
            .or_else(|| find(None))
    }
}

impl Parameter {
    /// Describes a parameter. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        location: Location,
        required: bool,
        format: ValueFormat,
    ) -> Self {
        Self {
            name,
            location,
            required,
            format,
            sensitive: false,
        }
    }

    /// The same with values that are sensitive. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

impl ResponseSpec {
    /// Describes a response. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        status: Option<u16>,
        media_type: Option<&'static str>,
        headers: &'static [&'static str],
    ) -> Self {
        Self {
            status,
            media_type,
            headers,
            bytes: false,
        }
    }

    /// The same with a body of bytes whose media type is one of JSON. Meant for generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_bytes(mut self) -> Self {
        self.bytes = true;
        self
    }

    /// Whether the body is bytes, which are handed on as they come, rather than JSON or nothing.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        self.bytes
            || self
                .media_type
                .is_some_and(|media_type| !header::is_json(media_type))
    }
}

/// A part of a path's template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathPart<'a> {
    /// Text that stands in every path.
    Literal(&'a str),
    /// The name of a parameter.
    Parameter(&'a str),
}

/// Splits a path's template into literal text and parameters.
pub fn path_parts(template: &str) -> impl Iterator<Item = PathPart<'_>> {
    template.split('{').enumerate().flat_map(|(index, part)| {
        let (parameter, literal) = match part.split_once('}') {
            Some((name, literal)) if index > 0 => (Some(name), literal),
            _ => (None, part),
        };
        parameter
            .map(PathPart::Parameter)
            .into_iter()
            .chain((!literal.is_empty()).then_some(PathPart::Literal(literal)))
    })
}

/// Matches a raw path against a template and gives the parameters' raw values, in the template's
/// order. A value is never empty and never holds a slash; it ends where the literal that follows it starts for
/// the first time that the rest of the path fits.
#[must_use]
pub fn match_path<'t, 'p>(template: &'t str, path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
    let parts: Vec<_> = path_parts(template).collect();
    let mut values = Vec::new();
    match_parts(&parts, path, &mut values).then_some(values)
}

fn match_parts<'t, 'p>(
    parts: &[PathPart<'t>],
    path: &'p str,
    values: &mut Vec<(&'t str, &'p str)>,
) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return path.is_empty();
    };
    let name = match part {
        PathPart::Literal(literal) => {
            let tail = path.strip_prefix(literal);
            return tail.is_some_and(|tail| match_parts(rest, tail, values));
        }
        PathPart::Parameter(name) => name,
    };
    let longest = path.find('/').unwrap_or(path.len());
    let ends: &mut dyn Iterator<Item = usize> = match rest.first() {
        Some(PathPart::Literal(literal)) => &mut path.match_indices(literal).map(|(end, _)| end),
        _ => &mut std::iter::once(path.len()),
    };
    for end in ends
        .take_while(|end| *end <= longest)
        .filter(|end| *end > 0)
    {
        values.push((name, &path[..end]));
        if match_parts(rest, &path[end..], values) {
            return true;
        }
        values.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{PathPart, match_path, path_parts};

    const KEYS: &str = "/certificates(thumbprintAlgorithm={alg},thumbprint={tp})/canceldelete";

    #[test]
    fn a_template_falls_into_its_parts() {
        let found: Vec<_> = path_parts("/a({x},b={y})/c").collect();
        assert_eq!(
            found,
            [
                PathPart::Literal("/a("),
                PathPart::Parameter("x"),
                PathPart::Literal(",b="),
                PathPart::Parameter("y"),
                PathPart::Literal(")/c"),
            ]
        );
    }

    #[test]
    fn a_path_gives_back_what_the_template_was_filled_with() {
        let path = "/certificates(thumbprintAlgorithm=sha1,thumbprint=ab)/canceldelete";
        assert_eq!(
            match_path(KEYS, path),
            Some(vec![("alg", "sha1"), ("tp", "ab")])
        );
        assert_eq!(
            match_path("/s/{id}/c/{t}", "/s/1/c/2"),
            Some(vec![("id", "1"), ("t", "2")])
        );
    }

    #[test]
    fn a_value_may_hold_the_text_that_follows_it() {
        for value in ["a", "a.json.b", ".json", "a.json"] {
            let path = format!("/files/{value}.json");
            let found = match_path("/files/{name}.json", &path);
            assert_eq!(found, Some(vec![("name", value)]), "{path}");
        }
        assert_eq!(match_path("/f/{n}.json/x", "/f/a/b.json/x"), None);
        assert_eq!(match_path("/f/{n}.json", "/f/.json"), None);
    }

    #[test]
    fn a_path_of_another_shape_does_not_match() {
        for path in [
            "/jobs/j)/canceldelete",
            "/certificates(thumbprintAlgorithm=sha1,thumbprint=)/canceldelete",
            "/certificates(thumbprintAlgorithm=sha1,thumbprint=a/b)/canceldelete",
            "/certificates(thumbprintAlgorithm=sha1,thumbprint=ab)/canceldelete/",
            "/certificates(thumbprintAlgorithm=sha1,thumbprint=ab)",
            "",
        ] {
            assert_eq!(match_path(KEYS, path), None, "{path}");
        }
        assert_eq!(match_path("/s/{id}/c/{t}", "/s/1/c/"), None);
    }
}
