"""One line for each alert that was found, to choose from."""

from vra_tui.store.listing import ListRow
from vra_tui.text import printable
from vra_tui.tui.sky import sexagesimal
from vra_tui.tui.spans import Line
from vra_tui.tui.tabs import LIST_TITLES


def found_line(row: ListRow) -> Line:
    """What tells an alert from others of its name or place: survey, id, names, rank, list, position."""
    names = " ".join(dict.fromkeys(filter(None, (printable(row.name, 20), printable(row.other_name, 20)))))
    where = "unscored" if row.list is None else LIST_TITLES.get(row.list, printable(row.list, 16))
    mag = "" if row.last_mag is None else f"{row.last_mag:.1f}"
    return [
        (f"{printable(row.survey, 8):<6}", "dim"),
        (f"{printable(row.object_id, 22):<22} ", "strong"),
        (f"{names:<22} ", "text"),
        (f"{'' if row.rank is None else f'{row.rank:.1f}':>4}  ", "value"),
        (f"{mag:>5}  ", "text"),
        (f"{where:<16} ", "text"),
        (sexagesimal(row.ra, row.dec), "dim"),
    ]
