"""`vra drift`: compare recent alerts with earlier ones, by unit and night; exit 1 on drift."""

import shutil
import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say
from vra_tui.cli.figures import Plot

if TYPE_CHECKING:
    from vra_tui.pipeline.measure_drift import DriftMeasurement
    from vra_tui.scoring.drift.verdict import UnitComparison

#: Exit code for a verdict of drift.
DRIFTED = 1
#: With more days than this, the numbers of every night are in the JSON alone.
_NIGHTS_PRINTED = 14
#: What is told of each unit, and its title.
_TOLD = {"rb_pix": "real/bogus", "rank": "rank", "discarded": "discarded", "shown": "shown"}
#: Columns whose change is drawn: those that changed most.
_COLUMNS_DRAWN = 12
#: PSI from which a column that raises no alarm is printed all the same.
_WORTH_A_LINE = 0.1


def drift(
    days: Annotated[
        int | None, typer.Option(min=2, max=120, help="Nights on each side of the comparison. Default: 7.")
    ] = None,
    db: Db = None,
    model: Annotated[str | None, typer.Option(help="A model's name or folder. Default: in use.")] = None,
    at_mjd: Annotated[
        float | None, typer.Option("--at-mjd", help="As it stood then: only alerts up to this MJD.")
    ] = None,
    plot: Plot = False,
    as_json: AsJson = False,
) -> None:
    """Compare the last nights with those before and with training. Exit code 1: drift."""
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.measure_drift import DAYS, keep_verdict, measure_drift
    from vra_tui.scoring.drift.verdict import Status
    from vra_tui.scoring.model.library import load_in_use

    chosen, warning = load_in_use(model)
    if warning:
        say(warning)
    connection = open_existing(db)
    found = measure_drift(
        connection,
        chosen,
        clock=lambda: datetime.now(UTC),
        days=days or DAYS,
        at_mjd=float("inf") if at_mjd is None else at_mjd,
        policy=load_config().policy(),
    )
    # What was asked of the past, or of another model, is not what the screen should show.
    if at_mjd is None and model is None and not connection.is_read_only:
        keep_verdict(connection, found)
    if as_json:
        print_json(_record(found))
    else:
        _print(found)
        if plot:
            _draw(found)
    raise typer.Exit(DRIFTED if found.assessment.status is Status.DRIFT else 0)


def _record(found: "DriftMeasurement") -> dict[str, Any]:
    """Everything, for machines: the verdict, findings, every comparison, the numbers of every night."""
    assessment, stream = found.assessment, found.stream
    names = [column.name for column in stream.columns]
    nights = list(range(assessment.reference[0], assessment.recent[1] + 1))
    counts = stream.counts(_array(nights)).tolist()
    return {
        **vars(found.verdict),
        "reference": {"nights": assessment.reference, "rows": assessment.rows[0]},
        "recent": {"nights": assessment.recent, "rows": assessment.rows[1]},
        "findings": [
            {**vars(finding), "columns": [names[index] for index in finding.columns]}
            for finding in assessment.findings
        ],
        "rises": [{**vars(rise), "unit": stream.units[rise.unit]} for rise in assessment.rises],
        "inflow": [
            {"night": night, **dict(zip(stream.units, row, strict=True))}
            for night, row in zip(nights, counts, strict=True)
        ],
        "training": {
            unit or "all": {name: vars(shift) for name, shift in shifts.items()}
            for unit, shifts in found.training.items()
        },
        "comparisons": [_comparison(group, found, "before") for group in assessment.groups]
        + [_comparison(group, found, "other units") for group in assessment.new_units],
    }


def _comparison(group: "UnitComparison", found: "DriftMeasurement", against: str) -> dict[str, Any]:
    shifts = group.shifts
    columns = zip(
        found.stream.columns, shifts.psi.tolist(), shifts.distance.tolist(), shifts.p_value.tolist(),
        shifts.before.tolist(), shifts.now.tolist(), group.is_over.tolist(), strict=True,
    )  # fmt: skip
    return {
        "unit": group.unit,
        "night": group.night,
        "against": against,
        "reference_rows": group.reference_rows,
        "recent_rows": group.recent_rows,
        "columns": [
            {
                "name": column.name, "share_of_gain": column.use, "counts": column.counts, "psi": psi,
                "ks": distance, "p_value": p_value, "before": before, "now": now, "over": over,
            }
            for column, psi, distance, p_value, before, now, over in columns
        ],
    }  # fmt: skip


def _array(nights: list[int]) -> Any:
    import numpy as np

    return np.array(nights, dtype=np.int64)


def _print(found: "DriftMeasurement") -> None:
    for sentence in found.verdict.sentences:
        typer.echo(textwrap.fill(sentence, _width(), subsequent_indent="  "))
    if found.assessment.groups:
        typer.echo("")
        _print_columns(found)
        typer.echo("")
        _print_units(found)
        _print_decided(found)
    if found.verdict.days <= _NIGHTS_PRINTED:
        typer.echo("")
        _print_inflow(found)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 110


#: Titles of the table of columns, and which of them a narrow terminal has room for.
_TITLES = ("", "use", "before", "now", "PSI", "KS", "p", "unit", "training")
_NARROW = (0, 2, 3, 4, 7)
_ROOM_FOR_ALL = 105


def _all_units(found: "DriftMeasurement") -> "UnitComparison | None":
    """The comparison of all recent alerts, where there are enough."""
    groups = found.assessment.groups
    return next((group for group in groups if group.unit is None and group.night is None), None)


