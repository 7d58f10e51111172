import builtins
from pathlib import Path

import pytest

from vra_tui.export.evaluation_files import require_plots, write_picture, write_table
from vra_tui.export.files import ExportError
from vra_tui.export.panels import Panel, Series

PNG = b"\x89PNG\r\n\x1a\n"


def panel(title: str = "a") -> Panel:
    curve = Series("model", [0, 0.5, 1], [0, 0.9, 1], [0, 0.8, 1], [0, 0.95, 1], style="points")
    return Panel(title, "share", "recall", [curve, Series("random", [0, 1], [0, 1], style="dashed")])


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def missing(name: str, *rest: object, **more: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return found(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)


def test_a_picture_is_a_png_whatever_its_name_ends_in_with_two_panels_beside_each_other(
    tmp_path: Path,
) -> None:
    path = tmp_path / "slide.pdf"
    write_picture(path, "title", [panel("a"), panel("b"), panel("c")])
    picture = path.read_bytes()
    assert picture.startswith(PNG)
    assert [file.name for file in tmp_path.iterdir()] == ["slide.pdf"]
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1800, 1350)


def test_without_matplotlib_it_is_said_how_to_get_it(without_matplotlib: None, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"pip install 'vra-tui\[plots\]'"):
        require_plots()
    with pytest.raises(ExportError, match="matplotlib"):
        write_picture(tmp_path / "slide.png", "title", [panel()])
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_what_stood_there(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text("kept")

    def rows() -> object:
        yield {"a": 1}
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left"):
        write_table(old, rows(), ["a"])  # type: ignore[arg-type]
    assert old.read_text() == "kept"
    with pytest.raises(ExportError, match="cannot be written"):
        write_picture(tmp_path / "no" / "slide.png", "title", [panel()])


def test_a_table_has_its_columns_and_empty_cells_where_nothing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    assert write_table(path, [{"a": 1.5, "b": None}, {"a": "x", "b": 2}], ["a", "b"]) == 2
    assert path.read_text() == "a,b\n1.5,\nx,2\n"
