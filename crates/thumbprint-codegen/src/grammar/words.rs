//! Every word of Swagger 2.0, OpenAPI 3.0 and OpenAPI 3.1: what has it, in which of the three, what its value is,
//! and what becomes of it.

use std::{collections::HashMap, fmt, sync::LazyLock};

use serde_json::Value;

use super::Kind::{
    self, Body, Callback, Components, Contact, Data, Discriminator, Encoding, Example,
    ExternalDocs, Flow, Flows, Header, Host, Info, License, Link, MediaType, Operation, Parameter,
    Path, Response, Root, Schema, SecurityScheme, Server, Tag, Variable, Xml,
};

/// A word of OpenAPI's.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// The dialects that have it in this place.
    pub dialects: &'static [Dialect],
    /// What its value is.
    pub kind: Kind,
    /// What becomes of it.
    pub fate: Fate,
}

/// A language that descriptions are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Swagger 2.0.
    Swagger,
    /// OpenAPI 3.0.
    V30,
    /// OpenAPI 3.1.
    V31,
}

impl Dialect {
    /// That of a document. What is none of them is read as the newest.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        Self::known(document).unwrap_or(Self::V31)
    }

    /// That of a document, if it is one of them.
    #[must_use]
    pub fn known(document: &Value) -> Option<Self> {
        let version = |key: &str| match document.get(key)? {
            Value::String(version) => Some(version.clone()),
            // YAML takes `2.0` and `3.1` without quotes for numbers.
            Value::Number(version) => Some(version.to_string()),
            _ => None,
        };
        let openapi = version("openapi");
        let is_of = |prefix: &str| {
            openapi
                .as_ref()
                .is_some_and(|version| version.starts_with(prefix))
        };
        match version("swagger").as_deref() {
            _ if is_of("3.1") => Some(Self::V31),
            _ if is_of("3.0") || openapi.as_deref() == Some("3") => Some(Self::V30),
            Some("2.0" | "2") if openapi.is_none() => Some(Self::Swagger),
            _ => None,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Swagger => "Swagger 2.0",
            Self::V30 => "OpenAPI 3.0",
            Self::V31 => "OpenAPI 3.1",
        })
    }
}

/// What becomes of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the code, or in its documentation. Where the code cannot carry a value of it, the step that meets
    /// that value tells or refuses it.
    Carried,
    /// It says nothing that a program could do: text for people, or for other generators.
    Prose,
    /// It is told, and this is why it is not carried and what to do.
    Told(&'static str),
}
use Fate::{Carried, Prose, Told};

const RANGE: Fate =
    Told("a number has the nearest range that Rust knows, and the service checks the rest");
const ITEMS: Fate = Told("only one fixed length is checked, and the service checks the rest");
const UNCHECKED: Fate = Told("it is not checked; the service does that");
const SERVERS: Fate =
    Told("`SERVERS` has the URL with the default; give the transport one with another value");
const ENCODED: Fate = Told("the text is given as it is sent; encode and decode it");
const RESERVED: Fate = Told("reserved characters are percent-encoded all the same");
const OF_PART: Fate = Told("a part has a name and a media type, and no further headers");

// The dialects that have a word: `S`wagger 2.0, `O`penAPI 3.0, the `N`ewer 3.1, or several of them.
const S: &[Dialect] = &[Dialect::Swagger];
const N: &[Dialect] = &[Dialect::V31];
const ON: &[Dialect] = &[Dialect::V30, Dialect::V31];
const SON: &[Dialect] = &[Dialect::Swagger, Dialect::V30, Dialect::V31];

// What has a name that the document gives.
const BODIES: Kind = Kind::Named(&Body);
const CALLBACKS: Kind = Kind::Named(&Callback);
const CONTENT: Kind = Kind::Named(&MediaType);
const ENCODINGS: Kind = Kind::Named(&Encoding);
const EXAMPLES: Kind = Kind::Named(&Example);
const HEADERS: Kind = Kind::Named(&Header);
const LINKS: Kind = Kind::Named(&Link);
const PARAMETERS: Kind = Kind::Named(&Parameter);
const PATHS: Kind = Kind::Named(&Path);
const RESPONSES: Kind = Kind::Named(&Response);
const SCHEMAS: Kind = Kind::Named(&Schema);
const SCHEMES: Kind = Kind::Named(&SecurityScheme);
const VARIABLES: Kind = Kind::Named(&Variable);

// What there is a list of.
const PARAMETER_LIST: Kind = Kind::List(&Parameter);
const SCHEMA_LIST: Kind = Kind::List(&Schema);
const SERVER_LIST: Kind = Kind::List(&Server);
const TAG_LIST: Kind = Kind::List(&Tag);

