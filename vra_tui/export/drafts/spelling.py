"""Write an AT report in the keys that the TNS takes: it knows several spellings, each one a file of JSON.

A spelling is the JSON that is sent with names of fields in braces for its values. A key `*` stands for one
entry for each measurement; `["{@name}"]` for a list of what a field names between commas.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from vra_tui.errors import VraError
from vra_tui.export.drafts.at_report import HEADER, LIMIT, POINT, AtReport, limit_name
from vra_tui.text import printable

_WHOLE = re.compile(r"\{(@?)([a-z_.]+)\}")
#: Of what follows from a field in other words: days from today for a date.
_DERIVED = ("proprietary_days",)
_KNOWN = frozenset({*HEADER, *map(limit_name, LIMIT), *_DERIVED})
_ROWS = frozenset(f"row.{name}" for name in POINT)
#: What every spelling has to send; the rest it may leave out.
_NEEDED = frozenset(
    {
        *"ra dec reporting_group data_source reporter discovery_datetime at_type internal_name".split(),
        *(f"row.{name}" for name in "obsdate flux unit filter instrument".split()),
        *map(limit_name, "obsdate limiting_flux archive archival_remarks".split()),
    }
)
_MOST_BYTES = 1 << 20


class SpellingError(VraError):
    """A spelling of reports that cannot be used; the message names the file and what is wrong."""


def spellings() -> list[str]:
    """The spellings that come with the program."""
    files = resources.files(__package__).joinpath("spellings").iterdir()
    return sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json"))


def read_spelling(name: str) -> dict[str, Any]:
    """A spelling by its name, else from a file of one's own. Raises SpellingError."""
    if name in spellings():
        text = resources.files(__package__).joinpath("spellings", f"{name}.json").read_text(encoding="utf-8")
        return _checked(text, name)
    try:
        content = Path(name).expanduser().read_bytes()[: _MOST_BYTES + 1]
    except OSError:
        known = ", ".join(spellings())
        raise SpellingError(
            f"There is no spelling `{name}` of reports and no such file; there are {known}."
        ) from None
    if len(content) > _MOST_BYTES:
        raise SpellingError(f"{name} is longer than a spelling of reports can be.")
    return _checked(content.decode("utf-8", "replace"), name)


def _checked(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpellingError(f"{where} is no JSON: {error}.") from None
    if not isinstance(found, dict) or not isinstance(found.get("at_report"), dict):
        raise SpellingError(f"{where}: the JSON of a report begins with `at_report`.")
    used: set[str] = set()
    _walk(found, used, where, is_row=False)
    if missing := sorted(_NEEDED - used):
        raise SpellingError(f"{where} leaves out {', '.join(f'{{{name}}}' for name in missing)}.")
    return found


def _walk(value: Any, used: set[str], where: str, is_row: bool) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _walk(inner, used, where, is_row or key == "*")
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, used, where, is_row)
    elif isinstance(value, str) and "{" in value:
        found = _WHOLE.fullmatch(value)
        known = _KNOWN | _ROWS if is_row else _KNOWN
        if found is None or found[2] not in known:
            raise SpellingError(f"{where}: `{printable(value, 60)}` is no field of a report.")
        used.add(found[2])


def written(report: AtReport, spelling: Mapping[str, Any], today: date | None = None) -> dict[str, Any]:
    """A report as it is sent. ``today``: from when the days of a proprietary period count."""
    told = {name: report[name].strip() for name in (*HEADER, *map(limit_name, LIMIT))}
    told["proprietary_days"] = _days(report["proprietary_until"], today or datetime.now(UTC).date())
    rows = [{f"row.{name}": text.strip() for name, text in row.items()} for _, row in report.points()]
    result: dict[str, Any] = _written(spelling, told, rows)
    return result


def joined(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Several reports, each as `written`, as one, as a person hands them in on the page for bulk reports."""
    entries = [entry for one in reports for entry in one["at_report"].values()]
    return {"at_report": {str(number): entry for number, entry in enumerate(entries)}}


def _written(value: Any, told: Mapping[str, str], rows: list[dict[str, str]]) -> Any:
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if key == "*":
                found |= {str(n): _written(inner, {**told, **row}, []) for n, row in enumerate(rows)}
            else:
                found[key] = _written(inner, told, rows)
        return found
    if isinstance(value, list):
        many = [_written(inner, told, rows) for inner in value]
        return [one for inner in many for one in (inner if isinstance(inner, list) else [inner])]
    if isinstance(value, str) and (name := _WHOLE.fullmatch(value)):
        text = told.get(name[2], "")
        return [one.strip() for one in text.split(",") if one.strip()] if name[1] else text
    return value


def _days(until: str, today: date) -> str:
    try:
        return str(max(0, (date.fromisoformat(until.strip()) - today).days))
    except ValueError:
        return "0"
