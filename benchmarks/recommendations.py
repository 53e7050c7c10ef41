"""Measure what cartwise recommends against public data sets, and what that costs.

    python benchmarks/recommendations.py --data FOLDER --interactions 1000000 \\
        --customers 200000 --products 200000 --repeats 3

FOLDER holds the public data sets that README.md names; without it only the cost is measured. Every
figure of quality comes from a dbt build over a shop made of these data: its own metrics, or, where
others publish another measure, its lists. Costs are those of processes of their own. Shops are
written by processes of their own too, as a child starts with its parent's peak of memory.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import duckdb
from machine import describe_machine, write_profile

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("duckdb", "numpy", "pandas", "scipy", "sparse-dot-topn", "implicit")
PARTS = ("next_basket", "movielens", "neighbors", "content", "customers")
BUILD = ("build", "--exclude-resource-type", "unit_test", "test", "--select")

HORIZON = 7
# name -> lines of the shop, fewest baskets of a customer, what is known of the products
NEXT_BASKET_SHOPS = {
    "complete_journey": (
        """
        select
            cast(household_id as varchar) as customer_id,
            cast(basket_id as varchar) as order_id,
            cast(product_id as varchar) as product_id,
            min(transaction_timestamp) as ordered_at
        from '{data}/complete_journey/transactions.parquet'
        where quantity > 0
        group by all
        """,
        5,
        """
        select
            cast(product_id as varchar) as product_id,
            product_type as name,
            product_category as category,
            department as description,
            brand
        from '{data}/complete_journey/products.parquet'
        """,
    ),
    "online_retail_ii": (
        """
        select
            cast(customer_id as varchar) as customer_id,
            cast(invoice as varchar) as order_id,
            cast(stock_code as varchar) as product_id,
            min(cast(invoice_date as timestamp)) as ordered_at
        from (
            from '{data}/online_retail_ii/year_2009_2010.parquet'
            where invoice_date < '2010-12-01'
            union all by name
            from '{data}/online_retail_ii/year_2010_2011.parquet'
        )
        where customer_id is not null and quantity > 0 and price > 0 and invoice not like 'C%'
        group by all
        """,
        3,
        """
        select trim(cast(stock_code as varchar)) as product_id, max(description) as name
        from '{data}/online_retail_ii/year_*.parquet'
        where stock_code is not null and description is not null
        group by all
        """,
    ),
}
# recall and NDCG (the ideal not cut at 10) of the two baselines, computed outside of cartwise
BARS = {
    "complete_journey": {
        "personal_frequency": (0.1434, 0.1382),
        "global_frequency": (0.0813, 0.0677),
    },
    "online_retail_ii": {
        "personal_frequency": (0.1824, 0.2003),
        "global_frequency": (0.0373, 0.0445),
    },
}

SEEDS = (0, 1, 2)
# nDCG, precision and recall at 10, as the recommenders-team benchmark gives them
PUBLISHED = {"SAR, published": (0.383, 0.331, 0.176), "ALS, published": (0.044, 0.049, 0.018)}

NEIGHBORS, CUSTOMER_PRODUCTS, COUNT_PRODUCTS = 20, 20, 10_000
TOLERANCE = 1e-6
NEIGHBOR_GOAL = 1.5  # most CPU, as a multiple of implicit's

CONTENT_MODELS = (
    "feat_cartwise__product_terms",
    "ml_cartwise__product_neighbors",
    "cartwise__similar_products",
)
COUNT_WORDS = 50_000
CONTENT_GOAL = 1_000  # MB
CONTENT_LIMIT = "300MB"

MEMORY_LIMIT = "4GB"


def run_measured(command, **environment):
    """Run a command, and return its wall time, CPU and peak memory, and what it printed."""
    with tempfile.TemporaryFile("w+") as output:
        started_at = time.monotonic()
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, cwd=REPOSITORY
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started_at
        output.seek(0)
        printed = output.read()
    if process.returncode:
        sys.exit(f"{printed}\n{command} ended with {process.returncode}")
    figures = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
    }
    return figures, printed


def run_dbt(folder, *arguments, profiles=REPOSITORY, **dbt_vars):
    """Run dbt over the shop in a folder, and return what it cost and the seconds of each model."""
    command = [str(Path(sys.executable).parent / "dbt"), *arguments, "--quiet"]
    command += ["--project-dir", str(REPOSITORY)]
    command += ["--vars", json.dumps({"data_path": str(folder), **dbt_vars})]
    figures, _ = run_measured(
        command,
        CARTWISE_DB=str(folder / "cartwise.duckdb"),
        DBT_TARGET_PATH=str(folder / "target"),
        DBT_LOG_PATH=str(folder / "logs"),
        DBT_PROFILES_DIR=str(profiles),
    )
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    seconds = {
        result["unique_id"].split(".")[-1]: result["execution_time"]
        for result in results["results"]
    }
    return figures, seconds


def run_self(task, folder, **options):
    """Run a task of this script in a process of its own, and return what it printed."""
    command = [sys.executable, __file__, "--task", task, "--shop", str(folder)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    return run_measured(command)[1]


def connect(folder):
    return duckdb.connect(str(folder / "cartwise.duckdb"), read_only=True)


def write_frames(folder, **frames):
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)


# -- Next basket -----------------------------------------------------------------------------------


def write_next_basket_shop(folder, data, name):
    """Move the last basket of each customer, and the one before, into windows of their own.

    What the package learns the blend from is then exactly the basket before the last, and what it
    measures by exactly the last one.
    """
    lines, least, products = (
        part.format(data=data) if isinstance(part, str) else part
        for part in NEXT_BASKET_SHOPS[name]
    )
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as {lines}")
        connection.execute(
            f"""
            create table baskets as
            select
                customer_id,
                order_id,
                min(ordered_at) as ordered_at,
                row_number() over (
                    partition by customer_id order by min(ordered_at) desc, order_id desc
                ) as place,
                count(*) over (partition by customer_id) as count_baskets
            from lines
            group by customer_id, order_id
            qualify count_baskets >= {least}
            """
        )
        shop = {
            "orders": f"""
                select
                    order_id,
                    customer_id,
                    case
                        when place <= 2
                            then last_day + to_days(cast({HORIZON} * (3 - place) as integer))
                        else ordered_at
                    end as ordered_at
                from baskets
                cross join (select date_trunc('day', max(ordered_at)) as last_day from baskets)
            """,
            "order_lines": """
                select order_id, product_id, 1 as quantity, 1.0 as unit_price
                from lines
                semi join baskets using (customer_id, order_id)
            """,
            "products": products,
        }
        for table, query in shop.items():
            connection.execute(f"copy ({query}) to '{folder / table}.parquet'")


def measure_next_baskets(folder, arguments):
    quality, cost = [], []
    for name in NEXT_BASKET_SHOPS:
        shop = folder / name
        shop.mkdir()
        run_self("next_basket", shop, data=arguments.data, name=name)
        select = "+score_cartwise__recommendation_metrics"
        figures, _ = run_dbt(shop, *BUILD, select, churn_horizon_days=HORIZON)
        with connect(shop) as connection:
            quality += read_next_baskets(connection, name)
            used = connection.execute(
                "select string_agg(distinct strategy, ', ' order by strategy) "
                "from ml_cartwise__blend_weights "
                "join feat_cartwise__recommendation_customers using (cutoff_number) "
                "where role = 'train' and is_used and strategy <> 'intercept'"
            ).fetchone()[0]
        cost.append(
            f"| {name} | {used} | {figures['wall']:.0f} | {figures['cpu']:.0f} "
            f"| {figures['rss']:,.0f} |"
        )
    print("| last basket of | customers | metric | cartwise ", end="")
    print("| most bought by the customer | bar | most bought of all | bar |")
    print("|---|--:|---|--:|--:|--:|--:|--:|", *quality, sep="\n", end="\n\n")
    print("| last basket of | strategies used | wall s | CPU s | peak MB |")
    print("|---|---|--:|--:|--:|", *cost, sep="\n")


def read_next_baskets(connection, name):
    """Return rows of a table: the package's metrics, and the NDCG whose ideal is not cut at 10."""
    values, count = {}, 0
    for metric, value, baseline, count in connection.execute(  # noqa: B007
        "select metric, metric_value, baseline_value, count_rows "
        "from score_cartwise__recommendation_metrics "
        "where model = 'recommendations' and try_cast(fold_id as date) is not null"
    ).fetchall():
        values[metric] = value, baseline
    uncut = dict(
        connection.execute(
            """
            with

            baskets as (
                select next_baskets.*
                from feat_cartwise__next_baskets as next_baskets
                semi join feat_cartwise__recommendation_customers as customers
                    on
                        next_baskets.cutoff_number = customers.cutoff_number
                        and next_baskets.customer_number = customers.customer_number
                        and customers.role = 'test'
            ),

            gains as (
                select
                    list_name,
                    customer_number,
                    sum(1 / log2(1 + place)) / list_sum(
                        [1 / log2(1 + i) for i in range(1, any_value(count_products) + 1)]
                    ) as ndcg
                from score_cartwise__recommendation_lists
                join baskets using (cutoff_number, customer_number, product_number)
                group by all
            )

            select list_name, sum(ndcg) / (select count(distinct customer_number) from baskets)
            from gains
            group by all
            """
        ).fetchall()
    )
    rows = {
        metric: (*values[metric], values[f"{metric}_over_popularity"][1])
        for metric in ("recall_at_10", "ndcg_at_10")
    }
    rows["NDCG, ideal not cut"] = [
        uncut[name] for name in ("blend", "personal_frequency", "global_frequency")
    ]
    for metric, (blend, personal, popular) in rows.items():
        bars = ["", ""]
        if metric != "ndcg_at_10":
            bars = [f"{bar[metric != 'recall_at_10']:.4f}" for bar in BARS[name].values()]
        yield (
            f"| {name} | {count:,} | {metric} | {blend:.4f} "
            f"| {personal:.4f} | {bars[0]} | {popular:.4f} | {bars[1]} |"
        )


