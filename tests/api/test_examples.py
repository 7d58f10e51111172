"""The examples in the docstrings of the Python interface do what they say."""

import doctest
import inspect

import pytest

import vra_tui as vra
from vra_tui.api import convert, opened, packets, tables

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_EXAMPLES = {
    test.name: test
    for module in (convert, opened, packets, tables)
    for test in doctest.DocTestFinder().find(module)
    if test.examples
}
#: Reading and taking apart need no example of their own: what they need is a file, a model or much time.
_WITHOUT = {"score", "train", "evaluate", "scores", "matches", "annotations", "undo", "close"}


@pytest.mark.parametrize("name", _EXAMPLES)
def test_an_example_does_what_it_says(name, path, packets, request):
    with vra.open(path, scanner="zoe") as store:
        example = _EXAMPLES[name]
        example.globs = {"vra": vra, "store": store, "path": path, "packets": packets}
        said: list[str] = []
        failed = doctest.DocTestRunner(optionflags=_FLAGS).run(example, out=said.append, clear_globs=False)
    assert not failed.failed, "".join(said)


def test_each_public_function_and_method_has_an_example():
    functions = {name for name in vra.__all__ if inspect.isfunction(getattr(vra, name))}
    methods = {name for name, _ in inspect.getmembers(vra.OpenStore, inspect.isfunction) if name[0] != "_"}
    shown = {name.rpartition(".")[2] for name in _EXAMPLES}
    assert functions | methods == shown | _WITHOUT
