"""Who ranks the objects of a catalogue: a model on stream-1, or the starter."""

from hashlib import sha256

from vra_tui.errors import VraError
from vra_tui.features.stream import STREAM_1
from vra_tui.scoring.model.judges import Judge
from vra_tui.scoring.model.library import find_model, load_ready
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.model.starter_card import card_in_use
from vra_tui.scoring.model.trained import purpose_of
from vra_tui.scoring.stages import STAGES


def choose_judge(model: str | None, survey: str) -> Judge:
    """The model of that name, else the starter for the survey. Raises ModelError, VraError."""
    if model is None:
        return Starter(card_in_use()[0], survey)
    found = load_ready(find_model(model))
    if any(not {*found.columns_for_rank(stage)} <= {*STREAM_1} for stage in STAGES):
        raise VraError(
            f"{purpose_of(found)}; a catalogue of light curves gives those of stream-1 alone. Choose a model "
            "that `vra train --survey NAME` made, or none: the starter ranks."
        )
    return found


def fingerprint(judge: Judge) -> str:
    """What tells a model or a starter from another one of the same name: a digest of all its parts."""
    if isinstance(judge, Starter):
        return sha256(judge.card.model_dump_json().encode()).hexdigest()
    found = sha256(judge.card.model_dump_json().encode())
    for name, content in sorted(judge.files().items()):
        found.update(f"{name}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()