# -- MovieLens -------------------------------------------------------------------------------------


def write_movielens_shop(folder, data, seed):
    """Make an order and a review of each of three quarters of a user's ratings, drawn at random."""
    import numpy as np
    import pandas as pd

    ratings = pd.read_csv(
        data / "movielens_100k" / "u.data.gz",
        sep="\t",
        names=["customer_id", "product_id", "rating", "rated_at"],
        dtype={"customer_id": "str", "product_id": "str"},
    )
    ratings["rated_at"] = pd.to_datetime(ratings["rated_at"], unit="s")
    ratings["order_id"] = ratings["customer_id"] + "-" + ratings["product_id"]
    ratings["draw"] = np.random.default_rng(seed).random(len(ratings))
    draws = ratings.groupby("customer_id")["draw"]
    is_test = draws.rank() > (0.75 * draws.transform("size")).round()
    learned = ratings[~is_test]
    write_frames(
        folder,
        test_ratings=ratings.loc[is_test, ["customer_id", "product_id"]],
        orders=learned[["order_id", "customer_id"]].assign(ordered_at=learned["rated_at"]),
        order_lines=learned[["order_id", "product_id"]].assign(quantity=1, unit_price=1.0),
        reviews=learned[["product_id", "customer_id", "rating"]].assign(
            review_id=learned["order_id"],
            body=pd.Series(None, index=learned.index, dtype="str"),
            reviewed_at=learned["rated_at"],
        ),
    )


