"""Alerts straight from files, without a store: what each packet says, and the same as pandas tables."""

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vra_tui.api.curves import curve_frame
from vra_tui.api.frames import frame, frame_of_rows
from vra_tui.domain.alert import Alert
from vra_tui.domain.refusal import Refusal
from vra_tui.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from vra_tui.surveys import Surveys
    from vra_tui.surveys.base import Survey

PathLike = str | os.PathLike[str]


class VraWarning(UserWarning):
    """Something that the user should know and that stops nothing: a refused piece of input, a remark."""


def warn(sentence: str) -> None:
    """Tell the user, at the line of theirs that called this package."""
    frame, depth = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("vra_tui."):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(printable(sentence), VraWarning, stacklevel=depth)


def warn_of(refusal: Refusal) -> None:
    """Tell of a refused piece: where it stood, and why."""
    which = f" {refusal.object_id}" if refusal.object_id else ""
    warn(f"refused: {refusal.source}: {refusal.position}:{which} {refusal.reason}")


@dataclass(frozen=True, eq=False)
class Packet:
    """One alert as one packet tells of it: ``alert`` as the program has it, and its tables.

    ``source`` and ``position``: the file, and where in it (`line 3`, `record 2`).
    """

    alert: Alert
    source: str
    position: str

    @property
    def survey(self) -> str:
        """The survey whose alert it is."""
        return self.alert.survey

    @property
    def object_id(self) -> str:
        """Its id there, as the survey writes it."""
        return self.alert.object_id

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the packet says of the object: ra, dec (degrees), name, t0_mjd, real_bogus …"""
        return self.alert.facts

    def light_curve(self) -> "pd.DataFrame":
        """Its epochs in the order of time; columns ``vra.TABLES["light_curve"]``."""
        names = (dict(enumerate(names)) for names in (self.alert.bands, self.alert.instruments))
        bands, instruments = names
        return curve_frame(self.alert.light_curve, bands, instruments)

    def matches(self) -> "pd.DataFrame":
        """Catalogued sources that the packet names; columns ``vra.TABLES["matches"]``."""
        found = self.alert.matches or ()
        return frame_of_rows(
            "matches", ({**self._id, **vars(one), "position": n} for n, one in enumerate(found, start=1))
        )

    def annotations(self) -> "pd.DataFrame":
        """What classifiers say in it; columns ``vra.TABLES["annotations"]``."""
        return frame_of_rows(
            "annotations",
            ({**self._id, **vars(one), "numbers": dict(one.numbers)} for one in self.alert.annotations),
        )

    def stamps(self) -> "pd.DataFrame":
        """Its cutouts as they came; columns ``vra.TABLES["stamps"]``."""
        held = self.alert.stamps
        return stamps_frame(
            {
                "kind": [str(one.kind) for one in held],
                "mjd": [one.mjd for one in held],
                "source_id": [one.source_id for one in held],
                "taken_in": [None] * len(held),
                "data": [one.data for one in held],
            }
        )

    @property
    def _id(self) -> dict[str, str]:
        return {"survey": self.survey, "object_id": self.object_id}

    def __repr__(self) -> str:
        seen = len(self.alert.light_curve.detections)
        return f"<{printable(self.survey)} {printable(self.object_id)}: {seen} detections>"


def stamps_frame(columns: Mapping[str, Sequence[Any]]) -> "pd.DataFrame":
    """Stamps as a table; 0 among the ``source_id`` is an exposure without ids."""
    ids = np.array([str(one) if one else None for one in columns["source_id"]], dtype=object)
    return frame("stamps", {**columns, "epoch_id": ids})


def read(
    *paths: PathLike,
    survey: str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    at: tuple[float, float] | None = None,
    positions: PathLike | None = None,
    surveys: Iterable["Survey"] = (),
    on_refusal: Callable[[Refusal], None] = warn_of,
) -> Iterator[Packet]:
    """The alerts in files, folders and archives, one after the other, as their packets say; nothing is kept.

    ``survey, format, columns, name, at``: as for `vra ingest`, where content does not tell; ``at`` is RA
    and Dec in degrees. ``positions``: a table of ids, RA and Dec for tables without. ``surveys``: more
    surveys than are installed. What is broken is left out and given to ``on_refusal``; by itself that is
    a `vra.VraWarning`. Packets of one object are not united: a store does that. Raises VraError for what
    cannot be meant.

    >>> [alert.object_id for alert in vra.read(packets)]
    ['1100000000000000000', '1100000000000000001']
    """
    from vra_tui.pipeline.ingest import alerts_of, read_paths
    from vra_tui.pipeline.input_options import reading_of

    at_hand = surveys_with(surveys)
    reading = reading_of(
        at_hand,
        format=format,
        columns=columns,
        name=name,
        at=at,
        survey=survey,
        positions=positions,
    )
    pieces = read_paths(map(Path, paths), reading)
    for piece, found in alerts_of(pieces, at_hand, reading.survey, clock=lambda: datetime.now(UTC)):
        if isinstance(found, Refusal):
            on_refusal(found)
        elif found is not None:
            yield Packet(found, piece.source, piece.position)


def surveys_with(more: Iterable["Survey"]) -> "Surveys":
    """The installed surveys and more of them."""
    from vra_tui.surveys import installed_surveys

    return installed_surveys().with_more(more)
