"""What an open store holds, as pandas tables: the reading half of `vra.OpenStore`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from vra_tui.api.columns import feature_unit
from vra_tui.api.curves import curve_frame, curves_frame
from vra_tui.api.faults import in_words
from vra_tui.api.frames import frame, frame_of_rows
from vra_tui.api.names import AlertName, number_of, numbers_of
from vra_tui.api.packets import stamps_frame
from vra_tui.domain.uniting import annotation_of_text
from vra_tui.export import label_files
from vra_tui.ranking.lists import ALL
from vra_tui.store import Store, StoreFault, table_columns
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.connection import StoreError, open_store, reason
from vra_tui.store.curves import light_curve, light_curves
from vra_tui.store.finding import AmbiguousAlert, UnknownAlert
from vra_tui.store.listing import list_ids
from vra_tui.store.log import HistoryQuery, bound
from vra_tui.store.objects import names_of
from vra_tui.store.query import DEFAULT_SORT, ListQuery, query_ids

if TYPE_CHECKING:
    import pandas as pd

    from vra_tui.api.names import AlertNames


def now() -> datetime:
    """The time by this machine's clock, UTC."""
    return datetime.now(UTC)


class StoreTables:
    """The tables of one open store. ``attrs["units"]`` of each leads from a column to its unit."""

    def __init__(self, path: Path, *, create: bool = False, scanner: str | None = None) -> None:
        self._path = path
        self._scanner = scanner
        self._store: Store | None = open_store(path, create=create)

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Twice does no harm; what was decided is on the disk already."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def __repr__(self) -> str:
        if self._store is None:
            return f"<closed store {self._path}>"
        try:
            alerts, decisions = table_columns.totals(self._store)
        except StoreFault as error:
            return f"<store {self._path}: {reason(error)}>"
        return f"<store {self._path}: {alerts:,} alerts, {decisions:,} decisions>"

    @in_words
    def __contains__(self, alert: AlertName) -> bool:
        """Whether it holds an alert of this id or name."""
        try:
            number_of(self._open, alert)
        except UnknownAlert:
            return False
        except AmbiguousAlert:
            return True
        return True

    @property
    def _open(self) -> Store:
        if self._store is None:
            raise StoreError(f"The store {self._path} was closed. Open it again with vra.open.")
        return self._store

    @in_words
    def alerts(
        self, list: str = "all", filter: str = "", *, sort: str = DEFAULT_SORT, limit: int | None = None
    ) -> "pd.DataFrame":
        """The alerts of a list, one a row, best rank first; columns ``vra.TABLES["alerts"]``.

        ``list``: as `vra list` names them (eyeball, fasttrack, good …; all). ``filter``: the words of the
        screen, all of which must hold. ``sort``: rank, urgency, newest, brightest, rising, uncertain,
        nearest. ``limit``: so many at most. Raises VraError for a list, a word or an order that is none.

        >>> store.alerts(filter="mag<18.6 day>=0", limit=2)[["survey", "object_id", "visit", "list"]]
          survey            object_id  visit           list
        0  atlas  1100000000000000000      1           good
        1  atlas  1100000000000000001      1  extragalactic
        """
        numbers = query_ids(self._open, ListQuery(list, sort, filter), limit=limit)
        return frame("alerts", *table_columns.alert_columns(self._open, numbers))

    @in_words
    def light_curve(self, alert: AlertName) -> "pd.DataFrame":
        """All epochs of one alert in the order of time, detections, limits and forced photometry.

        Columns ``vra.TABLES["light_curve"]``: times MJD (UTC), fluxes µJy, magnitudes AB. A negative
        magnitude is a negative difference flux of that size. Raises VraError for an alert that is not there,
        or a name that several share.

        >>> store.light_curve("1100000000000000000")["kind"].value_counts().to_dict()
        {'limit': 8, 'detection': 4}
        """
        number = number_of(self._open, alert)
        curve = light_curve(self._open, number)
        return curve_frame(curve, band_names(self._open), instrument_names(self._open))

    @in_words
    def light_curves(self, alerts: "AlertNames") -> "pd.DataFrame":
        """The epochs of many alerts in one table, with ``survey`` and ``object_id`` in front.

        ``alerts``: ids or names as for `light_curve`, one after the other, or a table with the columns survey
        and object_id, such as `alerts` gives. Each alert is there once.

        >>> store.light_curves(store.alerts(limit=2)).groupby(["survey", "object_id"]).size().tolist()
        [12, 14]
        """
        curves = light_curves(self._open, numbers_of(self._open, alerts), with_forced=True)
        named = names_of(self._open, curves.alert_id.tolist())
        names = [named[number] for number in curves.alert_id.tolist()]
        return curves_frame(curves, names, band_names(self._open), instrument_names(self._open))

    @in_words
    def scores(self, alert: AlertName | None = None) -> "pd.DataFrame":
        """The score of each visit of one alert, or of all; columns ``vra.TABLES["scores"]``.

        Of a visit that was scored more than once it is the latest.
        """
        return frame("scores", table_columns.score_columns(self._open, self._numbers(alert)))

    @in_words
    def matches(self, alert: AlertName | None = None) -> "pd.DataFrame":
        """Catalogued sources near one alert, or near all; columns ``vra.TABLES["matches"]``."""
        return frame("matches", table_columns.match_columns(self._open, self._numbers(alert)))

    @in_words
    def annotations(self, alert: AlertName | None = None) -> "pd.DataFrame":
        """What classifiers said of one alert, or of all, with history; columns ``vra.TABLES["annotations"]``.

        ``numbers`` holds a dict a row: probabilities or other numbers by name.
        """
        found = table_columns.annotation_columns(self._open, self._numbers(alert))
        return frame_of_rows(
            "annotations",
            (
                {"survey": survey, "object_id": object_id, **vars(annotation_of_text(said))}
                for survey, object_id, said in zip(*found.values(), strict=True)
            ),
        )

    @in_words
    def stamps(self, alert: AlertName) -> "pd.DataFrame":
        """The cutouts that are held of one alert, latest exposure first; columns ``vra.TABLES["stamps"]``.

        ``data`` holds the bytes as they came; `vra.image` makes an array of them.

        >>> store.stamps("ZTF24demo")[["kind", "mjd"]].to_dict("records")
        [{'kind': 'science', 'mjd': 60475.31}]
        """
        return stamps_frame(table_columns.stamp_columns(self._open, number_of(self._open, alert)))

    @in_words
    def labels(
        self,
        history: bool = False,
        *,
        scanner: str | None = None,
        since: str | None = None,
        with_machine: bool = False,
    ) -> "pd.DataFrame":
        """The decisions that stand, one row each, oldest first; columns ``vra.TABLES["labels"]``.

        ``history``: every decision, undo and note instead; columns ``vra.TABLES["history"]``. ``scanner``:
        that one's alone. ``since``: a day or time (UTC), a span such as 7d, or a decision's id.
        ``with_machine``: the policies' own decisions too. Raises VraError for what cannot be meant.

        >>> store.labels()[["object_id", "label", "scanner"]]
                     object_id label scanner
        0  1100000000000000000  good     zoe
        """
        after = None if since is None else bound(since, now())
        query = HistoryQuery(scanner=scanner, after=after, with_machine=with_machine)
        if history:
            return frame_of_rows("history", label_files.history_labels(self._open, query))
        return frame_of_rows("labels", label_files.standing_labels(self._open, query))

    @in_words
    def features(
        self,
        feature_set: str = "vra-dayN-1",
        alerts: "AlertNames | None" = None,
        *,
        at_mjd: float | None = None,
    ) -> "pd.DataFrame":
        """The features of alerts, one row each in the order in which they are named, float64, NaN where none.

        ``feature_set``: by name and version, as model cards name it. ``alerts``: as for `light_curves`; all
        alerts by default. ``at_mjd``: as they stood then, from data up to that MJD. In front stand survey and
        object_id. Raises VraError for a set that is not known.

        >>> store.features("vra-day1-1", ["1100000000000000000"])[["object_id", "magdet_std"]].shape
        (1, 2)
        """
        import pandas as pd

        from vra_tui.pipeline.feature_parts import feature_parts

        wanted = self._all() if alerts is None else list(dict.fromkeys(numbers_of(self._open, alerts)))
        parts = [*feature_parts(self._open, feature_set, wanted, at_mjd)]
        held = np.concatenate([part.alert_id for part in parts])
        values = np.concatenate([part.values for part in parts])
        rows = np.searchsorted(held, np.array(wanted, dtype=np.int64))
        named = names_of(self._open, wanted)
        made = pd.DataFrame(values[rows], columns=list(parts[0].names))
        for place, name in enumerate(("survey", "object_id")):
            made.insert(place, name, pd.array([named[number][place] for number in wanted], dtype="string"))
        made.attrs["units"] = {name: unit for name in parts[0].names if (unit := feature_unit(name))}
        made.attrs["feature_set"] = feature_set
        return made

    def _all(self) -> list[int]:
        return [int(number) for number in list_ids(self._open, ALL)]

    def _numbers(self, alert: AlertName | None) -> Sequence[int] | None:
        return None if alert is None else [number_of(self._open, alert)]
