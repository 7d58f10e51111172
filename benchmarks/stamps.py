"""How fast stamps are drawn, how they measure beside real ones, and a sheet of every kind.

    python -m benchmarks.stamps                       # speed
    python -m benchmarks.stamps --real                # and numbers beside the packets in VRA_REAL_DATA
    python -m benchmarks.stamps --sheet docs/stamps.png

docs/stamps.md quotes what it prints. The real packets are only measured, never drawn.
"""

import argparse
import gzip
import io
import os
import time
import warnings
from pathlib import Path

import numpy as np

from vra_tui.simulator.stamps import OPTICS, Optics, StampSource, draw, fits_bytes, imagine

#: Kinds of the comparison, of which the real samples are made, and their typical magnitude.
COMPARED = {
    "ztf": (
        [StampSource.TRANSIENT] * 3 + [StampSource.VARIABLE] * 2 + [StampSource.AGN, StampSource.MOVER],
        18.7,
    ),
    "atlas": (
        [
            StampSource.TRANSIENT,
            StampSource.VARIABLE,
            StampSource.AGN,
            StampSource.DIPOLE,
            StampSource.PM_STAR,
        ],
        17.8,
    ),
    "lsst": ([StampSource.TRANSIENT, StampSource.VARIABLE, StampSource.AGN], 21.7),
}
PACKETS = {
    "ztf": ("ztf_alerts/*/*.avro", ("cutoutScience", "cutoutTemplate", "cutoutDifference")),
    "atlas": ("atlas_stamps/*.avro", ("cutoutScience", "cutoutDifference")),
    "lsst": ("lsst_alerts/fink_lsst_*.avro", ("cutoutScience", "cutoutTemplate", "cutoutDifference")),
}
MEASURES = (
    "sky",
    "noise of the science image",
    "noise of the difference / science",
    "noise of the template / science",
    "correlation of neighbours, template",
    "correlation of noise, science and difference",
    "masked pixels, %",
    "residual of the brightest star / its peak",
    "FWHM of the brightest star, pixels",
)


def speed(optics: Optics, n: int = 2000) -> tuple[float, float]:
    """Triplets a second of processor time: drawn, and drawn and written."""
    rng = np.random.default_rng(1)
    kinds = rng.choice(list(StampSource), n)
    scene = imagine(optics, kinds, COMPARED[optics.survey][1], rng)
    start = time.process_time()
    triplets = draw(scene, optics)
    drawn = time.process_time()
    for i in range(n):
        fits_bytes(triplets, i, ra=10.0, dec=20.0)
    return n / (drawn - start), n / (time.process_time() - start)


def simulated(optics: Optics, n: int = 300) -> list[list[np.ndarray]]:
    """Stamps of ordinary alerts, as lists of two or three images."""
    rng = np.random.default_rng(7)
    kinds, mag = COMPARED[optics.survey]
    drawn = draw(imagine(optics, rng.choice(kinds, n), rng.normal(mag, 0.8, n), rng), optics)
    planes = [plane for plane in (drawn.science, drawn.template, drawn.difference) if plane is not None]
    return [[plane[i] for plane in planes] for i in range(n)]


def real(optics: Optics, folder: Path) -> list[list[np.ndarray]]:
    """One triplet of each real object; the difference upright."""
    import fastavro
    from astropy.io import fits

    pattern, keys = PACKETS[optics.survey]
    found: dict[object, list[np.ndarray]] = {}
    for path in sorted(folder.glob(pattern)):
        with path.open("rb") as file:
            for packet in fastavro.reader(file):
                images = []
                for key in keys:
                    stamp = packet[key]["stampData"] if isinstance(packet[key], dict) else packet[key]
                    stamp = gzip.decompress(stamp) if stamp[:2] == b"\x1f\x8b" else stamp
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        with fits.open(io.BytesIO(stamp), ignore_missing_simple=True) as opened:
                            images.append(np.where(np.abs(opened[0].data) < 1e30, opened[0].data, np.nan))
                if optics.inverts_negative and packet["candidate"]["isdiffpos"] in ("f", "0"):
                    images[-1] = -images[-1]
                found.setdefault(packet.get("objectId") or packet.get("diaSourceId"), images)
    return list(found.values())


def clipped(pixels: np.ndarray) -> tuple[float, float]:
    """Level and noise of what has no source: median and MAD, clipped at -3 and +2 sigma six times."""
    pixels = pixels[np.isfinite(pixels) & (pixels > -31_000)]
    level = noise = float("nan")
    for _ in range(7):
        level = float(np.median(pixels))
        noise = 1.4826 * float(np.median(np.abs(pixels - level)))
        pixels = pixels[(pixels > level - 3 * noise) & (pixels < level + 2 * noise)]
    return level, noise


def measured(images: list[np.ndarray], optics: Optics) -> list[float]:
    """MEASURES of one alert; NaN where there is none."""
    science, difference = images[0], images[-1]
    sky, noise = clipped(science)
    level, left = clipped(difference)
    masked = ~np.isfinite(difference) | (difference < -31_000)
    of_template = [np.nan, np.nan]
    if len(images) == 3:
        template_sky, template_noise = clipped(images[1])
        empty = np.where(
            np.abs(images[1] - template_sky) < 3 * template_noise, images[1] - template_sky, np.nan
        )
        neighbours = np.nanmean(empty[:, 1:] * empty[:, :-1]) / np.nanmean(empty * empty)
        of_template = [template_noise / noise, float(neighbours)]
    dark = ~masked & (np.abs(science - sky) < 2.5 * noise) & (np.abs(difference - level) < 2.5 * left)
    shared = np.corrcoef(science[dark], difference[dark])[0, 1] if dark.sum() > 200 else np.nan
    return [
        sky,
        noise,
        left / noise,
        *of_template,
        shared,
        100 * masked.mean(),
        *_brightest(images, sky, noise, level, optics),
    ]


