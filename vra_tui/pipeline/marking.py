"""Find the epochs that a scanner means, and mark them: for the key on the screen and `vra mark` alike."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from vra_tui.domain.epoch_identity import SECTIONS, CodeNames, EpochName, identities
from vra_tui.domain.light_curve import LightCurve
from vra_tui.errors import VraError
from vra_tui.store import Store
from vra_tui.store.bad_epochs import code_names
from vra_tui.store.connection import transaction
from vra_tui.store.curves import whole_curve
from vra_tui.store.decisions import Author
from vra_tui.store.epoch_marks import EpochMark, MarkedEpoch, standing_marks

#: A time that somebody typed is that of an exposure not further away, days: about nine seconds.
_SAME_DAYS = 1e-4
#: So many of the nearest times are named where none is meant.
_NAMED = 3
_SEEN, _MISSED, _FORCED = range(3)


def epochs_of_exposure(curve: LightCurve, section: int, row: int, names: CodeNames) -> list[MarkedEpoch]:
    """An epoch, by its section's and its own number, with what else was measured in the same exposure.

    What spoils a detection spoils the forced photometry of its exposure, and the other way round. Another
    detection of the exposure is one for itself.
    """
    chosen = {section: np.zeros(len(curve.sections[section]), dtype=bool)}
    chosen[section][row] = True
    other = {_SEEN: _FORCED, _FORCED: _SEEN}.get(section)
    if other is not None:
        chosen[other] = curve.sections[other].exposure == curve.sections[section].exposure[row]
    return _marked(curve, chosen, names)


def mark_on(
    store: Store, alert_id: int, curve: LightCurve, section: int, row: int, names: CodeNames
) -> EpochMark | None:
    """What was said last of an epoch, by its section's and its own number; None where nothing was."""
    [epoch] = identities(curve.sections[section][row : row + 1], names)
    return standing_marks(store, alert_id).get(EpochName(SECTIONS[section], epoch))


def epochs_at(
    store: Store, alert_id: int, mjd: float, band: str | None = None, source_id: str | None = None
) -> list[MarkedEpoch]:
    """All epochs of an alert at a time (of a band); of the detections those with an id, where one is given.

    Raises VraError where there are none, naming the nearest.
    """
    curve, names = whole_curve(store, alert_id), code_names(store)
    codes = [code for code, name in names.bands.items() if band in (None, name)]
    chosen = {
        number: (np.abs(section.mjd - mjd) <= _SAME_DAYS) & np.isin(section.band, codes)
        for number, section in enumerate(curve.sections)
    }
    if source_id is not None:
        chosen[_SEEN] &= curve.detections.source_id.astype(str) == source_id
    found = _marked(curve, chosen, names)
    if not found:
        every = np.unique(np.concatenate([section.mjd for section in curve.sections]))
        nearest = sorted(every[np.argsort(np.abs(every - mjd))[:_NAMED]].tolist())
        times = ", ".join(f"{one:.5f}" for one in nearest) or "none"
        of_band = f" in {band}" if band else ""
        raise VraError(f"There is no epoch at MJD {mjd:.5f}{of_band}; the nearest are {times}.")
    return found


def _marked(curve: LightCurve, chosen: dict[int, np.ndarray], names: CodeNames) -> list[MarkedEpoch]:
    found = {}
    for number, mask in sorted(chosen.items()):
        section = curve.sections[number][mask]
        for epoch, mjd, band in zip(
            identities(section, names), section.mjd.tolist(), section.band.tolist(), strict=True
        ):
            name = EpochName(SECTIONS[number], epoch)
            found[name] = MarkedEpoch(name, mjd, names.bands.get(band, ""))
    return list(found.values())


def mark(
    store: Store,
    alert_id: int,
    epochs: Sequence[MarkedEpoch],
    is_bad: bool,
    author: Author,
    now: datetime,
    reason: str = "",
) -> list[str]:
    """Mark epochs in a transaction of its own, see `vra_tui.store.marked_alerts.mark_epochs`."""
    # It brings along what takes alerts in, which the screen does without until a mark is made.
    from vra_tui.store.marked_alerts import mark_epochs

    with transaction(store):
        return mark_epochs(store, alert_id, epochs, is_bad, author, now, reason)
