"""The plugin that Datasette finds: functions for its SQL, ready queries, and cells that are pictures."""

import base64
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

from vra_tui.dashboard.curve_svg import curve_json, curve_svg
from vra_tui.dashboard.stamp_png import stamp_png
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.store.codes import band_names
from vra_tui.store.dashboard import READY_QUERIES, is_store
from vra_tui.store.sections import unpacked
from vra_tui.surveys import Surveys, installed_surveys

_PNG = b"\x89PNG\r\n\x1a\n"
#: A larger picture is offered for download, not shown in a table.
_MOST_BYTES = 1_000_000


@hookimpl
def prepare_connection(conn: Any) -> None:
    """Give stores the functions that their queries use; other databases are left alone."""
    if not is_store(conn):
        return
    bands, surveys = band_names(conn), installed_surveys()

    def curve(detections: bytes | None, nondetections: bytes | None, forced: bytes | None) -> str | None:
        if detections is None or nondetections is None or forced is None:
            return None
        try:
            return curve_json(LightCurve.from_bytes(*unpacked((detections, nondetections, forced))), bands)
        except ValueError:
            return None

    def stamp(data: bytes | None, survey: str | None) -> bytes | None:
        return None if data is None else stamp_png(data, _frame(surveys, survey))

    conn.create_function("vra_curve", 3, curve, deterministic=True)
    conn.create_function("vra_stamp", 2, stamp, deterministic=True)


def _frame(surveys: Surveys, survey: str | None) -> StampFrame:
    return surveys[survey].stamp_frame if survey is not None and survey in surveys else StampFrame()


@hookimpl
def canned_queries(datasette: Any, database: str) -> Any:
    """Offer the ready queries on every store."""

    async def queries() -> dict[str, Any]:
        if not await datasette.get_database(database).execute_fn(is_store):
            return {}
        return {
            name: {"title": one.title, "description": one.description, "sql": one.sql, "hide_sql": True}
            for name, one in READY_QUERIES.items()
        }

    return queries


@hookimpl
def render_cell(value: Any, column: str, database: str, datasette: Any) -> Any:
    """Show light curves and stamps as pictures, and ids as links; all else as Datasette does."""
    if isinstance(value, bytes) and value.startswith(_PNG) and len(value) <= _MOST_BYTES:
        return Markup('<img alt="stamp" src="data:image/png;base64,{}">').format(
            base64.b64encode(value).decode("ascii")
        )
    if not isinstance(value, str):
        return None
    if column == "light_curve":
        drawn = curve_svg(value)
        # Made of numbers and escaped names alone.
        return None if drawn is None else Markup(drawn)
    if column == "object_id":
        pages = (
            Markup('<a href="{}?object_id={}">{}</a>').format(
                datasette.urls.query(database, name), value, words
            )
            for name, words in (("alert", value), ("stamps", "stamps"), ("decisions_of_alert", "decisions"))
        )
        return Markup(" · ").join(pages)
    return None
