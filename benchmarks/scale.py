"""Measure how the cost of a whole build grows with the shop, and write docs/benchmarks.md.

    python benchmarks/scale.py --lines 100000 1000000 3000000 10000000

Shops are written by the demo generator as Parquet. Each is built by `dbt build`, data tests
included, as a process of its own. CPU and resident memory are sampled and given to the model that
dbt was at work on, which is why it runs one model at a time (DuckDB uses all cores for each). The
script of a tutorial (tutorial.py) runs on the same shops, until its memory runs out.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import psutil
from machine import describe_machine, write_profile

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "benchmarks.md"
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "scikit-learn", "mlxtend")
LINES_PER_ORDER = 2.289  # of the generator
BUILD = ("build", "--quiet", "--exclude-resource-type", "unit_test")
# what openretailscience does, and the models that do it and more
PEER_MODELS = {
    "rfm": ("feat_cartwise__rfm_cut_points", "score_cartwise__customer_segments"),
    "pairs": (
        "feat_cartwise__basket_lines",
        "feat_cartwise__baskets",
        "feat_cartwise__basket_products",
        "feat_cartwise__basket_occurrences",
        "feat_cartwise__basket_totals",
        "ml_cartwise__frequent_itemsets",
        "ml_cartwise__association_rules",
    ),
}
DOMAINS = ("core", "baskets", "customers", "reviews", "products", "recommendations", "quality")
TIMES = {"orders": "ordered_at", "reviews": "reviewed_at", "events": "occurred_at"}
COUNT_SLOWEST = 15
EXPONENT_GOAL, MEMORY_GOAL, SHARE_GOAL = 1.1, 8_000, 0.25
TUTORIAL_LINES = 3_100_000  # its reviews alone would take an hour beyond
GOAL_LINES, SPEED_GOAL, TUTORIAL_MEMORY_GOAL = 1_000_000, 10, 0.1
TEMPLATE = """\
# How the cost grows

Written by `make bench` (`python benchmarks/scale.py`). Single steps beside other libraries are in
[benchmarks/README.md](../benchmarks/README.md).

{machine}; commit {commit}.

## A whole build

`dbt build` of demo shops in Parquet, data tests included, one model at a time, DuckDB limited to
{limit}. The peak is that of the process, Python included.

{totals}

## The slowest models

Wall seconds by size; CPU, peak, share and floor at the largest. The floor is what DuckDB needs to
read each table that the model reads, every column, and to write the model's table.

{models}

## Beside the script of a tutorial

[tutorial.py](../benchmarks/tutorial.py) reads the same files with pandas, and does each step on
everything at once: one-hot baskets and mlxtend's Apriori, scikit-learn's fit and predict, dense
cosines. It has none of the checks, tests, held-out measures, intervals and reasons that are in
cartwise's seconds. It may take {tutorial_limit:.0f} GB; its *all* leaves out what did not fit.

{tutorial}
"""

DAY = """
## One more day

The shop of {lines:,} lines without its last day, and then with it, in the same database. Reviews
keep the scores that they have; what is as of the last day is made anew, and that is nearly all of
the rest ([why](decisions/0013-a-build-is-a-whole-build.md)).

{day}
"""

PEERS = """
## Beside openretailscience

[retailscience.py](../benchmarks/retailscience.py) in an environment of its own, from a DuckDB table
of joined lines. cartwise's seconds are those of the models that do this and more: *rfm* assigns
k-means segments as well, *pairs* mines sets of up to four products, with p-values and the same
measures on later baskets, and is the first to import pandas and SciPy, for about 1.5 s.

