"""The packs: United States, Netherlands, and a generic one for everywhere else."""

from __future__ import annotations

from clinic.regions import checks
from clinic.regions.region import REGIONAL, AddressForm, IdentifierKind, Region

_STATES = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|"
    "DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|"
    "KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|"
    "MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|"
    "NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|"
    "SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|"
    "WV West Virginia|WI Wisconsin|WY Wyoming|AS American Samoa|GU Guam|MP Northern Mariana Islands|"
    "PR Puerto Rico|VI U.S. Virgin Islands|AA Armed Forces Americas|AE Armed Forces Europe|AP Armed Forces Pacific"
)

IDENTITY_CARD = IdentifierKind(
    "idcard", "Identity card", "urn:clinic:identity-card", checks.plain, masked=True, type_code="CZ"
)
PASSPORT = IdentifierKind("passport", "Passport", "urn:clinic:passport", checks.plain, masked=True, type_code="PPN")

US = Region(
    code="us",
    name="United States",
    country="US",
    date_order="mdy",
    currency="USD",
    paper="letter",
    address=AddressForm(
        fields=("postal_code", "line", "line2", "city", "state"),
        labels={
            "postal_code": "ZIP code",
            "line": "Street",
            "line2": "Apartment, suite",
            "city": "City",
            "state": "State",
        },
        check_postcode=checks.us_postcode,
        country="US",
        states=tuple((entry[:2], entry[3:]) for entry in _STATES.split("|")),
    ),
    identifiers=(
        IdentifierKind(
            "ssn",
            "Social security number",
            "http://hl7.org/fhir/sid/us-ssn",
            checks.ssn,
            masked=True,
            type_code="SS",
        ),
        IdentifierKind(
            "itin", "Taxpayer number (ITIN)", "urn:clinic:us-itin", checks.itin, masked=True, type_code="TAX"
        ),
        IdentifierKind(
            "mbi", "Medicare number", "http://hl7.org/fhir/sid/us-mbi", checks.mbi, masked=True, type_code="MC"
        ),
        IdentifierKind(
            "medicaid",
            "Medicaid number",
            "urn:clinic:us-medicaid",
            checks.plain,
            masked=True,
            type_code="MA",
            hint="State and number, like NY AB12345C",
        ),
        IdentifierKind(
            "licence",
            "Driver's license",
            "urn:clinic:us-drivers-license",
            checks.us_licence,
            masked=True,
            type_code="DL",
            hint="State and number, like NY 123 456 789",
        ),
        PASSPORT,
        IdentifierKind(
            "npi",
            "Provider number (NPI)",
            "http://hl7.org/fhir/sid/us-npi",
            checks.npi,
            bearer="practitioner",
            type_code="NPI",
        ),
    ),
    languages=("en", "es", "zh", "tl", "vi", "ar", "fr", "ko", "ru", "pt", "ht", "hi", "pl", "de", "fa", "sgn"),
    signed=("ase", "sgn"),
    asks=REGIONAL,
)

NL = Region(
    code="nl",
    name="Netherlands",
    country="NL",
    date_order="dmy",
    currency="EUR",
    paper="a4",
    address=AddressForm(
        fields=("postal_code", "line", "line2", "city"),
        labels={
            "postal_code": "Postcode",
            "line": "Street and number",
            "line2": "Addition",
            "city": "Town",
        },
        check_postcode=checks.nl_postcode,
        country="NL",
    ),
    identifiers=(
        IdentifierKind(
            "bsn",
            "Citizen service number (BSN)",
            "http://fhir.nl/fhir/NamingSystem/bsn",
            checks.bsn,
            masked=True,
            type_code="NI",
        ),
        PASSPORT,
        IDENTITY_CARD,
        IdentifierKind(
            "agb",
            "AGB code",
            "http://fhir.nl/fhir/NamingSystem/agb-z",
            checks.agb,
            bearer="practitioner",
            type_code="PRN",
        ),
    ),
    language="nl",
    languages=("nl", "en", "tr", "ar", "pl", "de", "fr", "es", "pap", "zgh", "uk", "zh", "fa", "ti"),
    signed=("dse", "sgn"),
)

GENERIC = Region(
    code="generic",
    name="Elsewhere",
    country="",
    date_order="dmy",
    currency="EUR",
    paper="a4",
    address=AddressForm(
        fields=("postal_code", "line", "line2", "city", "state", "country"),
        labels={
            "postal_code": "Postcode",
            "line": "Street",
            "line2": "Second line",
            "city": "Town",
            "state": "Province",
            "country": "Country",
        },
        check_postcode=checks.any_postcode,
        country="",
    ),
    identifiers=(
        IdentifierKind(
            "national", "National number", "urn:clinic:national-number", checks.plain, masked=True, type_code="NI"
        ),
        PASSPORT,
    ),
    languages=("en", "es", "fr", "de", "nl", "pt", "it", "ar", "tr", "ru", "uk", "zh", "hi", "fa"),
)
