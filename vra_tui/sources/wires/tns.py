"""The Transient Name Server: its public list with the daily changes, and searches at a place."""

import csv
import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from vra_tui.domain.refusal import Refusal
from vra_tui.domain.sky import separation
from vra_tui.domain.tns_objects import RADIUS_ARCSEC, NamedAlert, TnsObject, TnsObjects
from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    ServerOptions,
    SourceError,
    SourceSettings,
    Target,
    Tools,
    Wire,
    WireFault,
    options_of,
)
from vra_tui.sources.wires.http import Body, Http, Limits
from vra_tui.sources.wires.tns_reports import report_packet
from vra_tui.surveys.base import Packet
from vra_tui.surveys.values import mjd_of_text
from vra_tui.text import printable

_BASE, _SANDBOX = "https://www.wis-tns.org/", "https://sandbox.wis-tns.org/"
_LIST = "system/files/tns_public_objects/tns_public_objects{}.csv.zip"
_MOST_PACKED, _MOST_UNPACKED = 256 << 20, 2 << 30
#: The server keeps the changes of some two weeks; after a longer pause the whole list is fetched.
_DAYS_OF_CHANGES = 10
_LEFT, _UNTIL = "rate-limit-remaining", "rate-limit-reset"
_LONGEST_WAIT = 300.0
_TEXT = 200


class TnsOptions(ServerOptions):
    """Who asks: a bot of the TNS, made on its pages; and how near a report has to be."""

    bot_id: Annotated[int, Field(ge=1)]
    bot_name: Annotated[str, Field(min_length=1, pattern=r'^[^"\\\r\n]+$')]
    sandbox: bool = False
    every: Annotated[float, Field(ge=60, le=7 * 86_400)] = 6 * 3600.0
    radius: Annotated[float, Field(gt=0, le=60)] = RADIUS_ARCSEC