def measure_movielens(folder, arguments):
    found = []
    for seed in SEEDS:
        shop = folder / f"movielens_{seed}"
        shop.mkdir()
        run_self("movielens", shop, data=arguments.data, seed=seed)
        run_dbt(shop, *BUILD, "+score_cartwise__related_candidates")
        with connect(shop) as connection:
            found.append(
                connection.execute(
                    f"""
                    with

                    relevant as (
                        select *, count(*) over (partition by customer_id) as count_relevant
                        from '{shop}/test_ratings.parquet'
                    ),

                    lists as (
                        select shoppers.customer_id, products.product_id, candidates.place
                        from score_cartwise__related_candidates as candidates
                        join feat_cartwise__shoppers as shoppers using (customer_number)
                        join feat_cartwise__products as products using (product_number)
                        where
                            candidates.cutoff_number = 0
                            and candidates.relation = 'also_bought'
                            and candidates.place <= 10
                    ),

                    judged as (
                        select
                            customer_id,
                            any_value(count_relevant) as count_relevant,
                            count(place) as count_hits,
                            coalesce(sum(1 / log2(1 + place)), 0) as gain
                        from relevant
                        left join lists using (customer_id, product_id)
                        group by all
                    )

                    select
                        avg(gain / list_sum(
                            [1 / log2(1 + i) for i in range(1, least(count_relevant, 10) + 1)]
                        )),
                        avg(count_hits / 10),
                        avg(count_hits / count_relevant)
                    from judged
                    """
                ).fetchone()
            )
    rows = {f"cartwise, seed {seed}": row for seed, row in zip(SEEDS, found, strict=True)}
    rows["cartwise, mean"] = [statistics.mean(column) for column in zip(*found, strict=True)]
    print("| movielens_100k | nDCG@10 | precision@10 | recall@10 |\n|---|--:|--:|--:|")
    for name, row in (rows | PUBLISHED).items():
        print(f"| {name} |", " | ".join(f"{value:.3f}" for value in row), "|")