{peers}
"""


class Sampler(threading.Thread):
    """CPU seconds and resident bytes of a process over time."""

    def __init__(self, process_id):
        super().__init__(daemon=True)
        self.process, self.samples = psutil.Process(process_id), []

    def run(self):
        while True:
            try:
                with self.process.oneshot():
                    cpu = self.process.cpu_times()
                    sample = (time.time(), cpu.user + cpu.system, self.process.memory_info().rss)
            except psutil.NoSuchProcess:
                return
            self.samples.append(sample)
            time.sleep(0.05)

    def measure(self, began_at, ended_at):
        """Return CPU seconds and peak MB between two times."""
        within = [sample for sample in self.samples if began_at <= sample[0] <= ended_at]
        if len(within) < 2:
            return 0.0, 0.0
        return within[-1][1] - within[0][1], max(sample[2] for sample in within) / 1e6


def run_sampled(command, limit=None, **options):
    """Run a command; return wall and CPU seconds, peak MB, exit code and the sampler."""

    def allow_memory():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    began_at = time.time()
    process = subprocess.Popen(command, preexec_fn=allow_memory, **options)
    sampler = Sampler(process.pid)
    sampler.start()
    output = process.stdout.read() if process.stdout else None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.time() - began_at
    sampler.join()
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    figures = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": peak}
    return figures, process.returncode, output, sampler


def build(shop, folder, limit):
    """Build a shop; return what it cost in all, and what each model and the data tests cost."""
    write_profile(folder, limit, threads=1)
    environment = {
        "CARTWISE_DB": str(folder / "cartwise.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(folder),
    }
    command = [str(Path(sys.executable).parent / "dbt"), *BUILD]
    command += ["--project-dir", str(REPOSITORY), "--vars", json.dumps({"data_path": str(shop)})]
    total, exit_code, _, sampler = run_sampled(command, env={**os.environ, **environment})
    if exit_code:
        sys.exit(f"the build of {shop} ended with {exit_code}")
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    models, tests = {}, 0.0
    for result in results["results"]:
        times = [part for part in result["timing"] if part["name"] == "execute"]
        if not times:
            continue
        began_at, ended_at = (
            datetime.fromisoformat(times[0][key]).timestamp()
            for key in ("started_at", "completed_at")
        )
        kind, _, name, *_ = result["unique_id"].split(".")
        if kind == "test":
            tests += ended_at - began_at
        else:
            cpu, peak = sampler.measure(began_at, ended_at)
            models[name] = {"wall": ended_at - began_at, "cpu": cpu, "peak": peak}
    total["tests"] = tests
    total["database"] = (folder / "cartwise.duckdb").stat().st_size / 1e6
    return total, models


def leave_out_last_day(shop, folder):
    """Write a shop as it was the day before its last order."""
    folder.mkdir()
    with duckdb.connect() as connection:
        orders = f"from '{shop / 'orders.parquet'}'"
        (last_day,) = connection.execute(f"select max(ordered_at)::date {orders}").fetchone()
        for path in shop.glob("*.parquet"):
            query = f"from '{path}'"
            if path.stem in TIMES:
                query += f" where {TIMES[path.stem]} < date '{last_day}'"
            elif path.stem in ("order_lines", "refunds"):
                later = f"{orders} where ordered_at >= date '{last_day}'"
                query += f" anti join ({later}) using (order_id)"
            connection.execute(f"copy ({query}) to '{folder / path.name}'")


def measure_one_more_day(shop, folder, limit):
    """Build the shop without its last day and then with it; return what the second build cost."""
    grown, before = folder / "grown", folder / "before"
    grown.mkdir()
    leave_out_last_day(shop, before)
    build(before, grown, limit)
    return build(shop, grown, limit)


def find_domains(folder):
    """Return the domain of each model and seed."""
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    domains = {}
    for node in manifest["nodes"].values():
        folders = Path(node["original_file_path"]).parts[1:-1]
        domains[node["name"]] = next((part for part in folders if part in DOMAINS), "core")
    return domains


def measure_floors(folder, limit, names):
    """Return the seconds that DuckDB needs to read what a model reads and write what it writes."""
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    floors = {}
    for name in names:
        read = [
            manifest["nodes"][parent]["name"]
            for parent in nodes[name]["depends_on"]["nodes"]
            if parent in manifest["nodes"]
        ]
        config = {"memory_limit": limit, "temp_directory": str(folder / "spilled")}
        with duckdb.connect(str(folder / "cartwise.duckdb"), config=config) as connection:
            began_at = time.monotonic()
            for table in read:
                columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
                largest = ", ".join(f'max("{column}")' for column in columns)
                connection.execute(f"select {largest} from {table}").fetchall()
            connection.execute(f"create temp table written as from {name}")
            floors[name] = time.monotonic() - began_at
    return floors


def run_script(python, name, shop, limit):
    """Return the seconds of each step of another script, None where memory ran out."""
    command = [str(python), str(REPOSITORY / "benchmarks" / name), str(shop)]
    total, _, output, _ = run_sampled(
        command,
        limit=int(limit * 1e9),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    steps = {}
    for line in output.splitlines():
        step = json.loads(line)
        steps[step["step"]] = step["wall"] if step["done"] else None
    return total, steps


def add_up(models, domains):
    """Return the seconds of the models of each domain."""
    seconds = defaultdict(float)
    for name, figures in models.items():
        seconds[domains[name]] += figures["wall"]
    return seconds


def is_goal_size(lines):
    return round(lines, -5) == GOAL_LINES


def measure(count_lines, folder, arguments):
    """Measure one size, in a folder of its own."""
    shop, built = folder / "shop", folder / "built"
    built.mkdir(parents=True)
    orders = round(count_lines / LINES_PER_ORDER)
    generate = [sys.executable, "-m", "cartwise.demo", "--out", str(shop), "--format", "parquet"]
    subprocess.run([*generate, "--orders", str(orders)], check=True, stdout=subprocess.DEVNULL)
    with duckdb.connect() as connection:
        (lines,), (customers,) = (
            connection.execute(f"select count(*) from '{shop / name}.parquet'").fetchone()
            for name in ("order_lines", "customers")
        )
    total, models = build(shop, built, arguments.limit)
    domains = find_domains(built)
    day = None
    if is_goal_size(lines):
        day_total, day_models = measure_one_more_day(shop, folder, arguments.limit)
        day = {"total": day_total, "domains": add_up(day_models, domains)}
    slowest = sorted(models, key=lambda name: -models[name]["wall"])[:COUNT_SLOWEST]
    return {
        "lines": lines,
        "customers": customers,
        "total": total,
        "models": models,
        "domains": add_up(models, domains),
        "day": day,
        "slowest": slowest,
        "floors": measure_floors(built, arguments.limit, slowest),
        "tutorial": lines <= TUTORIAL_LINES
        and run_script(sys.executable, "tutorial.py", shop, arguments.tutorial_limit),
        "peer": arguments.retailscience
        and run_script(arguments.retailscience, "retailscience.py", shop, arguments.tutorial_limit),
    }


# -- The page --------------------------------------------------------------------------------------


def fit_exponent(sizes, seconds):
    """Return the slope of log seconds over log lines."""
    if len(sizes) < 2:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 0.01)), 1)[0])


def say(is_met):
    return "met" if is_met else "missed"


def write_totals(measured):
    yield "| order lines | customers | wall s | CPU s | peak MB | database MB | lines / s |"
    yield "|--:|--:|--:|--:|--:|--:|--:|"
    for size in measured:
        total = size["total"]
        yield (
            f"| {size['lines']:,} | {size['customers']:,} | {total['wall']:.0f} "
            f"| {total['cpu']:.0f} | {total['peak']:,.0f} | {total['database']:,.0f} "
            f"| {size['lines'] / total['wall']:,.0f} |"
        )
    yield ""
    largest = measured[-1]
    exponent = fit_exponent(
        [size["lines"] for size in measured], [size["total"]["wall"] for size in measured]
    )
    name = largest["slowest"][0]
    share = largest["models"][name]["wall"] / largest["total"]["wall"]
    peak = largest["total"]["peak"]
    yield (
        f"- Growth: wall seconds rise with lines to the power {exponent:.2f} "
        f"(goal {EXPONENT_GOAL}: {say(exponent <= EXPONENT_GOAL)})."
    )
    yield (
        f"- Memory at {largest['lines']:,} lines: {peak:,.0f} MB "
        f"(goal {MEMORY_GOAL:,}: {say(peak <= MEMORY_GOAL)})."
    )
    yield (
        f"- Slowest model: `{name}`, {share:.0%} of the whole "
        f"(goal {SHARE_GOAL:.0%}: {say(share <= SHARE_GOAL)})."
    )
    yield (
        f"- Data tests take {largest['total']['tests']:.0f} s of the largest build and "
        f"{measured[0]['total']['tests']:.0f} s of the smallest; dbt itself about "
        f"{measured[0]['total']['wall'] - sum_models(measured[0]):.0f} s of each."
    )


def sum_models(size):
    return size["total"]["tests"] + sum(figures["wall"] for figures in size["models"].values())


def write_models(measured):
    largest = measured[-1]
    sizes = [f"{size['lines'] / 1e6:.1f} M" for size in measured]
    yield f"| model | {' | '.join(sizes)} | CPU s | peak MB | share | exponent | floor s |"
    yield f"|---|{'--:|' * (len(measured) + 5)}"
    for name in largest["slowest"]:
        figures = largest["models"][name]
        seconds = [size["models"][name]["wall"] for size in measured]
        exponent = fit_exponent([size["lines"] for size in measured], seconds)
        yield (
            f"| `{name}` | {' | '.join(f'{second:.1f}' for second in seconds)} "
            f"| {figures['cpu']:.1f} | {figures['peak']:,.0f} "
            f"| {figures['wall'] / largest['total']['wall']:.0%} | {exponent:.2f} "
            f"| {largest['floors'][name]:.1f} |"
        )


def write_tutorial(measured):
    yield "| order lines | step | script s | cartwise s | script / cartwise |"
    yield "|--:|---|--:|--:|--:|"
    compared = [size for size in measured if size["tutorial"]]
    for size in compared:
        total, steps = size["tutorial"]
        for domain in DOMAINS:
            if domain not in steps:
                continue
            ours, theirs = size["domains"][domain], steps[domain]
            shown = "out of memory | " if theirs is None else f"{theirs:.1f} | "
            ratio = "" if theirs is None else f"{theirs / ours:.1f}"
            yield f"| {size['lines']:,} | {domain} | {shown}{ours:.1f} | {ratio} |"
        ours = size["total"]
        yield (
            f"| {size['lines']:,} | **all** | {total['wall']:.1f} | {ours['wall']:.1f} "
            f"| {total['wall'] / ours['wall']:.1f} |"
        )
        yield (
            f"| {size['lines']:,} | **peak MB** | {total['peak']:,.0f} | {ours['peak']:,.0f} "
            f"| {total['peak'] / ours['peak']:.1f} |"
        )
    for size in compared:
        if is_goal_size(size["lines"]):
            total, ours = size["tutorial"][0], size["total"]
            speed, memory = total["wall"] / ours["wall"], ours["peak"] / total["peak"]
            yield ""
            yield (
                f"At {size['lines']:,} lines cartwise is {speed:.1f} times as fast "
                f"(goal {SPEED_GOAL}: {say(speed >= SPEED_GOAL)}), though the script is let off "
                f"what did not fit, and takes {memory:.2f} of its memory "
                f"(goal {TUTORIAL_MEMORY_GOAL}: {say(memory <= TUTORIAL_MEMORY_GOAL)})."
            )


def write_day(size):
    yield "| part | whole build s | one more day s | share |"
    yield "|---|--:|--:|--:|"
    for domain in DOMAINS:
        if domain in size["domains"]:
            whole, day = size["domains"][domain], size["day"]["domains"][domain]
            yield f"| {domain} | {whole:.1f} | {day:.1f} | {day / whole:.0%} |"
    whole, day = size["total"], size["day"]["total"]
    yield f"| data tests | {whole['tests']:.1f} | {day['tests']:.1f} | |"
    share = day["wall"] / whole["wall"]
    yield f"| **all** | {whole['wall']:.1f} | {day['wall']:.1f} | {share:.0%} |"


def write_peers(measured):
    yield "| order lines | step | openretailscience s | cartwise s | ratio |"
    yield "|--:|---|--:|--:|--:|"
    for size in measured:
        _, steps = size["peer"]
        for step, names in PEER_MODELS.items():
            ours, theirs = sum(size["models"][name]["wall"] for name in names), steps.get(step)
            shown = "failed | " if theirs is None else f"{theirs:.1f} | "
            ratio = "" if theirs is None else f"{theirs / ours:.1f}"
            yield f"| {size['lines']:,} | {step} | {shown}{ours:.1f} | {ratio} |"


def write_page(measured, arguments):
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    day = "".join(
        DAY.format(lines=size["lines"], day="\n".join(write_day(size)))
        for size in measured
        if size["day"]
    )
    peers = ""
    if arguments.retailscience:
        peers = PEERS.format(peers="\n".join(write_peers(measured)))
    page = TEMPLATE.format(
        machine=describe_machine(PACKAGES),
        commit=commit or "unknown",
        limit=arguments.limit,
        tutorial_limit=arguments.tutorial_limit,
        totals="\n".join(write_totals(measured)),
        models="\n".join(write_models(measured)),
        tutorial="\n".join(write_tutorial(measured)),
    )
    return page + day + peers


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--lines", type=int, nargs="+", default=[100_000, 1_000_000, 3_000_000, 10_000_000]
    )
    parser.add_argument("--limit", default="3GB", help="memory that DuckDB may take")
    parser.add_argument("--tutorial-limit", type=float, default=16, help="GB the script may take")
    parser.add_argument("--retailscience", help="an interpreter that has openretailscience")
    parser.add_argument("--folder", type=Path, help="where to put a temporary folder of 10 GB")
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    measured = []
    for count_lines in sorted(arguments.lines):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            measured.append(measure(count_lines, Path(folder), arguments))
        arguments.page.write_text(write_page(measured, arguments), encoding="utf-8")
        print(f"{count_lines:,} lines: {measured[-1]['total']['wall']:.0f} s", flush=True)


if __name__ == "__main__":
    main()