class Tns(Wire):
    """The Transient Name Server. Its list is kept in the store and matched there, one call a day."""

    kind: ClassVar[str] = "tns"
    secrets: Sequence[str] = ("api_key",)
    adds: ClassVar[frozenset[str]] = frozenset({"tns"})

    def __init__(self, settings: SourceSettings, tools: Tools, **more: Any) -> None:
        """``more``: of `Http`, for one who asks otherwise than a reader does."""
        super().__init__(settings, tools)
        self._options = options_of(settings, TnsOptions)
        self._key = tools.secret("api_key")
        marker = {"tns_id": self._options.bot_id, "type": "bot", "name": self._options.bot_name}
        self._http = Http.of(
            self._options,
            tools,
            _SANDBOX if self._options.sandbox else _BASE,
            headers={"user-agent": f"tns_marker{json.dumps(marker, separators=(',', ':'))}"},
            secrets=[] if self._key is None else [self._key],
            **more,
        )

    @classmethod
    def for_sending(cls, settings: SourceSettings, tools: Tools) -> "Tns":
        """The TNS for one who reports: each call is made once, and is over soon. Raises SourceError.

        A report and its replies are done with before anybody else takes the item for given up.
        """
        made = cls(settings, tools, attempts=1, limits=Limits(read=30.0, whole=60.0))
        made.secret()
        return made

    @property
    def every(self) -> float:
        """Seconds between two looks at the list, which changes once a day."""
        return self._options.every

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the server on which everybody may try things."""
        return self._options.sandbox

    def check(self) -> Answered:
        """Search at a place where nothing is."""
        body = self.search({"ra": "0.0", "dec": "89.9", "radius": "1", "units": "arcsec"})
        left, limit = _header(body, _LEFT), _header(body, "rate-limit-limit")
        said = "" if left is None else f", {left:.0f} of {limit or 0:.0f} searches left this minute"
        return Answered(f"{self._http.base} answers{said}", who=self._options.bot_name)

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """The list: all of it at first, then what changed on each day since ``positions``, to be matched.

        Where nothing changed an empty list comes, so that new alerts are matched with what is known. Nothing
        comes of the sandbox: what people try there is no report on any alert.
        """
        if self.is_sandbox:
            return
        today = datetime.fromtimestamp(self.tools.edges.now(), UTC).date()
        last = _day(positions.get("list"))
        if last is None or (today - last).days > _DAYS_OF_CHANGES:
            found = self._listed("", is_whole=True)
            # Made at the beginning of a day: what changed on the day before may not be in it yet.
            yield Delivery([], {"list": str(today - timedelta(days=2))}, catalogue=found)
            return
        is_news = False
        for number in range(1, (today - last).days):
            day = last + timedelta(days=number)
            try:
                found = self._listed(f"_{day:%Y%m%d}", is_whole=False)
            except WireFault as fault:
                if fault.status == 404:  # that day's changes are not there yet
                    break
                raise
            is_news = True
            yield Delivery([], {"list": str(day)}, catalogue=found)
        if not is_news:
            yield Delivery([], {}, catalogue=TnsObjects((), radius_arcsec=self._options.radius))

    def near(self, ra: float, dec: float) -> list[tuple[TnsObject, float]]:
        """The objects at a place with their separations in arcsec, the nearest first.

        It costs a search, and a call for each object.
        """
        asked = {"ra": repr(ra), "dec": repr(dec), "radius": str(self._options.radius), "units": "arcsec"}
        found = []
        for row in self.rows_of(self.search(asked), "a search"):
            name = str(row.get("objname") or "")
            if not name:
                continue
            body = self.call("api/get/object", {"data": {"objname": name, "photometry": "0", "spectra": "0"}})
            for told in self.rows_of(body, f"the object {printable(name, 30)}"):
                one = _of_api(told)
                if one is not None:
                    found.append((one, float(separation(ra, dec, one.ra, one.dec))))
        return sorted(found, key=lambda pair: pair[1])

    def add_to(self, what: str, target: Target) -> Iterator[Packet | Refusal]:
        """The reports at an alert's place, as packets that add them to it."""
        alert = NamedAlert(target.survey, target.object_id, target.other_name, target.designations)
        for found, apart in self.near(target.ra, target.dec):
            if apart <= self._options.radius:
                yield report_packet(alert, found, apart, self.name)

    def adds_to_survey(self, survey: str) -> bool:
        """Whether its objects tell of alerts: not those of the sandbox."""
        return not self.is_sandbox

    def masked(self, text: str) -> str:
        """The text without the bot's key, see `Http.masked`."""
        return self._http.masked(text)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def secret(self) -> SecretStr:
        """The bot's key. Raises SourceError where there is none."""
        if self._key is None:
            from vra_tui.sources.wires.credentials import variable

            raise SourceError(
                f"The TNS wants its bot's key: put it into {variable(self.name, 'api_key')}, or as `api_key` "
                f"under [{self.name}] into credentials.toml (mode 0600) beside the configuration."
            )
        return self._key

    def search(self, asked: Mapping[str, str]) -> Body:
        """Search for objects, by a place or a name. Raises WireFault."""
        return self.call("api/get/search", {"data": asked})

    def call(self, path: str, asked: Mapping[str, Any], is_read: bool = True) -> Body:
        """Ask the interface for something, as this source's bot. ``is_read``: it may be asked again.

        ``asked``: `data` is sent as JSON, the rest as it is. Raises WireFault.
        """
        form = {"api_key": self.secret().get_secret_value(), **asked}
        if "data" in form:
            form["data"] = json.dumps(asked["data"])
        body = self._http.post(path, form, most_bytes=16 << 20, is_read=is_read)
        # The minute's budget stands in headers: the next call waits rather than being refused.
        left, until = _header(body, _LEFT), _header(body, _UNTIL)
        if left is not None and left <= 0 and until is not None and until > 0:
            self.tools.edges.wait(min(until + 1.0, _LONGEST_WAIT))
        return body

    def rows_of(self, body: Body, what: str) -> list[Mapping[str, Any]]:
        """The objects that an answer lists. Raises WireFault for one that is no list."""
        told = body.json(f"The TNS's answer to {what}")
        data = told.get("data") if isinstance(told, Mapping) else None
        # Older servers put the answer one level deeper.
        inner = data.get("reply", data) if isinstance(data, Mapping) else data
        rows = [inner] if isinstance(inner, Mapping) and inner else inner or []
        if not isinstance(told, Mapping) or not isinstance(rows, list):
            raise WireFault(f"`{self.name}` answered {what} with something that is no list of objects.")
        return [row for row in rows if isinstance(row, Mapping)]

    def _listed(self, suffix: str, is_whole: bool) -> TnsObjects:
        form = {"api_key": self.secret().get_secret_value()}
        body = self._http.post(_LIST.format(suffix), form, most_bytes=_MOST_PACKED)
        try:
            objects = tuple(_of_list(_unpacked(body.content)))
        except (ValueError, zipfile.BadZipFile, OSError, EOFError, csv.Error) as error:
            said = printable(str(error), 120)
            raise WireFault(f"`{self.name}`: the list{suffix} cannot be read: {said}.") from None
        if is_whole and not objects:
            raise WireFault(f"`{self.name}`: the whole list is empty: not taken.")
        return TnsObjects(objects, is_whole, self._options.radius)


