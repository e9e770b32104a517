"""Names of invented people, from many places, with their marks."""

from __future__ import annotations

PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Mary", "Ruth", "Olivia", "Grace", "Hannah", "Clara", "Dana", "Emily", "Joan", "Nora"),
        ("James", "Samuel", "Henry", "Oliver", "Peter", "Thomas", "Walter", "Ethan", "Noah", "George"),
        ("Adeyemi", "Abramowitz", "Cohen", "O’Dowd", "Fletcher", "Whitfield", "Hargreaves", "Mercer", "Lund", "Carver"),
    ),
    "es": (
        ("María Fernanda", "Lucía", "Beatriz", "Marisol", "Inés", "Ximena", "Rosa", "Begoña"),
        ("Joaquín", "Andrés", "José", "Íker", "Ramón", "Ángel", "Mateo", "Raúl"),
        ("García Ochoa", "Quispe Mamani", "Ferreira", "Muñoz", "Peña Ruiz", "Ibáñez", "Etxeberria", "Núñez Prat"),
    ),
    "vi": (
        ("Hạnh", "Phương", "Thảo", "Lan"),
        ("Đức", "Quân", "Bảo", "Minh"),
        ("Nguyễn", "Trần", "Phạm", "Lê", "Võ"),
    ),
    "pl": (
        ("Agnieszka", "Ewa", "Małgorzata", "Zofia"),
        ("Tomasz", "Łukasz", "Paweł", "Stanisław"),
        ("Wiśniewska", "Nowak", "Dąbrowski", "Zieliński", "Krasa"),
    ),
    "ar": (
        ("Leila", "Fatima Zahra", "Yasmin", "Noor"),
        ("Samir", "Yusuf", "Karim", "Omar"),
        ("Haddad", "Benali", "al-Masri", "Khoury", "Rahimi"),
    ),
    "ko": (("Ji-woo", "Seo-yeon", "Ha-eun"), ("Jin-ho", "Min-jun", "Do-yun"), ("Park", "Bae", "Kim", "Choi")),
    "zh": (("Mei-Ling", "Xiu", "Yan"), ("Wei", "Jian", "Hao"), ("Chen", "Wang", "Liú", "Zhào")),
    "hi": (
        ("Priya", "Sunita", "Meera", "Anjali"),
        ("Rajesh", "Arjun", "Vikram", "Sanjay"),
        ("Raghunathan", "Devi", "Patel", "Iyer", "Chatterjee"),
    ),
    "uk": (
        ("Oleksandra", "Iryna", "Nataliia"),
        ("Oleksandr", "Dmytro", "Andrii"),
        ("Kovalenko", "Shevchenko", "Bondarenko"),
    ),
    "yo": (
        ("Amara", "Adaeze", "Zuri", "Femi"),
        ("Kwame", "Tunde", "Kofi", "Chidi"),
        ("Okonkwo", "Boateng", "Eze", "Mensah", "Olúwatóbi"),
    ),
    "nl": (
        ("Sofie", "Anouk", "Fenna", "Liesbeth"),
        ("Piet", "Jeroen", "Daan", "Sjoerd"),
        ("van den Berg", "Mulder", "de Vries", "IJsselstein"),
    ),
    "tr": (("Elif", "Zeynep", "Gülnar"), ("Emre", "Mehmet", "Çağlar"), ("Demir", "Arslan", "Yıldız", "Öztürk")),
    "am": (("Selam", "Hirut", "Tigist"), ("Dawit", "Bekele", "Yonas"), ("Tesfaye", "Haile", "Tesfamariam")),
    "sv": (("Ingrid", "Åsa", "Märta"), ("Anders", "Björn", "Søren"), ("Sørensen", "Holm", "Lindqvist", "Bergström")),
    "mi": (("Aroha", "Tui", "Hine"), ("Tāne", "Wiremu", "Rangi"), ("Ngata", "Henare", "Parata")),
}
"""Language: (women's names, men's names, family names)."""

WEIGHTS = {"en": 30, "es": 20, "vi": 6, "pl": 6, "ar": 8, "ko": 4, "zh": 5, "hi": 6, "uk": 4, "yo": 6, "nl": 4,
           "tr": 4, "am": 3, "sv": 3, "mi": 2}  # fmt: skip

NICKNAMES = {"María Fernanda": "Mafe", "Samuel": "Sam", "Thomas": "Tom", "Małgorzata": "Gosia", "Oleksandr": "Sasha",
             "Beatriz": "Bea", "Joaquín": "Quino", "Elif": "Eli", "James": "Jim", "Hannah": "Han"}  # fmt: skip

STREETS = ("Quay Row", "Mill Lane", "Lantern Court", "Harbour Street", "Chapel Hill", "Orchard Way", "Ferry Road",
           "Cooper’s Yard", "Saltmarsh Drive", "Northgate", "Elm Terrace", "Signal Street")  # fmt: skip

PAYERS = (
    ("Meridian PPO", "12", 3000, "MRD"),
    ("Northline HMO", "HM", 2500, "NLH"),
    ("Bluewater Health", "CI", 4000, "BWH"),
    ("Harbor Mutual", "CI", 2000, "HBM"),
    ("Medicare Part B (demo)", "MB", 0, "DEMO"),
)
"""Invented payers: name, X12 filing indicator, co-pay in cents, beginning of a member number."""