macro_rules! words {
    ($($of:ident { $($name:literal $dialects:ident $kind:ident $fate:ident;)* })*) => {
        /// All words, by what has them.
        pub const WORDS: &[(Kind, &[Word])] = &[$(
            ($of, &[$(Word { name: $name, dialects: $dialects, kind: $kind, fate: $fate }),*]),
        )*];
    };
}

words! {
    Root {
        "openapi"             ON  Data           Carried;
        "swagger"             S   Data           Carried;
        "jsonSchemaDialect"   N   Data           Carried;
        "info"                SON Info           Carried;
        "servers"             ON  SERVER_LIST    Carried;
        "host"                S   Data           Carried;
        "basePath"            S   Data           Carried;
        "schemes"             S   Data           Carried;
        "consumes"            S   Data           Carried;
        "produces"            S   Data           Carried;
        "paths"               SON PATHS          Carried;
        "webhooks"            N   PATHS          Carried;
        "components"          ON  Components     Carried;
        "definitions"         S   SCHEMAS        Carried;
        "parameters"          S   PARAMETERS     Carried;
        "responses"           S   RESPONSES      Carried;
        "securityDefinitions" S   SCHEMES        Carried;
        "security"            SON Data           Carried;
        "tags"                SON TAG_LIST       Prose;
        "externalDocs"        SON ExternalDocs   Prose;
        "x-ms-paths"          S   PATHS          Carried;
        "x-ms-parameterized-host" S Host         Carried;
    }
    Info {
        "title"               SON Data           Carried;
        "version"             SON Data           Carried;
        "summary"             N   Data           Carried;
        "description"         SON Data           Carried;
        "termsOfService"      SON Data           Prose;
        "contact"             SON Contact        Prose;
        "license"             SON License        Prose;
    }
    Contact {
        "name"                SON Data           Prose;
        "url"                 SON Data           Prose;
        "email"               SON Data           Prose;
    }
    License {
        "name"                SON Data           Prose;
        "url"                 SON Data           Prose;
        "identifier"          N   Data           Carried;
    }
    Tag {
        "name"                SON Data           Prose;
        "description"         SON Data           Prose;
        "externalDocs"        SON ExternalDocs   Prose;
    }
    ExternalDocs {
        "url"                 SON Data           Prose;
        "description"         SON Data           Prose;
    }
    Server {
        "url"                 ON  Data           Carried;
        "description"         ON  Data           Prose;
        "variables"           ON  VARIABLES      Carried;
    }
    Variable {
        "default"             ON  Data           Carried;
        "enum"                ON  Data           SERVERS;
        "description"         ON  Data           Prose;
    }
    Host {
        "hostTemplate"        S   Data           Carried;
        "useSchemePrefix"     S   Data           Carried;
        "positionInOperation" S   Data           Prose;
        "parameters"          S   PARAMETER_LIST Carried;
    }
    Components {
        "schemas"             ON  SCHEMAS        Carried;
        "responses"           ON  RESPONSES      Carried;
        "parameters"          ON  PARAMETERS     Carried;
        "examples"            ON  EXAMPLES       Carried;
        "requestBodies"       ON  BODIES         Carried;
        "headers"             ON  HEADERS        Carried;
        "securitySchemes"     ON  SCHEMES        Carried;
        "links"               ON  LINKS          Carried;
        "callbacks"           ON  CALLBACKS      Carried;
        "pathItems"           N   PATHS          Carried;
    }
    Path {
        "$ref"                SON Data           Carried;
        "summary"             ON  Data           Prose;
        "description"         ON  Data           Prose;
        "servers"             ON  SERVER_LIST    Carried;
        "parameters"          SON PARAMETER_LIST Carried;
        "get"                 SON Operation      Carried;
        "put"                 SON Operation      Carried;
        "post"                SON Operation      Carried;
        "delete"              SON Operation      Carried;
        "options"             SON Operation      Carried;
        "head"                SON Operation      Carried;
        "patch"               SON Operation      Carried;
        "trace"               ON  Operation      Carried;
    }
    Operation {
        "operationId"         SON Data           Carried;
        "summary"             SON Data           Carried;
        "description"         SON Data           Carried;
        "deprecated"          SON Data           Carried;
        "tags"                SON Data           Prose;
        "externalDocs"        SON ExternalDocs   Prose;
        "parameters"          SON PARAMETER_LIST Carried;
        "requestBody"         ON  Body           Carried;
        "responses"           SON RESPONSES      Carried;
        "callbacks"           ON  CALLBACKS      Carried;
        "security"            SON Data           Carried;
        "servers"             ON  SERVER_LIST    Carried;
        "schemes"             S   Data           Carried;
        "consumes"            S   Data           Carried;
        "produces"            S   Data           Carried;
    }
    Parameter {
        "$ref"                SON Data           Carried;
        "name"                SON Data           Carried;
        "in"                  SON Data           Carried;
        "description"         SON Data           Carried;
        "required"            SON Data           Carried;
        "deprecated"          ON  Data           Carried;
        "allowEmptyValue"     SON Data           Prose;
        "allowReserved"       ON  Data           Carried;
        "style"               ON  Data           Carried;
        "explode"             ON  Data           Carried;
        "schema"              SON Schema         Carried;
        "content"             ON  CONTENT        Carried;
        "example"             ON  Data           Carried;
        "examples"            ON  EXAMPLES       Carried;
        "collectionFormat"    S   Data           Carried;
        "type"                S   Data           Carried;
        "format"              S   Data           Carried;
        "items"               S   Schema         Carried;
        "default"             S   Data           Carried;
        "enum"                S   Data           Carried;
        "maximum"             S   Data           RANGE;
        "exclusiveMaximum"    S   Data           RANGE;
        "minimum"             S   Data           RANGE;
        "exclusiveMinimum"    S   Data           RANGE;
        "maxLength"           S   Data           Carried;
        "minLength"           S   Data           Carried;
        "pattern"             S   Data           Carried;
        "maxItems"            S   Data           ITEMS;
        "minItems"            S   Data           ITEMS;
        "uniqueItems"         S   Data           UNCHECKED;
        "multipleOf"          S   Data           UNCHECKED;
    }
    Header {
        "$ref"                ON  Data           Carried;
        "description"         SON Data           Carried;
        "required"            ON  Data           Prose;
        "deprecated"          ON  Data           Carried;
        "allowEmptyValue"     ON  Data           Prose;
        "allowReserved"       ON  Data           Prose;
        "style"               ON  Data           Prose;
        "explode"             ON  Data           Prose;
        "schema"              ON  Schema         Carried;
        "content"             ON  CONTENT        Carried;
        "example"             ON  Data           Prose;
        "examples"            ON  EXAMPLES       Prose;
        "collectionFormat"    S   Data           Carried;
        "type"                S   Data           Carried;
        "format"              S   Data           Carried;
        "items"               S   Schema         Prose;
        "default"             S   Data           Prose;
        "enum"                S   Data           Prose;
        "maximum"             S   Data           Prose;
        "exclusiveMaximum"    S   Data           Prose;
        "minimum"             S   Data           Prose;
        "exclusiveMinimum"    S   Data           Prose;
        "maxLength"           S   Data           Prose;
        "minLength"           S   Data           Prose;
        "pattern"             S   Data           Prose;
        "maxItems"            S   Data           Prose;
        "minItems"            S   Data           Prose;
        "uniqueItems"         S   Data           Prose;
        "multipleOf"          S   Data           Prose;
    }
    Body {
        "$ref"                ON  Data           Carried;
        "description"         ON  Data           Carried;
        "content"             ON  CONTENT        Carried;
        "required"            ON  Data           Carried;
    }
    MediaType {
        "schema"              ON  Schema         Carried;
        "example"             ON  Data           Carried;
        "examples"            ON  EXAMPLES       Carried;
        "encoding"            ON  ENCODINGS      Carried;
    }
    Encoding {
        "contentType"         ON  Data           Carried;
        "headers"             ON  HEADERS        OF_PART;
        "style"               ON  Data           Carried;
        "explode"             ON  Data           Carried;
        "allowReserved"       ON  Data           RESERVED;
    }
    Response {
        "$ref"                SON Data           Carried;
        "description"         SON Data           Prose;
        "headers"             SON HEADERS        Carried;
        "content"             ON  CONTENT        Carried;
        "links"               ON  LINKS          Carried;
        "schema"              S   Schema         Carried;
        "examples"            S   Data           Carried;
    }
    Callback {
        "$ref"                ON  Data           Carried;
    }
    Example {
        "$ref"                ON  Data           Carried;
        "summary"             ON  Data           Prose;
        "description"         ON  Data           Prose;
        "value"               ON  Data           Carried;
        "externalValue"       ON  Data           Prose;
    }
    Link {
        "$ref"                ON  Data           Carried;
        "operationRef"        ON  Data           Prose;
        "operationId"         ON  Data           Prose;
        "parameters"          ON  Data           Prose;
        "requestBody"         ON  Data           Prose;
        "description"         ON  Data           Prose;
        "server"              ON  Server         Prose;
    }
    SecurityScheme {
        "$ref"                ON  Data           Carried;
        "type"                SON Data           Carried;
        "description"         SON Data           Prose;
        "name"                SON Data           Carried;
        "in"                  SON Data           Carried;
        "scheme"              ON  Data           Carried;
        "bearerFormat"        ON  Data           Prose;
        "flows"               ON  Flows          Prose;
        "openIdConnectUrl"    ON  Data           Prose;
        "flow"                S   Data           Prose;
        "authorizationUrl"    S   Data           Prose;
        "tokenUrl"            S   Data           Prose;
        "scopes"              S   Data           Prose;
    }
    Flows {
        "implicit"            ON  Flow           Prose;
        "password"            ON  Flow           Prose;
        "clientCredentials"   ON  Flow           Prose;
        "authorizationCode"   ON  Flow           Prose;
    }
    Flow {
        "authorizationUrl"    ON  Data           Prose;
        "tokenUrl"            ON  Data           Prose;
        "refreshUrl"          ON  Data           Prose;
        "scopes"              ON  Data           Prose;
    }
    Discriminator {
        "propertyName"        ON  Data           Carried;
        "mapping"             ON  Data           Carried;
    }
    Xml {
        "name"                SON Data           Prose;
        "namespace"           SON Data           Prose;
        "prefix"              SON Data           Prose;
        "attribute"           SON Data           Prose;
        "wrapped"             SON Data           Prose;
    }
    Schema {
        "$ref"                SON Data           Carried;
        "title"               SON Data           Carried;
        "description"         SON Data           Carried;
        "type"                SON Data           Carried;
        "format"              SON Data           Carried;
        "enum"                SON Data           Carried;
        "default"             SON Data           Carried;
        "nullable"            SON Data           Carried;
        "maximum"             SON Data           RANGE;
        "exclusiveMaximum"    SON Data           RANGE;
        "minimum"             SON Data           RANGE;
        "exclusiveMinimum"    SON Data           RANGE;
        "multipleOf"          SON Data           UNCHECKED;
        "maxLength"           SON Data           Carried;
        "minLength"           SON Data           Carried;
        "pattern"             SON Data           Carried;
        "items"               SON Schema         Carried;
        "maxItems"            SON Data           ITEMS;
        "minItems"            SON Data           ITEMS;
        "uniqueItems"         SON Data           UNCHECKED;
        "properties"          SON SCHEMAS        Carried;
        "additionalProperties" SON Schema        Carried;
        "required"            SON Data           Carried;
        "maxProperties"       SON Data           UNCHECKED;
        "minProperties"       SON Data           UNCHECKED;
        "allOf"               SON SCHEMA_LIST    Carried;
        "oneOf"               SON SCHEMA_LIST    Carried;
        "anyOf"               SON SCHEMA_LIST    Carried;
        "not"                 SON Schema         Carried;
        "discriminator"       SON Discriminator  Carried;
        "readOnly"            SON Data           Carried;
        "writeOnly"           ON  Data           Carried;
        "deprecated"          ON  Data           Carried;
        "example"             SON Data           Carried;
        "externalDocs"        SON ExternalDocs   Prose;
        "xml"                 SON Xml            Prose;
        "collectionFormat"    S   Data           Carried;
        // By themselves they say nothing; what is referred to in them is carried.
        "definitions"         SON SCHEMAS        Prose;
        "$defs"               SON SCHEMAS        Prose;
        "$schema"             N   Data           Carried;
        "$id"                 N   Data           Carried;
        "$anchor"             N   Data           Carried;
        "$dynamicRef"         N   Data           Carried;
        "$dynamicAnchor"      N   Data           Carried;
        "$recursiveRef"       N   Data           Carried;
        "$vocabulary"         N   Data           Prose;
        "$comment"            N   Data           Prose;
        "examples"            N   Data           Carried;
        "const"               N   Data           Carried;
        "prefixItems"         N   SCHEMA_LIST    Carried;
        "unevaluatedItems"    N   Schema         Carried;
        "contains"            N   Schema         Carried;
        "maxContains"         N   Data           Carried;
        "minContains"         N   Data           Carried;
        "patternProperties"   N   SCHEMAS        Carried;
        "unevaluatedProperties" N Schema         Carried;
        "propertyNames"       N   Schema         Carried;
        "dependencies"        N   SCHEMAS        Carried;
        "dependentRequired"   N   Data           Carried;
        "dependentSchemas"    N   SCHEMAS        Carried;
        "if"                  N   Schema         Carried;
        "then"                N   Schema         Carried;
        "else"                N   Schema         Carried;
        "contentEncoding"     N   Data           ENCODED;
        "contentMediaType"    N   Data           Carried;
        "contentSchema"       N   Schema         Carried;
    }
}

/// The word that `kind` has by a name.
#[must_use]
pub fn word(kind: Kind, name: &str) -> Option<&'static Word> {
    static INDEX: LazyLock<HashMap<(Kind, &str), &Word>> = LazyLock::new(|| {
        let all = WORDS
            .iter()
            .flat_map(|(kind, words)| words.iter().map(move |word| (*kind, word)));
        all.map(|(kind, word)| ((kind, word.name), word)).collect()
    });
    INDEX.get(&(kind, name)).copied()
}
