"""Mistaken labels are found by models that never saw them, and what second looks change is reckoned."""

from datetime import UTC, datetime

import pytest

from tests.harness.labelled_store import make_labelled_store
from tests.harness.labelled_stream import make_labelled_stream
from vra_tui.pipeline.doubt import effect_of_looks, renew_doubt
from vra_tui.pipeline.fold_labels import LabelFolder
from vra_tui.scoring.training.boosters import EVEN_MIXTURE
from vra_tui.scoring.training.recipes import SHIPPED
from vra_tui.scoring.training.table_labels import LabelError
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.doubt_list import doubted, look_tags, second_looks

pytestmark = pytest.mark.slow

FEW = SHIPPED.with_trees(day1={"rounds": 40, "eta": 0.15}, dayN={"rounds": 10})
TIRED, FRESH = Author("tired", "here"), Author("fresh", "here")
#: What a tired hand makes of a label.
WRONG = {"good": "garbage", "garbage": "good", "attic": "garbage", "pm": "good"}


@pytest.fixture(params=["atlas", "lsst"])
def mistaken(request, tmp_path):
    """A labelled store of a survey with one label in twelve wrong, and which ones."""
    path = tmp_path / "vra.db"
    if request.param == "atlas":
        make_labelled_store(path, 180, seed=5, scanner="truth", workers=1, mixture=EVEN_MIXTURE)
    else:
        make_labelled_stream(path, request.param, 180, 180, seed=4)
    store = open_store(path, durable=False)
    known = store.execute(
        """SELECT alert_id, decided_list FROM standing WHERE decided_list IS NOT NULL AND decided_by != 'vra'
        ORDER BY alert_id"""
    ).fetchall()
    wrong = {alert_id: name for alert_id, name in known[::12] if name in WRONG}
    with transaction(store):
        for alert_id, name in wrong.items():
            decide(store, alert_id, WRONG[name], TIRED, datetime.now(UTC))
    yield store, wrong
    store.close()


def test_mistakes_are_listed_first_and_what_looks_changed_is_told(mistaken):
    store, wrong = mistaken
    folder = LabelFolder(store, repeats=1, recipes=FEW)
    [(survey, folded)] = folder.every(pytest.fail)
    renew_doubt(store, survey, folded)
    listed = doubted(store)
    asked = [one for one in listed if not one.is_random]
    right = sum(one.alert_id in wrong for one in asked)
    assert right >= 0.4 * len(asked)
    assert right >= 0.5 * len(wrong)
    assert 0 < sum(one.is_random for one in listed) <= len(listed) / 2
    with pytest.raises(LabelError, match="nothing to compare"):
        effect_of_looks(folder, survey)
    truth = {**dict(store.execute("SELECT alert_id, decided_list FROM standing").fetchall()), **wrong}
    with transaction(store):
        for one in listed:
            tags = look_tags(store, [one.alert_id])[one.alert_id]
            decide(store, one.alert_id, truth[one.alert_id], FRESH, datetime.now(UTC), tags=tags)
    assert doubted(store) == []
    looks = second_looks(store)
    assert {look.scanner for look in looks if look.is_overturned} == {"tired"}
    found = effect_of_looks(folder, survey)
    assert (found.looked, found.overturned) == (len(listed), sum(look.is_overturned for look in looks))
    # What it buys on average is a matter for studies.second_looks: so few labels cannot tell.
    assert found.gained.value == pytest.approx(found.after.value - found.before.value)
    assert found.gained.low < found.gained.value < found.gained.high
    # Who was asked is not asked again.
    renew_doubt(store, "atlas", folded)
    assert not {one.alert_id for one in doubted(store)} & {one.alert_id for one in listed}
