"""An open store for notebooks and scripts: what it holds as pandas tables, and what `vra` does as methods."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from vra_tui.api.curves import curve_frame, curves_frame
from vra_tui.api.frames import frame
from vra_tui.api.names import AlertName, number_of, numbers_of
from vra_tui.store import Store, table_columns
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.store.objects import names_of
from vra_tui.store.query import DEFAULT_SORT, ListQuery, query_ids

if TYPE_CHECKING:
    import pandas as pd


def open(
    path: str | os.PathLike[str] | None = None, *, create: bool = False, scanner: str | None = None
) -> "OpenStore":
    """Open the store at ``path``; without one VRA_DB's, else the user's own, as the command line does.

    ``create``: make an empty one where there is none. ``scanner``: who decides; else VRA_SCANNER, else the
    login name. Raises VraError where there is no store, it cannot be opened, or is of a newer version.

    >>> with vra.open(path) as store:
    ...     print(len(store.alerts()))
    8
    """
    from vra_tui.pipeline.defaults import store_path

    return OpenStore(store_path(None if path is None else Path(path)), create=create, scanner=scanner)


class OpenStore:
    """One open store. Tables come back as pandas DataFrames, with ``attrs["units"]`` from column to unit.

    It is a context manager, and may stay open beside screens and other processes: each call reads what is in
    the file then. Use it in the thread that opened it; open one for each thread.
    """

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
        alerts, decisions = table_columns.totals(self._store)
        return f"<store {self._path}: {alerts:,} alerts, {decisions:,} decisions>"

    def __len__(self) -> int:
        """How many alerts it holds."""
        return table_columns.totals(self._open)[0]

    def __contains__(self, alert: AlertName) -> bool:
        """Whether it holds an alert of this id or name."""
        from vra_tui.store.finding import AmbiguousAlert, UnknownAlert

        try:
            number_of(self._open, alert)
        except UnknownAlert:
            return False
        except AmbiguousAlert:
            return True
        return True

    @property
    def _open(self) -> Store:
        from vra_tui.store.connection import StoreError

        if self._store is None:
            raise StoreError(f"The store {self._path} was closed. Open it again with vra.open.")
        return self._store

    def alerts(
        self, list: str = "all", filter: str = "", *, sort: str = DEFAULT_SORT, limit: int | None = None
    ) -> "pd.DataFrame":
        """The alerts of a list, one a row, best rank first; columns ``vra.TABLES["alerts"]``.

        ``list``: as `vra list` names them (eyeball, fasttrack, good …; all). ``filter``: the words of the
        screen, all of which must hold. ``sort``: rank, urgency, newest, brightest, rising, uncertain,
        nearest. ``limit``: so many at most. Raises VraError for a list, a word or an order that is none.

        >>> store.alerts(filter="mag<18.6", limit=2)[["survey", "object_id", "list"]]
          survey            object_id      list
        0  atlas  1100000000000000000  ...
        """
        numbers = query_ids(self._open, ListQuery(list, sort, filter), limit=limit)
        return frame("alerts", table_columns.alert_columns(self._open, numbers))

    def light_curve(self, alert: AlertName) -> "pd.DataFrame":
        """All epochs of one alert in the order of time, detections, limits and forced photometry.

        Columns ``vra.TABLES["light_curve"]``: times MJD (UTC), fluxes µJy, magnitudes AB. A negative
        magnitude is a negative difference flux of that size. Raises VraError for an alert that is not there,
        or a name that several share.

        >>> store.light_curve("1100000000000000000")["kind"].value_counts().to_dict()
        {'detection': 4, 'limit': 4}
        """
        number = number_of(self._open, alert)
        curve = light_curve(self._open, number)
        return curve_frame(curve, band_names(self._open), instrument_names(self._open))

    def light_curves(self, alerts: Any) -> "pd.DataFrame":
        """The epochs of many alerts in one table, with ``survey`` and ``object_id`` in front.

        ``alerts``: ids or names as for `light_curve`, one after the other, or a table with the columns survey
        and object_id, such as `alerts` gives. Each alert is there once.

        >>> store.light_curves(store.alerts(limit=3)).groupby(["survey", "object_id"]).size().tolist()
        [8, 8, 8]
        """
        curves = table_columns.whole_light_curves(self._open, numbers_of(self._open, alerts))
        named = names_of(self._open, curves.alert_id.tolist())
        names = [named[number] for number in curves.alert_id.tolist()]
        return curves_frame(curves, names, band_names(self._open), instrument_names(self._open))

    def scores(self, alert: AlertName | None = None) -> "pd.DataFrame":
        """The score of each visit of one alert, or of all; columns ``vra.TABLES["scores"]``.

        Of a visit that was scored more than once it is the latest.
        """
        return frame("scores", table_columns.score_columns(self._open, self._numbers(alert)))

    def matches(self, alert: AlertName | None = None) -> "pd.DataFrame":
        """Catalogued sources near one alert, or near all; columns ``vra.TABLES["matches"]``."""
        return frame("matches", table_columns.match_columns(self._open, self._numbers(alert)))

    def _numbers(self, alert: AlertName | None) -> Sequence[int] | None:
        return None if alert is None else [number_of(self._open, alert)]