def _brightest(
    images: list[np.ndarray], sky: float, noise: float, level: float, optics: Optics
) -> list[float]:
    """Residual and width of the brightest star that is not the alert, when it is bright and not full."""
    science, difference = images[0], images[-1]
    y, x = np.indices(science.shape)
    middle = science.shape[0] // 2
    inside = (np.minimum(y, x) > 3) & (np.maximum(y, x) < science.shape[0] - 4)
    far = ((y - middle) ** 2 + (x - middle) ** 2 > 64) & inside
    light = np.where(far & np.isfinite(science), science - sky, 0)
    row, column = np.unravel_index(light.argmax(), light.shape)
    peak = light[row, column]
    if optics.size < 40 or not 150 * noise < peak < 0.95 * optics.saturation:
        return [np.nan, np.nan]
    around = difference[row - 3 : row + 4, column - 3 : column + 4]
    around = around[np.isfinite(around) & (around > -31_000)]
    residual = np.max(np.abs(around - level)) / peak if len(around) > 30 else np.nan
    star = np.nansum(science[row - 4 : row + 5, column - 4 : column + 5] - sky)
    # Of a Moffat profile with beta = 3: flux = 1.3 * peak * FWHM^2 within that box.
    return [float(residual), float(np.sqrt(star / peak / 1.3))]


def table(optics: Optics, folder: Path) -> None:
    """Print medians with 10th and 90th percentile, real beside simulated."""
    sides = [
        np.array([measured(images, optics) for images in some])
        for some in (real(optics, folder), simulated(optics))
    ]
    print(f"\n| {optics.survey}: 10, 50, 90 % | real ({len(sides[0])}) | simulated ({len(sides[1])}) |")
    print("| --- | --- | --- |")
    for which, name in enumerate(MEASURES):
        cells = []
        for side in sides:
            values = side[:, which][np.isfinite(side[:, which])]
            quantiles = np.percentile(values, [10, 50, 90]) if len(values) else []
            cells.append(" ".join(f"{value:.2f}" for value in quantiles) or "–")
        if set(cells) != {"–"}:
            print(f"| {name} | {cells[0]} | {cells[1]} |")
    print(
        "| stamps with masked pixels | "
        + " | ".join(f"{np.mean(side[:, 6] > 0):.2f}" for side in sides)
        + " |"
    )


def stretched(image: np.ndarray) -> np.ndarray:
    """Grey levels of 0 to 23: sky in the middle of the dark half, sources by asinh, no data black."""
    image = np.where(np.isfinite(image) & (image > -31_000), image, np.nan)
    level, noise = clipped(image)
    z = np.arcsinh((image - level) / max(noise, 1e-9) / 2)
    top = max(np.arcsinh(6.0), float(np.nanpercentile(z, 99.7)))
    return np.round(23 * np.nan_to_num(np.clip((z + 1.5) / (top + 1.5), 0, 1), nan=0.0))


def sheet(path: Path) -> None:
    """Draw one alert of each kind and survey."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from PIL import Image

    columns = sum(3 if optics.has_template else 2 for optics in OPTICS.values())
    figure, axes = plt.subplots(len(StampSource), columns, figsize=(8.4, 14.2), facecolor="0.15")
    at = 0
    for optics in OPTICS.values():
        drawn = draw(
            imagine(optics, list(StampSource), COMPARED[optics.survey][1] - 0.7, np.random.default_rng(12)),
            optics,
        )
        planes = {"science": drawn.science, "template": drawn.template, "difference": drawn.difference}
        for name, plane in planes.items():
            if plane is None:
                continue
            axes[0, at].set_title(f"{optics.survey}\n{name}", color="0.9", fontsize=7)
            for kind in StampSource:
                # ZTF's north is at lower rows, the others' at higher ones.
                axes[kind, at].imshow(
                    stretched(plane[kind]),
                    cmap="gray",
                    vmin=0,
                    vmax=23,
                    origin="lower" if optics.north_up else "upper",
                    interpolation="nearest",
                )
            at += 1
    for kind in StampSource:
        axes[kind, 0].set_ylabel(
            kind.name.lower().replace("_", "\n"), color="0.9", fontsize=7, rotation=0, ha="right"
        )
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
    figure.subplots_adjust(0.1, 0.01, 0.99, 0.96, 0.04, 0.04)
    drawing = io.BytesIO()
    figure.savefig(drawing, dpi=80)
    # More greys than the screen has, in less than half of the bytes.
    greys = Image.open(drawing).convert("L").point([8 * (level // 8) for level in range(256)])
    greys.quantize(32).save(path, optimize=True)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", action="store_true", help="measure beside the packets in VRA_REAL_DATA")
    parser.add_argument("--sheet", type=Path, help="draw every kind into this PNG, and nothing else")
    arguments = parser.parse_args()
    if arguments.sheet:
        sheet(arguments.sheet)
        return
    for optics in OPTICS.values():
        drawn, written = speed(optics)
        print(f"{optics.survey}: {drawn:.0f} triplets/s drawn, {written:.0f}/s drawn and written (one core)")
    if arguments.real:
        folder = os.environ.get("VRA_REAL_DATA")
        if not folder:
            parser.error("VRA_REAL_DATA names no folder of real packets")
        for optics in OPTICS.values():
            table(optics, Path(folder))


if __name__ == "__main__":
    main()
