"""SkyBoT (IMCCE): which known object of the solar system was near an alert when it was seen."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from vra_tui.domain.alert import Alert, Fact
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import (
    Answered,
    ServerOptions,
    SourceSettings,
    Target,
    Tools,
    Wire,
    WireFault,
    options_of,
)
from vra_tui.sources.wires.http import Http
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

_BASE = "https://ssp.imcce.fr/webservices/skybot/"
_MOST_BYTES = 8 << 20
#: Codes of the Minor Planet Center of where surveys look from; from elsewhere the centre of the earth does.
_SITES = {"ztf": "I41", "lsst": "X05"}
_EARTH = "500"
_JD_ZERO = 2_400_000.5
#: What is said of a detection counts a moment after what the survey said with it, days.
_A_MOMENT = 1.0 / 86_400.0


class SkybotOptions(ServerOptions):
    """How far around an alert is looked."""

    radius: Annotated[float, Field(gt=0, le=600)] = 30.0
    #: Objects whose place is less certain than so many arcsec are left out.
    most_uncertain: Annotated[float, Field(gt=0, le=3600)] = 120.0


class Skybot(Wire):
    """The cone search of SkyBoT: names, magnitudes and places of planets, asteroids and comets at a time."""

    kind: ClassVar[str] = "skybot"
    adds: ClassVar[frozenset[str]] = frozenset({"solar"})

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._options = options_of(settings, SkybotOptions)
        self._http = Http.of(self._options, tools, _BASE)

    def check(self) -> Answered:
        """Ask at one place and time."""
        self._near(0.0, 0.0, 60_000.0, _EARTH)
        return self._http.answered()

    def add_to(self, what: str, target: Target) -> Iterator[Packet | Refusal]:
        """The nearest object at the time of the latest detection; that there is none is said, too.

        The facts are told as of that detection: what a later one says of itself counts before them.
        """
        found = self._near(target.ra, target.dec, target.seen_mjd, _SITES.get(target.survey, _EARTH))
        facts: dict[str, Fact] = {"solar_arcsec": None, "solar_mag": None, "solar_name": None}
        if found:
            arcsec, mag, name = min(found, key=lambda one: one[0])
            facts = {"solar_arcsec": arcsec, "solar_mag": mag, "solar_name": name}
        alert = Alert(target.survey, target.object_id, as_of=target.seen_mjd + _A_MOMENT, facts=facts)
        told = repr((target.survey, target.object_id, target.seen_mjd, sorted(facts.items()))).encode()
        position = f"objects near {target.survey}:{target.object_id}"
        yield Packet(self.name, position, alert, form="alert", digest=self.tools.reading.digest(told))

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _near(self, ra: float, dec: float, mjd: float, site: str) -> list[tuple[float, float | None, str]]:
        """Separations in arcsec, magnitudes and names of what is known there and then."""
        asked = {
            "-ra": ra, "-dec": dec, "-ep": mjd + _JD_ZERO, "-rs": self._options.radius, "-loc": site,
            "-filter": self._options.most_uncertain, "-objFilter": "111", "-refsys": "EQJ2000",
            "-output": "basic", "-mime": "text", "-from": "vra-tui",
        }  # fmt: skip
        body = self._http.get("skybotconesearch_query.php", asked, most_bytes=_MOST_BYTES)
        return self._rows(body.content.decode("utf-8", "replace"))

    def _rows(self, text: str) -> list[tuple[float, float | None, str]]:
        names: list[str] = []
        found = []
        lines = text.splitlines()
        for line in lines:
            cells = [cell.strip() for cell in line.lstrip("# ").split("|")]
            if line.startswith("#"):
                names = cells if "Name" in cells else names
                continue
            if not line.strip() or not names or len(cells) < len(names):
                continue
            row = dict(zip(names, cells, strict=False))
            # The columns name their units: `d(arcsec)`, `Mv` or `Mv(mag)`.
            arcsec = _number(next((v for k, v in row.items() if re.fullmatch(r"d\s*\(arcsec\)", k)), ""))
            mag = _number(next((v for k, v in row.items() if k.startswith(("Mv", "VMag"))), ""))
            if arcsec is not None:
                found.append((arcsec, mag, _called(row)))
        if not names and "no solar system object" not in text.lower():
            said = printable(" ".join(text.split()), 120)
            raise WireFault(f"`{self.name}` answered with something that is no list of objects: {said}.")
        return found


def _called(row: dict[str, str]) -> str:
    number, name = row.get("Num", "-"), row.get("Name", "")
    return f"({number}) {name}"[:80] if number.isdigit() else name[:80]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None
