"""The JSON reader and writer: no digit changes, and nothing ambiguous gets in."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.json import BadJson, canonical, dumps, loads


@pytest.mark.parametrize(
    "number",
    [
        "105.00",
        "187.50",
        "1.0E2",
        "1e3",
        "-0",
        "-0.0",
        "0.00000001",
        "1E-8",
        "0",
        "-7",
        "123456789012345678901234567890",
        "12345678901234567890.123456789012345678901",
        "1.0e+05",
    ],
)
def test_every_number_leaves_the_way_it_came(number: str) -> None:
    text = f'{{"a":[{number},{{"b":{number}}}],"c":"x"}}'
    assert dumps(loads(text)) == text
    assert canonical(loads(text)) == text


def test_a_fraction_is_read_as_a_decimal_and_a_whole_number_as_an_int() -> None:
    assert loads("[1.50, 2]") == [Decimal("1.50"), 2]
    assert [type(number) for number in loads("[1.50, 2]")] == [Decimal, int]


def test_a_copied_or_pickled_number_keeps_its_spelling() -> None:
    value = loads('{"a":1.0E2}')
    assert dumps(copy.deepcopy(value)) == '{"a":1.0E2}'
    assert dumps(copy.copy(value)) == '{"a":1.0E2}'
    assert dumps(pickle.loads(pickle.dumps(value))) == '{"a":1.0E2}'
    assert value["a"] + 1 == 101


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "NaN"),
        ('{"a":Infinity}', "Infinity"),
        ('{"a":-Infinity}', "-Infinity"),
        ('{"a":1,"b":2,"a":3}', "'a' is given twice"),
        ('{"x":{"a":1,"a":1}}', "'a' is given twice"),
        ('{"a":1', "line 1"),
        ("", "line 1"),
        ("{} {}", "Extra data"),
        ('"a\tb"', "control character"),
        ('{"a":"\\ud800"}', "half of a character"),
        ('{"\\udc00":["x"]}', "half of a character"),
        ("[01]", "Not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5_000, "more than"),
        ("1." + "1" * 5_000, "more than"),
    ],
)
def test_text_that_readers_disagree_about_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadJson, match=reason):
        loads(text)


def test_bytes_are_read_as_utf_8_only() -> None:
    assert loads('{"a":"Zoë"}'.encode()) == {"a": "Zoë"}
    assert loads(b'{"a":"\\u00eb"}') == {"a": "ë"}
    with pytest.raises(BadJson, match="UTF-8"):
        loads('{"a":"Zoë"}'.encode("latin-1"))


def test_whole_characters_written_as_a_pair_of_escapes_are_read() -> None:
    assert loads('["\\ud83d\\ude00"]') == ["😀"]


def test_text_is_written_compactly_in_the_order_given_and_not_escaped() -> None:
    assert dumps({"b": "Zoë", "a": [1, None, True]}) == '{"b":"Zoë","a":[1,null,true]}'
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == '{"a":{"c":3,"d":2},"b":1}'


def test_the_canonical_text_tells_precision_apart() -> None:
    assert canonical({"a": Decimal("1.0")}) != canonical({"a": Decimal("1.00")})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_not_a_number_is_never_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"NaN|JSON compliant"):
        dumps({"a": value})


def test_a_value_without_a_json_form_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="set"):
        dumps({"a": {1}})


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False).filter(lambda d: d != d.to_integral_value()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(_values)
def test_whatever_is_written_reads_back_the_same(value: object) -> None:
    text = dumps(value)
    assert loads(text) == value
    assert dumps(loads(text)) == text
