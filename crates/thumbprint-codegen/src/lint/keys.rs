//! The keys that OpenAPI 3.0 knows in each place, as far as this project takes them, and our extensions.

/// The extensions of first-party documents; specs/README.md says what each means.
pub(super) const EXTENSIONS: &[&str] = &[
    "x-enum-names",
    "x-examples",
    "x-extensible",
    "x-inferred",
    "x-ms-pageable",
    "x-optional-body",
    "x-replaced-by",
    "x-request-media-types",
    "x-rust-name",
    "x-sensitive",
    "x-source",
    "x-sources",
    "x-subject",
];

pub(super) const ROOT: &[&str] = &[
    "openapi",
    "info",
    "servers",
    "tags",
    "security",
    "paths",
    "components",
    "externalDocs",
];
pub(super) const INFO: &[&str] = &[
    "title",
    "version",
    "description",
    "termsOfService",
    "contact",
    "license",
];
pub(super) const SERVER: &[&str] = &["url", "description", "variables"];
pub(super) const VARIABLE: &[&str] = &["default", "description", "enum"];
pub(super) const TAG: &[&str] = &["name", "description", "externalDocs"];
pub(super) const COMPONENTS: &[&str] = &[
    "parameters",
    "headers",
    "responses",
    "schemas",
    "securitySchemes",
    "requestBodies",
    "examples",
];
pub(super) const OPERATION: &[&str] = &[
    "operationId",
    "tags",
    "summary",
    "description",
    "deprecated",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "servers",
    "externalDocs",
    "callbacks",
];
pub(super) const PARAMETER: &[&str] = &[
    "name",
    "in",
    "required",
    "description",
    "schema",
    "style",
    "explode",
    "deprecated",
    "allowEmptyValue",
    "allowReserved",
    "example",
    "examples",
    "content",
];
pub(super) const HEADER: &[&str] = &[
    "description",
    "required",
    "schema",
    "deprecated",
    "example",
    "examples",
    "style",
    "explode",
];
pub(super) const RESPONSE: &[&str] = &["description", "headers", "content", "links"];
pub(super) const BODY: &[&str] = &["description", "required", "content"];
pub(super) const MEDIA_TYPE: &[&str] = &["schema", "example", "examples", "encoding"];
pub(super) const SCHEMA: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "properties",
    "required",
    "items",
    "enum",
    "default",
    "pattern",
    "nullable",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "multipleOf",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "discriminator",
    "readOnly",
    "writeOnly",
    "example",
    "deprecated",
    "minProperties",
    "maxProperties",
    "externalDocs",
    "xml",
];
pub(super) const SCHEME: &[&str] = &[
    "type",
    "description",
    "name",
    "in",
    "scheme",
    "bearerFormat",
    "flows",
    "openIdConnectUrl",
];
pub(super) const SCHEMA_TYPES: [&str; 6] =
    ["object", "array", "string", "integer", "number", "boolean"];
