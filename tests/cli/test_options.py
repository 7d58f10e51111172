"""A verb whose options are the fields of a dataclass."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from vra_tui.cli.options import check_of_use, flag, given, verb_of
from vra_tui.errors import VraError


@dataclass(frozen=True)
class Asked:
    name: Annotated[str, typer.Option()]
    base_weight: Annotated[float, typer.Option(min=0.0)] = 1.0
    words: Annotated[list[str] | None, typer.Option()] = None
    as_csv: Annotated[bool, typer.Option("--csv")] = False


def test_the_verb_hands_one_object_on():
    heard: list[Asked] = []

    def tell(asked: Asked) -> None:
        """Tell it."""
        heard.append(asked)

    app = typer.Typer()
    app.command("tell")(verb_of(tell))
    done = CliRunner().invoke(
        app, ["--name", "x", "--base-weight", "2", "--words", "a", "--words", "b", "--csv"]
    )
    assert done.exit_code == 0
    assert heard == [Asked("x", 2.0, ["a", "b"], True)]
    assert CliRunner().invoke(app, []).exit_code == 2
    assert "Tell it." in CliRunner().invoke(app, ["--help"]).output


def test_what_is_given_is_what_differs_from_the_default_and_is_named_as_it_is_written():
    assert given(Asked("x", words=[])) == ["name"]
    asked = Asked("x", 2.0, as_csv=True)
    assert [flag(asked, name) for name in given(asked)] == ["--name", "--base-weight", "--csv"]
    with pytest.raises(
        VraError, match=r"^--base-weight, --csv: of no use for a list\. Leave them out\. Stop\.$"
    ):
        check_of_use(asked, {"name"}, what="a list", ending="Stop.")
    check_of_use(Asked("x"), {"name"}, what="a list", ending="Stop.")
