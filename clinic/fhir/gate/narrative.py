"""The narrative: the xhtml that a reader's browser may show, so nothing that acts or fetches gets in.

FHIR allows basic formatting, tables, links and images (invariants txt-1 and txt-2). The gate is stricter in
two ways, because a page with patient data shows it: no image or style is fetched from another server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.entities import name2codepoint
from xml.parsers import expat

from clinic.fhir.gate.primitives import quoted
from clinic.fhir.gate.visit import Visit

_ALLOWED_ELEMENTS = (
    "a abbr acronym area b big blockquote br caption center cite code col colgroup dd dfn div dl dt em font h1 h2 "
    "h3 h4 h5 h6 hr i img li map ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead "
    "tr tt u ul var"
)
_ALLOWED_ATTRIBUTES = (
    "abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset cite class clear "
    "color colspan compact coords dir face frame headers height href hreflang hspace id lang longdesc name noshade "
    "nowrap rel rev rowspan rules scope shape size span src start style summary tabindex title type usemap valign "
    "value vspace width xml:lang xml:space xmlns"
)
_ELEMENTS = frozenset(_ALLOWED_ELEMENTS.split())
_ATTRIBUTES = frozenset(_ALLOWED_ATTRIBUTES.split())
_SPACE = "http://www.w3.org/1999/xhtml"
_BEGINS = re.compile(r"<div[\s>/]")
_LINK = re.compile(r"(?:(?:https?|mailto|tel|ftp|urn):|[^:]*\Z|[^:]*[/?#])", re.IGNORECASE)
_IMAGE = re.compile(
    r"data:image/(?:png|jpeg|gif|webp|bmp);base64,|(?![/\\]{2})(?:[^:\\]*\Z|[^:\\]*[/?#])", re.IGNORECASE
)
_UNSEEN = re.compile(r"[\x00-\x20]+")
_STYLE_ADDRESS = re.compile(r"url\s*\(\s*['\"]?([^)]*)", re.IGNORECASE)
_UNSAFE_STYLE = re.compile(
    r"(?<!-)image\s*\(|image-set|expression|@import|javascript|behavior|-moz-binding|\\|/\*", re.IGNORECASE
)


@dataclass
class _Reader:
    """Collects the first fault and whether there is anything to see."""

    fault: str = ""
    shown: bool = False
    depth: int = 0
    namespaces: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and attributes.get("xmlns") != _SPACE:
            self._say(f'must begin with <div xmlns="{_SPACE}">.')
        if name not in _ELEMENTS:
            self._say(f"holds <{name[:40]}>, which a narrative may not. (txt-1)")
        self.shown = self.shown or name == "img"
        for attribute, value in attributes.items():
            self._attribute(attribute, value)

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, text: str) -> None:
        self.shown = self.shown or not text.isspace()

    def entity(self, name: str, _is_parameter: bool) -> None:
        if name not in name2codepoint:
            self._say(f"holds the unknown sign &{name[:40]};.")
        self.shown = self.shown or name != "nbsp"

    def instruction(self, _target: str, _data: str) -> None:
        self._say("holds a processing instruction, which a narrative may not. (txt-1)")

    def _attribute(self, attribute: str, value: str) -> None:
        plain = _UNSEEN.sub("", value)
        if attribute not in _ATTRIBUTES or (attribute == "xmlns" and value != _SPACE):
            self._say(f"holds the attribute {quoted(attribute)}, which a narrative may not. (txt-1)")
        elif attribute in {"href", "cite", "longdesc"} and not _LINK.match(plain):
            self._say(f"holds a link to {quoted(value)}; only web, mail and telephone links are allowed.")
        elif attribute == "src" and not _IMAGE.match(plain):
            self._say(f"fetches the image {quoted(value)} from elsewhere; put the image into the record.")
        elif attribute == "style" and not _is_calm(value):
            self._say("holds a style that fetches or runs something.")

    def _say(self, fault: str) -> None:
        self.fault = self.fault or fault


def _is_calm(style: str) -> bool:
    """Whether a style only shapes what is there."""
    if _UNSAFE_STYLE.search(style):
        return False
    return all(_IMAGE.match(_UNSEEN.sub("", address)) for address in _STYLE_ADDRESS.findall(style))


def check_narrative(text: str, place: str, visit: Visit) -> None:
    """Check one narrative and note its first fault."""
    if not _BEGINS.match(text.lstrip()):
        visit.say("structure", place, "must begin with <div>. (txt-1)")
        return
    reader = _Reader()
    try:
        _parser(reader).Parse(text.strip(), True)
    except expat.ExpatError as error:
        visit.say("structure", place, f"is not well-formed XML: {expat.ErrorString(error.code)}. (txt-1)")
        return
    fault = reader.fault or ("" if reader.shown else "holds nothing to read. (txt-2)")
    if fault:
        visit.say("invariant", place, fault)


def _parser(reader: _Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.UseForeignDTD(True)  # so that &nbsp; and its like are reported by name, and nothing is fetched
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.SkippedEntityHandler = reader.entity
    parser.ProcessingInstructionHandler = reader.instruction
    return parser
