"""The interface of a survey's module."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from numpy.typing import NDArray

from vra_tui.domain.alert import Alert
from vra_tui.domain.site import Site
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.domain.tns_numbers import TnsNumbers


@dataclass(frozen=True)
class Packet:
    """One piece of a source, decoded and not yet understood.

    ``source``: the file or wire. ``position``: where in it (`line 3`, `record 2`). ``value``: a mapping (a
    JSON object, an Avro record, a row), an `EpochTable`, or an `Alert` already, as what catalogues
    add to alerts of any survey. ``form``: `json`, `avro`, `row`, `table`.
    ``schema``: name of the Avro schema, such as `lsst.v10_0.alert`. ``size`` in bytes. ``options``: what the
    user said of the source (`name`, `ra`, `dec`, `columns`). ``digest``: of its raw bytes, by which the same
    packet is known again; empty where the format has no bytes of each packet. ``is_repeat``: it was taken in
    before, and not decoded now: ``value`` is None.
    """

    source: str
    position: str
    value: Any
    form: str = "json"
    schema: str | None = None
    size: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    digest: bytes = b""
    is_repeat: bool = False


@dataclass(frozen=True, eq=False)
class EpochTable:
    """Rows of a table of epochs that belong to one object, column by column, as the file has them.

    ``object_id``: as the table names the object, or the file's name where it names none. ``columns``: values
    by the table's own column names, each of shape (n,). ``kind``: `forced` for the text that the ATLAS
    forced-photometry server writes, else `columns`.
    """

    object_id: str
    columns: Mapping[str, NDArray[Any]]
    kind: str = "columns"


@dataclass(frozen=True)
class Link:
    """A web page about an object: one letter, what it is, its address."""

    letter: str
    title: str
    url: str


@dataclass(frozen=True)
class Label:
    """A label of a survey's own: its name, a free key, and what it teaches of the three questions."""

    name: str
    key: str
    preal: float | None = None
    pgal: float | None = None
    pfast: float | None = None


class Survey(ABC):
    """A telescope's stream with its own ids, bands, instruments, times and real/bogus score.

    An implementation is stateless: it turns packets into alerts and answers questions about its survey.
    """

    #: Its short name, with which its alerts are told from others' for ever: `ztf`.
    name: ClassVar[str]
    #: Its name for people.
    title: ClassVar[str]
    #: Names of its bands (`vra_tui.domain.bands` knows what each one is).
    bands: ClassVar[Sequence[str]] = ()
    #: Its sites; one instrument each.
    sites: ClassVar[Sequence[Site]] = ()
    #: What its ids look like, whole.
    id_pattern: ClassVar[re.Pattern[str]] = re.compile(r"\S{1,80}")
    #: What its real/bogus score is called.
    score_name: ClassVar[str] = "score"
    #: A detection with a score below this does not begin an alert (its t0); none: every one does.
    alert_score: ClassVar[float | None] = None
    #: Labels that it adds to the common ones.
    labels: ClassVar[Sequence[Label]] = ()
    #: How its stamps lie on the sky, where their headers do not say it.
    stamp_frame: ClassVar[StampFrame] = StampFrame()
    #: What reports to the TNS call its filters and instruments; None: it cannot be reported.
    tns: ClassVar[TnsNumbers | None] = None

    @abstractmethod
    def recognises(self, packet: Packet) -> bool:
        """Whether this packet is one of this survey's, whatever format or broker it came by. Never raises."""

    @abstractmethod
    def alert(self, packet: Packet) -> Alert:
        """The alert that a recognised packet holds.

        Raises NotAnAlert for a sound packet without one (a solar-system object), Refused for a broken one;
        the message names the key and says what is wrong, for people.
        """

    def links(self, object_id: str, names: Mapping[str, str | None]) -> Sequence[Link]:
        """Web pages about one of its objects; ``names`` holds ``name`` and ``other_name`` where known."""
        return ()
