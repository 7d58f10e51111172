"""What the pages name is there: links, files, modules, verbs and their options, tables of the store."""

import ast
import importlib
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

import vra_tui
from vra_tui.cli import app
from vra_tui.store.connection import open_store
from vra_tui.store.schema import SCHEMA_VERSION

CHECKOUT = Path(vra_tui.__file__).parents[1]
PAGES = [CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((CHECKOUT / "docs").rglob("*.md"))
#: Parts of the checkout by which a name in code letters is known for a path.
PARTS = ("vra_tui", "tests", "docs", "studies", "benchmarks", "models", "sample_data")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks_of(text: str, *languages: str) -> list[str]:
    """The fenced blocks of a page, of these languages ("" for none)."""
    return [
        code for language, code in re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL) if language in languages
    ]


def inline_of(text: str) -> list[str]:
    """What stands in code letters within the text, each in one line."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


def anchors_of(text: str) -> set[str]:
    """The names by which headings are linked to."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> list[str]:
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = page.parent / place if place else page
        is_dead = not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in anchors_of(text_of(target))
        )
        if is_dead:
            dead.append(link)
    return dead


@each_page
def test_every_link_leads_somewhere(page: Path):
    assert dead_links(page) == []


def test_every_page_is_reached_from_the_index():
    reached = {CHECKOUT / "docs" / "index.md"}
    left = [*reached]
    while left:
        page = left.pop()
        links = re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", text_of(page))
        found = {(page.parent / link).resolve() for link in links} - reached
        reached |= found
        left += found
    assert [page.name for page in PAGES if page.resolve() not in reached] == []


def paths_in(text: str) -> set[str]:
    """What reads as a path of the checkout, in code letters."""
    found = set()
    for code in inline_of(text):
        for word in re.split(r"[\s,;=()]+", code):
            if word.startswith(tuple(f"{part}/" for part in PARTS)) or re.fullmatch(r"[\w./]+\.py", word):
                found.add(word.split("::")[0])
    return found


def is_there(path: str) -> bool:
    """From the checkout or, as in docs/architecture.md, from `vra_tui/`; `*` stands for any name."""
    return any(any(base.glob(path.rstrip("/"))) for base in (CHECKOUT, CHECKOUT / "vra_tui"))


@each_page
def test_every_file_that_is_named_is_there(page: Path):
    assert sorted(path for path in paths_in(text_of(page)) if not is_there(path)) == []


@each_page
def test_every_module_that_is_run_is_there(page: Path):
    named = set(re.findall(r"python -m ((?:vra_tui|tests|studies|benchmarks)[\w.]*)", text_of(page)))
    places = {name: CHECKOUT / name.replace(".", "/") for name in named}
    assert (
        sorted(
            name
            for name, place in places.items()
            if not place.with_suffix(".py").exists() and not (place / "__main__.py").exists()
        )
        == []
    )


@each_page
def test_everything_that_is_imported_is_there(page: Path):
    missing = []
    for code in blocks_of(text_of(page), "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vra_tui"):
                module = importlib.import_module(node.module or "")
                for alias in node.names:
                    name = f"{node.module}.{alias.name}"
                    if not hasattr(module, alias.name) and not is_there(name.replace(".", "/") + ".py"):
                        missing.append(name)
    assert missing == []


def commands_in(text: str) -> Iterator[str]:
    """What stands behind each `vra` on a line of a shell, up to where its command ends."""
    lines = [line for block in blocks_of(text, "", "sh", "console", "bash") for line in block.splitlines()]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    for line in [*joined, *inline_of(text)]:
        for found in re.finditer(r"(?:^|[\s/(|])vra((?: +[^|;&>#]*)?)", line):
            # Two blanks: what follows is what the page says of the command.
            yield re.split(r"\s{2,}|\s<", found[1].strip())[0]


def mistakes_in(command: str) -> str | None:
    """What the command line would not understand of a command, as far as verbs and options go."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    at: Any = typer.main.get_command(app)
    options = options_of(at)
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            name, equals, _ = word.rstrip(".,:").partition("=")
            if name not in options and name not in ("--help", "--debug"):
                return f"vra {command}: no {name}"
            if name in options and not options[name].is_flag and not equals and words:
                words.pop(0)
        elif hasattr(at, "commands"):
            verb = word.strip(",.:")
            if verb not in at.commands:
                # Capitals, dots and the like: `vra VERB`, `vra …`.
                is_verb = re.fullmatch(r"[a-z]+", verb)
                return f"vra {command}: no verb {verb}" if is_verb else None
            at = at.commands[verb]
            options |= options_of(at)
    return None


def options_of(command: Any) -> dict[str, Any]:
    return {
        name: parameter
        for parameter in command.params
        if parameter.param_type_name == "option"
        for name in [*parameter.opts, *parameter.secondary_opts]
    }


@each_page
def test_every_verb_and_option_is_one_of_the_command_line(page: Path):
    found = (mistakes_in(command) for command in commands_in(text_of(page)))
    assert sorted({mistake for mistake in found if mistake}) == []


def all_options(command: Any) -> set[str]:
    found = {*options_of(command)}
    for verb in getattr(command, "commands", {}).values():
        found |= all_options(verb)
    return found


#: Options of other programs and of the project's own studies, that pages name by themselves.
OTHERS = {"--snapshot-update", "--bad-night"}


@each_page
def test_every_option_that_stands_alone_is_one_of_some_verb(page: Path):
    alone = {code.split()[0].partition("=")[0] for code in inline_of(text_of(page)) if code.startswith("--")}
    named = {name for name in alone if re.fullmatch(r"--[a-z][a-z0-9-]*", name)}
    assert sorted(named - all_options(typer.main.get_command(app)) - OTHERS) == []


def test_what_is_not_there_is_noticed(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n[a](two.md) [b](#one) [c](#two) `vra_tui/nowhere.py` `vra list --nothing` `vra lst`\n"
    )
    text = text_of(page)
    assert dead_links(page) == ["two.md", "#two"]
    assert [path for path in paths_in(text) if not is_there(path)] == ["vra_tui/nowhere.py"]
    found = {mistakes_in(command) for command in commands_in(text)}
    assert found - {None} == {"vra list --nothing: no --nothing", "vra lst: no verb lst"}


def test_the_page_of_the_store_names_every_table_and_no_other(tmp_path: Path):
    open_store(tmp_path / "vra.db").close()
    with closing(sqlite3.connect(tmp_path / "vra.db")) as store:
        rows = store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    tables = {name for (name,) in rows if not name.startswith(("sqlite_", "_sqlite_"))}
    page = text_of(CHECKOUT / "docs" / "store.md")
    named = set()
    for part in page.split("| table | one row per | notes |")[1:]:
        for row in re.findall(r"^\| (`[^|]*) \|", part.split("\n\n")[0], re.MULTILINE):
            named |= set(re.findall(r"`(\w+)`", row))
    assert named == tables


def test_the_page_of_the_store_tells_of_its_newest_version():
    assert re.search(rf"^\| {SCHEMA_VERSION} \|", text_of(CHECKOUT / "docs" / "store.md"), re.MULTILINE)
