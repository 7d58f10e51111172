"""vra-tui: a Virtual Research Assistant for people who look at transient alerts.

From Python (`docs/python.md`)::

    import vra_tui as vra

    with vra.open("vra.db") as store:
        store.alerts(list="eyeball", filter="rank>7 -tns")
        store.light_curve("ZTF18aabeyio")

Names are imported when they are first asked for: importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vra_tui.errors import VraError

if TYPE_CHECKING:
    from vra_tui.api.columns import TABLES
    from vra_tui.api.convert import image, rank, to_astropy
    from vra_tui.api.opened import OpenStore, open
    from vra_tui.api.packets import Packet, VraWarning, read
    from vra_tui.store.finding import AmbiguousAlert, UnknownAlert

__version__ = "0.3.0"

__all__ = [
    "TABLES",
    "AmbiguousAlert",
    "OpenStore",
    "Packet",
    "UnknownAlert",
    "VraError",
    "VraWarning",
    "image",
    "open",
    "rank",
    "read",
    "to_astropy",
]

#: In which module each name is.
_PLACES = {
    "TABLES": "vra_tui.api.columns",
    "image": "vra_tui.api.convert",
    "rank": "vra_tui.api.convert",
    "to_astropy": "vra_tui.api.convert",
    "OpenStore": "vra_tui.api.opened",
    "open": "vra_tui.api.opened",
    "Packet": "vra_tui.api.packets",
    "VraWarning": "vra_tui.api.packets",
    "read": "vra_tui.api.packets",
    "AmbiguousAlert": "vra_tui.store.finding",
    "UnknownAlert": "vra_tui.store.finding",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_PLACES[name]), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
