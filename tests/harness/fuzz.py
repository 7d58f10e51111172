"""Fuzzed responses through ingest, scoring, insights, lists and both ways of showing: nothing may crash.

`python -m tests.harness.fuzz [--count N] [--seed N]` changes responses of the API's shape at random (types,
values, structure, text, bytes) and counts what went in and what was refused. A response that ends the
program is written to the folder that --keep names.
"""

import argparse
import io
import json
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import factories
from tests.hostile.mutate import mutated
from vra_tui.cli.common import print_json
from vra_tui.cli.showing import as_record, as_text
from vra_tui.domain.refusal import Refusal
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.pipeline.ingest import ingest
from vra_tui.pipeline.renew_insights import renew_insights
from vra_tui.pipeline.score import score
from vra_tui.ranking.lists import ALL, LIST_ORDER
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.trained import Model, load_model
from vra_tui.simulator import load, prepare
from vra_tui.simulator.api_json import objects
from vra_tui.sources.files import read_stream
from vra_tui.sources.reading import Reading
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.store.detail import alert_detail
from vra_tui.store.intake import Intake
from vra_tui.store.listing import list_rows
from vra_tui.store.query import SORTS, ListQuery, query_ids
from vra_tui.surveys.base import Packet
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context.lines import context_lines
from vra_tui.tui.curve.draw import CurveStyle, Subject, draw_curve
from vra_tui.tui.curve.points import Quantity, points_of
from vra_tui.tui.list_columns import Sight, fitting, row_line
from vra_tui.tui.palette import styles_of
from vra_tui.tui.spans import cells_of, to_strip

_BATCH = 100
_WIDTH = 80
_CLOCK = lambda: datetime(2026, 11, 22, 3, tzinfo=UTC)  # noqa: E731


