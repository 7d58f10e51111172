"""The verdict names what is no longer as usual, and says nothing while nights only scatter."""

import numpy as np
import pytest

from vra_tui.ranking.policy import Policy
from vra_tui.scoring.drift.sentences import night_words, sentences, short_words
from vra_tui.scoring.drift.stream import DriftColumn, EntryStream
from vra_tui.scoring.drift.verdict import OUT_OF_SCOPE, AlarmLimits, Cause, Status, assess

UNITS = ("01a", "02a", "05r")
COLUMNS = (
    DriftColumn("rb_pix", "real/bogus score", 0.5, True),
    DriftColumn("mag", "magnitude", 0.3, False),
    DriftColumn(OUT_OF_SCOPE, "unlike the training rows", np.nan, True),
)
FIRST, DAYS = 60_400, 7


def stream(rng, nights=28, a_night=(60, 60, 0), **wrong):
    """A stream of two units. ``wrong``, by column: a function of its values, the units and the nights."""
    counts = rng.poisson(np.tile(a_night, (nights, 1)) * rng.lognormal(0, 0.2, (nights, 1)))
    night, unit = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    score = rng.random(len(night)) + 0.1 * rng.standard_normal(nights)[night]
    values = np.stack([score, 18 + np.sin(night), rng.random(len(night)) < 0.01], axis=1)
    for index, column in enumerate(COLUMNS):
        if column.name in wrong:
            values[:, index] = wrong[column.name](values[:, index], unit, night)
    return EntryStream(night + FIRST, unit, UNITS, np.array([FIRST - 90] * 3), COLUMNS, values)


def verdict(found, last=None, days=DAYS):
    return assess(found, int(found.night.max()) if last is None else last, days, AlarmLimits(), Policy())


def said(found, assessment):
    return "\n".join(sentences(assessment, found, AlarmLimits()))


@pytest.mark.parametrize("seed", range(5))
def test_nights_that_only_scatter_are_no_drift(seed):
    found = stream(np.random.default_rng(seed))
    for last in range(FIRST + 14, FIRST + 28):
        assert verdict(found, last).status is Status.STEADY
    assert "No drift" in said(found, verdict(found))


def test_too_few_alerts_are_said_to_be_too_few():
    found = stream(np.random.default_rng(1), nights=9)
    assessment = verdict(found, FIRST + 8)
    assert assessment.status is Status.TOO_LITTLE
    assert short_words(assessment) == ""
    assert said(found, assessment).startswith("No verdict")


def test_a_unit_that_was_never_there_is_named_from_its_first_night():
    rng = np.random.default_rng(2)
    found = stream(rng, a_night=(60, 60, 40))
    found = found.where((found.unit != 2) | (found.night >= FIRST + 26))
    object.__setattr__(found, "first_night", np.array([FIRST - 90, FIRST - 90, FIRST + 26]))
    assert verdict(found, FIRST + 25).status is Status.STEADY
    assessment = verdict(found, FIRST + 26)
    assert assessment.findings[0].cause is Cause.NEW_UNIT
    assert short_words(assessment) == "drift: unit 05r"
    assert "Unit 05r is new" in said(found, assessment)


def test_a_unit_that_is_back_after_weeks_is_not_new():
    found = stream(np.random.default_rng(2), a_night=(60, 60, 40))
    found = found.where((found.unit != 2) | (found.night >= FIRST + 24))
    assert Cause.NEW_UNIT not in {finding.cause for finding in verdict(found).findings}


def test_a_new_unit_is_held_against_the_others_of_the_same_nights():
    found = stream(
        np.random.default_rng(3),
        a_night=(60, 60, 60),
        rb_pix=lambda score, unit, night: np.where(unit == 2, score - 1.0, score),
    )
    found = found.where((found.unit != 2) | (found.night >= FIRST + 25))
    object.__setattr__(found, "first_night", np.array([FIRST - 90, FIRST - 90, FIRST + 25]))
    assert "Beside the other units: real/bogus score" in said(found, verdict(found))


def test_a_unit_whose_scores_fall_is_named_and_the_others_are_not():
    found = stream(
        np.random.default_rng(4),
        rb_pix=lambda score, unit, night: np.where((unit == 1) & (night >= 24), score - 0.6, score),
    )
    assessment = verdict(found)
    assert {f.unit for f in assessment.findings if f.cause is Cause.SHIFTED_UNIT} == {"02a"}
    assert short_words(assessment) == "drift: unit 02a"
    assert "Unit 02a: real/bogus score" in said(found, assessment)


def test_one_night_whose_scores_are_off_is_named():
    found = stream(
        np.random.default_rng(5),
        rb_pix=lambda score, unit, night: np.where(night == 25, score + 0.8, score),
    )
    assessment = verdict(found)
    night = FIRST + 25
    assert {f.night for f in assessment.findings if f.cause is Cause.SHIFTED_NIGHT} == {night}
    assert night_words(night) in said(found, assessment)
    assert short_words(assessment).startswith(f"drift: night {night}")
    assert verdict(found, FIRST + 24).status is Status.STEADY


