"""Compare frequent item set miners, each from a DuckDB table of baskets to the item sets.

    python benchmarks/baskets.py --baskets 100000 1000000 --repeats 5

Every contender reads the same table in a process of its own and is measured from the start of that
process, imports included, until it holds the item sets. Contenders take turns, so that a slow spell
of the machine hits all of them. All must find the same sets with the same counts.
"""

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from machine import describe_machine

MIN_SUPPORT = "0.0005"
COUNT_ITEMS = 5_000
COUNT_TRIPLES = 60
SLOW = ("mlxtend fpgrowth", "mlxtend apriori")  # run on small tables only
PACKAGES = ("duckdb", "numpy", "pandas", "mlxtend", "pyfim")

# what the miner's inputs are made of; basket_id already numbers the baskets from 0
ITEMS_SQL = """
    create temp table items as
    select
        product_id,
        count(*) as count_baskets,
        row_number() over (order by count(*), product_id) - 1 as item_code
    from basket_items
    group by product_id
    having count(*) >= ?
"""
OCCURRENCES_SQL = """
    select basket_items.basket_id * 16777216 + items.item_code as occurrence
    from basket_items
    inner join items on basket_items.product_id = items.product_id
"""
# what the other miners read: the same pruning, then one row per line
FREQUENT_LINES_SQL = """
    select basket_id, product_id
    from basket_items
    where product_id in (select product_id from basket_items group by 1 having count(*) >= ?)
    order by basket_id
"""


def write_baskets(path, count_baskets):
    """Write baskets with Zipf-like popularity, and planted triples in 12 % of them."""
    import numpy as np

    random = np.random.default_rng(0)
    popularity = 1 / np.arange(1, COUNT_ITEMS + 1) ** 0.9
    sizes = random.poisson(5, count_baskets) + 1
    products = random.choice(COUNT_ITEMS, size=sizes.sum(), p=popularity / popularity.sum())
    triples = random.integers(50, 2_000, size=(COUNT_TRIPLES, 3))
    planted_in = np.flatnonzero(random.random(count_baskets) < 0.12)
    planted = triples[random.integers(0, COUNT_TRIPLES, len(planted_in))]

    baskets = np.concatenate([np.repeat(np.arange(count_baskets), sizes), planted_in.repeat(3)])
    lines = np.unique(baskets * COUNT_ITEMS + np.concatenate([products, planted.ravel()]))
    product_ids = random.permutation(COUNT_ITEMS)[lines % COUNT_ITEMS]
    with duckdb.connect(path) as connection:
        connection.register("lines", {"basket_id": lines // COUNT_ITEMS, "product_id": product_ids})
        connection.execute("create table basket_items as select * from lines")


def count_threshold(connection):
    from fractions import Fraction
    from math import ceil

    (count_baskets,) = connection.execute("select max(basket_id) + 1 from basket_items").fetchall()[
        0
    ]
    return count_baskets, ceil(Fraction(MIN_SUPPORT) * count_baskets)


def run_cartwise(connection, _):
    import pandas as pd

    from cartwise.baskets.frequent_itemsets import ItemsetParams, mine_frequent_itemsets

    count_baskets, threshold = count_threshold(connection)
    connection.execute(ITEMS_SQL, [threshold])
    occurrences = connection.execute(OCCURRENCES_SQL).fetchnumpy()["occurrence"]
    items = connection.execute("select *, 0 as count_holdout_baskets from items", []).df()
    items["product_id"] = items["product_id"].astype(str)
    totals = pd.DataFrame(
        {
            "count_baskets": [count_baskets],
            "count_holdout_baskets": [0],
        }
    )
    params = ItemsetParams(min_support=MIN_SUPPORT, max_items=20)
    itemsets = mine_frequent_itemsets(occurrences, items, totals, params)
    return lambda: zip(itemsets["items"], itemsets["count_baskets"], strict=True)


def run_pyfim(connection, algorithm):
    import fim
    import numpy as np

    _, threshold = count_threshold(connection)
    # of the ways to hand over baskets that were tried (lists from SQL, Arrow lists, slices of one
    # long list), this one costs PyFIM least
    lines = connection.execute(FREQUENT_LINES_SQL, [threshold]).fetchnumpy()
    products = lines["product_id"].tolist()
    starts = np.flatnonzero(np.diff(lines["basket_id"], prepend=-1)).tolist()
    ends = [*starts[1:], len(products)]
    baskets = [products[start:end] for start, end in zip(starts, ends, strict=True)]
    found = getattr(fim, algorithm)(baskets, supp=-threshold, zmin=1, report="a")
    return lambda: found


def run_mlxtend(connection, algorithm):
    import numpy as np
    import pandas as pd
    from mlxtend import frequent_patterns
    from scipy.sparse import csr_matrix

    count_baskets, threshold = count_threshold(connection)
    lines = connection.execute(FREQUENT_LINES_SQL, [threshold]).fetchnumpy()
    products, columns = np.unique(lines["product_id"], return_inverse=True)
    matrix = csr_matrix(
        (np.ones(len(columns), dtype=bool), (lines["basket_id"], columns)),
        shape=(count_baskets, len(products)),
    )
    one_hot = pd.DataFrame.sparse.from_spmatrix(matrix, columns=products.astype(str))
    # half a basket below the threshold, as shares are compared in floating point
    found = getattr(frequent_patterns, algorithm)(
        one_hot,
        min_support=(threshold - 0.5) / count_baskets,
        use_colnames=True,
        **({"low_memory": True} if algorithm == "apriori" else {}),
    )
    counts = (found["support"] * count_baskets).round().astype(int)
    return lambda: zip(found["itemsets"], counts, strict=True)


CONTENDERS = {
    "cartwise": (run_cartwise, None),
    "PyFIM apriori": (run_pyfim, "apriori"),
    "PyFIM eclat": (run_pyfim, "eclat"),
    "PyFIM fpgrowth": (run_pyfim, "fpgrowth"),
    "mlxtend fpgrowth": (run_mlxtend, "fpgrowth"),
    "mlxtend apriori": (run_mlxtend, "apriori"),
}


def run_contender(name, path, started_at):
    """Run in a process of its own: print what it cost, then what was found."""
    run, algorithm = CONTENDERS[name]
    with duckdb.connect(path, read_only=True) as connection:
        get_sets = run(connection, algorithm)
    wall = time.time() - started_at
    usage = resource.getrusage(resource.RUSAGE_SELF)
    lines = sorted(f"{sorted(map(str, items))} {int(count)}" for items, count in get_sets())
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": usage.ru_utime + usage.ru_stime,
                "rss": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
                "sets": len(lines),
                "digest": hashlib.md5("\n".join(lines).encode()).hexdigest(),
            }
        )
    )


