"""What schemathesis needs to know of this API: how a request is signed, and what a refusal is. test_description.py runs it."""

import json
import os
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import schemathesis
from jsonschema import Draft202012Validator
from requests.auth import AuthBase

from people import ZONE
from signer import Key, common_parameters, signed_target

KEY = Key(os.environ["DESCRIBED_KEY_ID"], os.environ["DESCRIBED_SECRET"])
INTERNAL, EMPTY = 5000, ("", None, [], [""])


class Signature(AuthBase):
    """Signs what is about to be sent, exactly as it is."""

    def __call__(self, request):
        scheme, host, path, query, _ = urlsplit(request.url)
        common = common_parameters(KEY, ZONE)
        del common["zone"]  # the calls have it among their own
        pairs = [*common.items(), *(pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in common)]
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        signed = urlsplit(signed_target(request.method, path, pairs, KEY, body=body))
        request.url = urlunsplit((scheme, host, signed.path, signed.query, ""))
        return request


schemathesis.auth.set_from_requests(Signature())


@schemathesis.check
def refusal_in_ret_code(ctx, response, case):
    """What breaks the description is refused, and nothing ends as an internal error. All of that has status 200."""
    answer = response.json()
    assert answer["ret_code"] != INTERNAL, f"an internal error: {answer}"
    if case.meta and case.meta.generation.mode.is_negative and answer["ret_code"] == 0:
        fault = breach(case)
        assert fault is None, f"{fault}, and succeeded"


def breach(case) -> str | None:
    """What a request has that no rule allows: unknown parameters are ignored, empty ones and null are absent ones, and the type
    of the body is not looked at."""
    operation = case.operation.definition.raw
    query = dict(case.query or {})
    for parameter in operation["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        value = query.get(name)
        if value in EMPTY:
            if parameter["required"]:
                return f"{name} is missing"
        elif not Draft202012Validator(schema).is_valid(typed(value, schema)):
            return f"{name} is {value!r}"
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    body = json.loads(case.body) if isinstance(case.body, (str, bytes)) else case.body
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if value not in EMPTY}
    faults = [fault.message for fault in Draft202012Validator(schema).iter_errors(body)]
    return faults[0][:500] if faults else None


def typed(value, schema):
    """The value as its text in the query is read."""
    if schema["type"] == "array":
        return value if isinstance(value, list) else str(value).replace(",", " ").split()
    if schema["type"] == "integer":
        return int(value) if str(value).isdecimal() else value
    return str(value)
