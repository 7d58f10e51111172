"""Had the model seen the rows? What its card and the rows' ids can tell, said plainly."""

from collections.abc import Iterable

from vra_tui.scoring.card import Card, StageCard
from vra_tui.scoring.evaluation.curves import Order


def trained_on(card: Card, checksums: Iterable[str]) -> bool:
    """Whether one of these feature tables (SHA-256) is what a stage of the model was trained on."""
    known = {stage.data.features_sha256 for stage in card.stages.values()}
    return not known.isdisjoint(checksums)


def too_good(stage: StageCard, order: Order) -> str | None:
    """A warning where the model does better here than on objects that it is known not to have seen.

    Its cross-validation lies below the whole interval found here: other rows may be easier, but rows that
    trained it look just like that.
    """
    if stage.validation is None or "rank" not in stage.validation.aurak:
        return None
    known, high = stage.validation.aurak["rank"].mean, stage.validation.interval_over_objects[1]
    if order.stream.aurak.low <= known or order.stream.aurak.value <= high:
        return None
    return (
        f"{order.name} has AuRaK {order.stream.aurak.value:.3f} here and {known:.3f} on objects that it had "
        f"never seen. Are some of these rows among those that trained it? --trained-on leaves them out."
    )