# -- Cost of neighbours ----------------------------------------------------------------------------


def draw_products(random, count_rows, count_drawn, count_products, exponent):
    """Draw products of Zipf-like popularity."""
    import numpy as np

    shares = np.cumsum(1 / np.arange(1, count_products + 1) ** exponent)
    drawn = random.random((count_rows, count_drawn)) * shares[-1]
    return np.searchsorted(shares, drawn).astype("int32")


def write_interactions(folder, count_interactions):
    """Give every customer equally many different products, with weights that fade with time."""
    import numpy as np

    random = np.random.default_rng(0)
    count = count_interactions // CUSTOMER_PRODUCTS
    # as the engine hands them over: by customer, the customers in no order
    customers = np.repeat(random.permutation(count), CUSTOMER_PRODUCTS)
    products = np.full((count, CUSTOMER_PRODUCTS), -1, dtype="int32")
    for place in range(CUSTOMER_PRODUCTS):
        rows = np.arange(count)
        while len(rows):
            drawn = draw_products(random, len(rows), 1, COUNT_PRODUCTS, 0.9)
            is_new = (products[rows] != drawn).all(axis=1)
            products[rows[is_new], place] = drawn[is_new, 0]
            rows = rows[~is_new]
    weights = np.sort(0.5 ** random.uniform(0, 2, products.shape), axis=1)[:, ::-1]
    np.save(folder / "group_number.npy", customers)
    np.save(folder / "product_number.npy", products.ravel() + 1)
    np.save(folder / "weight.npy", weights.ravel())


def read_interactions(folder):
    import numpy as np
    import pandas as pd

    names = ("group_number", "product_number", "weight")
    columns = {name: np.load(folder / f"{name}.npy") for name in names}
    weights = columns.pop("weight")
    columns |= {"left_weight": weights, "right_weight": weights.copy()}
    dates = np.zeros(len(weights), dtype="int32")
    # without a copy, so that the peak of memory is the frame
    return pd.DataFrame({"cutoff_number": dates, **columns}, copy=False)


def find_with_cartwise(interactions, n_neighbors=NEIGHBORS, **settings):
    from cartwise.recommendations.item_neighbors import ItemNeighborParams, find_item_neighbors

    params = ItemNeighborParams(n_neighbors=n_neighbors, **settings)
    return find_item_neighbors(interactions, interactions[:0], interactions[:0], params)


