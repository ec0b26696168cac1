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

# The one that the sandbox has.
SUBSCRIPTION = "0cfc58de-38cb-4fa6-9258-4afde95d3c05"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Patterns have more versions and subscriptions than there are, and after a wrong one nothing else is looked at."""
    if case.meta and case.meta.generation.mode.is_positive:
        if "api-version" in (case.query or {}):
            case.query["api-version"] = "2023-11-01.18.0"
        if "SubscriptionId" in (case.path_parameters or {}):
            case.path_parameters["SubscriptionId"] = SUBSCRIPTION


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is one."""
    if failure.code == "ST401":
        # As recorded: without `Authorization` the live Batch service answers 400, where others answer 401. And the sandbox
        # takes any token, so that something else may be wrong with a request whose token is.
        is_of_wap = case.path.startswith("/Subscriptions")
        return "got `400 Bad Request`" not in failure.message or is_of_wap and "invalid" not in failure.message
    if failure.code == "ST301":
        # Batch deletes later than it answers (202), and shows the certificate until then.
        return case.path.startswith("/Subscriptions")
    if failure.code != "ST202" or response.status_code != 400:
        return True
    error = response.json()
    if error.get("Code") == "InvalidBody":
        # Only prose says what the members of a management certificate hold, and that of which.
        return False
    if error.get("code") == "UnsupportedProperty":
        # The sandbox is stricter than the documents where a client sends what none of them has; lib.rs says so.
        return False
    subject = error.get("values", [{}])[0].get("value")
    if subject == "data" and not case.body["data"]:
        return True
    return (error.get("code"), subject) not in IN_PROSE_ALONE
