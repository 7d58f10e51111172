"""How real the simulated ZTF and LSST packets are: figures beside those of real ones (``docs/simulator.md``).

Run: ``python -m studies.packets [--real FOLDER] [--alerts N]``, where FOLDER holds ``ztf_alerts`` and
``lsst_alerts``; by default it is VRA_REAL_DATA.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

from vra_tui.features.dust_map import ebv_sfd
from vra_tui.simulator import load, prepare
from vra_tui.simulator.packets import packets_of

Row = dict[str, Any]
Figures = dict[str, list[float]]


def main() -> None:
    """Print a table for each survey."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, default=os.environ.get("VRA_REAL_DATA"))
    parser.add_argument("--alerts", type=int, default=1500)
    options = parser.parse_args()
    for survey, figures in (("ztf", of_ztf), ("lsst", of_lsst)):
        columns = {
            "simulated": figures(simulated(survey, options.alerts, bogus=True)),
            "of these real sources": figures(simulated(survey, options.alerts, bogus=False)),
        }
        if options.real:
            columns["real"] = figures(real(Path(options.real) / f"{survey}_alerts"))
        print(f"\n| {survey}: 10, 50, 90 % | " + " | ".join(columns) + " |")
        print("| --- |" + " --- |" * len(columns))
        for name in columns["simulated"]:
            cells = [" ".join(f"{q:.4g}" for q in quantiles(found[name])) for found in columns.values()]
            print(f"| {name} | " + " | ".join(cells) + " |")


def quantiles(values: list[float]) -> Any:
    """10, 50, 90 % of what is a number."""
    known = np.array([value for value in values if value is not None and value == value], dtype=float)
    return np.percentile(known, [10, 50, 90]) if len(known) else []


def simulated(survey: Any, alerts: int, bogus: bool) -> Iterator[Row]:
    """Packets of an ordinary fortnight, without stamps; or only those of stars and transients."""
    simulation = prepare(load("ordinary").by(survey).changed(alerts=alerts), 3, ebv_sfd)
    for index, batch in enumerate(simulation):
        is_real = np.isin(batch.truth["label"], ("good", "galactic")) | (batch.truth["kind"] == "asteroid")
        kept = set(batch.alerts["object_id"][np.flatnonzero(is_real | bogus)].tolist())
        for packet in packets_of(batch, simulation, "none", index):
            value = packet.value
            if value.get("objectId") in kept or str(value.get("diaSource", {}).get("diaObjectId")) in kept:
                yield value


def real(folder: Path) -> Iterator[Row]:
    """Packets of files; synthetic ones are left out."""
    for path in sorted(folder.rglob("*.avro")):
        if "fake" in path.name or "series" in path.parent.name:
            continue
        with path.open("rb") as file:
            yield from fastavro.reader(file)


def of_ztf(records: Iterable[Row]) -> Figures:
    """Figures of ZTF's packets, one value a packet or a row."""
    found: Figures = defaultdict(list)
    for record in records:
        own, history = record["candidate"], record["prv_candidates"] or []
        limits = [row["diffmaglim"] for row in history if row["magpsf"] is None]
        found["magnitude"].append(own["magpsf"])
        found["its error"].append(own["sigmapsf"])
        found["limit of the exposure"].append(own["diffmaglim"])
        found["limits of the history"] += limits
        found["drb, as -log10(1 - drb)"].append(-np.log10(max(1.0 - (own.get("drb") or 0.0), 1e-8)))
        found["negative, share"].append(float(own["isdiffpos"] in ("f", "0")))
        found["detections in the history"].append(len(history) - len(limits))
        found["limits in the history"].append(len(limits))
        found["forced points"] += [float(len(record["fp_hists"]))] if record.get("fp_hists") else []
        nights = sorted({int(row["jd"]) for row in history})
        found["nights from visit to visit"] += np.diff(nights).astype(float).tolist()
        found["FWHM, pixels"].append(own["fwhm"])
        found["elongation"].append(own["elong"])
        found["sgscore1"].append(own["sgscore1"])
        found["distpsnr1, arcsec"].append(own["distpsnr1"])
        found["sumrat"].append(own["sumrat"])
    return found


def of_lsst(records: Iterable[Row]) -> Figures:
    """Figures of LSST's packets, one value a packet or a source."""
    found: Figures = defaultdict(list)
    for record in records:
        own = record["diaSource"]
        history = record["prvDiaSources"] or []
        sources = [own, *history]
        found["magnitude of the source"] += [31.4 - 2.5 * np.log10(abs(own["psfFlux"]))]
        found["limit (5 sigma)"] += [31.4 - 2.5 * np.log10(5 * own["psfFluxErr"])]
        found["signal to noise"].append(own["snr"])
        found["reliability, sources of objects"] += (
            [source["reliability"] for source in sources] if record["diaObject"] else []
        )
        found["negative, share"] += [float(source["psfFlux"] < 0) for source in sources]
        found["sources in the history"].append(len(history))
        found["forced sources"].append(len(record["prvDiaForcedSources"] or []))
        found["ixx of the PSF, arcsec squared"].append(own["ixxPSF"])
        found["extendedness"].append(own["extendedness"])
        found["trail, arcsec"].append(own["trailLength"])
        found["bands in the history"].append(len({source["band"] for source in sources}))
    return found


if __name__ == "__main__":
    main()
