"""What a narrative may hold: plain formatting, nothing that acts or fetches."""

from __future__ import annotations

from typing import Any

import pytest

from clinic.fhir.validate import check
from tests.fhir.samples import a_sample, plant

DIV = "<div xmlns='http://www.w3.org/1999/xhtml'>{}</div>"


def errors(resource: Any) -> list[tuple[str, str]]:
    return [(issue.code, issue.expression) for issue in check(resource) if issue.severity == "error"]


NARRATIVES = [
    "<script>alert(1)</script>",
    "<p onclick='x()'>a</p>",
    "<a href='javascript:x()'>a</a>",
    "<a href='java&#10;script:x()'>a</a>",
    "<a href=' JaVaScRiPt:x()'>a</a>",
    "<a href='data:text/html,x'>a</a>",
    "<img src='https://elsewhere.example.org/pixel.png' alt=''/>",
    "<img src='//elsewhere.example.org/pixel.png' alt=''/>",
    "<img src='data:image/svg+xml;base64,AAAA' alt=''/>",
    "<iframe src='x'>a</iframe>",
    "<object data='x'>a</object>",
    "<form action='x'><input name='a'/></form>",
    "<style>p { color: red }</style>a",
    "<link rel='stylesheet' href='x'/>a",
    "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>a",
    "<p style='background: url(https://elsewhere.example.org/x)'>a</p>",
    "<p style='background: u\\72l(x)'>a</p>",
    "<p style='width: expression(x)'>a</p>",
    "<p>a</div>",
    "<p>a",
    "a &unknown; b",
    "a < b",
    "<?php x ?>a",
    "<p srcset='x'>a</p>",
    "  ",
    "<p></p>",
]


@pytest.mark.parametrize("inside", NARRATIVES)
def test_a_narrative_that_acts_or_fetches_or_is_broken_is_refused(inside: str) -> None:
    found = errors(plant(a_sample("Patient"), "text.div", DIV.format(inside)))
    assert [expression for _, expression in found] == ["Patient.text.div"]


@pytest.mark.parametrize(
    "whole", ["text", "<p>a</p>", "<div>no namespace</div>", "<!DOCTYPE x [<!ENTITY y 'z'>]><div>&y;</div>"]
)
def test_a_narrative_is_one_div_of_xhtml(whole: str) -> None:
    assert [expression for _, expression in errors(plant(a_sample("Patient"), "text.div", whole))] == [
        "Patient.text.div"
    ]


@pytest.mark.parametrize(
    "inside",
    [
        "<h1>a</h1><table border='1'><tr><td colspan='2'>b</td></tr></table>",
        "a&nbsp;b &amp; &eacute; &#233;",
        "<a href='https://example.org/x'>a</a> <a href='#b'>b</a> <a name='b'/> <a href='Patient/1'>c</a>",
        "<img src='data:image/png;base64,iVBORw0KGgo=' alt='a'/>",
        "<p style='color: red; background-image: none' class='x' id='y' lang='en'>a</p>",
        "<!-- a note --><p>a<br/>b</p>",
    ],
)
def test_plain_formatting_is_welcome_in_a_narrative(inside: str) -> None:
    assert errors(plant(a_sample("Patient"), "text.div", DIV.format(inside))) == []
