"""The ATLAS forced-photometry server: a queue of tasks, which end as light curves and as zips of images."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from vra_tui.domain.alert import Stamp
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.tables import is_forced_text, read_table
from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    Exposure,
    Progress,
    ServerOptions,
    SourceSettings,
    Tools,
    Wanted,
    Wire,
    WireFault,
    options_of,
)
from vra_tui.sources.wires.cutout_zip import Cutout, cutouts_of
from vra_tui.sources.wires.http import Http, Limits
from vra_tui.sources.wires.token_login import TokenLogin
from vra_tui.surveys.atlas.cutouts import CUTOUTS, cutouts_value
from vra_tui.surveys.base import Packet
from vra_tui.surveys.numbers import numbers
from vra_tui.text import printable

_ADDRESS = "https://fallingstar-data.com/forcedphot/"
#: A light curve of ten years is 2 MB.
_MOST_TEXT = 64 << 20
#: How the name of an exposure stands in the server's table: its last column but for those of others.
_EXPOSURE = re.compile(rb"\b\d\d[a-z]\d{5}[a-z]\d{3,5}[a-z]\b")

#: The server rounds times to so many days.
_ROUNDED = 1.1e-6
#: How a task is kept: `light curve 12`, `images 13 of 12`.
_LIGHT_CURVE, _IMAGES = "light curve", "images"
#: After so many faults one after the other it is the server that is in trouble, not a task.
_GIVEN_UP_AFTER = 3


class ForcedQueueOptions(ServerOptions):
    """What is asked of the forced-photometry server, and how much of it at once."""

    url: str = _ADDRESS
    #: Further hosts that results may lie on.
    hosts: tuple[str, ...] = ()
    every: Annotated[float, Field(ge=1, le=7 * 86_400)] = 60.0
    #: How many days before t0 a light curve begins.
    days: Annotated[float, Field(gt=0, le=10_000)] = 200.0
    #: How many days before the last detection images begin. The server makes one of every exposure.
    image_days: Annotated[float, Field(gt=0, le=100)] = 3.0
    #: Which images: differences, or the exposures themselves; a template of each band comes with both.
    image: Literal["difference", "science"] = "difference"
    #: Images kept of one task, those of detections first, and how wide each is cut, pixels.
    most_images: Annotated[int, Field(ge=1, le=1_000)] = 24
    pixels: Annotated[int, Field(ge=11, le=1_000)] = 61
    #: A zip of images is at most so many megabytes.
    zip_megabytes: Annotated[int, Field(ge=1, le=2_000)] = 256
    #: Tasks that wait or run there at once: others wait here, so that the best rank can go before.
    most_tasks: Annotated[int, Field(ge=1, le=200)] = 20
    #: A task that has not ended after so many days is given up.
    patience_days: Annotated[float, Field(gt=0, le=31)] = 3.0
    calls_an_hour: Annotated[int, Field(ge=1)] = 3_600


@dataclass(frozen=True)
class Task:
    """A task of the server. ``fault``: why it failed; None where it did not, or did not end yet."""

    number: int
    is_finished: bool
    fault: str | None = None
    result_url: str | None = None
    zip_url: str | None = None


class ForcedQueue(Wire):
    """The ATLAS forced-photometry server. It has nothing new to tell by itself: it is asked about alerts."""

    kind: ClassVar[str] = "atlas-forced"
    secrets: Sequence[str] = ("token",)
    completes: ClassVar[Sequence[str]] = ("photometry", "cutouts")
    survey: ClassVar[str | None] = "atlas"

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self.options = options_of(settings, ForcedQueueOptions)
        limits = Limits(read=60.0, whole=900.0)
        http = Http.of(self.options, tools, hosts=self.options.hosts, limits=limits)
        self._login = TokenLogin(
            http, tools, self.name, "The ATLAS forced-photometry server", "api-token-auth/"
        )

    def check(self) -> Answered:
        """Ask for the user's tasks."""
        told = self._login.get("queue/").json(f"The queue of `{self.name}`")
        tasks = told.get("results") if isinstance(told, Mapping) else told
        if not isinstance(tasks, list):
            raise WireFault(f"`{self.name}` answered with something that is no list of tasks.")
        names = {one.get("username") for one in tasks if isinstance(one, Mapping)} - {None}
        who = self._login.user or (printable(names.pop(), 80) if len(names) == 1 else None)
        return self._login.http.answered(who)

    @property
    def every(self) -> float:
        """Seconds between two times that its tasks are looked at."""
        return self.options.every

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """Nothing: it has nothing to tell by itself. Whether it answers is asked, for who watches it."""
        self.check()
        return iter(())

    def complete(self, wanted: Sequence[Wanted]) -> Iterator[Delivery]:
        """See `Wire.complete`: what is new is put into the queue there, what has ended is fetched.

        No more tasks wait there than configured: the others wait here, so that the best rank can go before.
        A task that fails to be fetched holds up no other; after several in a row the server is in trouble.
        """
        running = sum(one.task is not None for one in wanted)
        faults: list[WireFault] = []
        for one in wanted:
            if one.task is None and running >= self.options.most_tasks:
                break
            try:
                for delivery in self._begun(one) if one.task is None else self._looked_at(one):
                    yield delivery
                    running += sum(_change(one, each) for each in delivery.progress)
                faults.clear()
            except WireFault as fault:
                faults.append(fault)
                if given_up := self._given_up(one, str(fault)):
                    yield Delivery([], progress=[given_up])
                    running -= one.task is not None
                if len(faults) >= _GIVEN_UP_AFTER:
                    break
        if faults:
            raise faults[-1]

    def ask_photometry(self, wanted: Wanted) -> int:
        """Put a light curve of difference images into the queue; the number of the task."""
        is_narrow = wanted.what == "cutouts"
        days = self.options.image_days if is_narrow else self.options.days
        begin = (wanted.last_mjd if is_narrow else wanted.t0_mjd) - days
        return self._put({**_place(wanted), "mjd_min": round(begin, 5), "use_reduced": False})

    def ask_images(self, wanted: Wanted, parent: int) -> int:
        """Put the images of a light curve into the queue, one of each of its exposures (1,000 at most).

        ``parent``: the task of the light curve, which must have ended.
        """
        is_science = self.options.image == "science"
        form = {**_place(wanted), "request_type": "IMGZIP", "parent_task_id": parent}
        return self._put({**form, "use_reduced": is_science})

    def task(self, number: int) -> Task | None:
        """How a task is; None where the server does not know it (any more)."""
        try:
            told = self._login.get(f"queue/{number}/").json(f"Task {number} of `{self.name}`")
        except WireFault as fault:
            if fault.status in (404, 410):
                return None
            raise
        if not isinstance(told, Mapping) or "finishtimestamp" not in told:
            raise WireFault(f"`{self.name}` answered for task {number} with something that is no task.")
        is_finished = bool(told["finishtimestamp"])
        why = told.get("error_msg")
        return Task(
            number,
            is_finished,
            printable(why, 300) if is_finished and why else None,
            _text(told.get("result_url")),
            _text(told.get("result_imagezip_url")),
        )

    def photometry(self, task: Task, wanted: Wanted) -> Iterator[Packet | Refusal]:
        """The light curve of a task that has ended, as a packet that extends its object."""
        position = f"task {task.number}, {wanted.object_id}"
        content = self._result(task.result_url, task, "light curve", _MOST_TEXT)
        if not is_forced_text(content[:200]):
            begin = printable(content[:80].decode("utf-8", "replace"), 80)
            yield Refusal(self.name, position, f"it is no light curve: `{begin}`", wanted.object_id)
            return
        reading = replace(self.tools.reading, name=wanted.object_id, ra=wanted.ra, dec=wanted.dec)
        for piece in read_table(io.BytesIO(content), self.name, reading):
            piece = replace(piece, position=position)
            yield _as_known(piece, wanted.times) if isinstance(piece, Packet) else piece

    def images(self, task: Task, wanted: Wanted, light_curve: bytes = b"") -> Iterator[Packet | Refusal]:
        """The images of a task that has ended, as one packet of stamps, and a refusal for each that is none.

        Those of detections are of the detection; others are of their exposure's time, which stands in the
        ``light_curve`` that the server made.
        """
        position = f"task {task.number}, {wanted.object_id}"
        times = _times(light_curve)
        content = self._result(task.zip_url, task, "zip of images", self.options.zip_megabytes << 20)

        def rank(name: str) -> tuple[bool, float]:
            known = wanted.exposures.get(name)
            return known is None, -(known.mjd if known is not None else times.get(name, 0.0))

        try:
            unzipped = cutouts_of(content, rank, self.options.most_images, self.options.pixels)
        except ValueError as fault:
            yield Refusal(self.name, position, str(fault), wanted.object_id)
            return
        for name, why in unzipped.faults:
            yield Refusal(self.name, f"{position}, {name}", why, wanted.object_id)
        stamps = [
            stamp
            for cutout in unzipped.cutouts
            if (stamp := _stamp(cutout, wanted.exposures, times)) is not None
        ]
        if stamps:
            value = cutouts_value(wanted.object_id, wanted.ra, wanted.dec, stamps)
            size = sum(len(one.data) for one in stamps)
            yield Packet(self.name, position, value, "cutouts", size=size)

    def _begun(self, wanted: Wanted) -> Iterator[Delivery]:
        task = f"{_LIGHT_CURVE} {self.ask_photometry(wanted)}"
        yield Delivery([], progress=[Progress(wanted.request_id, task)])

    def _looked_at(self, wanted: Wanted) -> Iterator[Delivery]:
        kind, number, parent = _parsed(wanted.task or "")
        task = self.task(number)
        if task is None:
            yield _ended(wanted, "the server does not know the task any more")
        elif task.fault is not None:
            yield _ended(wanted, f"failed: {task.fault}")
        elif not task.is_finished:
            if given_up := self._given_up(wanted, "the server has not got to it"):
                yield Delivery([], progress=[given_up])
        elif kind == _LIGHT_CURVE:
            yield from self._light_curve(task, wanted)
        else:
            yield self._stamps(task, wanted, parent)

    def _light_curve(self, task: Task, wanted: Wanted) -> Iterator[Delivery]:
        pieces = list(self.photometry(task, wanted))
        if not any(isinstance(piece, Packet) for piece in pieces):
            yield _ended(wanted, f"not taken: {_first_reason(pieces)}", pieces)
        elif wanted.what == "cutouts":
            yield Delivery(pieces)
            images = f"{_IMAGES} {self.ask_images(wanted, task.number)} of {task.number}"
            yield Delivery([], progress=[Progress(wanted.request_id, images)])
        else:
            yield _ended(wanted, "light curve", pieces, True)

    def _stamps(self, task: Task, wanted: Wanted, parent: int) -> Delivery:
        of = self.task(parent)
        text = b"" if of is None or of.result_url is None else self.light_curve_text(of)
        pieces = list(self.images(task, wanted, text))
        count = sum(len(piece.value[CUTOUTS]) for piece in pieces if isinstance(piece, Packet))
        if not count:
            return _ended(wanted, f"no image: {_first_reason(pieces)}", pieces)
        return _ended(wanted, f"{count} image{'s' if count > 1 else ''}", pieces, True)

    def _given_up(self, wanted: Wanted, why: str) -> Progress | None:
        """The end of what waits for too long; None where it does not yet."""
        days = self.options.patience_days
        if self.tools.edges.now() - wanted.asked_at < days * 86_400:
            return None
        return Progress(wanted.request_id, wanted.task, f"given up after {days:g} days: {why}")

    def light_curve_text(self, task: Task) -> bytes:
        """The light curve of a task as the server wrote it."""
        return self._result(task.result_url, task, "light curve", _MOST_TEXT)

    def close(self) -> None:
        """Let go of the connection."""
        self._login.http.close()

    def _put(self, form: Mapping[str, Any]) -> int:
        # Sent again it would be a second task, where the first was only slow to be confirmed.
        told = self._login.post("queue/", {**form, "send_email": False}, is_read=False).json(
            f"The answer of `{self.name}` to a new task"
        )
        told = told[0] if isinstance(told, list) and len(told) == 1 else told
        number = _number(told) if isinstance(told, Mapping) else None
        if number is None:
            raise WireFault(f"`{self.name}` answered a new task with something that names none.")
        return number

    def _result(self, url: str | None, task: Task, what: str, most_bytes: int) -> bytes:
        if url is None:
            raise WireFault(f"`{self.name}` names no {what} for task {task.number}, which has ended.")
        home = urlsplit(self.options.url)
        parts = urlsplit(url)
        if parts.hostname == home.hostname and parts.scheme == "http" and home.scheme == "https":
            # Behind a proxy it takes itself for a server without encryption.
            url = parts._replace(scheme=home.scheme, netloc=home.netloc).geturl()
        return self._login.get(url, most_bytes).content


