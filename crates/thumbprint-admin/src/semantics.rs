//! What specs/admin.yaml cannot say: which requests may be sent again, and what an answer means after one
//! whose outcome is unknown.
//!
//! | operation | idempotent |
//! |---|---|
//! | Reset, Seed, Clear of journal and faults | yes: twice leaves what once leaves |
//! | Advance | no: twice is twice the time |
//! | Add a fault | no: twice are two faults |
//! | whatever only reads | yes |

use thumbprint_transport::{
    Semantics, ServiceError,
    semantics::{Idempotency, OperationSemantics},
};

/// How this API is to be understood.
pub static SEMANTICS: Semantics = Semantics {
    read_error: ServiceError::from_json_body,
    operations: &[
        OperationSemantics::new("Sandbox_Reset", Idempotency::Idempotent),
        OperationSemantics::new("Sandbox_Seed", Idempotency::Idempotent),
        OperationSemantics::new("Journal_Clear", Idempotency::Idempotent),
        OperationSemantics::new("Faults_Clear", Idempotency::Idempotent),
        OperationSemantics::new("Clock_Advance", Idempotency::NonIdempotent),
        OperationSemantics::new("Faults_Add", Idempotency::NonIdempotent),
    ],
    ..Semantics::DEFAULT
};