def measure(name, path, timeout):
    command = [sys.executable, __file__, "--run", name, "--table", path, "--at", repr(time.time())]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=timeout, check=True, text=True
        )
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout)


def compare(path, count_baskets, names, repeats, timeout):
    """Return the rows of a Markdown table."""
    measured = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            if None not in measured[name]:
                measured[name].append(measure(name, path, timeout))
    finished = {name: runs for name, runs in measured.items() if None not in runs}
    if len({(run["sets"], run["digest"]) for runs in finished.values() for run in runs}) != 1:
        raise SystemExit(f"the contenders disagree at {count_baskets} baskets: {finished}")

    def get_median(name, figure):
        return statistics.median(run[figure] for run in finished[name])

    best = min(
        (get_median(name, "cpu") for name in finished if name.startswith("PyFIM")),
        default=float("nan"),
    )
    for name in names:
        if name not in finished:
            yield f"| {count_baskets:,} | {name} | over {timeout} s | | | | |"
            continue
        figures = [
            f"{min(run[figure] for run in finished[name]):.2f} / {get_median(name, figure):.2f}"
            for figure in ("cpu", "wall")
        ]
        yield (
            f"| {count_baskets:,} | {name} | {figures[0]} | {figures[1]} | "
            f"{get_median(name, 'rss'):,.0f} | {finished[name][0]['sets']:,} | "
            f"{get_median(name, 'cpu') / best:.2f} |"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--baskets", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--slow-up-to", type=int, default=100_000, help="largest mlxtend table")
    parser.add_argument("--timeout", type=int, default=600, help="seconds for one run")
    parser.add_argument("--run", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--table", help=argparse.SUPPRESS)
    parser.add_argument("--at", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        run_contender(args.run, args.table, args.at)
        return

    if args.write:
        write_baskets(args.table, args.write)
        return

    print(f"{describe_machine(PACKAGES)}; minimum / median of {args.repeats} runs\n")
    print("| baskets | miner | CPU s | wall s | peak MB | item sets | CPU / best PyFIM |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for count_baskets in args.baskets:
            path = str(Path(folder) / f"{count_baskets}.duckdb")
            # in a process of its own, as a child starts with its parent's peak of memory
            subprocess.run(
                [sys.executable, __file__, "--write", str(count_baskets), "--table", path],
                check=True,
            )
            names = [
                name
                for name in args.contenders
                if name not in SLOW or count_baskets <= args.slow_up_to
            ]
            for row in compare(path, count_baskets, names, args.repeats, args.timeout):
                print(row, flush=True)


if __name__ == "__main__":
    main()