def _change(wanted: Wanted, progress: Progress) -> int:
    """How many more tasks run there."""
    return (progress.came is None) - (wanted.task is not None)


def _ended(
    wanted: Wanted, came: str, pieces: Sequence[Packet | Refusal] = (), is_good: bool = False
) -> Delivery:
    return Delivery(pieces, progress=[Progress(wanted.request_id, wanted.task, came, is_good)])


def _first_reason(pieces: Sequence[Packet | Refusal]) -> str:
    return next((piece.reason for piece in pieces if isinstance(piece, Refusal)), "none that is known")


def _parsed(task: str) -> tuple[str, int, int]:
    """What a task makes, its number, and that of the light curve whose images it makes."""
    if task.startswith(_IMAGES):
        number, _, parent = task.removeprefix(_IMAGES).partition(" of ")
        return _IMAGES, int(number), int(parent)
    return _LIGHT_CURVE, int(task.removeprefix(_LIGHT_CURVE)), 0


def _as_known(packet: Packet, times: Sequence[float]) -> Packet:
    """The light curve with the times of exposures as they are known, where the server rounded them.

    It writes six decimals of a day, the survey's own server eight: told apart, an exposure would count twice.
    """
    if packet.is_repeat or not times:
        return packet
    import numpy as np

    table, known = packet.value, np.sort(np.asarray(times))
    name = next((one for one in table.columns if one.strip("# ") == "MJD"), None)
    if name is None:
        return packet
    told = numbers(table.columns[name])
    after = np.clip(np.searchsorted(known, told), 1, max(1, len(known) - 1))
    around = known[[after - 1, np.minimum(after, len(known) - 1)]]
    nearest = np.where(np.abs(around[0] - told) <= np.abs(around[1] - told), *around)
    columns = {**table.columns, name: np.where(np.abs(nearest - told) <= _ROUNDED, nearest, told)}
    return replace(packet, value=replace(table, columns=columns))


def _place(wanted: Wanted) -> dict[str, Any]:
    return {
        "ra": wanted.ra,
        "dec": wanted.dec,
        "comment": wanted.object_id,
    }


def _number(told: Mapping[str, Any]) -> int | None:
    """The number of a task, which also ends its address."""
    if type(told.get("id")) is int:
        return int(told["id"])
    found = re.search(r"/queue/(\d{1,12})/?$", str(told.get("url")))
    return int(found[1]) if found else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _times(light_curve: bytes) -> dict[str, float]:
    """MJD by the name of the exposure, from the lines of a table."""
    found = {}
    for line in light_curve.splitlines()[1:]:
        first, _, rest = line.strip().partition(b" ")
        if name := _EXPOSURE.search(rest):
            try:
                found[name[0].decode()] = float(first)
            except ValueError:
                continue
    return found


def _stamp(cutout: Cutout, exposures: Mapping[str, Exposure], times: Mapping[str, float]) -> Stamp | None:
    known = exposures.get(cutout.exposure)
    if known is not None:
        return Stamp(cutout.kind, cutout.data, known.mjd, known.source_id)
    mjd = times.get(cutout.exposure)
    return None if mjd is None else Stamp(cutout.kind, cutout.data, mjd)
