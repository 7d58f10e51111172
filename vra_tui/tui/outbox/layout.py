"""Where the panes of the outbox stand: a pure function of the terminal's size."""

from collections.abc import Mapping

from textual.geometry import Region, Size

#: From so many columns on list and item stand side by side.
_WIDE = 110
#: Lines of the list above an item, at least.
_LEAST_LIST = 4


def outbox_regions(size: Size) -> Mapping[str, Region]:
    """The place of each pane by its id; what has no place is not shown."""
    width = size.width
    places, body = _framed(size, "outbox-tabs", "outbox-status", "outbox-keys")
    if width >= _WIDE:
        left = width * 9 // 20
        places["outbox-list"] = Region(0, body.y, left, body.height)
        places["outbox-item"] = Region(left + 2, body.y, width - left - 3, body.height)
    else:
        lines = max(min(_LEAST_LIST, body.height), body.height // 3)
        places["outbox-list"] = Region(0, body.y, width, lines)
        places["outbox-item"] = Region(1, body.y + lines + 1, width - 2, body.height - lines - 1)
    return _with_room(places)


def form_regions(size: Size) -> Mapping[str, Region]:
    """The place of each pane of a form."""
    width = size.width
    places, body = _framed(size, "form-title", "form-status", "form-keys")
    if width >= _WIDE:
        right = min(60, width // 3)
        places["form-rows"] = Region(0, body.y, width - right - 2, body.height)
        places["form-findings"] = Region(width - right, body.y, right - 1, body.height)
    else:
        lines = body.height if body.height < 12 else body.height - body.height // 4 - 1
        places["form-rows"] = Region(0, body.y, width, lines)
        places["form-findings"] = Region(2, body.y + lines + 1, width - 3, body.height - lines - 1)
    return _with_room(places)


def _framed(size: Size, top: str, status: str, keys: str) -> tuple[dict[str, Region], Region]:
    """The lines at the top and at the foot, as far as there is room, and what is left between them."""
    width, height = size
    places = {top: Region(0, 0, width, 1)}
    if height >= 3:
        places[keys] = Region(0, height - 1, width, 1)
    if height >= 4:
        places[status] = Region(0, height - 2, width, 1)
    return places, Region(0, 1, width, max(0, height - len(places)))


def _with_room(places: Mapping[str, Region]) -> Mapping[str, Region]:
    return {name: place for name, place in places.items() if place.width > 0 and place.height > 0}
