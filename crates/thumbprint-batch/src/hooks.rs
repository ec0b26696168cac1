//! The seam between the generated code and the transport. progenitor was told to expect it
//! (`HooksMode::Expected`): without these few lines the crate does not compile.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Request, Response, Result};
use thumbprint_transport::{Transport, post};

use crate::{Client, judgement::JUDGEMENT, operations};

impl ClientHooks<Transport> for Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> Result<Response> {
        let operation = operations::find(info.operation_id);
        Ok(self.inner().exec(request, operation, &JUDGEMENT).await)
    }

    async fn post<E>(
        &self,
        result: &Result<Response>,
        _: &OperationInfo,
    ) -> std::result::Result<(), Error<E>> {
        post(result)
    }
}