def _unpacked(content: bytes) -> Iterator[str]:
    """The lines of the table in an archive. Raises ValueError where it is none, or too much."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    tables = [one for one in archive.infolist() if one.filename.endswith(".csv")]
    if len(tables) != 1:
        raise ValueError(f"the archive holds {len(tables)} tables, not one")
    if tables[0].file_size > _MOST_UNPACKED:
        raise ValueError(f"it would unpack to {tables[0].file_size >> 20:,} MB")
    with archive.open(tables[0]) as file:
        yield from io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")


def _of_list(lines: Iterator[str]) -> Iterator[TnsObject]:
    """The objects of the table; the first line is a time. Raises ValueError without the columns."""
    first = next(lines, "")
    header = first if "objid" in first else next(lines, "")
    names = next(csv.reader([header]), [])
    missing = [name for name in ("objid", "name", "ra", "declination") if name not in names]
    if missing:
        raise ValueError(f"it has no column `{missing[0]}`")
    for row in csv.DictReader(lines, names):
        one = _object(
            row.get("objid"), row.get("name"), row.get("name_prefix"), row.get("ra"), row.get("declination"),
            kind=row.get("type"), z=row.get("redshift"), mag=row.get("discoverymag"),
            band=row.get("filter"), discovered=row.get("discoverydate"),
            group=row.get("source_group") or row.get("reporting_group"), internal=row.get("internal_names"),
            received=row.get("time_received") or row.get("creationdate"), modified=row.get("lastmodified"),
        )  # fmt: skip
        if one is not None:
            yield one


def _of_api(row: Mapping[str, Any]) -> TnsObject | None:
    """An object as the interface tells it; None without a name or a place."""

    def name_of(key: str) -> Any:
        value = row.get(key)
        return value.get("name") or value.get("group_name") if isinstance(value, Mapping) else value

    return _object(
        row.get("objid"), row.get("objname"), row.get("name_prefix"), row.get("radeg"), row.get("decdeg"),
        kind=name_of("object_type"), z=row.get("redshift"), mag=row.get("discoverymag"),
        band=name_of("discmagfilter"), discovered=row.get("discoverydate"),
        group=name_of("discovery_data_source") or name_of("reporting_group"),
        internal=row.get("internal_names") or row.get("internal_name"),
        received=row.get("time_received"), modified=row.get("lastmodified"),
    )  # fmt: skip


def _object(objid: Any, name: Any, prefix: Any, ra: Any, dec: Any, **other: Any) -> TnsObject | None:
    east, north, called = _number(ra), _number(dec), _text(name)
    number = _number(objid)
    if called is None or number is None or east is None or north is None:
        return None
    if not (0.0 <= east <= 360.0 and -90.0 <= north <= 90.0):
        return None
    return TnsObject(
        int(number), called, _text(prefix) or "AT", east % 360.0, north,
        type=_text(other["kind"]), z=_number(other["z"]), mag=_number(other["mag"]),
        mag_band=_text(other["band"]), discovered_mjd=mjd_of_text(_text(other["discovered"])),
        discoverer=_text(other["group"]), internal_names=_text(other["internal"]),
        received=_text(other["received"]), modified=_text(other["modified"]),
    )  # fmt: skip


def _text(value: Any) -> str | None:
    found = str(value).strip()[:_TEXT] if isinstance(value, str | int) else ""
    return found if found and found.lower() not in ("null", "none") else None


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _header(body: Body, ending: str) -> float | None:
    """The least number in the headers of this ending: searches at a place have a limit of their own."""
    found = [_number(value) for name, value in body.headers.items() if name.endswith(ending)]
    return min((one for one in found if one is not None), default=None)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
