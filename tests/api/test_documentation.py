"""The reference page and the tutorials say what is true."""

import re
from pathlib import Path

import pytest

import vra_tui as vra
from tests.harness.notebooks import TUTORIALS, VARIES, run
from vra_tui.api.columns import feature_unit
from vra_tui.features.stream import STREAM_1

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "python.md").read_text(encoding="utf-8")
#: Units of features as astropy reads them; others are words for numbers: `sigma`, `0 to 1`.
UNITS = {"mag", "d", "mag/d", "arcsec", "arcsec/d", "deg", "kpc"}
#: The largest picture in a notebook, bytes of base64.
_PICTURE = 100_000


@pytest.mark.parametrize("name", vra.TABLES)
def test_the_page_has_the_columns_of_each_table(name):
    rows = [f"| {c.name} | {c.dtype} | {c.unit} | {c.meaning} |" for c in vra.TABLES[name]]
    assert "\n".join(["| --- | --- | --- | --- |", *rows, ""]) in PAGE


def test_features_have_the_units_that_their_page_tells():
    told = units_told((DOCS / "features.md").read_text(encoding="utf-8"))
    assert set(STREAM_1) <= told.keys()
    assert {name: feature_unit(name) for name in told} == told


def units_told(page: str) -> dict[str, str]:
    """What a page's tables of features (name, definition, unit, ...) tell: the unit of each, "" for none."""
    found = {}
    for cells in re.findall(r"^\| (`.*?) \| .*? \| (.*?) ?\|", page, re.MULTILINE):
        names, units = re.findall(r"`(\w+)`", cells[0]), cells[1].split(", ")
        units = units if len(units) == len(names) else units[:1] * len(names)
        found |= {name: unit if unit in UNITS else "" for name, unit in zip(names, units, strict=True)}
    return found


def test_the_page_names_all_that_is_public_and_no_method_that_is_not():
    assert set(re.findall(r"`vra\.(\w+)", PAGE)) == set(vra.__all__)
    methods = PAGE.partition("## Methods")[2].partition("## Columns")[0]
    named = set(re.findall(r"`(\w+)\(", methods))
    public = {name for name in dir(vra.OpenStore) if not name.startswith("_")} - {"path"}
    assert named == public


def said(notebook):
    """The texts that each cell of exact figures printed, and the number of pictures."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and VARIES not in cell.metadata.get("tags", ()):
            texts = [
                output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
            ]
            yield cell.source, ["picture" if "<Figure" in text else text for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(TUTORIALS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_tutorial_runs_and_prints_what_it_was_committed_with(path):
    import nbformat

    kept = nbformat.read(path, as_version=4)
    assert list(said(run(path))) == list(said(kept))


@pytest.mark.parametrize("path", sorted(TUTORIALS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_tutorial_is_small_and_names_no_machine(path):
    import nbformat

    for cell in nbformat.read(path, as_version=4).cells:
        assert cell.cell_type == "markdown" or cell.execution_count, "it was committed without having run"
        for output in cell.get("outputs", ()):
            assert output.output_type != "error"
            data = output.get("data", {})
            assert len(data.get("image/png", "")) < _PICTURE
            text = output.get("text", "") + data.get("text/plain", "") + data.get("text/html", "")
            assert not re.search(r"/(tmp|home|root|work|Users)/", text)


def test_there_are_tutorials():
    assert {path.stem for path in TUTORIALS.glob("*.ipynb")} == {"first_night", "second_survey"}
