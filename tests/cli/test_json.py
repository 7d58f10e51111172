"""`--json` prints one value: an array of what is many, also of none; an object of what is one."""

import json
from contextlib import closing

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects
from vra_tui.store.connection import open_store

#: Verbs that list: nothing is there but one alert.
MANY = [
    "list all", "log", "outbox list", "outbox approve --all", "outbox drop --all", "gw list",
    "sources list", "sources rejects", "messages list", "labels imports", "labels conflicts", "models list",
    "tns rules", "labels stats",
]  # fmt: skip
#: Verbs that tell of one thing, or how one run went.
ONE = ["show ID", "decide ID good", "report", "doctor", "config show", "outbox send", "score"]


@pytest.fixture(autouse=True)
def alert(store_path, clock):
    with closing(open_store(store_path)) as store:
        ingest_objects(store, [api_object(0)], clock)


@pytest.mark.parametrize("verb", [*MANY, *ONE])
def test_the_value_is_an_array_of_what_is_many_and_an_object_of_what_is_one(vra, verb):
    words = verb.replace("ID", str(FIRST_ID)).split()
    code, out, err = vra(*words, "--json")
    assert code in (0, 1), err
    assert isinstance(json.loads(out), list if verb in MANY else dict)
