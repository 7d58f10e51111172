"""Mistaken labels are found by models that never saw them, and second looks make the next model better."""

from datetime import UTC, datetime

import pytest

from tests.harness.labelled_store import make_labelled_store
from vra_tui.pipeline.doubt import effect_of_looks, fold_labels, renew_doubt
from vra_tui.pipeline.label_rows import label_rows
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


@pytest.fixture
def mistaken(tmp_path):
    """A labelled store with one label in twelve wrong, and which ones."""
    path = tmp_path / "vra.db"
    make_labelled_store(path, 300, seed=5, scanner="truth", workers=1, mixture=EVEN_MIXTURE)
    store = open_store(path, durable=False)
    known = store.execute("SELECT alert_id, decided_list FROM standing ORDER BY alert_id").fetchall()
    wrong = {alert_id: name for alert_id, name in known[::12] if name in WRONG}
    with transaction(store):
        for alert_id, name in wrong.items():
            decide(store, alert_id, WRONG[name], TIRED, datetime.now(UTC))
    yield store, wrong
    store.close()


def test_mistakes_are_listed_first_and_looking_again_pays(mistaken):
    store, wrong = mistaken
    folded = fold_labels(label_rows(store), repeats=1, recipes=FEW)
    renew_doubt(store, "atlas", folded)
    listed = doubted(store)
    asked = [one for one in listed if not one.is_random]
    right = sum(one.alert_id in wrong for one in asked)
    assert right >= 0.5 * len(asked)
    assert right >= 0.6 * len(wrong)
    assert 0 < sum(one.is_random for one in listed) <= len(listed) / 2
    with pytest.raises(LabelError, match="nothing to compare"):
        effect_of_looks(store, repeats=1, recipes=FEW)
    truth = {**dict(store.execute("SELECT alert_id, decided_list FROM standing").fetchall()), **wrong}
    with transaction(store):
        for one in listed:
            tags = look_tags(store, [one.alert_id])[one.alert_id]
            decide(store, one.alert_id, truth[one.alert_id], FRESH, datetime.now(UTC), tags=tags)
    assert doubted(store) == []
    looks = second_looks(store)
    assert {look.scanner for look in looks if look.is_overturned} == {"tired"}
    found = effect_of_looks(store, repeats=1, recipes=FEW)
    assert (found.looked, found.overturned) == (len(listed), sum(look.is_overturned for look in looks))
    assert found.gained.value > 0
    # Who was asked is not asked again.
    renew_doubt(store, "atlas", folded)
    assert not {one.alert_id for one in doubted(store)} & {one.alert_id for one in listed}
