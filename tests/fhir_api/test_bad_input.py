"""Whatever comes in is answered with an OperationOutcome and a status of the 400s."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fhir_api.conftest import Api, a_group, why

ODD = (
    b"", b" ", b"[]", b"5", b'"x"', b"null", b"true", b"{", b"{}", b"\xff\xfe", b"\xef\xbb\xbf", b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b'{"resourceType":"Group","a":' + b"[" * 90 + b"]" * 90 + b"}",
    b'{"resourceType":"Group","a":NaN}', b'{"resourceType":"Group","a":-Infinity}',
    b'{"resourceType":"Group","name":"\\u0000"}', b'{"resourceType":"Group","name":"\x00"}',
    b'{"resourceType":"Group","name":"\\ud800"}', b'{"resourceType":"Group","na\\ud800me":1}',
    b'{"resourceType":"Group","quantity":99999999999999999999999999}',
    b'{"resourceType":"Group","quantity":1e999999999}', b'{"resourceType":"Group","quantity":' + b"9" * 5000 + b"}",
    b'{"resourceType":"Group","type":"person","type":"animal"}',
    b'{"resourceType":["Group"]}', b'{"resourceType":null}', b'{"resourceType":"Nothing"}',
    b'{"resourceType":"Group","id":5}', b'{"resourceType":"Group","meta":5}', b'{"resourceType":"Group","meta":[]}',
    b'{"resourceType":"Group","identifier":{"value":1}}', b'{"resourceType":"Group","type":{"a":1}}',
    b'{"resourceType":"Group","type":"person","actual":true,"member":[null]}',
    b'{"resourceType":"Group","type":"person","actual":"true"}',
    b'{"resourceType":"Group","type":"person","actual":true,"name":"' + b"x" * 2_000_000 + b'"}',
    b'{"resourceType":"Group","type":"person","actual":true,"text":{"status":"generated","div":"<script>1</script>"}}',
)  # fmt: skip


@pytest.mark.parametrize("raw", ODD, ids=lambda raw: repr(raw[:40]))
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/Group"), ("PUT", "/Group/abc"), ("PATCH", "/Group/abc"), ("POST", "")]
)
def test_an_odd_body_is_refused(lite: Api, method: str, path: str, raw: bytes) -> None:
    kind = "application/json-patch+json" if method == "PATCH" else "application/fhir+json"
    answer = lite(method, path, raw, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert answer.json["resourceType"] == "OperationOutcome"
    assert answer.json["issue"][0]["diagnostics"]
    assert lite.ids("/Group") == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
            st.sampled_from(["resourceType", "id", "meta", "type", "actual", "name", "member", "entity", "reference", "text"]),
            inner, max_size=5),
        max_leaves=15,
    )
)  # fmt: skip
def test_no_json_breaks_the_interface(lite: Api, body: object) -> None:
    record = {"resourceType": "Group"} | body if isinstance(body, dict) else body
    assert lite("POST", "/Group", record if record is not None else "null").status_code < 500
    assert lite("POST", "/Group/$validate", record if record is not None else "null").status_code < 500
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": record, "request": {"method": "POST", "url": "Group"}}],
    }
    assert lite("POST", "", bundle).status_code < 500


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/Group", {"Accept": "application/fhir+xml"}, 406),
        ("GET", "/Group", {"Accept": "text/html"}, 406),
        ("GET", "/Group", {"Accept": "text/html, */*;q=0.1"}, 200),
        ("GET", "/Group", {"Accept": "application/json"}, 200),
        ("GET", "/Group?_format=xml", {}, 406),
        ("GET", "/Group?_format=json", {"Accept": "application/fhir+xml"}, 200),
        ("GET", "/Group?_format=application/fhir%2Bjson", {}, 200),
        ("GET", "/Group?_format=application/fhir+json", {}, 200),
        ("GET", "/Nothing", {}, 404),
        ("GET", "/Nothing/1", {}, 404),
        ("GET", "/Parameters", {}, 404),
        ("GET", "/Group/never", {}, 404),
        ("GET", "/Group/never/_history/1", {}, 404),
        ("GET", "/Group/never/_history/one", {}, 404),
        ("GET", "/Group/1/2/3/4", {}, 404),
        ("GET", "/Group/$paint", {}, 404),
        ("GET", "/", {}, 405),
        ("PUT", "/metadata", {}, 405),
        ("DELETE", "/Group/1/_history", {}, 405),
        ("POST", "/Group/1", {}, 405),
    ],
)
def test_addresses_methods_and_formats(lite: Api, method: str, path: str, headers: dict, status: int) -> None:
    answer = lite(method, path, a_group() if method in ("PUT", "POST") else None, **headers)
    assert answer.status_code == status, answer.text
    if status == 405:
        assert answer.headers["Allow"]
    if status >= 400:
        assert answer.json["issue"][0]["expression"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
)
def test_content_of_another_kind_is_refused(lite: Api, kind: str) -> None:
    assert why(lite("POST", "/Group", "{}", content_type=kind)) == (415, "http.Content-Type")


def test_a_huge_request_is_refused(lite: Api) -> None:
    answer = lite("POST", "/Group", b'"' + b"x" * (25 * 1024 * 1024) + b'"')
    assert answer.status_code == 413
    assert answer.json["resourceType"] == "OperationOutcome"
