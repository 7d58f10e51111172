"""Models as gifts: one zip with card, trees, scope and checksums. Data, never code.

A zip is a folder of one model and `manifest.json`, which names its files with their checksums. Nothing in it
is compressed and nothing bears a time, so that the same model gives the same bytes everywhere. Zips come
from strangers: each entry is checked before it is read, and the model as a whole before it stands among the
user's.
"""

import io
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vra_tui.private import make_private
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE
from vra_tui.scoring.model.card import ModelCard
from vra_tui.scoring.model.library import (
    check_ready,
    checksum,
    known_models,
    load_checked,
    load_ready,
    user_models,
)
from vra_tui.scoring.model.trained import CARD_FILE, MAX_FILE_BYTES, ModelError, feature_sets_of
from vra_tui.scoring.training.from_tables import check_name

MANIFEST_FILE = "manifest.json"
#: Larger zips, and those that unpack to more, are not read. The shipped models measure up to 1.4 MB.
MAX_GIFT_BYTES = 256 << 20
#: More entries than that are no model.
_MOST_ENTRIES = 64
_ENTRY = re.compile(
    r"([A-Za-z0-9_][\w.-]*)/(manifest\.json|card\.json|[\w.-]+\.ubj|[\w.-]+\.scope\.json)", re.ASCII
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: The earliest time that a zip can hold.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_IS_ENCRYPTED = 0x1


class _Manifest(BaseModel):
    """What `manifest.json` holds: the model's name, whom it is for, and the checksum of each of its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = Field(ge=1, le=1)
    name: str
    survey: str
    feature_sets: tuple[str, ...]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Received:
    """A model that was taken in: where it stands, and what the user should know.

    ``is_new``: it was not there before.
    """

    name: str
    card: ModelCard
    folder: Path
    remarks: tuple[str, ...]
    is_new: bool = True


def export_model(folder: Path, target: Path) -> int:
    """Write the model in ``folder`` into a new zip; its size in bytes.

    The model is checked whole before. Raises ModelError where it cannot be used, and where ``target`` is
    there already or cannot be written.
    """
    content = packed(folder)
    try:
        with target.open("xb") as out:
            try:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            except OSError:
                target.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise ModelError(f"{target} is there already. Nothing was written; choose another name.") from None
    except OSError as error:
        raise ModelError(f"{target} cannot be written: {error.strerror}. Check path and space.") from error
    return len(content)


def packed(folder: Path) -> bytes:
    """The bytes of the zip: the same for the same model, wherever and whenever it is made."""
    model = load_checked(folder)
    files = model.files() | {CARD_FILE: (folder / CARD_FILE).read_bytes()}
    manifest = _Manifest(
        format=1,
        name=model.name,
        survey=model.survey,
        feature_sets=feature_sets_of(model.card),
        files={name: checksum(files[name]) for name in sorted(files)},
    )
    files[MANIFEST_FILE] = (manifest.model_dump_json(indent=1) + "\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{model.name}/{name}", _NO_TIME)
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def looked_into(source: Path) -> ModelCard:
    """The card of the model in a zip, checked whole. Nothing is taken in.

    Raises ModelError for anything wrong with the zip or the model.
    """
    name, files = _unpacked(source)
    with TemporaryDirectory() as folder:
        for file, content in files.items():
            (Path(folder) / file).write_bytes(content)
        card = load_ready(Path(folder)).card
    if card.name != name:
        raise ModelError(f"{source}: its card names the model {card.name}, its folder {name}.")
    return card


def import_model(source: Path, name: str | None = None) -> Received:
    """Take a model out of a zip into the user's models, under its own name or another.

    Nothing that is there is overwritten, and the model is not put in use. Raises ModelError, having left
    nothing behind, for anything wrong with the zip or the model, and for a name that is taken.
    """
    own_name, files = _unpacked(source)
    wanted = own_name if name is None else name
    check_name(wanted)
    folder = user_models() / wanted
    for known in known_models():
        if known.name.casefold() == wanted.casefold() and (there := _same_model(known.folder, files)):
            return Received(wanted, there, known.folder, (), is_new=False)
    taken = {model.name.casefold() for model in known_models()}
    if wanted.casefold() in taken or os.path.lexists(folder):
        raise ModelError(
            f"A model called {wanted} is there already, and is another one. Nothing was written; take this "
            f"one in under another name: --name {wanted}-2."
        )
    fresh = folder.with_name(f".{wanted}.import-{os.getpid()}")
    try:
        make_private(fresh.parent)
        fresh.mkdir()
        for file, content in files.items():
            (fresh / file).write_bytes(content)
        card = load_ready(fresh).card
        if card.name != own_name:
            raise ModelError(f"{source}: its card names the model {card.name}, its folder {own_name}.")
        if wanted != card.name:
            card = card.model_copy(update={"name": wanted})
            (fresh / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
            check_ready(load_checked(fresh))
        fresh.rename(folder)
    except OSError as error:
        raise ModelError(
            f"The model could not be written to {folder}: {error.strerror}. Check space and permissions."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Received(wanted, card, folder, _remarks(card))


def _same_model(folder: Path, files: Mapping[str, bytes]) -> ModelCard | None:
    """The card of the model in ``folder`` where it consists of these very files."""
    try:
        model = load_checked(folder)
        return model.card if model.files() | {CARD_FILE: (folder / CARD_FILE).read_bytes()} == files else None
    except (ModelError, OSError):
        return None


def _remarks(card: ModelCard) -> tuple[str, ...]:
    """Say what a user would not expect of the figures on the card."""
    found = []
    for stage, part in card.stages.items():
        claimed = part.validation.mixture if part.validation is not None else None
        if claimed is not None and dict(claimed) != dict(STREAM_MIXTURE):
            shares = ", ".join(f"{name} {share:.1%}" for name, share in claimed.items())
            found.append(
                f"Its figures at {stage} are weighted to another mixture of labels ({shares}): do not hold "
                "them against those of other models. `vra evaluate` measures it on yours."
            )
    return tuple(found)


def _unpacked(source: Path) -> tuple[str, dict[str, bytes]]:
    """The name of the model in a zip, and its files by name, each as its checksum says. Raises ModelError."""
    try:
        status = source.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_GIFT_BYTES:
            raise ModelError(f"{source} is no plain file of at most {MAX_GIFT_BYTES >> 20} MB.")
        with zipfile.ZipFile(source) as archive:
            name, files = _entries(source, archive)
    except OSError as error:
        raise ModelError(f"{source} cannot be read: {error.strerror or error}. Check the path.") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise _refused(source, f"it is no sound zip ({error})") from error
    except (zipfile.LargeZipFile, MemoryError) as error:
        raise _refused(source, "it is too large") from error
    try:
        manifest = _Manifest.model_validate_json(files.pop(MANIFEST_FILE))
    except KeyError:
        raise _refused(source, f"it has no {MANIFEST_FILE}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise _refused(source, f"its {MANIFEST_FILE} is not as this version writes it: {where}") from error
    if manifest.name != name:
        raise _refused(source, f"it names the model {manifest.name[:80]!r} and its folder {name[:80]!r}")
    if set(manifest.files) != set(files):
        odd = sorted(set(manifest.files) ^ set(files))[0]
        raise _refused(source, f"{odd[:80]!r} is missing, or is not in its {MANIFEST_FILE}")
    for file, content in files.items():
        if checksum(content) != manifest.files[file]:
            raise _refused(source, f"{file} is damaged or was exchanged: its checksum differs")
    return name, files


def _entries(source: Path, archive: zipfile.ZipFile) -> tuple[str, dict[str, bytes]]:
    """The folder in a zip and the files in it, read within bounds. Raises ModelError for anything else."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise _refused(source, f"it has {len(entries):,} entries")
    if sum(entry.file_size for entry in entries) > MAX_GIFT_BYTES:
        raise _refused(source, f"it unpacks to more than {MAX_GIFT_BYTES >> 20} MB")
    found: dict[str, bytes] = {}
    folders = set()
    for entry in entries:
        shown = entry.filename[:80]
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.is_dir() and entry.filename.count("/") == 1 and kind in (0, stat.S_IFDIR):
            folders.add(entry.filename[:-1])
            continue
        named = _ENTRY.fullmatch(entry.filename)
        if named is None:
            raise _refused(source, f"{shown!r} is no part of a model")
        folder, file = named.groups()
        if kind not in (0, stat.S_IFREG):
            raise _refused(source, f"{shown!r} is a link, or another thing that is no file")
        if entry.flag_bits & _IS_ENCRYPTED or entry.compress_type not in _METHODS:
            raise _refused(source, f"{shown!r} is encrypted, or packed in an unusual way")
        if entry.file_size > MAX_FILE_BYTES:
            raise _refused(source, f"{shown!r} is larger than {MAX_FILE_BYTES >> 20} MB")
        if file.casefold() in {known.casefold() for known in found}:
            raise _refused(source, f"{shown!r} is in it twice")
        with archive.open(entry) as content:
            # What an entry says of its size is a claim.
            found[file] = content.read(entry.file_size + 1)
        if len(found[file]) != entry.file_size:
            raise _refused(source, f"{shown!r} is not as long as it says")
        folders.add(folder)
    if len(folders) != 1 or not found:
        raise _refused(source, "it does not hold the folder of one model")
    name = folders.pop()
    check_name(name)
    return name, found


def _refused(source: Path, why: str) -> ModelError:
    return ModelError(f"{source} is no model as `vra models export` writes them: {why}. Nothing was written.")
