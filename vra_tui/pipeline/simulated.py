"""Simulated alerts as the rest of the program sees alerts: packed light curves and the context of features."""

import numpy as np

from vra_tui.features.extinction import ebv_sfd
from vra_tui.features.vra import Context
from vra_tui.lightcurve.curves import LightCurves
from vra_tui.lightcurve.epochs import pack_detections, pack_nondetections
from vra_tui.survey.simulator import Batch


def light_curves(batch: Batch) -> LightCurves:
    """The detections and non-detections of a batch, packed; units keep the simulator's numbers."""
    seen, missed = batch.detections, batch.nondetections
    detections = pack_detections({**seen.columns, "exposure": seen["number"]})
    nondetections = pack_nondetections(missed.columns)
    atlas_id = batch.alerts["atlas_id"].astype(np.int64)
    return LightCurves(atlas_id, detections, seen.start, nondetections, missed.start)


def context(batch: Batch) -> Context:
    """What the features take from the record of each alert of a batch."""
    alerts = {name: batch.alerts[name].astype(np.float64) for name in ("t0_mjd", "ra", "dec", "rb_pix")}
    matches = {name: batch.matches[name].astype(np.float64) for name in ("z", "photoz", "separation")}
    return Context(
        **alerts,
        z=matches["z"],
        photoz=matches["photoz"],
        sep_arcsec=matches["separation"],
        ebv_sfd=ebv_sfd(alerts["ra"], alerts["dec"]),
        is_cv=batch.alerts["sherlock"] == "CV",
    )
