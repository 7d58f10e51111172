"""The lists of the ATLAS server: their numbers there, by the names that this program has for them."""

from collections.abc import Mapping

#: Numbers of the server's lists (DESIGN.md section 2), by our names and, beyond these, by its own.
LIST_IDS: Mapping[str, int] = {
    "garbage": 0,
    "followup": 1,
    "good": 2,
    "possible": 3,
    "eyeball": 4,
    "attic": 5,
    "stars": 6,
    "agn": 7,
    "fasttrack": 8,
    "movers": 9,
    "magellanic": 10,
    "pm": 11,
    "galactic": 12,
    "duplicates": 13,
}

#: Lists in which the server keeps what waits for a human decision.
UNDECIDED = frozenset(LIST_IDS[name] for name in ("eyeball", "fasttrack", "galactic"))
#: Lists into which a decision files, by their numbers.
DECIDED: Mapping[int, str] = {
    LIST_IDS[name]: name for name in ("garbage", "followup", "good", "possible", "attic", "pm", "duplicates")
}
