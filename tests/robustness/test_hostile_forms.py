"""Every form, with everything that people and programs send by mistake or on purpose: told, never broken, never half kept."""

from __future__ import annotations

import io
import re
from random import Random
from typing import Any

import pytest
from werkzeug.routing import Rule

from tests.robustness.house import House, is_document

SCRIPT = "<script>alert(7141)</script><img src=x onerror=alert(7141)>"
HOSTILE: dict[str, list[str]] = {
    "too long": ["x" * 10_000],
    "markup": [SCRIPT],
    "attribute": ['" onfocus="alert(7141)" autofocus x=\''],
    "sql": ["'; DROP TABLE resource; --\" OR 1=1"],
    "formula": ["=HYPERLINK(\"x\")+cmd|' /C calc'!A0"],
    "template": ["{{7*7}}{% raw %}%(name)s%s%n${7*7}"],
    "nul": ["a\x00b"],
    "control": ["a\x07\x1b[31mb"],
    "bidi": ["abc\u202efdp.exe\u2066"],
    "emoji": ["👩🏽‍⚕️🏳️‍🌈" * 30],
    "marks": ["Z" + "\u0301\u0334" * 300],
    "impossible day": ["2027-02-30"],
    "far day": ["0000-00-00T99:99:99Z"],
    "last day": ["9999-12-31T23:59:59Z"],
    "first day": ["0001-01-01T00:00:00Z"],
    "huge number": ["9" * 400],
    "big number": ["9223372036854775808"],
    "negative": ["-1"],
    "not a number": ["NaN"],
    "exponent": ["1e400"],
    "wide digits": ["١٢٣٤"],
    "superscript": ["²"],
    "empty": [""],
    "spaces": [" \t\u00a0\u3000 "],
    "missing": [],
    "many": ["a"] * 40,
    "path": ["../../../../etc/passwd"],
    "other id": ["0190a000-0000-7000-8000-000000000000"],
    "json": ['{"$ne": [[[[[[]]]]]]}'],
    "lines": ["a\r\nSet-Cookie: x=1\r\n\r\nb"],
}
PARTS = (
    "access", "appointments", "billing", "cash", "communication", "insurance", "intake", "management",
    "registration", "transfer", "visits",
)  # fmt: skip
FRAME = ("csrf_token", "once")
ODD_NAMES = {"id": "1", "text": "x", "version": "1", "reason": "x", "start": "x", "day": "x", "date": "x", "q": "x"}


def posting(house: House, part: str) -> list[Rule]:
    """The rules of a part that take a form."""
    return [
        rule
        for rule in sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if "POST" in (rule.methods or ()) and rule.rule.startswith(f"/{part}/")
    ]


def token_for(house: House, rule: Rule) -> str:
    """This session's token, from any page with a form."""
    for page in (house.address(rule), "/access/account", "/visits/today", "/intake/tablet", "/access/sign-in"):
        answer = house.who_may(rule).get(page, follow_redirects=True)
        page_text = answer.text if answer.mimetype == "text/html" else ""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page_text)
        if found:
            return found[1]
    return ""


def trials(fields: dict[str, list[str]], random: Random) -> list[tuple[str, dict[str, list[str]]]]:
    """What to send: everything hostile at once, and each field on its own with some of it."""
    own = [name for name in fields if name not in FRAME]
    made = [(f"all: {name}", fields | dict.fromkeys(own, value)) for name, value in HOSTILE.items()]
    kinds = list(HOSTILE)
    for field in own:
        for kind in random.sample(kinds, 2 if len(own) < 12 else 1):
            made.append((f"{field}: {kind}", fields | {field: HOSTILE[kind]}))
    made += [(f"{field}: {kind}", fields | {field: HOSTILE[kind]}) for field in FRAME for kind in kinds[::9]]
    return made


def faults(house: House, rule: Rule) -> list[str]:
    """What went wrong when hostile things were sent to one address."""
    address, client = house.address(rule), house.who_may(rule)
    house.put_back()
    known = {name: list(values) for name, values in house.forms.get(address, {}).items()}
    known = known or {name: [value] for name, value in ODD_NAMES.items()}
    known["csrf_token"] = [token_for(house, rule)]
    wrong: list[str] = []
    before = house.rows()
    for name, data in trials(known, Random(rule.rule)):
        answer = client.post(address, data=data)
        after = house.rows()
        if answer.status_code >= 500:
            wrong.append(f"{rule.rule} [{name}]: {answer.status_code}")
        if answer.status_code >= 400 and after != before:
            wrong.append(
                f"{rule.rule} [{name}]: refused with {answer.status_code}, yet rows went from {before} to {after}"
            )
        is_page = answer.mimetype == "text/html"
        if is_page and (SCRIPT in answer.text or 'onfocus="alert(7141)"' in answer.text):
            wrong.append(f"{rule.rule} [{name}]: reflected as markup")
        given = rule.endpoint in ("transfer.give_record", "visits.ticket")  # a document is what these forms are for
        if answer.status_code == 200 and answer.mimetype == "application/pdf" and not given:
            wrong.append(f"{rule.rule} [{name}]: a document for nothing")
        if after != before or answer.status_code in (401, 429) or "/access/" in answer.headers.get("Location", ""):
            house.put_back()
            before = house.rows()
        else:
            before = after
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_nothing_that_is_sent_to_a_form_breaks_it_or_is_kept_by_halves(house: House, part: str) -> None:
    assert [fault for rule in posting(house, part) for fault in faults(house, rule)] == []


