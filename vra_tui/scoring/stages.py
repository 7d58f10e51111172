"""The two stages at which a model scores an alert, and their names in code, cards and tables.

Days are counted from t0, so the night of the alert is day 0. The published VRA calls its models of that night
"day 1" and those of every later visit "day N"; its feature sets (``vra-day1-1``, ``vra-dayN-1``), model cards
and this program's options keep these names. Whoever needs one writes `DAY1` or `DAYN`.
"""

from typing import Final, Literal

#: A stage by its name, as it stands in model cards.
Stage = Literal["day1", "dayN"]

#: The night of the alert (day 0): only what was known at entry.
DAY1: Final = "day1"
#: Every visit after that night (day 1 and later): what visits add to `DAY1`.
DAYN: Final = "dayN"

STAGES: Final[tuple[Stage, ...]] = (DAY1, DAYN)


def stage_of_day(day: int) -> Stage:
    """Tell which stage scores the visit of a day since t0."""
    return DAY1 if day == 0 else DAYN
