"""SkyBoT (IMCCE): which known objects of the solar system were near an alert when it was seen."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from vra_tui.domain.alert import Alert, Fact
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.sky import offsets
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


#: So many of the nearest objects are kept with their places.
_KEPT = 20
#: A place that contradicts the told separation by more is left out, arcsec: both are rounded.
_AGREES_ARCSEC = 2.0


@dataclass(frozen=True)
class _Known:
    """An object near a place: arcsec from it, and east and north of it where the answer has its place."""

    name: str
    kind: str
    mag: float | None
    arcsec: float
    east: float | None
    north: float | None

    def told(self) -> dict[str, Any]:
        """The same by the names under which the store keeps it."""
        return {
            "name": self.name, "kind": self.kind, "mag": self.mag, "arcsec": self.arcsec,
            "east_arcsec": self.east, "north_arcsec": self.north,
        }  # fmt: skip


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

        The facts are told as of that detection: what a later one says of itself counts before them. All
        objects with their places stand in ``extra["solar_system"]``.
        """
        found = self._near(target.ra, target.dec, target.seen_mjd, _SITES.get(target.survey, _EARTH))
        facts: dict[str, Fact] = {"solar_arcsec": None, "solar_mag": None, "solar_name": None}
        if found:
            first = found[0]
            facts = {"solar_arcsec": first.arcsec, "solar_mag": first.mag, "solar_name": first.name}
        objects = [one.told() for one in found[:_KEPT]]
        alert = Alert(
            target.survey,
            target.object_id,
            as_of=target.seen_mjd + _A_MOMENT,
            facts=facts,
            extra={"solar_system": {"mjd": target.seen_mjd, "objects": objects}},
        )
        told = repr(
            (target.survey, target.object_id, target.seen_mjd, sorted(facts.items()), objects)
        ).encode()
        position = f"objects near {target.survey}:{target.object_id}"
        yield Packet(self.name, position, alert, form="alert", digest=self.tools.reading.digest(told))

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _near(self, ra: float, dec: float, mjd: float, site: str) -> list[_Known]:
        """What is known there and then, the nearest first."""
        asked = {
            "-ra": ra, "-dec": dec, "-ep": mjd + _JD_ZERO, "-rs": self._options.radius, "-loc": site,
            "-filter": self._options.most_uncertain, "-objFilter": "111", "-refsys": "EQJ2000",
            "-output": "basic", "-mime": "text", "-from": "vra-tui",
        }  # fmt: skip
        body = self._http.get("skybotconesearch_query.php", asked, most_bytes=_MOST_BYTES)
        found = self._rows(body.content.decode("utf-8", "replace"), ra, dec)
        return sorted(found, key=lambda one: (one.arcsec, one.name))

    def _rows(self, text: str, ra: float, dec: float) -> list[_Known]:
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
                east, north = _place(row, ra, dec, arcsec)
                found.append(_Known(_called(row), row.get("Class", "")[:40], mag, arcsec, east, north))
        if not names and "no solar system object" not in text.lower():
            said = printable(" ".join(text.split()), 120)
            raise WireFault(f"`{self.name}` answered with something that is no list of objects: {said}.")
        return found


def _called(row: dict[str, str]) -> str:
    number, name = row.get("Num", "-"), row.get("Name", "")
    return f"({number}) {name}"[:80] if number.isdigit() else name[:80]


def _place(row: dict[str, str], ra: float, dec: float, arcsec: float) -> tuple[float | None, float | None]:
    """How far east and north of a position an object stands; None where the answer does not say it well."""
    hours, degrees = _sexagesimal(row.get("RA(h)", "")), _sexagesimal(row.get("DE(deg)", ""))
    if hours is None or degrees is None:
        return None, None
    east, north = (float(value) for value in offsets(15.0 * hours, degrees, ra, dec))
    agrees = abs(math.hypot(east, north) - arcsec) <= _AGREES_ARCSEC  # false for NaN
    return (round(east, 2), round(north, 2)) if agrees else (None, None)


def _sexagesimal(text: str) -> float | None:
    """``-0 10 30.5`` as a number; None for anything else."""
    parts = [_number(part) for part in text.replace("+", " ").replace("-", " ").split()]
    if len(parts) != 3 or any(part is None for part in parts):
        return None
    whole, minutes, seconds = (part or 0.0 for part in parts)
    value = whole + minutes / 60.0 + seconds / 3600.0
    return -value if text.lstrip().startswith("-") else value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None
