"""Web pages about an alert and its place on the sky, each with a letter: pure functions."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from vra_tui.surveys.base import Link
from vra_tui.text import printable

#: No address is longer, characters.
_LONGEST = 500
#: Letters and marks of which an address is made; nothing that a terminal or a shell would act on.
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9._~%/?&=+,:;@!*()#-]*")

#: Pages about a place: preferred letter, title, what it shows, and the address by degrees.
_PLACES = (
    ("v", "Legacy Survey", "viewer at the position", "https://www.legacysurvey.org/viewer?ra={ra}&dec={dec}"
     "&layer=ls-dr10&zoom=16&mark={ra},{dec}"),
    ("d", "Aladin", "sky viewer at the position", "https://aladin.cds.unistra.fr/AladinLite/?target="
     "{ra}%20{signed}&fov=0.03&survey=CDS/P/PanSTARRS/DR1/color-i-r-g"),
    ("p", "Pan-STARRS", "pictures at the position", "https://ps1images.stsci.edu/cgi-bin/ps1cutouts?pos={ra}"
     "%20{signed}&filter=color"),
    ("s", "SIMBAD", "within 10 arcseconds", "https://simbad.cds.unistra.fr/simbad/sim-coo?Coord={ra}%20{signed}"
     "&CooFrame=ICRS&Radius=10&Radius.unit=arcsec"),
    ("n", "NED", "within 1 arcminute", "https://ned.ipac.caltech.edu/conesearch?search_type=Near%20"
     "Position%20Search&in_csys=Equatorial&in_equinox=J2000&coordinates={ra}d%20{signed}d&radius=1"),
    ("r", "TNS search", "reports within 5 arcseconds", "https://www.wis-tns.org/search?ra={ra}&decl={dec}"
     "&radius=5&coords_unit=arcsec"),
    ("e", "ALeRCE search", "ZTF objects within 5 arcseconds", "https://alerce.online/?ra={ra}&dec={dec}&radius=5"
     "&page=1"),
    ("k", "Fink search", "ZTF objects within 5 arcseconds", "https://ztf.fink-portal.org/?action=conesearch"
     "&ra={ra}&dec={dec}&radius=5"),
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Page:
    """A web page: the letter that opens it, what it is called, what it is about, and its address."""

    letter: str
    title: str
    about: str
    url: str


def is_safe(url: str) -> bool:
    """Whether an address may be copied, linked and opened: https, and made of an address's letters."""
    if len(url) > _LONGEST or not _ADDRESS.fullmatch(url):
        return False
    host = urlsplit(url).hostname or ""
    return "." in host and not host.startswith((".", "-"))


def pages_of(
    ra: float, dec: float, objects: Iterable[tuple[str, Sequence[Link]]], designation: str | None = None
) -> list[Page]:
    """The pages of an alert's objects, then those of its place (degrees), each with a letter of its own.

    ``objects``: what each is called and its survey's links, the alert's own first. ``designation``: its name
    on the TNS, where no survey links to it.
    """
    found: list[tuple[str, str, str, str]] = []
    for name, links in objects:
        about = printable(name, 40)
        found += [(one.letter, printable(one.title, 20), _about(one.url, about), one.url) for one in links]
    if designation and not any("wis-tns.org/object/" in url for *_, url in found):
        bare = re.sub(r"^(AT|SN)[ _]*", "", designation)
        found.append(("t", "TNS", bare, f"https://www.wis-tns.org/object/{quote(bare, safe='')}"))
    if math.isfinite(ra) and math.isfinite(dec):
        place = {"ra": f"{ra % 360:.6f}", "dec": f"{dec:.6f}", "signed": quote(f"{dec:+.6f}")}
        found += [(letter, title, about, url.format(**place)) for letter, title, about, url in _PLACES]
    return _lettered(found)


def _about(url: str, name: str) -> str:
    """What a page is about: the TNS has a name of its own for the object."""
    _, mark, designation = url.partition("wis-tns.org/object/")
    return printable(unquote(designation), 40) if mark else name


def _lettered(found: Iterable[tuple[str, str, str, str]]) -> list[Page]:
    """Give each page the letter it would like, or the next that is free; each address stands once."""
    pages: dict[str, Page] = {}
    free = list(_LETTERS)
    for liked, title, about, url in found:
        if url in pages or not is_safe(url) or not free:
            continue
        wanted = [letter for letter in (liked.lower(), *title.lower()) if letter in free]
        letter = wanted[0] if wanted else free[0]
        free.remove(letter)
        pages[url] = Page(letter, title, about, url)
    return list(pages.values())