def test_a_night_of_thousands_is_named_and_spoils_no_other_comparison():
    rng = np.random.default_rng(6)
    found = stream(rng)
    bogus = stream(rng, nights=1, a_night=(0, 5000, 0))
    night = FIRST + 22
    both = EntryStream(
        np.concatenate([found.night, np.full(len(bogus), night)]),
        np.concatenate([found.unit, bogus.unit]),
        UNITS,
        found.first_night,
        COLUMNS,
        np.concatenate([found.values, bogus.values + np.array([2.0, 0.0, 0.0])]),
    )
    assessment = verdict(both)
    assert [(f.cause, f.unit, f.night) for f in assessment.findings] == [(Cause.UNUSUAL_NIGHT, "02a", night)]
    assert short_words(assessment) == f"drift: night {night} (02a)"
    # A week later it stands among the nights before, and still is not what is usual.
    later = stream(np.random.default_rng(7), nights=36)
    later = EntryStream(
        np.concatenate([later.night, both.night[len(found) :]]),
        np.concatenate([later.unit, both.unit[len(found) :]]),
        UNITS,
        found.first_night,
        COLUMNS,
        np.concatenate([later.values, both.values[len(found) :]]),
    )
    assert verdict(later, night + DAYS).status is Status.STEADY


def test_a_column_that_follows_the_moon_raises_no_alarm_however_far_it_moves():
    found = stream(np.random.default_rng(8), mag=lambda mag, unit, night: mag + 3.0 * (night >= 21))
    assessment = verdict(found)
    assert assessment.status is Status.STEADY
    assert assessment.groups[0].shifts.psi[1] > 1


def test_alerts_unlike_the_training_rows_are_an_alarm_but_not_for_one_night_of_them():
    def outside(nights):
        def change(values, unit, night):
            chosen = (unit == 0) & np.isin(night, nights)
            return np.where(chosen, np.arange(len(night)) % 4 == 0, values)

        return change

    for_good = stream(np.random.default_rng(9), **{OUT_OF_SCOPE: outside(range(21, 28))})
    causes = {(f.cause, f.unit) for f in verdict(for_good).findings}
    assert (Cause.OUT_OF_SCOPE, "01a") in causes
    one_night = stream(np.random.default_rng(9), **{OUT_OF_SCOPE: outside([23])})
    assert Cause.OUT_OF_SCOPE not in {f.cause for f in verdict(one_night).findings}


def test_numbers_that_rise_for_all_units_alike_are_not_blamed_on_one():
    rng = np.random.default_rng(10)
    quiet, many = stream(rng), stream(rng, a_night=(130, 130, 0))
    found = EntryStream(
        np.concatenate([quiet.night[quiet.night < FIRST + 21], many.night[many.night >= FIRST + 21]]),
        np.concatenate([quiet.unit[quiet.night < FIRST + 21], many.unit[many.night >= FIRST + 21]]),
        UNITS,
        quiet.first_night,
        COLUMNS,
        np.concatenate([quiet.values[quiet.night < FIRST + 21], many.values[many.night >= FIRST + 21]]),
    )
    assert verdict(found).status is Status.STEADY


def test_a_unit_that_brings_three_times_as_many_beside_the_others_is_named():
    rng = np.random.default_rng(11)
    found = stream(rng, a_night=(60, 180, 0))
    usual = (found.unit != 1) | (found.night >= FIRST + 21) | (rng.random(len(found)) < 1 / 3)
    assessment = verdict(found.where(usual))
    assert (Cause.UNIT_INFLOW, "02a") in {(f.cause, f.unit) for f in assessment.findings}


def with_lists(found, discarded, shown=0.1, seed=3):
    """The stream with columns that say what the policies discard (a chance for each alert) and show."""
    draw = np.random.default_rng(seed).random(len(found))
    columns = (
        *found.columns,
        DriftColumn("discarded", "discarded at entry", np.nan, True),
        DriftColumn("shown", "shown at entry", np.nan, True),
    )
    lists = np.stack([draw < discarded, draw > 1 - shown], axis=1)
    return EntryStream(
        found.night, found.unit, found.units, found.first_night, columns, np.hstack([found.values, lists])
    )


def test_a_unit_that_makes_more_garbage_for_a_week_is_named_with_night_factor_and_what_to_do():
    found = stream(np.random.default_rng(12), a_night=(60, 180, 60))
    rng = np.random.default_rng(13)
    usual = (found.unit != 1) | (found.night >= FIRST + 22) | (rng.random(len(found)) < 1 / 3)
    found = with_lists(found.where(usual), discarded=0.55)
    assessment = verdict(found)
    assert (Cause.GARBAGE_RISE, "02a") in {(f.cause, f.unit) for f in assessment.findings}
    assert short_words(assessment) == "drift: unit 02a"
    words = said(found, assessment)
    assert "Unit 02a makes" in words
    (rise,) = (rise for rise in assessment.rises if UNITS[rise.unit] == "02a")
    assert rise.earliest <= FIRST + 22 <= rise.latest
    assert f"since night {night_words(rise.since)}" in words
    assert "unit:02a" in words
    # The week before it was not there, and what is said does not hang on nights to come.
    assert Cause.GARBAGE_RISE not in {f.cause for f in verdict(found, FIRST + 21).findings}


def test_of_one_unit_it_is_said_that_its_garbage_is_held_against_nothing():
    found = with_lists(stream(np.random.default_rng(14), a_night=(60, 0, 0)), discarded=0.5)
    alone = EntryStream(found.night, found.unit, ("01a",), found.first_night[:1], found.columns, found.values)
    assessment = verdict(alone)
    assert assessment.rises == ()
    assert "There is one unit" in said(alone, assessment)
    assert "There is one unit" not in said(found, verdict(found))
