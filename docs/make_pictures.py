"""The README's pictures of the screen, made by the program itself: `python docs/make_pictures.py`."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vra_tui.config.locations import shipped
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.renew_insights import renew_insights
from vra_tui.pipeline.score import score
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model
from vra_tui.store.connection import open_store
from vra_tui.tui.app import ScanApp

DOCS = Path(__file__).parent
NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

#: File, columns, rows, theme, keys pressed before the picture is taken, then the alert gone to.
PICTURES = (
    ("screen-120x40.svg", 120, 40, "dark", "2 g g t g p", "ATLAS24aady"),
    ("screen-80x24.svg", 80, 24, "dark", "2 g t", "ATLAS24aabu"),
    ("screen-200x60.svg", 200, 60, "light", "g g t g p j j c a F", "ATLAS24aabu"),
)


class Clock:
    """Ten seconds pass from one look at it to the next."""

    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        """The time."""
        self.now += timedelta(seconds=10)
        return self.now


def make_store(path: Path) -> None:
    """The whole sample, ingested, scored and explained."""
    clock = Clock()
    store = open_store(path)
    ingest(store, read_paths([shipped("sample_data")]), clock=clock)
    model = load_model(default_model())
    score(store, model, clock=clock)
    renew_insights(store, model)
    store.close()


async def take(store: Path, file: str, columns: int, rows: int, theme: str, keys: str, alert: str) -> None:
    """Drive the screen to where the picture is taken, and take it."""
    app = ScanApp(store, scanner="amy", theme=theme, clock=Clock())
    async with app.run_test(size=(columns, rows)) as pilot:
        await pilot.pause()
        for key in [*keys.split(), "i", *alert, "enter"]:
            await pilot.press(key)
            await pilot.pause(0.1 if key in alert else 0.4)
        (DOCS / file).write_text(app.export_screenshot(title="vra"), encoding="utf-8")
    app.close_store()


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        for number, picture in enumerate(PICTURES):
            store = Path(folder) / f"{number}.db"
            make_store(store)
            asyncio.run(take(store, *picture))
            print(f"docs/{picture[0]}")


if __name__ == "__main__":
    main()
