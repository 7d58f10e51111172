"""Made-up traffic of brokers for the soak: Lasair's messages, full LSST packets, repeats and poison."""

import io
import json
import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

from benchmarks.intake import _schema_of
from tests.surveys.lsst import made as lsst
from vra_tui.config.locations import shipped

#: Sources in a message of Lasair's: with its row 1 to 5 kB.
_FEWEST, _MOST = 1, 13
#: Of so many earlier messages one may be sent again, or be followed by another of its object.
_REMEMBERED = 5_000
#: The packets' schema, as a number in their frame.
FRAME = 1_000
_IMAGE = 30 * 30 * 3 * 4


@dataclass
class LasairTraffic:
    """Messages of a topic, and what a store must hold of them: the ids of sources by object."""

    rng: np.random.Generator
    repeats: float = 0.05
    poison: float = 0.01
    followed: float = 0.2
    sources: dict[int, set[int]] = field(default_factory=dict)
    sent: int = 0
    poisoned: int = 0
    repeated: int = 0

    def messages(self, count: int) -> Iterator[bytes]:
        """So many messages; what was sent is counted as they are taken."""
        earlier: deque[bytes] = deque(maxlen=_REMEMBERED)
        objects: deque[tuple[int, float, float, int]] = deque(maxlen=_REMEMBERED)
        for number in range(count):
            self.sent += 1
            drawn = self.rng.random()
            if drawn < self.poison:
                self.poisoned += 1
                yield self._poison(number)
                continue
            if drawn < self.poison + self.repeats and earlier:
                self.repeated += 1
                yield earlier[int(self.rng.integers(len(earlier)))]
                continue
            if objects and self.rng.random() < self.followed:
                place = int(self.rng.integers(len(objects)))
                name, ra, dec, held = objects[place]
                objects[place] = (name, ra, dec, held + 1)
                held += 1
            else:
                name, held = lsst.OBJECT + number, int(self.rng.integers(_FEWEST, _MOST))
                ra, dec = float(self.rng.uniform(0, 360)), float(self.rng.uniform(-75, 10))
                objects.append((name, ra, dec, held))
            message = self.message(name, ra, dec, held)
            earlier.append(message)
            yield message

    def message(self, name: int, ra: float, dec: float, held: int) -> bytes:
        """A message of an object with so many sources, one a night."""
        rows = []
        # A later message of an object holds the sources of the earlier ones, and one more.
        for night in range(held):
            age = 14 - night
            identity = (name - lsst.OBJECT) * 64 + night + 1
            rows.append(
                {
                    "diaSourceId": identity, "midpointMjdTai": lsst.TAI - age, "ra": ra, "decl": dec,
                    "band": "ugrizy"[night % 6], "psfFlux": 900.0 * (1 + night) + identity % 97,
                    "psfFluxErr": 90.0, "snr": 10.0 + night, "reliability": 0.5 + 0.49 * (identity % 11) / 11,
                    "visit": 2026030200000 + night, "detector": night % 189, "extendedness": 0.2,
                }
            )  # fmt: skip
        self.sources.setdefault(name, set()).update(row["diaSourceId"] for row in rows)
        row = {
            **lsst.ROW, "diaObjectId": name, "ra": ra, "decl": dec, "nDiaSources": held,
            "lastDiaSourceMjdTai": rows[-1]["midpointMjdTai"], "firstDiaSourceMjdTai": lsst.TAI - 14,
            "sherlock_description": "possibly associated with a galaxy " * 12,
        }  # fmt: skip
        alert = {
            "diaObject": {"diaObjectId": name, "ra": ra, "dec": dec, "nDiaSources": held},
            "diaSourcesList": rows[::-1],
            "diaForcedSourcesList": [],
        }
        return json.dumps({**row, "alert": alert}).encode()

    def _poison(self, number: int) -> bytes:
        kinds = (
            b'{"diaObjectId": %d, "alert": {' % number,
            self.rng.bytes(300),
            b"\x00" + self.rng.bytes(40),
            json.dumps({"number": number, "text": "no alert"}).encode(),
            json.dumps({**lsst.ROW, "diaObjectId": "<b>", "alert": {"diaSourcesList": [number]}}).encode(),
        )
        return kinds[number % len(kinds)]


def lsst_packets(count: int, rng: np.random.Generator, folder: Path) -> Iterator[tuple[int, bytes]]:
    """Full LSST packets in Confluent framing, with histories and stamps; their schema into ``folder``."""
    schema = _schema_of(lsst.packet_value(cutoutTemplate=b""), "lsst.v10_0.alert")
    (folder / "10.0").mkdir(parents=True, exist_ok=True)
    (folder / "10.0" / "lsst.v10_0.alert.avsc").write_text(json.dumps(schema))
    for number in range(count):
        name = lsst.OBJECT + 10**9 + number
        changes = {"diaObjectId": name}
        first = 10**15 + number * 1_000
        sources = [{**lsst.source(n, **changes), "diaSourceId": first + n} for n in range(101)]
        value = lsst.packet_value(
            diaSource=sources[0],
            prvDiaSources=sources[1:],
            prvDiaForcedSources=[lsst.forced(n, **changes) for n in range(100)],
            **{
                f"cutout{kind}": lsst.STAMP + rng.bytes(_IMAGE)
                for kind in ("Difference", "Science", "Template")
            },
        )
        place = {"ra": float(rng.uniform(0, 360)), "dec": float(rng.uniform(-80, 10))}
        value["diaObject"] |= changes | place
        out = io.BytesIO()
        fastavro.schemaless_writer(out, schema, value)
        yield name, b"\x00" + FRAME.to_bytes(4, "big") + out.getvalue()


def model_for_lsst(folder: Path) -> Path:
    """The shipped model under LSST's name: no model of LSST is shipped, and trees cost what trees cost."""
    shelf = shipped("models")
    made = folder / "soak-1"
    shutil.copytree(shelf / (shelf / "default").read_text().strip(), made)
    card: dict[str, Any] = json.loads((made / "card.json").read_text())
    card |= {"name": "soak-1", "survey": "lsst"}
    (made / "card.json").write_text(json.dumps(card))
    return made