class Fuzz:
    """A store, what went into it, and what went wrong."""

    def __init__(self, folder: Path, model: Model, keep: Path | None = None) -> None:
        self.connection = open_store(folder / "fuzz.db", durable=False)
        self.model = model
        self.keep = keep
        self.intake = Intake()
        self.crashes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.shown: set[int] = set()

    def take(self, responses: Sequence[bytes]) -> None:
        """Ingest responses, score what is new, and show it in every way."""
        pieces = [piece for data in responses for piece in read_stream(io.BytesIO(data), "fuzz", Reading())]
        done = self._guarded("ingest", self._ingest, pieces)
        if done is None:
            for piece in pieces:
                self._guarded("ingest", self._ingest, [piece], note=piece)
        if self._guarded("score", self._score) is None:
            self._find_culprits()
        for alert_id in self._fresh():
            self._guarded("show", self._show, alert_id, note=alert_id)

    def list_all(self) -> None:
        """Every list in every order, as `vra list` and the screen read them."""
        for name in (*LIST_ORDER, ALL):
            for sort in SORTS:
                ids = query_ids(self.connection, ListQuery(str(name), sort)).tolist()
            for row in list_rows(self.connection, ids):
                for cursor in (False, True):
                    to_strip(
                        row_line(row, fitting(_WIDTH), Sight(60_000.0), _WIDTH, cursor=cursor),
                        _WIDTH,
                        styles_of("dark"),
                    )

    def _ingest(self, pieces: Sequence[Packet | Refusal]) -> bool:
        self.intake += ingest(self.connection, pieces, clock=_CLOCK, on_refusal=self._refused)
        return True

    def _refused(self, refusal: Refusal) -> None:
        words = refusal.reason.split(":")[0].split(" is ")[0].split("(")[0]
        self.reasons["".join(char for char in words if not char.isdigit())[:50]] += 1

    def _score(self, alert_ids: Sequence[int] | None = None) -> bool:
        score(self.connection, self.model, clock=_CLOCK, alert_ids=alert_ids)
        renew_insights(self.connection, self.model)
        return True

    def _find_culprits(self) -> None:
        pending = self.connection.execute("SELECT alert_id FROM standing WHERE pending_revision IS NOT NULL")
        for (alert_id,) in pending.fetchall():
            if self._guarded("score one", self._score, [alert_id], note=alert_id) is None:
                # Else it would end every batch that follows.
                self.connection.execute("DELETE FROM lightcurves WHERE alert_id = ?", (alert_id,))

    def _fresh(self) -> list[int]:
        ids = {row[0] for row in self.connection.execute("SELECT alert_id FROM alerts")} - self.shown
        self.shown |= ids
        return sorted(ids)

    def _show(self, alert_id: int) -> bool:
        detail = alert_detail(self.connection, alert_id)
        curve = light_curve(self.connection, alert_id)
        text = "\n".join(as_text(detail, curve))
        assert text.replace("\n", "").isprintable(), f"unclean: {text!a}"
        written = io.StringIO()
        sys.stdout, stdout = written, sys.stdout
        try:
            print_json(as_record(detail, curve))
        finally:
            sys.stdout = stdout
        json.loads(written.getvalue(), parse_constant=_refuse)
        codes = CodeBook(instrument_names(self.connection), band_names(self.connection))
        lines = context_lines(detail, curve, _WIDTH, codes)
        for quantity in Quantity:
            points = points_of(curve, detail.row.t0_mjd, quantity, True)
            of = Subject(detail.row.t0_mjd, codes=codes)
            lines += draw_curve(points, of, _WIDTH, 20, CurveStyle(quantity=quantity, forced=True))
        for line in lines:
            strip = to_strip(line, _WIDTH, styles_of("dark"))
            assert strip.text.isprintable(), f"unclean: {strip.text!a}"
            assert len(cells_of(line, _WIDTH)) == _WIDTH, f"uncountable: {strip.text!a}"
        return True

    def _guarded(self, step: str, call: Callable[..., bool], *arguments: Any, note: object = None) -> Any:
        try:
            return call(*arguments)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{step}: {type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
            self.crashes[f"{place}: {ascii(str(error))[:100]}"] += 1
            if self.keep and note is not None and self.crashes.total() < 50:
                self.keep.mkdir(parents=True, exist_ok=True)
                text = f"{''.join(traceback.format_exception(error))}\n{note!a}\n"
                (self.keep / f"{self.crashes.total():03d}.txt").write_text(text)
            return None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def templates() -> list[dict[str, Any]]:
    """Responses that are as they should be: simulated ones, and small ones made by hand."""
    simulation = prepare(load("ordinary").changed(alerts=40), 1, ebv_sfd)
    simulated = [found for batch in simulation for found in objects(batch, simulation.survey.instrument)]
    made = [
        factories.api_object(tns_crossmatches=[factories.tns_report()], fp=[factories.forced(-0.5)]),
        factories.api_object(lc=factories.quad(0) + factories.quad(1) + factories.quad(4)),
        factories.api_object(external_crossmatches=[{"external_designation": "x", "url": "http://x"}]),
    ]
    return sorted(simulated, key=lambda found: len(str(found)))[:20] + made * 5


def responses(seed: int, count: int, known: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    """``count`` fuzzed responses; one in ten is of an alert that came before."""
    chance = random.Random(seed)
    for number in range(count):
        response = dict(chance.choice(known))
        number -= chance.randrange(1, 50) if chance.random() < 0.1 else 0
        response["object"] = {**response["object"], "id": factories.FIRST_ID + max(0, number)}
        yield mutated(chance, response)


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args(arguments)
    begin, slowest = time.process_time(), 0.0
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        fuzz = Fuzz(Path(folder), load_model(shipped_default()), options.keep)
        batch: list[bytes] = []
        for number, data in enumerate(responses(options.seed, options.count, templates()), start=1):
            batch.append(data)
            if len(batch) == _BATCH or number == options.count:
                since = time.process_time()
                fuzz.take(batch)
                slowest = max(slowest, time.process_time() - since)
                batch = []
        fuzz.list_all()
    taken = fuzz.intake
    print(
        f"fuzz: {options.count} responses, seed {options.seed}: {taken.new} new, {taken.extended} extended, "
        f"{taken.unchanged} unchanged, {taken.refused} refused; {fuzz.crashes.total()} crashes; "
        f"{time.process_time() - begin:.0f} s of CPU, slowest hundred {slowest:.1f} s, "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"
    )
    for reason, times in fuzz.reasons.most_common(15):
        print(f"  refused {times:6d}  {reason!a}")
    for warning in {f"{Path(w.filename).name}:{w.lineno}: {w.message}" for w in caught}:
        print(f"  warning {warning}")
    for crash, times in fuzz.crashes.most_common():
        print(f"  CRASH   {times:6d}  {crash}")
    if fuzz.crashes:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
