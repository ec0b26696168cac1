//! Names that Batch gives to errors. A name that is not here still comes through, as text, in
//! [`Error::code`](thumbprint_transport::Error::code).

/// 409: the certificate is active, so there is no failed deletion to cancel.
pub const CERTIFICATE_STATE_ACTIVE: &str = "CertificateStateActive";
/// 409: the account has a certificate with that thumbprint.
pub const CERTIFICATE_EXISTS: &str = "CertificateExists";
/// 409: the certificate is being deleted.
pub const CERTIFICATE_BEING_DELETED: &str = "CertificateBeingDeleted";
/// 404: the account has no such certificate.
pub const CERTIFICATE_NOT_FOUND: &str = "CertificateNotFound";
/// 400: the service has retired its certificate operations.
pub const CERTIFICATE_RETIRED: &str = "CertificateRetired";
/// 403: the credential is not accepted.
pub const AUTHENTICATION_FAILED: &str = "AuthenticationFailed";
/// 400: the `Authorization` header cannot be read.
pub const INVALID_AUTHENTICATION_INFO: &str = "InvalidAuthenticationInfo";
/// 400: a header is missing; for a missing `Authorization` too, in place of 401.
pub const MISSING_REQUIRED_HEADER: &str = "MissingRequiredHeader";
/// 503: the service has too much to do.
pub const SERVER_BUSY: &str = "ServerBusy";
