"""How a program that uses azure-batch is tested: its happy way, a busy service, a lost answer, the end of time.

    pip install azure-batch==14.2.0 pytest
    pytest docs/testing/python
"""

import pytest
from azure.batch import BatchServiceClient
from azure.batch.batch_auth import SharedKeyCredentials
from msrest.exceptions import ClientRequestError

ONE = "00112233445566778899aabbccddeeff00112233"
OTHER = "ff112233445566778899aabbccddeeff00112233"


def rescue(url):
    """The program: cancels every deletion that has failed, and gives the thumbprints."""
    credentials = SharedKeyCredentials("myaccount", "MDEyMzQ1Njc4OWFiY2RlZg==")
    certificates = BatchServiceClient(credentials, url).certificate
    failed = [one.thumbprint for one in certificates.list() if one.state.value == "deletefailed"]
    for thumbprint in failed:
        certificates.cancel_deletion("sha1", thumbprint)
    return failed


def test_failed_deletions_are_canceled(sandbox):
    sandbox.seed({"thumbprint": ONE, "state": "deletefailed", "pools": ["mypool"]}, {"thumbprint": OTHER})
    assert rescue(sandbox.url) == [ONE]
    assert sandbox.state(ONE) == "active"
    assert rescue(sandbox.url) == []


def test_a_busy_service_is_asked_again(sandbox):
    sandbox.seed({"thumbprint": ONE, "state": "deletefailed"})
    # The SDK repeats what only reads, and leaves a refused change to the program.
    wait = {"name": "Retry-After", "value": "0"}
    sandbox.fault(operation="Certificate_List", count=2, status=503, headers=[wait])
    assert rescue(sandbox.url) == [ONE]
    assert [status for operation, status in sandbox.requests()] == [503, 503, 200, 204]


def test_an_answer_that_is_lost_was_given(sandbox):
    sandbox.seed({"thumbprint": ONE, "state": "deletefailed"})
    sandbox.fault(operation="Certificate_CancelDeletion", ending="reset", at="start", carryOut=True)
    with pytest.raises(ClientRequestError):
        rescue(sandbox.url)
    assert sandbox.state(ONE) == "active"


def test_a_deletion_that_a_pool_is_in_the_way_of_fails_in_time(sandbox):
    sandbox.seed({"thumbprint": ONE, "state": "deleting", "pools": ["mypool"]})
    assert rescue(sandbox.url) == []
    sandbox.advance(3600)
    assert rescue(sandbox.url) == [ONE]
