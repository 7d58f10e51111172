"""The kinds of wires by name: this program's own, and those that other packages bring."""

import difflib
from importlib import import_module
from importlib.metadata import entry_points

from vra_tui.sources.wires.base import SourceError, SourceSettings, Tools, Wire

#: The group of entry points by which other packages bring kinds: `name = "module:Class"`.
ENTRY_POINTS = "vra_tui.wires"
_OWN = {
    "alerce": "vra_tui.sources.wires.alerce:Alerce",
    "atlas": "vra_tui.sources.wires.atlas_server:AtlasServer",
    "atlas-forced": "vra_tui.sources.wires.forced_queue:ForcedQueue",
    "fink": "vra_tui.sources.wires.fink:Fink",
    "folder": "vra_tui.sources.wires.folder:Folder",
    "gcn": "vra_tui.sources.wires.gcn:Gcn",
    "hips": "vra_tui.sources.wires.hips:Hips",
    "kafka": "vra_tui.sources.wires.kafka:Kafka",
    "lasair": "vra_tui.sources.wires.lasair:Lasair",
    "lasair-kafka": "vra_tui.sources.wires.kafka:LasairKafka",
    "skybot": "vra_tui.sources.wires.skybot:Skybot",
    "tns": "vra_tui.sources.wires.tns:Tns",
}


def kinds() -> list[str]:
    """The names of all kinds there are."""
    return sorted({*_OWN, *(one.name for one in entry_points(group=ENTRY_POINTS))})


def open_wire(settings: SourceSettings, tools: Tools) -> Wire:
    """The wire that a source configures; nothing is connected yet. Raises SourceError."""
    return kind_of(settings)(settings, tools)


def kind_of(settings: SourceSettings) -> type[Wire]:
    """The class of the kind that a source names. Raises SourceError."""
    if own := _OWN.get(settings.kind):
        module, _, name = own.partition(":")
        made: type[Wire] = getattr(import_module(module), name)
        return made
    for one in entry_points(group=ENTRY_POINTS, name=settings.kind):
        brought: type[Wire] = one.load()
        return brought
    near = difflib.get_close_matches(settings.kind, kinds(), 1)
    hint = f" Is it `{near[0]}`?" if near else ""
    raise SourceError(
        f"[source.{settings.name}]: there is no kind `{settings.kind}`; there are {', '.join(kinds())}.{hint}"
    )
