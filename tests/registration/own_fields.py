"""Own fields of a practice, and what somebody answered."""

from __future__ import annotations

from clinic.registration.rules.own import (
    Option,
    OwnField,
    OwnValue,
    read_options,
)

SHOE = OwnField("shoe-size", "number", {"en": "Shoe size", "es": "Número de zapato"}, searched=True)
CARD = OwnField(
    "parking", "choice", {"en": "Parking permit", "nl": "Parkeerkaart"}, {"en": "As on the windscreen"},
    (Option("yes", {"en": "Yes", "nl": "Ja"}), Option("no-car", {"en": "No car"})), need="checkin", section="address",
)  # fmt: skip
DIET = OwnField("diet", "choices", {"en": "Diet"}, options=read_options("halal\nvegan\nkosher"))
EVERY = (
    SHOE, CARD, DIET,
    OwnField("school", "text", {"en": "School"}, need="register", section="language"),
    OwnField("visa-until", "date", {"en": "Visa until"}),
    OwnField("veteran", "yesno", {"en": "Veteran"}, sees="leaders"),
)  # fmt: skip
VALUES = (
    OwnValue("shoe-size", "number", "42.5"), OwnValue("parking", "choice", "yes", "Yes"),
    OwnValue("diet", "choice", "halal"), OwnValue("diet", "choice", "kosher"), OwnValue("school", "text", "St Mary's"),
    OwnValue("visa-until", "date", "2028-01-31"), OwnValue("veteran", "yesno", "yes"),
)  # fmt: skip