def test_every_form_of_the_application_is_tried(house: House) -> None:
    tried = {rule.rule for part in PARTS for rule in posting(house, part)}
    takes = {rule.rule for rule in house.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {rule for rule in takes - tried if not rule.startswith("/fhir")} == {"/oauth/token"}
    read = {house.address(rule) for part in PARTS for rule in posting(house, part)} & set(house.forms)
    assert len(read) > 25, sorted(house.forms)


RAW: dict[str, tuple[bytes, str]] = {
    "half characters": (b"family=%ED%A0%80&given=\xed\xa0\x80&csrf_token=x", "application/x-www-form-urlencoded"),
    "no utf-8": (b"family=%FF%FE&given=\xff\xfe", "application/x-www-form-urlencoded"),
    "bad escapes": (b"family=%&given=%zz&=%00", "application/x-www-form-urlencoded"),
    "ten megabytes": (b"family=" + b"x" * 10_000_000, "application/x-www-form-urlencoded"),
    "many fields": (b"&".join(b"f%d=1" % n for n in range(5000)), "application/x-www-form-urlencoded"),
    "broken parts": (b'--x\r\nContent-Disposition: form-data; name="family', "multipart/form-data; boundary=x"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "json": (b'{"family": 1', "application/json"),
    "nothing": (b"", "application/x-www-form-urlencoded"),
    "odd type": (b"x", "\u00e9/;;=".encode("latin-1").decode("latin-1")),
    "odd charset": (b"family=x", "application/x-www-form-urlencoded; charset=utf-99"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RAW)
def test_a_body_that_is_no_form_is_refused_everywhere(house: House, name: str) -> None:
    house.put_back()
    body, kind = RAW[name]
    before, wrong = house.rows(), []
    rules = [rule for part in PARTS for rule in posting(house, part)]
    for rule in rules[:: 8 if len(body) > 1_000_000 else 1]:
        answer = house.who_may(rule).post(house.address(rule), data=body, content_type=kind)
        if not 300 <= answer.status_code < 500:
            wrong.append((rule.rule, answer.status_code))
    assert wrong == []
    assert house.rows() == before


@pytest.mark.parametrize(
    ("name", "body"),
    {
        "script.png": SCRIPT.encode(),
        "half.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff",
        "../../x.jpg": b"\xff\xd8\xff\xe0",
        "nul\x00.gif": b"GIF89a" + b"\x00" * 20,
        "empty.png": b"",
        "doc.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    }.items(),
)
def test_a_file_that_is_not_what_it_says_is_refused(house: House, name: str, body: bytes) -> None:
    house.put_back()
    before, wrong = house.rows(), []
    for rule in (rule for part in PARTS for rule in posting(house, part)):
        if not re.search("photo$|card|import|management/forms$", rule.rule):
            continue
        form = house.forms.get(house.address(rule), {})
        data: dict[str, Any] = {name: values[0] for name, values in form.items() if values}
        files = {
            key: (io.BytesIO(body), name)
            for key in ({"photo", "file", "image", "front", "back"} | set(form) - set(data))
        }
        data |= files | {"csrf_token": token_for(house, rule)}
        answer = house.who_may(rule).post(house.address(rule), data=data, content_type="multipart/form-data")
        if answer.status_code >= 500:
            wrong.append((rule.rule, answer.status_code))
    assert wrong == []
    assert house.rows() == before


NAMES = ("..", "..%2f..%2fetc%2fpasswd", "%00", "a%00b", "x" * 3000, "%E2%80%AE", "%ED%A0%80", "%FF", "1'--", "<script>",
         "Patient%2F1", "-1", "99999999999999999999", "%F0%9F%92%89", "%0d%0aSet-Cookie:x=1")  # fmt: skip


@pytest.mark.slow
def test_odd_addresses_and_queries_are_answered(house: House) -> None:
    house.put_back()
    wrong, random = [], Random(7)
    for rule in sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or is_document(house, rule):
            continue
        client, address = house.who_may(rule), house.address(rule)
        tried = [re.sub(r"<[^>]*>", odd, rule.rule) for odd in NAMES if "<" in rule.rule]
        keys = (
            "q",
            "day",
            "page",
            "patient",
            "start",
            "provider",
            "since",
            "until",
            "limit",
            "offset",
            "next",
            "status",
        )
        for kind in random.sample(list(HOSTILE), 4):
            value = "".join(HOSTILE[kind])[:3000]
            answer = client.get(address, query_string=dict.fromkeys(keys, value))
            if answer.status_code >= 500 or SCRIPT.encode() in answer.data:
                wrong.append((address, kind, answer.status_code))
        tried += [f"{address}?q=%ED%A0%80&day=%FF&%00=1&patient=%", f"{address}?" + "&".join(["q=1"] * 3000)]
        for odd in tried:
            if client.get(odd).status_code >= 500:
                wrong.append((odd[:200], "", 500))
    assert wrong == []
