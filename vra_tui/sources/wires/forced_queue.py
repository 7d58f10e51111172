"""The ATLAS forced-photometry server: a queue of tasks, which end as light curves and as zips of images."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from vra_tui.domain.alert import Stamp
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.tables import is_forced_text, read_table
from vra_tui.sources.wires.base import (
    Answered,
    SourceSettings,
    Tools,
    Wire,
    WireFault,
    WireOptions,
    options_of,
)
from vra_tui.sources.wires.cutout_zip import Cutout, cutouts_of
from vra_tui.sources.wires.http import Http, Limits
from vra_tui.sources.wires.token_login import TokenLogin
from vra_tui.surveys.atlas.cutouts import cutouts_value
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

_ADDRESS = "https://fallingstar-data.com/forcedphot/"
#: A light curve of ten years is 2 MB.
_MOST_TEXT = 64 << 20
#: How the name of an exposure stands in the server's table: its last column but for those of others.
_EXPOSURE = re.compile(rb"\b\d\d[a-z]\d{5}[a-z]\d{3,5}[a-z]\b")


class ForcedQueueOptions(WireOptions):
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
    most_tasks: Annotated[int, Field(ge=1, le=1_000)] = 20
    #: A task that has not ended after so many days is given up.
    patience_days: Annotated[float, Field(gt=0, le=31)] = 3.0
    calls_an_hour: Annotated[int, Field(ge=1)] = 3_600


@dataclass(frozen=True)
class Exposure:
    """A detection that an image may be of: its time (MJD, as the store has it) and its id in the exposure."""

    mjd: float
    source_id: int


@dataclass(frozen=True)
class Target:
    """What a task is about: an object of ATLAS, its place in degrees, and from when on, MJD.

    ``exposures``: of its detections by the name of the exposure.
    """

    object_id: str
    ra: float
    dec: float
    mjd_min: float
    exposures: Mapping[str, Exposure] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A task of the server. ``fault``: why it failed; None where it did not, or did not end yet."""

    number: int
    is_finished: bool
    fault: str | None = None
    result_url: str | None = None
    zip_url: str | None = None


class ForcedQueue(Wire):
    """The ATLAS forced-photometry server. It has nothing new to tell by itself: it is asked about alerts.

    `vra_tui.pipeline.forced_requests` keeps what was asked, and comes back for it.
    """

    kind: ClassVar[str] = "atlas-forced"
    #: The survey whose alerts it can be asked about.
    survey: ClassVar[str] = "atlas"

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self.options = options_of(settings, ForcedQueueOptions)
        http = Http(
            self.options.url,
            tools.edges,
            hosts=self.options.hosts,
            budget=tools.budget(self.options.calls_an_hour),
            ca_file=self.options.ca_file,
            is_patient=tools.is_patient,
            limits=Limits(read=60.0, whole=900.0),
        )
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
        budget = self._login.http.budget
        return Answered(
            f"{self.options.url} answers",
            who=who,
            calls_left=budget.left(self.tools.edges.now()),
            calls_an_hour=budget.an_hour,
        )

    def ask_photometry(self, target: Target) -> int:
        """Put a light curve of difference images into the queue; the number of the task."""
        return self._put({**_place(target), "use_reduced": False})

    def ask_images(self, target: Target, parent: int) -> int:
        """Put the images of a light curve into the queue, one of each of its exposures (1,000 at most).

        ``parent``: the task of the light curve, which must have ended.
        """
        is_science = self.options.image == "science"
        form = {**_place(target), "request_type": "IMGZIP", "parent_task_id": parent}
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

    def photometry(self, task: Task, target: Target) -> Iterator[Packet | Refusal]:
        """The light curve of a task that has ended, as a packet that extends its object."""
        position = f"task {task.number}, {target.object_id}"
        content = self._result(task.result_url, task, "light curve", _MOST_TEXT)
        if not is_forced_text(content[:200]):
            begin = printable(content[:80].decode("utf-8", "replace"), 80)
            yield Refusal(self.name, position, f"it is no light curve: `{begin}`", target.object_id)
            return
        reading = replace(self.tools.reading, name=target.object_id, ra=target.ra, dec=target.dec)
        for piece in read_table(io.BytesIO(content), self.name, reading):
            yield replace(piece, position=position)

    def images(self, task: Task, target: Target, light_curve: bytes = b"") -> Iterator[Packet | Refusal]:
        """The images of a task that has ended, as one packet of stamps, and a refusal for each that is none.

        Those of detections are of the detection; others are of their exposure's time, which stands in the
        ``light_curve`` that the server made.
        """
        position = f"task {task.number}, {target.object_id}"
        times = _times(light_curve)
        content = self._result(task.zip_url, task, "zip of images", self.options.zip_megabytes << 20)

        def rank(name: str) -> tuple[bool, float]:
            known = target.exposures.get(name)
            return known is None, -(known.mjd if known is not None else times.get(name, 0.0))

        try:
            unzipped = cutouts_of(content, rank, self.options.most_images, self.options.pixels)
        except ValueError as fault:
            yield Refusal(self.name, position, str(fault), target.object_id)
            return
        for name, why in unzipped.faults:
            yield Refusal(self.name, f"{position}, {name}", why, target.object_id)
        stamps = [
            stamp
            for cutout in unzipped.cutouts
            if (stamp := _stamp(cutout, target.exposures, times)) is not None
        ]
        if stamps:
            value = cutouts_value(target.object_id, target.ra, target.dec, stamps)
            size = sum(len(one.data) for one in stamps)
            yield Packet(self.name, position, value, "cutouts", size=size)

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


def _place(target: Target) -> dict[str, Any]:
    return {
        "ra": target.ra,
        "dec": target.dec,
        "mjd_min": round(target.mjd_min, 5),
        "comment": target.object_id,
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
