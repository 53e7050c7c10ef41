"""Build shops on DuckDB and on a Spark cluster of two workers, compare the marts and the cost.

    cartwise demo --orders 440000 --format parquet --out SHOP
    python benchmarks/spark.py SHOP [SHOP ...]

A shop is a folder of Parquet files in cartwise's input contract. The cluster (a master, two workers
of one core, a Spark Connect server) runs on this machine. CPU and memory are those of all processes
that take part, read from /proc, so this runs on Linux. Shuffle and spill are Spark's own stage
metrics, from its event log.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests/python/spark"), str(REPOSITORY / "tests/python")]

from cluster import Cluster  # noqa: E402
from dbt_runs import call_dbt  # noqa: E402
from parity import find_differences, get_marts  # noqa: E402

BUILD = ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
SUPPORT = 0.002


class Usage(threading.Thread):
    """Wall time, CPU and peak memory of the processes that start and end inside a with block."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self._done = 0, threading.Event()

    def __enter__(self):
        self._begin, self._cpu = time.monotonic(), self.get_cpu()
        self.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self.join()
        self.wall, self.cpu = time.monotonic() - self._begin, self.get_cpu() - self._cpu

    def run(self):
        while not self._done.wait(0.25):
            self.peak = max(self.peak, self.get_resident())

    @staticmethod
    def get_cpu():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    @staticmethod
    def get_resident():
        """Return the bytes that this process's descendants hold together."""
        parents, resident = {}, {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:  # ended in between
                continue
            pid = int(stat.parent.name)
            parents[pid], resident[pid] = int(fields[1]), int(fields[21]) * resource.getpagesize()
        family = {os.getpid()}
        while grown := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= grown
        return sum(resident.get(pid, 0) for pid in family - {os.getpid()})


def read_stage_metrics(folder):
    """Sum Spark's stage metrics over an event log, and keep the largest shuffle of a stage."""
    totals = {"shuffle": 0, "spilled": 0, "largest": 0, "stages": 0}
    for log in (path for path in Path(folder).rglob("*") if path.is_file()):
        for line in log.read_text(errors="replace").splitlines():
            if '"SparkListenerStageCompleted"' not in line:
                continue
            values = {
                item["Name"]: int(item.get("Value") or 0)
                for item in json.loads(line)["Stage Info"]["Accumulables"]
                if item["Name"].startswith("internal.metrics.")
            }
            shuffle = values.get("internal.metrics.shuffle.write.bytesWritten", 0)
            totals["shuffle"] += shuffle
            totals["largest"] = max(totals["largest"], shuffle)
            totals["spilled"] += values.get("internal.metrics.diskBytesSpilled", 0)
            totals["stages"] += 1
    return totals


def build(target, shop, folder, **environment):
    folder.mkdir()
    run = call_dbt(
        [*BUILD, "--target", target],
        folder / "cartwise.duckdb",
        {"data_path": str(shop), "basket_min_support": SUPPORT},
        environment=environment,
    )
    if not run.succeeded:
        sys.exit(run.output)
    return run


def compare_shop(shop, folder, executor_memory):
    """Return two rows of the table, and what differs between the marts."""
    lines = f"{duckdb.read_parquet(str(shop / 'order_lines.parquet')).shape[0]:,}"
    with Usage() as usage:
        ours = build("duckdb", shop, folder / "duckdb")
    cost = f"{usage.wall:.0f} | {usage.cpu:.0f} | {usage.peak / 1e9:.1f}"
    yield f"| {lines} | DuckDB | {cost} | | | | |"

    for name in ("events", "cluster"):
        (folder / name).mkdir()
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder / "events",
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    with Usage() as usage, Cluster(folder / "cluster", executor_memory, settings) as cluster:
        build("spark_connect", shop, folder / "client", CARTWISE_SPARK_REMOTE=cluster.remote)
    cost = f"{usage.wall:.0f} | {usage.cpu:.0f} | {usage.peak / 1e9:.1f}"
    stages = read_stage_metrics(folder / "events")
    shuffle = " | ".join(f"{stages[key] / 1e6:,.0f}" for key in ("shuffle", "largest", "spilled"))
    manifest = json.loads((folder / "duckdb" / "target" / "manifest.json").read_text())
    warehouse = folder / "cluster" / "warehouse" / "cartwise.db"
    differences = [
        difference
        for mart, keys in get_marts(manifest).items()
        for difference in find_differences(ours.database, warehouse, mart, keys)
    ]
    marts = f"{len(differences)} differences" if differences else "equal"
    yield f"| {lines} | Spark, 2 workers | {cost} | {shuffle} | {marts} |"
    yield from differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shops", type=Path, nargs="+", help="folders of Parquet files")
    parser.add_argument("--executor-memory", default="3g")
    args = parser.parse_args()
    print("| order lines | engine | wall s | CPU s | peak GB ", end="")
    print("| shuffled MB | largest stage MB | spilled MB | marts |")
    print("|--:|---|--:|--:|--:|--:|--:|--:|---|")
    for shop in args.shops:
        with tempfile.TemporaryDirectory() as folder:
            for row in compare_shop(shop.resolve(), Path(folder), args.executor_memory):
                print(row, flush=True)


if __name__ == "__main__":
    main()
