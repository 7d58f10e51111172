"""One process at a time has the turn to do something for a store; the next takes it when that ends."""

import os
import subprocess
import sys
from pathlib import Path

from vra_tui.store import Store
from vra_tui.store.turns import Turn

#: Takes the turn of the store that it is told, says so, and waits to be killed.
_TAKING = """
import sys, time
from pathlib import Path
from vra_tui.store.turns import Turn
turn = Turn(Path(sys.argv[1]), 'scoring')
print(turn.is_mine(), flush=True)
time.sleep(1_000)
"""


def test_one_has_it_until_it_is_closed_and_nothing_stays_behind(store: Store, store_path: Path):
    names = set(os.listdir(store_path.parent))
    first, second = Turn(store_path, "scoring"), Turn(store_path, "scoring")
    assert first.is_mine()
    assert first.is_mine()
    assert not second.is_mine()
    another = Turn(store_path, "completing")
    assert another.is_mine()
    another.close()
    first.close()
    assert second.is_mine()
    assert not first.is_mine()
    second.close()
    assert set(os.listdir(store_path.parent)) == names


def test_a_killed_process_has_it_no_longer_and_its_file_is_used_again(store: Store, store_path: Path):
    taking = subprocess.Popen(
        [sys.executable, "-c", _TAKING, str(store_path)], stdout=subprocess.PIPE, text=True
    )
    assert taking.stdout is not None
    assert taking.stdout.readline() == "True\n"
    mine = Turn(store_path, "scoring")
    assert not mine.is_mine()
    taking.kill()
    taking.wait()
    taking.stdout.close()
    assert mine.is_mine()
    mine.close()


def test_one_whose_file_was_taken_away_leaves_alone_that_of_the_next(store: Store, store_path: Path):
    first, second = Turn(store_path, "scoring"), Turn(store_path, "scoring")
    assert first.is_mine()
    (path,) = store_path.parent.glob(".*-scoring")
    path.unlink()
    assert second.is_mine()
    first.close()
    assert not Turn(store_path, "scoring").is_mine()
    second.close()


def test_its_file_can_be_used_by_all_who_may_write_the_store(store: Store, store_path: Path):
    store_path.chmod(0o660)
    turn = Turn(store_path, "scoring")
    assert turn.is_mine()
    (path,) = store_path.parent.glob(".*-scoring")
    assert path.stat().st_mode & 0o777 == 0o660
    turn.close()


def test_where_no_file_can_be_made_everybody_has_it(tmp_path: Path):
    nowhere = tmp_path / "nowhere" / "vra.db"
    assert Turn(nowhere, "scoring").is_mine()
    assert Turn(nowhere, "scoring").is_mine()
