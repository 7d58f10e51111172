"""Simulated alerts of ATLAS as features take them, without a store: light curves and context."""

import numpy as np

from vra_tui.domain.epochs import (
    Detections,
    NonDetections,
    pack_detections,
    pack_nondetections,
)
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.vra import VraContext
from vra_tui.simulator import Batch


def light_curves(batch: Batch) -> LightCurves:
    """The detections and non-detections of a batch, packed; instruments keep the simulator's numbers.

    Bands have the store's codes: their letters in ASCII.
    """
    return LightCurves(
        batch.alerts["alert_id"].astype(np.int64),
        _detections(batch),
        batch.detections.start,
        _nondetections(batch),
        batch.nondetections.start,
    )


def context(batch: Batch) -> VraContext:
    """Return what the features take from the record of each alert of a batch."""
    alerts = {name: batch.alerts[name].astype(np.float64) for name in ("t0_mjd", "ra", "dec", "rb_pix")}
    matches = {name: batch.matches[name].astype(np.float64) for name in ("z", "photoz", "separation")}
    return VraContext(
        **alerts,
        z=matches["z"],
        photoz=matches["photoz"],
        sep_arcsec=matches["separation"],
        ebv_sfd=ebv_sfd(alerts["ra"], alerts["dec"]),
        is_cv=batch.alerts["sherlock"] == "CV",
    )


def _detections(batch: Batch) -> Detections:
    seen = batch.detections
    return pack_detections({**seen.columns, "instrument": seen["unit"], "band": seen["filter"]})


def _nondetections(batch: Batch) -> NonDetections:
    missed = batch.nondetections
    return pack_nondetections({**missed.columns, "instrument": missed["unit"], "band": missed["filter"]})
