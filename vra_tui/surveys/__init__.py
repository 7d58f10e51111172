"""Surveys: one module each for packets, bands, sites, ids and links, found by entry point."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from vra_tui.domain.alert import Refused
from vra_tui.domain.site import Site
from vra_tui.errors import VraError
from vra_tui.surveys.base import EpochTable, Packet, Survey

#: The group of entry points under which a package of its own adds a survey.
ENTRY_POINTS = "vra_tui.surveys"
#: The surveys that come with the program, in the order in which a packet is shown to them.
_BUILT_IN = {
    "atlas": "vra_tui.surveys.atlas:Atlas",
    "ztf": "vra_tui.surveys.ztf:Ztf",
    "lsst": "vra_tui.surveys.lsst:Lsst",
}
#: Takes what none of the others knows, by the names of its columns.
_TABLE = ("table", "vra_tui.surveys.table:Table")


class UnknownSurvey(VraError):
    """A survey's name that no module answers to."""


@dataclass(frozen=True)
class Surveys:
    """The surveys at hand, by name. Modules are imported when they are first asked.

    ``added``: surveys that are no installed package's but were made in a notebook or a test.
    """

    places: Mapping[str, str]
    added: Mapping[str, Survey] = field(default_factory=dict)

    @cached_property
    def _loaded(self) -> dict[str, Survey]:
        return dict(self.added)

    def with_more(self, surveys: Iterable[Survey]) -> "Surveys":
        """These and more, which are asked before the one of tables. Raises UnknownSurvey for a name taken."""
        added = {survey.name: survey for survey in surveys}
        if taken := sorted(added.keys() & self.places.keys()):
            raise UnknownSurvey(f"There is a survey `{taken[0]}` already. Give yours another name.")
        last, _ = _TABLE
        own = dict.fromkeys(added, "")
        first = {name: place for name, place in self.places.items() if name != last}
        return Surveys({**first, **own, **dict([_TABLE])}, {**self.added, **added})

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __getitem__(self, name: str) -> Survey:
        """The survey of a name. Raises UnknownSurvey."""
        if name not in self._loaded:
            if name not in self.places:
                known = ", ".join(self.places)
                raise UnknownSurvey(f"There is no survey `{name}`. Known are: {known}.")
            module, _, attribute = self.places[name].partition(":")
            self._loaded[name] = getattr(import_module(module), attribute)()
        return self._loaded[name]

    def recognise(self, packet: Packet) -> Survey:
        """The survey whose packet this is. Raises Refused when none knows it."""
        for name in self.places:
            if self[name].recognises(packet):
                return self[name]
        raise Refused(f"no survey knows a packet like this: {_described(packet.value)}")


def _described(value: Any) -> str:
    """Return what a packet is, as far as its outside tells."""
    if isinstance(value, EpochTable):
        return f"a table with the columns {', '.join(value.columns)}"[:160]
    if not isinstance(value, Mapping):
        return f"it is no object but {type(value).__name__}"
    if "cells" in value and "nbformat" in value:
        return "it is a Jupyter notebook"
    if value.get("type") == "record" and "fields" in value:
        return "it is an Avro schema, which describes packets"
    return f"its keys are {', '.join(map(str, value))}"[:160]


def installed_surveys() -> Surveys:
    """The surveys that come with the program and those that installed packages add; ours come first."""
    added = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    return Surveys({**_BUILT_IN, **{k: v for k, v in added.items() if k not in _BUILT_IN}, **dict([_TABLE])})


def known_sites(surveys: Surveys | None = None) -> tuple[Site, ...]:
    """The sites of all surveys at hand; without them, of those that are installed."""
    at_hand = surveys or installed_surveys()
    return tuple(site for name in at_hand for site in at_hand[name].sites)


def longitudes(
    instruments: Mapping[int, str], sites: Iterable[Site], unknown: float = 0.0
) -> tuple[float, ...]:
    """Degrees east of each of 256 instrument codes (named by ``instruments``); ``unknown`` without a site."""
    east = {site.instrument: site.longitude for site in sites}
    return tuple(east.get(instruments.get(code, ""), unknown) for code in range(256))
