"""What is told of an event on the sky and of an alert's place on its map, in words."""

from collections.abc import Mapping
from typing import Any

from vra_tui.text import printable

#: A host's distance agrees with the event's within so many sigma.
AGREES = 2.0
_LEAST = 0.005
_SHORT = {"Terrestrial": "Terr"}


def class_words(about: Mapping[str, Any]) -> str:
    """What the event may be, the likeliest first: ``BBH 99 %, Terr 1 %``; else the group of its search."""
    told = about.get("classification")
    classes = (
        [(name, value) for name, value in told.items() if isinstance(value, int | float) and value >= _LEAST]
        if isinstance(told, Mapping)
        else []
    )
    if not classes:
        group, search = (printable(about.get(key), 20) for key in ("group", "search"))
        return f"{group} {search}".strip()
    ranked = sorted(classes, key=lambda item: (-item[1], item[0]))
    return ", ".join(
        f"{printable(_SHORT.get(name, name), 16)} {100 * min(value, 1.0):.0f} %" for name, value in ranked
    )


def kind_words(about: Mapping[str, Any], is_retracted: bool = False) -> str:
    """Which version of an alert it is: preliminary, initial, update, retracted; a map alone is a map."""
    return "retracted" if is_retracted else printable(about.get("alert_type"), 20).lower() or "map"


def days_words(days: float) -> str:
    """When the alert's t0 lies as seen from the event."""
    return f"t0 {abs(days):.2f} d {'after' if days >= 0 else 'before'} it"


def distance_words(mean_mpc: float | None, sigma_mpc: float | None) -> str:
    """How far the event is in the alert's direction; "" where its map tells no distances."""
    if mean_mpc is None:
        return ""
    error = "" if sigma_mpc is None else f" ± {sigma_mpc:.0f}"
    return f"{mean_mpc:.0f}{error} Mpc"


def host_words(host_sigma: float | None) -> str:
    """Whether the host lies where the event does; "" where the distance of either is unknown."""
    if host_sigma is None:
        return ""
    if abs(host_sigma) <= AGREES:
        return f"host agrees ({host_sigma:+.1f}σ)"
    return f"host {abs(host_sigma):.1f}σ {'farther' if host_sigma > 0 else 'nearer'}"
