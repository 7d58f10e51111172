"""Bare light curves in ZTF's columns under an object's name, as Pitt-Google's tables give them."""

from vra_tui.domain.alert import Alert, Fact, NotAnAlert
from vra_tui.surveys.ztf import candidate, values
from vra_tui.surveys.ztf.history import History
from vra_tui.surveys.ztf.values import Row


def knows(value: Row) -> bool:
    """Tell whether the value is an object's name with rows."""
    return "rows" in value


def alert(value: Row, object_id: str) -> Alert:
    """The alert of the rows. Raises Refused, NotAnAlert."""
    light = History()
    latest: Row = {}
    for row in values.rows(value, "rows"):
        seen = light.candidate(row, scored=True, dec="dec" if "dec" in row else "decl")
        if seen and (not latest or values.mjd(row) > values.mjd(latest)):
            latest = row
    curve, instruments, bands = light.light_curve()
    if not any(map(len, curve.sections)):
        raise NotAnAlert("`rows` is empty: there is no alert in it", object_id)
    own = {"dec" if key == "decl" else key: inner for key, inner in latest.items()}
    facts: dict[str, Fact] = candidate.facts_of(own)
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=values.mjd(latest) if latest else 0.0,
        facts=facts,
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        matches=candidate.matches_of(own),
    )
