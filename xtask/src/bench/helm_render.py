"""Times real Helm, in this process, on the cases of a conformance directory: one JSON line a case.

usage: helm_render.py DIRECTORY RUNS < case indices, a line each, answered at once
Needs the package helm-python-sdk, which carries Helm's Go SDK.
"""
import json
import pathlib
import statistics
import sys
import time

import helm_python
from helm_python import _native


def milliseconds(runs, work):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main():
    directory, runs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    index = json.loads((directory / "golden/index.json").read_text())
    options = json.dumps({"name": "release-name", "namespace": "default"})
    for number in map(int, sys.stdin):
        case = index[number]
        archive = (directory / "charts" / case["corpus"] / case["tgz"]).read_bytes()
        values_path = directory / "golden" / case["corpus"] / case["chart"] / (case["case"] + ".values.json")
        values = values_path.read_text() if values_path.exists() else None

        load = milliseconds(runs, lambda: helm_python.Chart.load_archive(archive).close())
        # Rendering changes the chart, so every render needs one of its own; loading it is not timed.
        times = []
        for _ in range(runs):
            chart = helm_python.Chart.load_archive(archive)
            start = time.perf_counter()
            try:
                _native.call_string("helm_render", chart._raw(), values, options)
            except helm_python.HelmError:
                pass
            times.append((time.perf_counter() - start) * 1000)
            chart.close()
            if sum(times) > 2000:
                break
        print(json.dumps({"case": number, "load_ms": load, "render_ms": statistics.median(times)}), flush=True)


main()