def find_with_implicit(interactions, n_neighbors=NEIGHBORS):
    import pandas as pd
    from implicit.nearest_neighbours import CosineRecommender
    from scipy.sparse import csr_matrix

    customers = pd.factorize(interactions["group_number"])[0]
    products = interactions["product_number"].to_numpy()
    shape = (customers.max() + 1, products.max() + 1)
    matrix = csr_matrix((interactions["left_weight"], (customers, products)), shape=shape)
    recommender = CosineRecommender(K=n_neighbors, num_threads=1)
    with warnings.catch_warnings(action="ignore"):  # it turns its own matrix to CSR
        recommender.fit(matrix, show_progress=False)
    return recommender.similarity


FINDERS = {"cartwise": find_with_cartwise, "implicit": find_with_implicit}


def find_measured(folder, contender):
    """Print what finding neighbours cost, beyond the frame and the imports."""

    def get_usage():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
        return usage.ru_utime + usage.ru_stime, peak

    os.cpu_count = lambda: 1  # cartwise takes a thread per core
    FINDERS[contender](read_interactions(folder)[:1_000])  # imports
    interactions = read_interactions(folder)
    cpu, peak = get_usage()
    FINDERS[contender](interactions)
    cpu, peak = (after - before for after, before in zip(get_usage(), (cpu, peak), strict=True))
    print(json.dumps({"cpu": cpu, "rss": peak}))


def find_difference(folder):
    """Print the largest difference between the similarities that both find, without shrinkage."""
    import numpy as np

    interactions = read_interactions(folder)
    count = interactions["product_number"].max() + 1
    ours, theirs = np.zeros((2, count, NEIGHBORS))
    found = find_with_cartwise(interactions, shrinkage=1e-9)
    ours[found["product_number"], found["rank"] - 1] = found["similarity"]
    similarity = find_with_implicit(interactions, NEIGHBORS + 1)  # with the product itself
    similarity.setdiag(0)
    for product in range(count):
        values = np.sort(similarity.data[slice(*similarity.indptr[product : product + 2])])
        values = values[::-1][:NEIGHBORS]
        theirs[product, : len(values)] = values
    print(json.dumps({"difference": np.abs(ours - theirs).max(), "count": int((ours > 0).sum())}))


def measure_neighbors(folder, arguments):
    run_self("interactions", folder, interactions=arguments.interactions)
    runs = {contender: [] for contender in FINDERS}
    for _ in range(arguments.repeats):
        for contender, figures in runs.items():
            figures.append(json.loads(run_self("find", folder, name=contender)))
    cpu, rss = (
        {name: statistics.median(run[figure] for run in figures) for name, figures in runs.items()}
        for figure in ("cpu", "rss")
    )
    print(f"{arguments.interactions:,} interactions, median of {arguments.repeats} runs\n")
    print("| neighbours by | CPU s | extra peak MB | CPU / implicit |\n|---|--:|--:|--:|")
    for name in runs:
        print(
            f"| {name} | {cpu[name]:.2f} | {rss[name]:,.0f} | {cpu[name] / cpu['implicit']:.2f} |"
        )
    checked = json.loads(run_self("difference", folder))
    ratio = cpu["cartwise"] / cpu["implicit"]
    print(
        f"\ngoal {NEIGHBOR_GOAL}: {'met' if ratio <= NEIGHBOR_GOAL else 'missed'}; "
        f"{checked['count']:,} similarities, largest difference {checked['difference']:.0e}"
    )
    if checked["difference"] > TOLERANCE:
        sys.exit("the contenders do not agree")


# -- Content ---------------------------------------------------------------------------------------


