"""What people paste to name an object: an id, a TNS name in any spelling, an address of its web page."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from vra_tui.domain.position_text import Position, parse_position

#: What is longer is no name, characters.
_LONGEST = 2_000
#: So many names are looked for in one text at most.
_AT_MOST = 20

_PREFIX = r"(?:AT|SN|TNS)[ _-]*"
#: What the TNS calls a transient: the year and letters, AT before it until it is classified, then SN.
_DESIGNATION = re.compile(
    rf"(?:{_PREFIX})?(?P<year>(?:18|19|20)\d\d)(?P<letters>[a-z]{{1,5}})", re.IGNORECASE
)
#: The same with two digits of the year; without AT or SN before it, it has three letters at least.
_SHORT = re.compile(
    rf"(?:{_PREFIX}(?P<year>\d\d)(?P<letters>[a-z]{{1,5}})|(?P<bare_year>\d\d)(?P<bare>[a-z]{{3,5}}))",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    rf"(?<![0-9a-z]){_PREFIX}(?:(?:18|19|20)\d\d|\d\d)[a-z]{{1,5}}(?![0-9a-z])", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)+/\S+", re.IGNORECASE)
_QUOTES = (("'", "'"), ('"', '"'), ("`", "`"), ("<", ">"), ("(", ")"), ("[", "]"),
           ("\u201c", "\u201d"), ("\u2018", "\u2019"))  # fmt: skip
#: Keys of addresses behind which a position stands as one text.
_PLACES = ("coord", "coordinates", "target", "pos", "c")


def unquoted(text: str) -> str:
    """A text without blanks, quotes and brackets around it, and without a comma or full stop behind it."""
    before, bare = None, text
    while bare != before:
        before, bare = bare, bare.strip().strip(",;").strip()
        if len(bare) > 1 and (bare[0], bare[-1]) in _QUOTES:
            bare = bare[1:-1]
    return bare


def tns_spellings(name: str) -> list[str]:
    """The ways in which a TNS designation is written, the bare one first; none of any other name."""
    found = _DESIGNATION.fullmatch(name)
    if found is not None:
        bare = f"{found['year']}{found['letters']}"
    elif (short := _SHORT.fullmatch(name)) is not None:
        year = short["year"] or short["bare_year"]
        bare = f"{'19' if int(year) >= 50 else '20'}{year}{short['letters'] or short['bare']}"
    else:
        return []
    return [bare, *(f"{prefix}{gap}{bare}" for prefix in ("AT", "SN") for gap in ("", " ", "_"))]


def is_address(text: str) -> bool:
    """Whether a text is an address of a web page."""
    return _ADDRESS.fullmatch(unquoted(text)) is not None


def names_in(text: str) -> list[str]:
    """What may be an object's name in a pasted text, the likeliest first; each once.

    Of an address the parts of its path from the end, and the values behind its `?`; of other text the words
    that hold a digit. None of them need be a name.
    """
    bare = unquoted(text)[:_LONGEST]
    found = _in_address(bare) if is_address(bare) else _in_words(bare)
    return list(dict.fromkeys(found))[:_AT_MOST]


def position_in(text: str) -> Position | None:
    """The position that a pasted text gives, see `parse_position`; of an address its `ra` and `dec`."""
    bare = unquoted(text)
    if not is_address(bare):
        return parse_position(bare)
    try:
        given = {key.lower(): value for key, value in parse_qsl(urlsplit(bare[:_LONGEST]).query)}
    except ValueError:
        return None
    dec = given.get("dec") or given.get("decl")
    if given.get("ra") and dec:
        return parse_position(f"{given['ra']} {dec}")
    return next((place for key in _PLACES if (place := parse_position(given.get(key, "")))), None)


def _in_address(address: str) -> Iterator[str]:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        path, values = unquote(parts.path), [value for _, value in parse_qsl(parts.query)]
    except ValueError:
        return
    for part in [*reversed(path.split("/")), *values, unquote(parts.fragment)]:
        name = unquoted(part)
        if any(char.isdigit() for char in name):
            yield name


def _in_words(text: str) -> Iterator[str]:
    yield text
    yield from (found[0] for found in _IN_TEXT.finditer(text))
    # A colon parts a survey from its id, which says more than the id alone.
    for word in re.split(r"""(?:[\s,;|/()<>\[\]{}"'=]|:(?=\s))+""", text):
        if len(word) > 4 and any(char.isdigit() for char in word):
            yield word
    yield from re.findall(r"\d{9,}", text)
