"""What was confirmed is on the disk: a power cut at any moment takes nothing of it."""

import asyncio
import os
import re
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.faults.conftest import VRA
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, OnScreen, decide
from vra_tui.store.doctor import examine
from vra_tui.tui.writer import StoreWriter

pytestmark = pytest.mark.slow

FULL = 2


def test_the_screen_writes_decisions_with_a_sync_for_each(store_path):
    async def written():
        writer = StoreWriter(store_path, Author("amy", "here"), lambda: datetime.now(UTC))
        return await writer._run(lambda store: store.execute("PRAGMA synchronous").fetchone()[0])

    assert asyncio.run(written()) == FULL


def test_vra_decide_syncs_the_log_before_it_confirms(store_path, tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("needs strace to see what is synced")
    with closing(open_store(store_path)) as store:
        wanted = store.execute("SELECT min(alert_id) FROM alerts").fetchone()[0]
        trace = tmp_path / "trace"
        what = "trace=write,pwrite64,fsync,fdatasync"
        strace = ["strace", "-f", "-y", "-s", "200", "-o", trace, "-e", what]  # all of the line on the id
        done = subprocess.run(
            [*strace, *VRA, "decide", str(wanted), "good", "--db", store_path],
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
    if "ptrace" in done.stderr or not trace.exists():
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    calls = trace.read_text(errors="replace").splitlines()
    logged = [n for n, call in enumerate(calls) if re.search(r"pwrite64\(\d+<.*vra\.db-wal>", call)]
    synced = [n for n, call in enumerate(calls) if re.search(r"f(data)?sync\(\d+<.*vra\.db-wal>", call)]
    told = [n for n, call in enumerate(calls) if re.search(r"write\(1<.*is good", call)]
    assert logged
    assert told
    assert logged[-1] < synced[-1] < told[0]


def test_a_log_cut_anywhere_behind_a_confirmed_decision_still_holds_it(store_path, tmp_path, chance):
    """A power cut leaves of the log what was synced, and any part of what was written after it."""
    snapshots = []
    wal = store_path.with_name("vra.db-wal")
    with closing(open_store(store_path)) as store:
        ids = [row[0] for row in store.execute("SELECT alert_id FROM alerts ORDER BY alert_id")]
        confirmed: list[tuple[str, int]] = []
        for number, alert_id in enumerate(ids[:60]):
            with transaction(store):
                taken = decide(store, alert_id, "good", Author("amy", "here"), datetime.now(UTC), OnScreen())
            confirmed.append((taken, wal.stat().st_size))
            if number % 10 == 9:
                copy = tmp_path / f"cut {number}" / "vra.db"
                copy.parent.mkdir()
                shutil.copyfile(store_path, copy)
                shutil.copyfile(wal, copy.with_name("vra.db-wal"))
                snapshots.append(copy)
    for copy in snapshots:
        log = copy.with_name("vra.db-wal")
        size = chance.randint(0, log.stat().st_size)
        with log.open("r+b") as file:
            file.truncate(size)
            if chance.random() < 0.5:  # what was not synced may also be there in part, or be nonsense
                file.seek(size)
                file.write(chance.randbytes(chance.randint(1, 8_192)))
        safe = {taken for taken, end in confirmed if end <= size}
        with closing(open_store(copy)) as store:
            kept = [row[0] for row in store.execute("SELECT decision_id FROM decisions ORDER BY sequence")]
        assert safe <= set(kept)
        assert kept == [taken for taken, _ in confirmed][: len(kept)]
        findings = list(examine(copy, now=datetime.now(UTC), full=True))
        assert [one for one in findings if one.state == "failure"] == []
