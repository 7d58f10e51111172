"""All benchmarks, one after the other: `python -m benchmarks`."""

from importlib import import_module

for _name in ("ingest", "store", "score", "predict", "explain", "observability", "fortnight", "drift", "replay"):
    import_module(f"benchmarks.{_name}").main()
