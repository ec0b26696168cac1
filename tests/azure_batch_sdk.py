"""Drives the sandbox with the vendor's own SDK, unpatched: all five operations on Batch's certificates.

    python azure_batch_sdk.py http://127.0.0.1:PORT

Needs azure-batch 14.1.0, the last line but one that has them, and a fresh `thumbprint sandbox`. Installs
nothing; tests/run-azure-batch-sdk.sh sees to all of it.
"""

import datetime
import sys
import time
import uuid

from azure.batch import BatchServiceClient, models
from azure.batch.batch_auth import SharedKeyCredentials
from msrest.authentication import BasicTokenAuthentication

# What the sandbox holds at its start (crates/thumbprint-sandbox/src/samples.rs).
FAILED = "0123456789abcdef0123456789abcdef01234567"
ACTIVE = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"
# What this script adds, once with each credential.
ADDED = {"bearer": "00112233445566778899aabbccddeeff00112233", "shared key": "ff112233445566778899aabbccddeeff00112233"}
NOWHERE = "ffffffffffffffffffffffffffffffffffffffff"
ALGORITHM = "sha1"

checks = 0


def check(what, found, expected):
    global checks
    checks += 1
    if found != expected:
        sys.exit(f"failed: {what}: expected {expected!r}, found {found!r}")


def refused(what, status, code, call):
    """The call is refused with this status and this code, in a form that the SDK reads."""
    try:
        call()
    except models.BatchErrorException as error:
        check(f"{what}: status", error.response.status_code, status)
        check(f"{what}: code", error.error.code, code)
        check(f"{what}: message", bool(error.error.message.value), True)
    else:
        sys.exit(f"failed: {what}: it was not refused")


def drive(name, client):
    certificates = client.certificate
    added = ADDED[name]
    parameter = models.CertificateAddParameter(
        thumbprint=added,
        thumbprint_algorithm=ALGORITHM,
        data="TUlJQ2RhdGE=",
        certificate_format=models.CertificateFormat.pfx,
        password='p@ss "w"/\u00e9',
    )
    identity = str(uuid.uuid4())
    common = {
        "timeout": 15,
        "client_request_id": identity,
        "return_client_request_id": True,
        "ocp_date": datetime.datetime.now(datetime.timezone.utc),
    }

    # Add, with every option; the SDK deserialises the typed headers.
    answer = certificates.add(parameter, models.CertificateAddOptions(**common), raw=True)
    check("add: status", answer.response.status_code, 201)
    check("add: client-request-id", answer.headers["client-request-id"].lower(), identity)
    check("add: DataServiceId", added in answer.headers["DataServiceId"], True)
    refused("add again", 409, "CertificateExists", lambda: certificates.add(parameter))

    # Get, whole and in part.
    certificate = certificates.get(ALGORITHM, added)
    check("get: thumbprint", certificate.thumbprint, added)
    check("get: algorithm", certificate.thumbprint_algorithm, ALGORITHM)
    check("get: state", certificate.state, models.CertificateState.active)
    check("get: time", isinstance(certificate.state_transition_time, datetime.datetime), True)
    check("get: url", added in certificate.url, True)
    check("get: previous state", certificate.previous_state, None)
    options = models.CertificateGetOptions(select="thumbprint,state", **common)
    certificate = certificates.get(ALGORITHM, added, options)
    check("get, selected", (certificate.state, certificate.url), (models.CertificateState.active, None))
    refused("get of nothing", 404, "CertificateNotFound", lambda: certificates.get(ALGORITHM, NOWHERE))

    # List: all in one page, and one by one over several.
    everything = {found.thumbprint: found for found in certificates.list()}
    check("list: the added one", everything[added].state, models.CertificateState.active)
    paged = certificates.list(models.CertificateListOptions(max_results=1, select="thumbprint", **common))
    pages, found = 0, []
    while True:
        try:
            page = paged.advance_page()
        except StopIteration:
            break
        pages += 1
        check("list: certificates of a page", len(page) <= 1, True)
        found += [certificate.thumbprint for certificate in page]
    check("list: pages", pages >= 2, True)
    check("list: certificates", sorted(found), sorted(everything))
    options = models.CertificateListOptions(filter="state eq 'deletefailed'")
    failed = [certificate.thumbprint for certificate in certificates.list(options)]
    check("list, filtered", failed, [FAILED])
    options = models.CertificateListOptions(filter="state eq")
    refused("a filter that is none", 400, "InvalidQueryParameterValue", lambda: list(certificates.list(options)))

    # Cancel deletion: of the failed one, and then there is nothing to cancel.
    error = certificates.get(ALGORITHM, FAILED).delete_certificate_error
    check("the failed one: code", error.code, "PoolsReferencingCertificate")
    check("the failed one: message", isinstance(error.message, str), True)
    check("the failed one: names", [pair.name for pair in error.values], ["Pools"])
    answer = certificates.cancel_deletion(
        ALGORITHM, FAILED, models.CertificateCancelDeletionOptions(**common), raw=True
    )
    check("cancel: status", answer.response.status_code, 204)
    check("cancel: client-request-id", answer.headers["client-request-id"].lower(), identity)
    certificate = certificates.get(ALGORITHM, FAILED)
    check("cancel: state", certificate.state, models.CertificateState.active)
    check("cancel: state before", certificate.previous_state, models.CertificateState.delete_failed)
    refused("cancel again", 409, "CertificateStateActive", lambda: certificates.cancel_deletion(ALGORITHM, FAILED))

    # Delete: taken, under way, and in the end gone, or failed where a pool uses it.
    answer = certificates.delete(ALGORITHM, added, models.CertificateDeleteOptions(**common), raw=True)
    check("delete: status", answer.response.status_code, 202)
    check("delete: state", certificates.get(ALGORITHM, added).state, models.CertificateState.deleting)
    refused("delete again", 409, "CertificateBeingDeleted", lambda: certificates.delete(ALGORITHM, added))
    certificates.delete(ALGORITHM, FAILED)
    check("delete: the end", settled(certificates, added), None)
    check("delete, used by a pool: the end", settled(certificates, FAILED), models.CertificateState.delete_failed)


def settled(certificates, thumbprint):
    """The state in the end; None if the certificate is gone."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            state = certificates.get(ALGORITHM, thumbprint).state
        except models.BatchErrorException as error:
            if error.response.status_code != 404:
                raise
            return None
        if state != models.CertificateState.deleting:
            return state
        time.sleep(0.1)
    sys.exit(f"failed: {thumbprint} was still being deleted after a minute")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    url = sys.argv[1]
    for name, credentials in [
        ("bearer", BasicTokenAuthentication({"access_token": "token.of-the-sdk"})),
        ("shared key", SharedKeyCredentials("myaccount", "MDEyMzQ1Njc4OWFiY2RlZg==")),
    ]:
        before = checks
        drive(name, BatchServiceClient(credentials, url))
        print(f"{name}: all five operations, {checks - before} checks")
    print(f"ok: azure-batch speaks with the sandbox, {checks} checks")


if __name__ == "__main__":
    main()
