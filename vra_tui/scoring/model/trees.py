"""Check files of trees before XGBoost reads them.

XGBoost trusts what it loads: a file made for it ends the process, or sends it round in circles. What passes
here has the layout that it writes itself (UBJSON, draft 12), every length, index and child within bounds.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBERS = {
    marker: np.dtype(form)
    for marker, form in {
        b"i": ">i1", b"U": ">u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8",
    }.items()
}  # fmt: skip
_LENGTH_FOLLOWS = ord("L")
_DEEPEST = 12
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
#: One array a node each.
_OF_NODES = (
    "base_weights default_left left_children loss_changes parents right_children split_conditions "
    "split_indices split_type sum_hessian".split()
)
_NAMING_NODES = ("left_children", "parents", "right_children", "split_indices")
_OF_CATEGORIES = ("categories", "categories_nodes", "categories_segments", "categories_sizes")
_OBJECTIVES = {"binary:logistic", "binary:logitraw", "reg:squarederror", "reg:logistic"}


class TreesFault(ValueError):
    """A file of trees that is not what XGBoost would have written; the message says what is wrong with it."""


def check_trees(raw: bytes, features: int) -> None:
    """Raise TreesFault unless ``raw`` holds sound trees on so many features, of one class or value."""
    reader = _Reader(raw)
    try:
        content = reader.value()
        if reader.at != len(raw):
            raise TreesFault("something follows the trees")
        _check(content, features)
    except (KeyError, TypeError, AttributeError, IndexError, UnicodeDecodeError) as error:
        raise TreesFault(f"its layout is another one ({type(error).__name__})") from None


def _check(content: Any, features: int) -> None:
    learner = content["learner"]
    parameters, booster = learner["learner_model_param"], learner["gradient_booster"]
    _demand(booster["name"] == "gbtree", "it is no booster of trees")
    _demand(learner["objective"]["name"] in _OBJECTIVES, "its objective is another one")
    _demand(len(learner["feature_names"]) == features, "it was trained on other features than its card says")
    _demand(
        _count(parameters["num_feature"]) == features, "it was trained on other features than its card says"
    )
    _demand(_count(parameters["num_class"]) == 0, "it tells more than two classes apart")
    _demand(_count(parameters["num_target"]) == 1, "it has more than one target")
    model = booster["model"]
    trees, info, turns = model["trees"], list(model["tree_info"]), list(model["iteration_indptr"])
    _demand(not any(len(part) for part in model.get("cats", {}).values()), "it holds categories")
    _demand(_count(model["gbtree_model_param"]["num_trees"]) == len(trees), "trees are missing")
    _demand(info == [0] * len(trees), "its trees belong to more than one group")
    _demand(turns == list(range(len(trees) + 1)), "its rounds are not one tree each")
    for tree in trees:
        _check_shape(tree, features)
    if trees:
        _check_nodes(trees, features)


def _check_shape(tree: Any, features: int) -> None:
    """That each array of a tree has one value a node, and that nodes are named by whole numbers."""
    parameters = tree["tree_param"]
    size = _count(parameters["num_nodes"])
    _demand(size >= 1 and _count(parameters["num_feature"]) == features, "a tree has another shape")
    _demand(_count(parameters["size_leaf_vector"]) in (0, 1), "a leaf holds more than one value")
    _demand(not any(len(tree[name]) for name in _OF_CATEGORIES), "it holds categories")
    _demand(all(np.shape(tree[name]) == (size,) for name in _OF_NODES), "a tree has other nodes than it says")
    _demand(
        all(np.asarray(tree[name]).dtype.kind == "i" for name in _NAMING_NODES),
        "a node leads to no number of a node",
    )


def _check_nodes(trees: list[Any], features: int) -> None:
    """That the nodes of each tree form a tree and ask for what there is; of all trees at once."""
    nodes = {name: np.concatenate([tree[name] for tree in trees]) for name in _OF_NODES}
    left, right, parents = nodes["left_children"], nodes["right_children"], nodes["parents"]
    sizes = np.array([len(tree["left_children"]) for tree in trees])
    # Of each node: how many its tree has, and how many there are before that.
    size, before = np.repeat(sizes, sizes), np.repeat(np.cumsum(sizes) - sizes, sizes)
    inner = left != -1
    _demand(bool(np.all(inner == (right != -1))), "a node has one child")
    children = np.concatenate([left[inner], right[inner]]).astype(np.int64)
    # Each node is the child of at most one other and the root of none: there is no way round in circles.
    bounded = bool(np.all((children > 0) & (children < np.tile(size[inner], 2))))
    places = children + np.tile(before[inner], 2)
    _demand(bounded and len(np.unique(places)) == len(places), "its nodes do not form a tree")
    above = np.tile(np.flatnonzero(inner) - before[inner], 2)
    _demand(bool(np.all(parents[places] == above)), "a node has another parent than it says")
    asked: NDArray[Any] = nodes["split_indices"][inner]
    _demand(bool(np.all((asked >= 0) & (asked < features))), "a node asks for a feature that is not there")
    _demand(not nodes["split_type"].any(), "it holds categories")
    _demand(bool(np.all(np.isfinite(nodes["split_conditions"]))), "a node holds no number")


def _demand(holds: bool, fault: str) -> None:
    if not holds:
        raise TreesFault(fault)


def _count(text: Any) -> int:
    if not isinstance(text, str) or not _COUNT.fullmatch(text):
        raise TreesFault("a count is no number")
    return int(text)


class _Reader:
    """UBJSON as XGBoost writes it, and nothing else of it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.at = 0

    def value(self, depth: int = 0) -> Any:
        """The next value: a dict, a list, an array, a text or a number. Raises TreesFault."""
        if depth > _DEEPEST:
            raise TreesFault("it is nested too deep")
        marker = self._take(1)
        if marker == b"{":
            return self._object(depth)
        if marker == b"[":
            return self._array(depth)
        if marker == b"S":
            return self._text()
        if marker in _NUMBERS:
            return self._numbers(marker, 1)[0].item()
        raise TreesFault(f"byte {self.at - 1} begins no value")

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._raw[self.at : self.at + 1] != b"}":
            key = self._text()
            if key in found:
                raise TreesFault(f"{key!r} is there twice")
            found[key] = self.value(depth + 1)
        self.at += 1
        return found

    def _array(self, depth: int) -> Any:
        if self._raw[self.at : self.at + 1] == b"$":
            kind, mark = self._raw[self.at + 1 : self.at + 2], self._raw[self.at + 2 : self.at + 3]
            if kind not in _NUMBERS or mark != b"#":
                raise TreesFault("an array is of no kind of number")
            self.at += 3
            return self._numbers(kind, self._length())
        if self._take(1) != b"#":
            raise TreesFault("an array does not say its length")
        return [self.value(depth + 1) for _ in range(self._length())]

    def _numbers(self, kind: bytes, count: int) -> NDArray[Any]:
        dtype = _NUMBERS[kind]
        return np.frombuffer(self._take(count * dtype.itemsize), dtype)

    def _text(self) -> str:
        return self._take(self._length()).decode("utf-8")

    def _length(self) -> int:
        said = self._take(9)
        if said[0] != _LENGTH_FOLLOWS:
            raise TreesFault("a length is missing")
        length = int.from_bytes(said[1:], "big", signed=True)
        if not 0 <= length <= len(self._raw) - self.at:
            raise TreesFault("a length leads out of the file")
        return length

    def _take(self, size: int) -> bytes:
        taken = self._raw[self.at : self.at + size]
        if len(taken) < size:
            raise TreesFault("it is cut off")
        self.at += size
        return taken
