"""What a newcomer does first: make demo, make test, pip install."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import vra_tui

CHECKOUT = Path(__file__).parents[1]
_VERSION = re.compile(r"([A-Za-z0-9][\w.-]*)==[\w.!+]+")


def name_of(requirement: str) -> str:
    """The package that a requirement or constraint names, in the one spelling of all that it may have."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def project() -> dict:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def constraints() -> list[str]:
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What make looks at, without a virtual environment."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
        os.utime(tmp_path / name, (1_000, 1_000))
    return tmp_path


def would_run(clone: Path, target: str) -> list[str]:
    """The commands that make would run."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "VENV"))}
    run = subprocess.run(
        ["make", "-n", f"PYTHON={sys.executable}", target],
        cwd=clone, env=kept, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout.splitlines()


def installs(commands: list[str]) -> list[str]:
    return [command for command in commands if "pip install" in command]


def set_up(clone: Path, *stamps: str, at: int = 2_000) -> None:
    for stamp in stamps:
        path = clone / ".venv" / stamp
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (at, at))


def test_the_demo_installs_no_tools_of_the_tests_and_names_the_size_beforehand(clone):
    commands = would_run(clone, "demo")
    (install,) = installs(commands)
    assert install.endswith("--editable .")
    before = "\n".join(commands[: commands.index(install)])
    assert re.search(r"\d+ MB to download, \d+ MB on the disk", before)
    assert "--quiet" not in install
    assert commands[-1] == ".venv/bin/vra demo"


@pytest.mark.parametrize("target", ["test", "test-fast", "check"])
def test_the_tests_add_their_tools_to_the_same_environment(clone, target):
    set_up(clone, ".ready")
    (install,) = installs(would_run(clone, target))
    assert install.startswith(".venv/bin/python ")
    assert install.endswith("--editable '.[dev]'")


@pytest.mark.parametrize("target", ["demo", "test", "test-archive"])
def test_all_is_installed_in_the_versions_that_were_tested(clone, target):
    (install,) = installs(would_run(clone, target))
    assert "--constraint constraints.txt" in install


def test_the_tests_of_archives_leave_the_environment_of_the_others_as_it_is(clone):
    (install,) = installs(commands := would_run(clone, "test-archive"))
    assert install.startswith(".venv-archive/bin/python ")
    assert "--editable '.[dev,archive]' ||" in install
    assert "900 MB" in "\n".join(commands[: commands.index(install)])
    assert commands[-1].endswith(" tests/archive")


def test_what_is_ready_is_not_set_up_again(clone):
    set_up(clone, ".ready", ".ready-dev")
    for target in ("demo", "test"):
        assert not installs(would_run(clone, target))


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
@pytest.mark.parametrize("target", ["demo", "test"])
def test_what_asks_for_other_packages_is_noticed(clone, changed, target):
    set_up(clone, ".ready", ".ready-dev")
    os.utime(clone / changed, (3_000, 3_000))
    assert len(installs(would_run(clone, target))) == 1


def test_constraints_are_names_and_versions_and_nothing_else():
    assert [line for line in constraints() if not _VERSION.fullmatch(line)] == []


def test_whatever_is_asked_for_has_its_version():
    """After a change of the dependencies: `make constraints`."""
    extras = project()["optional-dependencies"]
    asked = project()["dependencies"] + extras["dev"] + extras["archive"]
    assert {name_of(one) for one in asked} - {name_of(one) for one in constraints()} == set()


def test_every_python_that_is_promised_is_named():
    said = project()["classifiers"]
    assert [one[-4:] for one in said if "Python :: 3." in one] == ["3.11", "3.12", "3.13"]
    assert project()["requires-python"] == ">=3.11"


def test_the_changelog_tells_of_this_version():
    newest = re.search(r"^## (.*)$", (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert vra_tui.__version__ in newest[1]


def test_what_contributors_are_sent_to_is_there():
    said = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:vra_tui|tests|docs)/[^`\s]*|constraints\.txt|pyproject\.toml)`", said)
    named += re.findall(r"\]\(([^)#]+)\)", said)
    assert len(named) > 20
    assert [one for one in named if not (CHECKOUT / one).exists()] == []


@pytest.mark.slow
def test_a_wheel_works_without_the_checkout(tmp_path):
    if find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    alone = ["--no-deps", "--no-index"]
    build = ["wheel", *alone, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(CHECKOUT)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert f"-{vra_tui.__version__}-" in wheel.name
    site = tmp_path / "site"
    subprocess.run([*pip, "install", *alone, "--no-compile", "--target", str(site), str(wheel)], check=True)
    # The dependencies are this environment's; the package is found in the wheel first.
    env = {**os.environ, "PYTHONPATH": str(site), "VRA_DB": str(tmp_path / "vra.db")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    vra = str(site / "bin" / "vra")
    assert run(sys.executable, "-c", "import vra_tui; print(vra_tui.__file__)").startswith(str(site))
    assert run(vra, "--version").strip() == f"vra-tui {vra_tui.__version__}"
    run(sys.executable, "-c", "from vra_tui.pipeline.demo import make_demo_store; print(make_demo_store())")
    from vra_tui.config.locations import demo_store

    listed = run(vra, "list", "eyeball", "--db", str(demo_store()), "--json")
    assert listed.count("object_id") > 5
