"""What of a stream goes into the store where the user's `keep` says so: most of Rubin's is for no scanner."""

from collections.abc import Sequence

from vra_tui.domain.alert import Alert
from vra_tui.sources.wires.base import Keep
from vra_tui.store import Store
from vra_tui.store.objects import known_numbers


def unwanted(store: Store, alerts: Sequence[Alert], keep: Keep) -> set[int]:
    """The places of the alerts that lack something of what ``keep`` asks for.

    An object of which the store has heard is followed, whatever its next packet says.
    """
    lacking = [place for place, alert in enumerate(alerts) if not _is_wanted(alert, keep)]
    names = {place: (alerts[place].survey, alerts[place].object_id) for place in lacking}
    known = known_numbers(store, names.values()) if names else {}
    return {place for place, name in names.items() if name not in known}


def _is_wanted(alert: Alert, keep: Keep) -> bool:
    score, told = alert.facts.get("real_bogus"), alert.facts.get("n_detections_told")
    if keep.score is not None and isinstance(score, int | float) and score < keep.score:
        return False
    if keep.detections is None:
        return True
    counts = [len(alert.light_curve.detections)]
    counts += [int(told)] if isinstance(told, int | float) else []
    return max(counts) >= keep.detections or max(counts) == 0