def make_words(count):
    """Return made-up words of two and more syllables."""
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]

    def spell(number):
        return (spell(number // 70) if number >= 70 else "") + syllables[number % 70]

    return [spell(number + 70) for number in range(count)]


def write_texts(random, count, least, most):
    """Return texts of least to most words, of Zipf-like frequency."""
    import numpy as np

    words = np.array(make_words(COUNT_WORDS), dtype=object)
    drawn = words[draw_products(random, count, most, COUNT_WORDS, 1.0)]
    lengths = random.integers(least, most + 1, count)
    return [" ".join(row[:length]) for row, length in zip(drawn, lengths, strict=True)]


def make_products(random, count, count_categories):
    import numpy as np
    import pandas as pd

    categories = np.array(make_words(COUNT_WORDS + count_categories)[COUNT_WORDS:])
    return pd.DataFrame(
        {
            "product_id": np.char.mod("p%06d", np.arange(count)),
            "name": write_texts(random, count, 2, 4),
            "description": write_texts(random, count, 10, 20),
            "category": random.choice(categories, count),
        }
    )


def write_content_shop(folder, count_products):
    import numpy as np
    import pandas as pd

    write_frames(
        folder,
        orders=pd.DataFrame({"order_id": ["1"], "ordered_at": ["2026-01-01"]}),
        order_lines=pd.DataFrame(
            {"order_id": ["1"], "product_id": ["p000000"], "quantity": [1], "unit_price": [1]}
        ),
        products=make_products(np.random.default_rng(0), count_products, 200),
    )


def measure_content(folder, arguments):
    run_self("content", folder, products=arguments.products)
    write_profile(folder, CONTENT_LIMIT)
    mart = CONTENT_MODELS[-1]
    total, seconds = run_dbt(folder, *BUILD, f"+{mart}", profiles=folder)
    print(f"{arguments.products:,} products, DuckDB limited to {CONTENT_LIMIT}\n")
    print("| built | seconds of the model | wall s | CPU s | peak MB |\n|---|--:|--:|--:|--:|")

    def show(name, seconds, figures):
        print(
            f"| {name} | {seconds:.1f} | {figures['wall']:.1f} | {figures['cpu']:.1f} "
            f"| {figures['rss']:,.0f} |",
            flush=True,
        )

    show(f"+{mart}", sum(seconds[model] for model in CONTENT_MODELS), total)
    for model in CONTENT_MODELS:
        figures, alone = run_dbt(folder, *BUILD, model, profiles=folder)
        show(model, alone[model], figures)
    with connect(folder) as connection:
        (terms,), (rows,) = (
            connection.execute(f"select count(*) from {model}").fetchone()
            for model in (CONTENT_MODELS[0], mart)
        )
    is_met = total["rss"] <= CONTENT_GOAL
    print(f"\n{terms:,} terms of products, {rows:,} similar products; ", end="")
    print(f"goal {CONTENT_GOAL:,} MB: {'met' if is_met else 'missed'}")


# -- Customers -------------------------------------------------------------------------------------


def write_customer_shop(folder, count_customers):
    """Give every customer 10 to 40 order lines in two years; one in four buys something again."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(0)
    counts = random.integers(10, 41, count_customers)
    customers = np.repeat(np.arange(count_customers), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    products = draw_products(random, len(customers), 1, 5_000, 0.8).ravel()
    places = np.arange(len(customers)) - first
    is_repeat = random.random(len(customers)) < 0.25
    earlier = (first + random.random(len(customers)) * places).astype("int64")
    products[is_repeat] = products[earlier[is_repeat]]

    # two and a half lines an order
    count_orders = np.ceil(counts / 2.5).astype("int64")
    buyers = np.repeat(np.arange(count_customers), count_orders)
    orders = np.repeat(np.cumsum(count_orders) - count_orders, counts) + (
        random.random(len(customers)) * np.repeat(count_orders, counts)
    ).astype("int64")
    seconds = random.integers(0, 730 * 86_400, len(buyers))
    catalogue = make_products(random, 5_000, 50)
    prices = np.round(random.lognormal(2.5, 0.7, 5_000) + 1, 2)
    ids = np.char.mod("c%07d", np.arange(count_customers))
    lines = pd.DataFrame({"order_id": orders, "product": products}).drop_duplicates()
    write_frames(
        folder,
        customers=pd.DataFrame(
            {
                "customer_id": ids,
                "country": random.choice(["DE", "AT", "CH", "FR"], count_customers),
                "accepts_marketing": random.random(count_customers) < 0.6,
            }
        ),
        products=catalogue,
        orders=pd.DataFrame(
            {
                "order_id": np.arange(len(buyers)),
                "customer_id": ids[buyers],
                "ordered_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(seconds, unit="s"),
            }
        ).loc[lambda frame: frame["order_id"].isin(lines["order_id"])],
        order_lines=pd.DataFrame(
            {
                "order_id": lines["order_id"],
                "product_id": catalogue["product_id"].to_numpy()[lines["product"]],
                "quantity": 1,
                "unit_price": prices[lines["product"]],
            }
        ),
    )


def measure_customers(folder, arguments):
    run_self("customers", folder, customers=arguments.customers)
    write_profile(folder, MEMORY_LIMIT)
    mart = "cartwise__recommendations"
    figures, seconds = run_dbt(folder, *BUILD, f"+{mart}", profiles=folder)
    with connect(folder) as connection:
        lines, rows = (
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("int_cartwise__order_lines", mart)
        )
    print(f"DuckDB limited to {MEMORY_LIMIT}\n")
    print("| customers | order lines | recommendations | wall s | CPU s | peak MB |")
    print("|--:|--:|--:|--:|--:|--:|")
    print(
        f"| {arguments.customers:,} | {lines:,} | {rows:,} | {figures['wall']:.0f} "
        f"| {figures['cpu']:.0f} | {figures['rss']:,.0f} |\n"
    )
    print("| slowest models | seconds |\n|---|--:|")
    for model in sorted(seconds, key=seconds.get, reverse=True)[:5]:
        print(f"| {model} | {seconds[model]:.1f} |")


# -- All -------------------------------------------------------------------------------------------


def run_task(arguments):
    """Do what `run_self` asks of a process of its own."""
    folder = arguments.shop
    {
        "next_basket": lambda: write_next_basket_shop(folder, arguments.data, arguments.name),
        "movielens": lambda: write_movielens_shop(folder, arguments.data, arguments.seed),
        "interactions": lambda: write_interactions(folder, arguments.interactions),
        "find": lambda: find_measured(folder, arguments.name),
        "difference": lambda: find_difference(folder),
        "content": lambda: write_content_shop(folder, arguments.products),
        "customers": lambda: write_customer_shop(folder, arguments.customers),
    }[arguments.task]()


def run_part(part, arguments):
    """Run a part in a process that has done nothing else, so that it is small."""
    needed = {"next_basket": tuple(NEXT_BASKET_SHOPS), "movielens": ("movielens_100k",)}
    for name in needed.get(part, ()):
        if not (arguments.data and (arguments.data / name).is_dir()):
            print(f"{part}: skipped, as --data names no folder that holds {name}\n", flush=True)
            return
    command = [sys.executable, __file__, "--part", part]
    for name in ("data", "interactions", "customers", "products", "repeats", "folder"):
        if (value := getattr(arguments, name)) is not None:
            command += [f"--{name}", str(value)]
    subprocess.run(command, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to put a temporary folder of a few GB")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    for name in ("--part", "--task", "--name"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--shop", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.data:
        arguments.data = arguments.data.resolve()
    if arguments.task:
        run_task(arguments)
    elif arguments.part:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            {
                "next_basket": measure_next_baskets,
                "movielens": measure_movielens,
                "neighbors": measure_neighbors,
                "content": measure_content,
                "customers": measure_customers,
            }[arguments.part](Path(folder), arguments)
        print(flush=True)
    else:
        parts = arguments.parts.split(",")
        if unknown := set(parts) - set(PARTS):
            parser.error(f"no such parts: {', '.join(sorted(unknown))}")
        print(describe_machine(PACKAGES), end="\n\n", flush=True)
        for part in parts:
            run_part(part, arguments)


if __name__ == "__main__":
    main()
