"""Which alerts are meant: one or many, as the command line takes them, by pairs, or by a table's rows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from vra_tui.errors import VraError
from vra_tui.store import Store
from vra_tui.store.finding import UnknownAlert, find_alert
from vra_tui.store.table_columns import numbers_of_alerts
from vra_tui.text import printable

#: One alert: what `vra show` takes (an id, `survey:id`, a name, a TNS designation), or (survey, object_id).
#: A whole number is an id of digits.
AlertName = str | int | tuple[str, str]
if TYPE_CHECKING:
    import pandas as pd

    #: Many: one after the other, or a table with the columns ``survey`` and ``object_id``.
    AlertNames: TypeAlias = AlertName | Iterable[AlertName] | pd.DataFrame


def number_of(store: Store, alert: AlertName) -> int:
    """The store's number of one alert.

    Raises UnknownAlert, AmbiguousAlert (with the alerts that share the name in ``choices``), and VraError for
    what is no name at all.
    """
    if isinstance(alert, tuple):
        return _numbers_of_pairs(store, [_pair(alert)])[0]
    return find_alert(store, _text(alert))


def numbers_of(store: Store, alerts: "AlertNames") -> list[int]:
    """The store's numbers of many alerts, in the order in which they are named."""
    if hasattr(alerts, "columns"):
        return _numbers_of_pairs(store, _pairs_of(alerts))
    if isinstance(alerts, str | tuple) or not isinstance(alerts, Iterable):
        return [number_of(store, alerts)]
    return [number_of(store, alert) for alert in alerts]


def _numbers_of_pairs(store: Store, pairs: list[tuple[str, str]]) -> list[int]:
    known = numbers_of_alerts(store, pairs)
    for survey, object_id in pairs:
        if (survey, object_id) not in known:
            raise UnknownAlert(
                f"The store holds no alert {printable(object_id, 60)!r} of `{printable(survey, 40)}`."
            )
    return [known[pair] for pair in pairs]


def _pairs_of(table: Any) -> list[tuple[str, str]]:
    """Survey and object id of the rows of a table."""
    missing = [name for name in ("survey", "object_id") if name not in table.columns]
    if missing:
        raise VraError(f"A table names alerts by `survey` and `object_id`; it has no `{missing[0]}`.")
    return [_pair(pair) for pair in zip(table["survey"].tolist(), table["object_id"].tolist(), strict=True)]


def _pair(names: Iterable[Any]) -> tuple[str, str]:
    pair = tuple(names)
    if len(pair) != 2 or not isinstance(pair[0], str):
        raise VraError(f"{pair!r} names no alert: a pair is (survey, object_id).")
    return pair[0], _text(pair[1])


def _text(name: object) -> str:
    if isinstance(name, str):
        return name
    # Not a bool, and no float: that has rounded an id of 19 digits.
    if hasattr(name, "__index__") and not isinstance(name, bool):
        return str(int(name))
    raise VraError(
        f"{name!r} names no alert: an id is a text, or a whole number. A float has rounded long ids; read "
        "them with dtype=str."
    )
