"""A film of ten decisions in the real program: `python docs/make_film.py` writes `docs/ten_decisions.cast`.

To play it: `asciinema play docs/ten_decisions.cast`, or a player of the format asciicast v2 in a web page. It
wants a terminal of 100×30 with true colour.
"""

import codecs
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from driven_program import NAMED, make_store, program, settle

FILM = Path(__file__).parent / "ten_decisions.cast"
COLUMNS, ROWS = 100, 30

#: Keys and how long the scanner looks before each, seconds. Ten of them decide for good.
SCENES = (
    ("2", 1.5),  # the extragalactic list
    ("c", 2.5), ("g", 2.0), ("g", 1.5),
    ("u", 2.0), ("p", 1.5),  # taken back, and decided otherwise
    ("Z", 1.5), ("+", 1.5), ("Z", 2.0),  # the stamps over the whole screen, with more contrast
    ("g", 1.5), ("t", 1.2),
    ("enter", 1.5), ("F", 1.5), ("enter", 2.5),  # the light curve with its fit
    ("c", 1.0),
    ("3", 1.5),  # the galactic list
    ("a", 2.0), ("a", 1.2), ("t", 1.5), ("a", 1.2),
    ("7", 1.5),  # what was found good
)  # fmt: skip
#: A letter of a text takes so long to type, seconds.
_LETTER = 0.09
#: How long the last picture stands, seconds.
_END = 3.0


def shown(store: Path) -> Iterator[tuple[float, str, str]]:
    """The events of the film: seconds from its start, kind, data."""
    terminal = program(store, COLUMNS, ROWS, ["--theme", "dark", "--images", "blocks"])
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    yield 0.0, "o", decode(bytes(terminal.output))
    time = 0.0
    for keys, pause in SCENES:
        time += pause
        for key in [keys] if keys in NAMED else keys:
            here, pressed = len(terminal.output), perf_counter()
            yield time, "i", NAMED.get(key, key)
            terminal.send(NAMED.get(key, key).encode())
            settle(terminal)
            for moment, data in terminal.since(here):
                yield time + moment - pressed, "o", decode(data)
            time += _LETTER if len(keys) > 1 and keys not in NAMED else 0.0
    terminal.close()
    yield time + _END, "o", ""


def main() -> None:
    """Make the film."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "sample.db"
        make_store(store)
        head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "Ten decisions with vra-tui"}
        lines = [json.dumps(head)]
        lines += [
            json.dumps([round(at, 3), kind, data], ensure_ascii=False) for at, kind, data in shown(store)
        ]
    FILM.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{FILM.name}: {FILM.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
