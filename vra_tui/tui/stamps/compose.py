"""Lay the stamps of an alert out in a pane: the pictures of one exposure side by side, or all exposures."""

from vra_tui.store.stamp_bytes import StampEpoch
from vra_tui.tui.stamps.captions import caption, exposure_words, scale_bar, side_by_side, strength
from vra_tui.tui.stamps.frame import (
    Frame,
    Placement,
    Screen,
    Shown,
    below,
    empty_frame,
    message_frame,
    placed,
    put,
    shown_picture,
    square_of,
)
from vra_tui.tui.stamps.look import KINDS, SINGLE, Look, Plan, plan
from vra_tui.tui.stamps.sheet import epochs_of_sheet, sheet
from vra_tui.tui.stamps.shelf import AlertStamps

#: Pixels of a stamp as long as none was decoded; and lines that a strip of other exposures needs.
_USUAL, _STRIP = 63, 10


def wanted_epochs(stamps: AlertStamps, index: int, look: Look, screen: Screen) -> list[int]:
    """The epochs whose pictures a frame shows, as places in ``stamps.epochs``."""
    if look.sheet:
        return epochs_of_sheet(stamps, index, screen)
    strip = _strip(stamps, _planned(stamps, index, look, screen), look, screen)
    return sorted({index, *(epochs_of_sheet(stamps, index, strip) if strip else ())})


def compose(stamps: AlertStamps, index: int, look: Look, screen: Screen, why_none: str = "") -> Frame:
    """The frame of an alert's epoch ``index``. ``why_none``: said where there are no stamps."""
    if not stamps.epochs and stamps.context is None:
        return message_frame(screen, stamps.fault or why_none or "no stamps came with this alert")
    if look.sheet and stamps.epochs:
        return sheet(stamps, index, look, screen)
    laid = _planned(stamps, index, look, screen)
    known = _known(stamps, index)
    if laid is None or not known:
        return empty_frame(screen)
    frame = _one_epoch(stamps, index, _turned(known, look.turn, laid.count), laid, look, screen)
    strip = _strip(stamps, laid, look, screen)
    if strip is None:
        return frame
    others = sheet(stamps, index, Look(contrast=look.contrast), strip)
    return below(frame, others, screen.height - strip.height)


def _known(stamps: AlertStamps, index: int) -> list[str]:
    """The kinds of pictures that there are of an epoch, in their order."""
    held = set(stamps.pictures.get(index, {})) or set(stamps.epochs[index].kinds if stamps.epochs else ())
    if stamps.context is not None:
        held.add("context")
    return [kind for kind in KINDS if kind in held]


def _planned(stamps: AlertStamps, index: int, look: Look, screen: Screen) -> Plan | None:
    own = stamps.pictures.get(index) or next(iter(stamps.pictures.values()), {})
    whole = max((min(one.pixels.shape) for one in own.values()), default=_USUAL)
    return plan(screen.width, screen.height, len(_known(stamps, index)), look.full, max(whole, 15))


def _strip(stamps: AlertStamps, laid: Plan | None, look: Look, screen: Screen) -> Screen | None:
    """The room for other exposures below whole pictures; None where there is none, or no other exposure."""
    if laid is None or not look.full or len(stamps.epochs) < 2:
        return None
    height = screen.height - laid.lines - 2
    return Screen(screen.width, height, screen.now_mjd, screen.ascii) if height >= _STRIP else None


def _turned(known: list[str], turn: int, count: int) -> list[str]:
    order = [kind for kind in (KINDS if count > 1 else SINGLE) if kind in known]
    turn %= len(order)
    return [*order[turn:], *order[:turn]][:count]


def _one_epoch(
    stamps: AlertStamps, index: int, kinds: list[str], laid: Plan, look: Look, screen: Screen
) -> Frame:
    frame = empty_frame(screen)
    epoch = stamps.epochs[index] if stamps.epochs else None
    place = f"{index + 1}/{len(stamps.epochs)}" if len(stamps.epochs) > 1 else ""
    captions = []
    placements: tuple[Placement, ...] = ()
    for at, kind in enumerate(kinds):
        column = at * (laid.columns + 1)
        picture = stamps.context if kind == "context" else stamps.pictures.get(index, {}).get(kind)
        if picture is None:
            continue
        shown = shown_picture(stamps, picture, (index, kind), laid, look.contrast, smooth=not look.full)
        put(frame.cells, square_of(shown, laid, ascii=screen.ascii), 0, column)
        placements += placed(shown, laid, 0, column)
        rights = _rights(kind, kinds, shown, epoch, place, laid, screen)
        captions.append(caption(kind, rights, laid.columns, stamps.lender.upper() if not at else ""))
    words = {laid.lines: side_by_side(captions, laid.columns, screen.width)}
    return Frame(frame.cells, words if laid.lines < screen.height else {}, placements)


def _rights(
    kind: str,
    kinds: list[str],
    shown: Shown,
    epoch: StampEpoch | None,
    place: str,
    laid: Plan,
    screen: Screen,
) -> list[str]:
    """Words on the right of a caption, from long to short."""
    bar = scale_bar(shown.arcsec / laid.zoom, laid.columns * 2 // 5 + 2, ascii=screen.ascii)
    if kind in ("template", "context") or epoch is None:
        return [bar]
    words = exposure_words(epoch, screen.now_mjd, place)
    if kind == "science":
        return words
    sigma = strength(epoch, ascii=screen.ascii)
    if len(kinds) == 1:
        return [*(f"{one} {sigma}" for one in words), sigma]
    # The scale stands below the template; where there is none, here.
    return [sigma] if "template" in kinds else [f"{bar}  {sigma}", sigma]
