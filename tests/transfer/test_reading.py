"""Files as old systems write them, and files that are none: each read, or refused with a plain reason."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from clinic.core.errors import Invalid
from clinic.regions import region_of
from clinic.transfer.rules import columns, values
from clinic.transfer.rules.analysis import Found, look_at, people_of, read_as
from clinic.transfer.rules.lines import Format, lines_of

US, NL, ES = region_of("us"), region_of("nl"), region_of("generic")
TEXT = "Nº;Nombre;Apellidos;Fecha de nacimiento\n1;José;Núñez;03/02/1980\n2;Zoë;Peña;25/12/1975\n"


def look(data: bytes, name: str = "people.csv") -> Found:
    file = io.BytesIO(data)
    return look_at(file, read_as(file, name), US)


def cells(data: bytes, found: Found) -> list[list[str]]:
    return [line.cells for line in people_of(io.BytesIO(data), found.reading) if not line.fault]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_is_found_out(encoding: str) -> None:
    data = TEXT.encode(encoding)
    found = look(data)
    assert found.heads == ("Nº", "Nombre", "Apellidos", "Fecha de nacimiento")
    assert cells(data, found)[0] == ["1", "José", "Núñez", "03/02/1980"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found_out(delimiter: str) -> None:
    lines = ["First name", "Last name", "Remark"], ["Ann", "Berg", '"a, b; c"'], ["Bo", "Cruz", '"d, e; f"']
    found = look("\r\n".join(delimiter.join(line) for line in lines).encode())
    assert found.reading.delimiter == delimiter
    assert found.columns[2].samples == ("a, b; c", "d, e; f")


def test_titles_above_the_header_and_blank_lines_are_passed_over() -> None:
    found = look(b"Patient list of 2024\n\nID,First name,Last name,DOB\n\n1,Ann,Berg,1/2/1980\n")
    assert found.reading.header == 3
    assert (found.total, found.heads) == (1, ("ID", "First name", "Last name", "DOB"))


def test_a_list_without_a_header_names_its_columns_by_their_place() -> None:
    found = look(b"1,Ann,Berg,01/02/1980,F\n2,Bo,Cruz,03/04/1990,M\n")
    assert (found.reading.header, found.total, found.heads[1]) == (0, 2, "#2")


def test_a_quotation_mark_that_is_not_closed_costs_its_own_line_only() -> None:
    data = b'ID,Name,Town\n1,"Ann,Rome\n2,Bo,Oslo\n3,"Cy ""C"" Day","New\nYork"\n4,Di "Dee" Fox,Bonn\n'
    found = look(data)
    assert (found.total, found.faults) == (4, 1)
    assert cells(data, found) == [["2", "Bo", "Oslo"], ["3", 'Cy "C" Day', "New\nYork"], ["4", 'Di "Dee" Fox', "Bonn"]]


def test_lines_with_more_values_than_the_header_are_faults_and_shorter_ones_are_not() -> None:
    found = look(b"ID,Name,Town\n1,Ann,Rome,,\n2,Bo\n3,Cy,Oslo,left over\n")
    assert (found.total, found.faults) == (3, 1)


def a_book(rows: list[list[object]], title: str = "People") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_gives_its_values_and_never_runs_a_formula() -> None:
    data = a_book([["ID", "Name", "DOB", "Phone", "Sum"], [1, "Ann", date(1980, 2, 3), 2125550142.0, "=1+1"]])
    found = look(data, "people.xlsx")
    assert found.reading.sheet == "People"
    assert [column.samples[:1] for column in found.columns] == [("1",), ("Ann",), ("1980-02-03",), ("2125550142",), ()]


def a_bomb() -> bytes:
    plain = io.BytesIO(a_book([["ID", "Name"], [1, "Ann"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            data = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", b"<row/>" * 12_000_000 + b"</sheetData>")
            target.writestr(part.filename, data)
    return out.getvalue()


HOSTILE = {
    "empty": (b"", "people.csv", "empty"),
    "blank": (b"\xef\xbb\xbf\n \r\n\t\n", "people.csv", "empty"),
    "header only": (b"ID,First name,Last name\n", "people.csv", "nobody in it"),
    "a million columns": (b"a," * 1_000_000 + b"\n1,2\n", "people.csv", "a million characters|more than 500"),
    "five hundred thousand columns": (b"a," * 500_000 + b"\n1,2\n", "people.csv", "more than 500 columns"),
    "one endless line": (b"x" * 3_000_000, "people.csv", "million characters"),
    "one column": (b"Name\nAnn\nBo\n", "people.csv", "one column only"),
    "quotation marks everywhere": (b"ID,Name\n" + b'1,"Ann\n' * 3000, "people.csv", "quotation mark"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "people.csv", "no list of people"),
    "random bytes": (bytes(range(256)) * 40, "people.csv", "no list of people"),
    "zeros": (b"\0" * 5000, "people.csv", "empty"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000, "people.xls", "before 2007"),
    "a PDF": (b"%PDF-1.7\n", "people.csv", "no list of people"),
    "another zip": (b"PK\x03\x04" + b"\0" * 100, "people.xlsx", "not a workbook"),
    "half a workbook": (a_book([["ID", "Name"], [1, "Ann"]])[:2000], "people.xlsx", "not a workbook"),
    "a bomb": (a_bomb(), "people.xlsx", "too large when unpacked"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_is_no_list_is_refused_with_a_plain_reason(name: str) -> None:
    data, called, reason = HOSTILE[name]
    with pytest.raises(Invalid, match=reason):
        look(data, called)


def test_zeros_in_a_text_are_dropped() -> None:
    data = b"ID,Name,Town\n1,An\0n,Rome\n2,Bo,Oslo\n"
    assert cells(data, look(data))[0] == ["1", "Ann", "Rome"]


@given(st.binary(max_size=400))
def test_no_bytes_end_in_anything_but_a_table_or_a_reason(data: bytes) -> None:
    file = io.BytesIO(data)
    with contextlib.suppress(Invalid):
        reading = read_as(file, "people.csv")
        if reading.kind != "fhir":
            assert look_at(file, reading, US).total


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\x1d"), max_size=12), min_size=2,
                         max_size=4), max_size=12), st.sampled_from([",", ";", "\t", "|"]))  # fmt: skip
def test_every_line_of_a_text_is_a_row_or_a_fault(rows: list[list[str]], delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in rows)
    lines = list(lines_of(io.BytesIO(text.encode()), Format("utf-8", delimiter)))
    assert len({line.number for line in lines}) == len(lines)


def test_columns_are_guessed_in_english_spanish_and_dutch() -> None:
    assert columns.guess(["PatNr", "FirstName", "last_name", "DOB", "Gender", "Zip", "Notes"], [[]] * 7, US) == [
        "key", "given", "family", "birth_date", "sex", "postal_code", "",
    ]  # fmt: skip
    dutch = ["Patiëntnummer", "Roepnaam", "Tussenvoegsel", "Achternaam", "Geb.datum", "Straat", "Huisnr.", "BSN"]
    assert columns.guess(dutch, [[]] * 8, NL) == [
        "key", "given", "family", "family", "birth_date", "line", "house", "number_bsn",
    ]  # fmt: skip
    spanish = ["Nombre", "Primer apellido", "Segundo apellido", "Móvil", "Código postal", "Población"]
    assert columns.guess(spanish, [[]] * 6, ES) == ["given", "family", "family", "mobile", "postal_code", "city"]


def test_columns_without_a_telling_name_are_guessed_by_what_they_hold() -> None:
    samples = [["a@b.org", "c@d.nl"], ["M", "F"], ["1980-02-03", "1975-12-25"], ["lorem", "ipsum"]]
    assert columns.guess(["x1", "x2", "x3", "x4"], samples, US) == ["email", "sex", "birth_date", ""]


@pytest.mark.parametrize(
    ("text", "order", "read"),
    [
        ("03/02/1980", "dmy", "1980-02-03"), ("03/02/1980", "mdy", "1980-03-02"), ("3-2-80", "dmy", "1980-02-03"),
        ("1/2/15", "dmy", "2015-02-01"), ("29/02/00", "dmy", "2000-02-29"), ("19800203", "ymd", "1980-02-03"),
        ("1980-02-03 00:00:00", "ymd", "1980-02-03"), ("29254", "serial", "1980-02-03"), ("31/02/1980", "dmy", ""),
        ("25/12/1980", "mdy", ""), ("13.05.1961", "dmy", "1961-05-13"),
    ],
)  # fmt: skip
def test_dates_are_read_strictly_in_the_chosen_order(text: str, order: str, read: str) -> None:
    assert values.day_text(text, order, date(2027, 3, 9)) == read


def test_the_order_of_dates_is_proved_by_the_values_or_taken_as_usual() -> None:
    assert values.order_of(["03/02/1980", "25/12/1975"], "mdy") == ("dmy", True)
    assert values.order_of(["03/02/1980", "04/05/1975"], "mdy") == ("mdy", False)


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("García Ochoa, María Fernanda", {"given": "María", "middle": "Fernanda", "family": "García Ochoa"}),
        ("Jan van der Berg", {"given": "Jan", "family": "van der Berg"}),
        (
            "Dr. John Q. Public Jr.",
            {"prefix": "Dr.", "given": "John", "middle": "Q.", "family": "Public", "suffix": "Jr."},
        ),
        ("Cher", {"given": "Cher"}),
    ],
)
def test_a_whole_name_is_split(whole: str, parts: dict[str, str]) -> None:
    assert values.split_name(whole) == parts


def test_words_are_known_in_three_languages() -> None:
    assert values.guess_words("sex", ["V", "Hombre", "x", "?!"]) == {"V": "female", "Hombre": "male", "x": "other"}
    assert values.guess_words("sex", ["H", "M"]) == {"H": "male", "M": "female"}
    assert values.guess_words("language", ["Nederlands", "español", "eng"]) == {
        "Nederlands": "nl", "español": "es", "eng": "en",
    }  # fmt: skip
    assert values.guess_words("marital", ["Gehuwd", "viuda"]) == {"Gehuwd": "M", "viuda": "W"}
