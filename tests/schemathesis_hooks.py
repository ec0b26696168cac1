"""What schemathesis has to be told beside the documents; see run-schemathesis.sh."""

from datetime import datetime

import requests
import schemathesis
from hypothesis import strategies

# A format that it does not know.
schemathesis.openapi.format(
    "date-time-rfc1123",
    strategies.datetimes(datetime(1970, 1, 1)).map(lambda time: time.strftime("%a, %d %b %Y %H:%M:%S GMT")),
)

# It names its requests in a header, and a strict sandbox refuses headers that no document has.
send = requests.Session.send


def send_nameless(session, request, **settings):
    request.headers.pop("X-Schemathesis-TestCaseId", None)
    return send(session, request, **settings)


requests.Session.send = send_nameless

# Values that the schemas allow and the sandbox refuses all the same, by the error's code and by what it is about: the
# pages restrict them in prose. `data` is base64, and a `cer` has no password.
IN_PROSE_ALONE = [
    ("InvalidQueryParameterValue", "$filter"),
    ("InvalidQueryParameterValue", "$select"),
    ("InvalidPropertyValue", "data"),
    ("InvalidPropertyValue", "password"),
]


@schemathesis.hook
def before_call(context, case, kwargs):
    """The pattern has more versions than there are, and after a wrong one nothing else is looked at."""
    if case.meta and case.meta.generation.mode.is_positive and "api-version" in (case.query or {}):
        case.query["api-version"] = "2023-11-01.18.0"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is one."""
    if failure.code == "ST401":
        # As recorded: without `Authorization` the live Batch service answers 400, where others answer 401.
        return case.path.startswith("/Subscriptions") or "got `400 Bad Request`" not in failure.message
    if failure.code == "ST301":
        # Batch deletes later than it answers (202), and shows the certificate until then.
        return case.path.startswith("/Subscriptions")
    if failure.code != "ST202" or response.status_code != 400:
        return True
    error = response.json()
    if error.get("code") == "UnsupportedProperty":
        # The sandbox is stricter than the documents where a client sends what none of them has; lib.rs says so.
        return False
    subject = error.get("values", [{}])[0].get("value")
    if subject == "data" and not case.body["data"]:
        return True
    return (error.get("code"), subject) not in IN_PROSE_ALONE