def _print_columns(found: "DriftMeasurement") -> None:
    """All units together, column by column, most used first; the unit that moved most; training rows."""
    from vra_tui.cli.output import number, print_table
    from vra_tui.scoring.drift.sentences import value_words

    stream, groups = found.stream, found.assessment.groups
    whole = _all_units(found)
    units = [g for g in groups if g.unit is not None and g.night is None]
    if whole is None:
        return
    shifts, training = whole.shifts, found.training[""]
    rows = []
    for index, column in enumerate(stream.columns):
        if not column.counts and shifts.psi[index] < _WORTH_A_LINE:
            continue
        farthest = max(units, key=lambda g: float(g.shifts.psi[index]), default=None)
        trained = training.get(column.name)
        rows.append(
            [
                column.words if column.counts else f"({column.words})",
                "" if column.use != column.use else f"{column.use:.0%}",
                *(value_words(stream, index, float(part[index])) for part in (shifts.before, shifts.now)),
                number(float(shifts.psi[index])),
                number(float(shifts.distance[index])),
                _chance(float(shifts.p_value[index])),
                "" if farthest is None else f"{farthest.unit} {farthest.shifts.psi[index]:.2f}",
                "" if trained is None else number(trained.psi),
            ]
        )
    width = _width()
    shown = range(len(_TITLES)) if width >= _ROOM_FOR_ALL else _NARROW
    right = tuple(place for place, index in enumerate(shown) if index not in (0, 7))
    print_table([_TITLES[i] for i in shown], [[row[i] for i in shown] for row in rows], right)
    note = "unit: the one with the greatest PSI. "
    if len(shown) == len(_TITLES):
        note = f"use: share of the model's gain. {note}training: PSI against the training rows. "
    note += "In brackets: raises no alarm, being little used or following the sky and the Moon."
    typer.echo(textwrap.fill(note, width))


def _chance(p_value: float) -> str:
    return f"{p_value:.2f}" if p_value >= 0.005 else f"{p_value:.0e}"


def _print_units(found: "DriftMeasurement") -> None:
    """Each unit: alerts a night, and the columns that say most about what it brings, before and now."""
    from vra_tui.cli.output import print_table
    from vra_tui.scoring.drift.sentences import value_words

    stream, assessment = found.stream, found.assessment
    names = [column.name for column in stream.columns]
    told = {names.index(name): title for name, title in _TOLD.items() if name in names}
    spans = [stream.between(*span) for span in (assessment.reference, assessment.recent)]
    rows = []
    for unit, name in enumerate(stream.units):
        mine = [span.of_unit(unit) for span in spans]
        cells = [name, " → ".join(_a_night(part.night) for part in mine)]
        cells += [
            " → ".join(value_words(stream, index, _middle(part.values[:, index])) for part in mine)
            for index in told
        ]
        rows.append(cells)
    print_table(["unit", "alerts a night", *told.values()], rows)


def _print_decided(found: "DriftMeasurement") -> None:
    """The mix of decisions so far, on the alerts before and on the recent ones."""
    from vra_tui.scoring.drift.sentences import value_words

    whole = _all_units(found)
    if whole is None:
        return
    shifts = whole.shifts
    parts = [
        f"{column.words} {value_words(found.stream, index, float(shifts.before[index]))} → "
        f"{value_words(found.stream, index, float(shifts.now[index]))}"
        for index, column in enumerate(found.stream.columns)
        if column.name.startswith("decided_") and shifts.now[index] == shifts.now[index]
    ]
    if parts:
        typer.echo("\n" + textwrap.fill(f"Decisions: {', '.join(parts)}.", _width()))


def _a_night(night: Any) -> str:
    import numpy as np

    return f"{len(night) / len(np.unique(night)):.0f}" if len(night) else "-"


def _middle(column: Any) -> float:
    import numpy as np

    from vra_tui.scoring.drift.shift import middle

    return middle(np.sort(column[~np.isnan(column)]))


def _print_inflow(found: "DriftMeasurement") -> None:
    """Alerts of each night by unit."""
    from vra_tui.cli.output import print_table
    from vra_tui.scoring.drift.sentences import night_words

    stream, assessment = found.stream, found.assessment
    nights = list(range(assessment.reference[0], assessment.recent[1] + 1))
    rows = [
        [night_words(night), *(str(n) if n else "-" for n in row), str(sum(row)),
         "before" if night <= assessment.reference[1] else ""]
        for night, row in zip(nights, stream.counts(_array(nights)).tolist(), strict=True)
    ]  # fmt: skip
    right = tuple(range(1, len(stream.units) + 2))
    print_table(["night", *stream.units, "all", ""], rows, right=right)


def _draw(found: "DriftMeasurement") -> None:
    """Alerts of each night by unit, and how far each column has moved."""
    import numpy as np

    from vra_tui.cli.figures import show
    from vra_tui.export.panels import Bars, Panel, Series
    from vra_tui.scoring.drift.verdict import AlarmLimits

    stream, assessment = found.stream, found.assessment
    nights = np.arange(assessment.reference[0], assessment.recent[1] + 1)
    counts = stream.counts(nights)
    inflow = Panel(
        f"Alerts of each night by unit; compared from night {assessment.recent[0]} on",
        "night (MJD)",
        "alerts",
        [
            Series(unit, nights.tolist(), counts[:, index].tolist(), style="points")
            for index, unit in enumerate(stream.units)
        ],
        up_range=(0, float(max(counts.max(initial=0), 1))),
    )
    whole = _all_units(found)
    if whole is None:
        show(inflow)
        return
    psi = {
        column.words: float(value)
        for column, value in zip(stream.columns, whole.shifts.psi, strict=True)
        if column.counts
    }
    farthest = sorted(psi, key=lambda name: -psi[name])[:_COLUMNS_DRAWN]
    limit = AlarmLimits().psi
    title = f"Change of the columns, all units; from {limit:g} on (the line) one may be drift"
    show(inflow, Bars(title, "population stability index", {name: psi[name] for name in farthest}, limit))
