"""Score customers in cartwise's SQL and in the usual pandas and scikit-learn script, compare both.

    python benchmarks/customers.py --customers 1000000 --repeats 3

Customers are made up; the models are learned by cartwise from a sample of them and read by
the script into scikit-learn pipelines. Both contenders read the same DuckDB table and write one:
cartwise by the compiled SQL of its score models, the script by way of a data frame. Each is
measured as a process of its own, imports included, and they take turns, so that a slow spell of the
machine hits both. What they write must be the same.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from machine import describe_machine

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("duckdb", "numpy", "pandas", "scikit-learn")
TOLERANCE = 1e-9
AS_OF_DATE = "2025-12-31"
HORIZON = 90
COUNT_EXAMPLES = 20_000  # customers at each of the earlier dates, as in int_cartwise__cutoffs
DATABASE = "cartwise"

CHURN, NEXT_PURCHASES = "score_cartwise__churn", "score_cartwise__next_purchases"
SEGMENTS = "score_cartwise__customer_segments"
REASONS = ("cartwise__churn_reasons", "cartwise__churn_risk")
# what is made before anything is measured, in this order
EXAMPLES, SEGMENT_INPUTS = "feat_cartwise__customer_examples", "feat_cartwise__segment_inputs"
CUT_POINTS, CENTROIDS = "feat_cartwise__rfm_cut_points", "score_cartwise__segments"

# task -> the models that cartwise runs; the columns of the first one, if not all
TASKS = {
    "churn probability": ((CHURN,), "customer_id, probability"),
    "churn, with contributions": ((CHURN,), "*"),
    "next purchase": ((NEXT_PURCHASES,), "*"),
    "segments": ((SEGMENTS,), "*"),
    "all three": ((CHURN, NEXT_PURCHASES, SEGMENTS), "*"),
    "reasons and risk": ((CHURN, *REASONS), "*"),
}
CONTENDERS = dict.fromkeys(TASKS, ("cartwise", "script")) | {"reasons and risk": ("cartwise",)}

# the columns of feat_cartwise__customers, in its types
CUSTOMERS_SQL = """
    select
        'c' || lpad(cast(customer as varchar), 8, '0') as customer_id,
        date '{as_of_date}' - offset_days as cutoff_date,
        recency_days,
        tenure_days,
        count_orders,
        cast(total_net_amount as decimal(18, 2)) as total_net_amount,
        cast(total_net_amount * least(1, 365 / greatest(tenure_days, 1)) as decimal(18, 2))
            as year_net_amount,
        total_net_amount / count_orders as average_order_value,
        (total_net_amount + 2 * 55) / (count_orders + 2) as shrunk_order_value,
        average_gap_days,
        case when count_orders > 2 then average_gap_days * gap_spread end as sd_gap_days,
        cast(ceil(average_gap_days * last_gap) as bigint) as last_gap_days,
        recency_days / greatest(average_gap_days, 1) as overdue_ratio,
        count_recent_orders,
        ln((count_recent_orders + 1) / (count_earlier_orders + 1)) as order_trend,
        average_basket_size,
        least(count_categories, count_orders * 3) as count_categories,
        discount_share,
        return_share,
        count_reviews,
        case when count_reviews > 0 then average_rating end as average_rating,
        count_recent_visits,
        case when is_visitor then last_visit end as days_since_last_visit,
        case when has_age then age_years end as age_years,
        case when has_gender then is_female end as is_female,
        is_home_country
    from drawn
"""
OUTCOMES_SQL = """
    select
        'c' || lpad(cast(customer as varchar), 8, '0') as customer_id,
        date '{as_of_date}' - offset_days as cutoff_date,
        cast(date '{as_of_date}' - offset_days as varchar) as example_group,
        case when offset_days > 0 then is_churned end as is_churned,
        case when offset_days > 0 and not is_churned then days_to_next_order end
            as days_to_next_order,
        case when offset_days > 0 and not is_churned then next_order_value end as next_order_value
    from drawn
"""
# the latest date is scored by what is learned from the three before it
CUTOFFS_SQL = """
    select
        date '{as_of_date}' - offset_days as cutoff_date,
        cast(cutoff_date as varchar) as example_group,
        case offset_days when 0 then 'score' when 90 then 'calibrate' else 'train' end as role,
        offset_days = 0 as is_score_date,
        false as is_previous_date
    from (values (0), (90), (180), (270)) as offsets (offset_days)
"""
FOLDS_SQL = """
    select model, '{as_of_date}' as fold_id, example_group, role
    from int_cartwise__cutoffs
    cross join (values ('churn'), ('next_purchase')) as models (model)
"""


def draw_customers(count_customers):
    """Draw customers at the as-of date, and fewer at three earlier dates, with their outcomes."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(0)
    offsets = np.repeat(
        [0, HORIZON, 2 * HORIZON, 3 * HORIZON], [count_customers, *[COUNT_EXAMPLES] * 3]
    )
    count = len(offsets)
    orders = 1 + random.poisson(random.gamma(0.6, 7, count))
    tenure = random.integers(0, 1_100, count)
    recency = np.where(orders > 1, tenure * random.beta(1, 1.5, count), tenure).astype(int)
    gap = np.where(
        orders > 1, np.maximum((tenure - recency) / np.maximum(orders - 1, 1), 1), np.nan
    )
    order_value = random.lognormal(4, 0.6, count)
    rate = orders * HORIZON / np.maximum(tenure, HORIZON)
    recent = np.where(recency < HORIZON, np.minimum(orders, 1 + random.poisson(rate)), 0)
    logit = 0.9 * np.log1p(recency) - 0.8 * np.log1p(orders) - 0.4 * np.log1p(recent) - 2
    days = random.gamma(1.5, np.clip(np.nan_to_num(gap, nan=40), 5, 60))
    return pd.DataFrame(
        {
            "customer": random.permutation(count),
            "offset_days": offsets.astype("int32"),
            "recency_days": recency,
            "tenure_days": tenure,
            "count_orders": orders,
            "total_net_amount": orders * order_value,
            "average_gap_days": gap,
            "gap_spread": random.uniform(0.2, 1.2, count),
            "last_gap": random.lognormal(0, 0.5, count),
            "count_recent_orders": recent,
            "count_earlier_orders": random.poisson(rate),
            "average_basket_size": 1 + random.gamma(2, 0.7, count),
            "count_categories": 1 + random.poisson(2, count),
            "discount_share": random.beta(1, 9, count) * (random.random(count) < 0.6),
            "return_share": random.beta(1, 4, count) * (random.random(count) < 0.15),
            "count_reviews": random.poisson(0.4 * orders),
            "average_rating": random.integers(4, 21, count) / 4,
            "count_recent_visits": random.poisson(3 * recent),
            "is_visitor": random.random(count) < 0.4,
            "last_visit": (recency * random.random(count)).astype(int),
            "has_age": random.random(count) < 0.88,
            "age_years": random.integers(18, 80, count).astype(float),
            "has_gender": random.random(count) < 0.9,
            "is_female": random.random(count) < 0.55,
            "is_home_country": random.random(count) < 0.8,
            "is_churned": random.random(count) < 1 / (1 + np.exp(-logit)),
            "days_to_next_order": np.clip(np.ceil(days), 1, HORIZON).astype(int),
            "next_order_value": order_value * random.lognormal(0, 0.4, count),
        }
    )


def create_table(connection, name, query, **frames):
    for frame_name, frame in frames.items():
        connection.register(frame_name, frame)
    connection.execute(f"create or replace table {name} as {query}")


def compile_models(folder):
    sys.path.insert(0, str(REPOSITORY / "tests/python"))
    from dbt_runs import call_dbt

    models = {model for names, _ in TASKS.values() for model in names}
    models |= {EXAMPLES, SEGMENT_INPUTS, CUT_POINTS, CENTROIDS}
    run = call_dbt(
        ["compile", "--quiet", "--select", *sorted(models), "--exclude", "resource_type:test"],
        folder / f"{DATABASE}.duckdb",
        {"churn_horizon_days": HORIZON},
    )
    if not run.succeeded:
        sys.exit(run.output)
    lists = "{{ tojson([cartwise.customer_features(), cartwise.segment_features()]) }}"
    run = call_dbt(["compile", "--quiet", "--inline", lists], folder / f"{DATABASE}.duckdb")
    if not run.succeeded:
        sys.exit(run.output)
    features, segment_features = json.loads(run.output)
    return {name: reading["scale"] for name, reading in features.items()}, segment_features


def read_compiled(folder, model):
    (path,) = (folder / "target" / "compiled").rglob(f"{model}.sql")
    return path.read_text()


def write_shop(folder, count_customers):
    """Make all that the score models read, weights for the script among it."""
    from cartwise.customers.churn_weights import learn_churn_weights
    from cartwise.customers.next_purchase_weights import learn_next_purchase_weights
    from cartwise.customers.segment_centroids import learn_segment_centroids

    scales, segment_features = compile_models(folder)
    with duckdb.connect(str(folder / f"{DATABASE}.duckdb")) as connection:
        drawn = draw_customers(count_customers)
        for name, query in {
            "feat_cartwise__customers": CUSTOMERS_SQL,
            "feat_cartwise__customer_outcomes": OUTCOMES_SQL,
            "int_cartwise__cutoffs": CUTOFFS_SQL,
            "int_cartwise__as_of_date": "select date '{as_of_date}' as as_of_date",
            "feat_cartwise__folds": FOLDS_SQL,
            "feat_cartwise__customer_sufficiency": "select 'segments' as model, true as is_met",
        }.items():
            create_table(connection, name, query.format(as_of_date=AS_OF_DATE), drawn=drawn)
        for model in (EXAMPLES, SEGMENT_INPUTS, CUT_POINTS):
            create_table(connection, model, read_compiled(folder, model))
        examples, folds, segment_inputs = (
            connection.execute(f"select * from {name}").df()
            for name in (EXAMPLES, "feat_cartwise__folds", SEGMENT_INPUTS)
        )
        for name, learned in {
            "ml_cartwise__churn_weights": learn_churn_weights(examples, folds),
            "ml_cartwise__next_purchase_weights": learn_next_purchase_weights(examples, folds),
            "ml_cartwise__segment_centroids": learn_segment_centroids(segment_inputs),
        }.items():
            create_table(connection, name, "select * from learned", learned=learned)
        create_table(connection, CENTROIDS, read_compiled(folder, CENTROIDS))
    names = {"scales": scales, "segment_features": segment_features}
    (folder / "features.json").write_text(json.dumps(names), encoding="utf-8")


def take_log(values):
    import numpy as np

    return np.log1p(np.maximum(values, 0))


def make_pipeline(frame, scales, scaler, steps):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    log = FunctionTransformer(take_log)
    log_features = [name for name in frame if scales[name] == "log"]
    pipeline = Pipeline(
        [
            ("log", ColumnTransformer([("log", log, log_features)], remainder="passthrough")),
            ("scale", scaler),
            *steps[:-1],
            ("fill", SimpleImputer(strategy="constant", fill_value=0.0)),
            steps[-1],
        ]
    )
    # gives every step its shape; what it learned is replaced
    return pipeline.fit(frame, [place % 2 for place in range(len(frame))])


def make_pipelines(connection, scales, segment_features):
    """Return scikit-learn pipelines that hold what cartwise learned."""
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler

    # the columns as they leave the first step of a pipeline: logarithms, then the others
    features = sorted(scales, key=lambda name: scales[name] != "log")
    segment_features = sorted(segment_features, key=lambda name: scales[name] != "log")
    few = read_customers(connection, features, limit=10_000)[features].dropna().head(100)

    def read_terms(table, condition):
        terms = connection.execute(f"select * from {DATABASE}.{table} where {condition}").df()
        return terms.set_index("term")

    def make_linear(regression, terms):
        pipeline = make_pipeline(few, scales, StandardScaler(), [("model", regression)])
        scaler, fitted = pipeline["scale"], pipeline["model"]
        scaler.mean_ = terms.loc[features, "center"].to_numpy()
        scaler.scale_ = terms.loc[features, "scale"].to_numpy()
        weights = terms.loc[features, "weight"].to_numpy()
        fitted.coef_ = weights.reshape(fitted.coef_.shape)
        fitted.intercept_ = np.full(np.shape(fitted.intercept_), terms.loc["intercept", "weight"])
        return pipeline

    pipelines = {
        "features": features,
        "segment_features": segment_features,
        "churn": make_linear(
            LogisticRegression(), read_terms("ml_cartwise__churn_weights", "model = 'churn'")
        ),
    }
    for target in ("days", "value"):
        terms = read_terms("ml_cartwise__next_purchase_weights", f"target = '{target}'")
        pipelines[target] = make_linear(Ridge(), terms)
        pipelines[f"{target}_residuals"] = {
            share: terms.loc[f"residual_{share}", "weight"] for share in ("p10", "p50", "p90")
        }

    segments = connection.execute(f"select * from {DATABASE}.{CENTROIDS} order by cluster").df()
    centroids = segments.pivot_table(index="cluster", columns="feature", values="centroid")
    standard = segments.drop_duplicates("feature").set_index("feature").loc[segment_features]
    pipeline = make_pipeline(
        few[segment_features],
        scales,
        RobustScaler(),
        [
            ("clip", FunctionTransformer(np.clip, kw_args={"a_min": -3.0, "a_max": 3.0})),
            ("model", KMeans(len(centroids), n_init=1)),
        ],
    )
    pipeline["scale"].center_ = standard["center"].to_numpy()
    pipeline["scale"].scale_ = standard["scale"].to_numpy()
    pipeline["model"].cluster_centers_ = np.ascontiguousarray(centroids[segment_features])
    pipelines["segments"] = pipeline
    pipelines["segment_ids"] = segments.drop_duplicates("cluster")["segment_id"].to_numpy()
    return pipelines


def read_customers(connection, features, limit=None):
    # one type for all, which costs pandas least: decimals and flags with gaps would become objects
    columns = [f"cast({name} as double) as {name}" for name in features]
    return connection.execute(
        f"select customer_id, {', '.join(columns)} from {DATABASE}.feat_cartwise__customers "
        f"where cutoff_date = date '{AS_OF_DATE}' {f'limit {limit}' if limit else ''}"
    ).df()


def run_cartwise(connection, folder, task):
    models, columns = TASKS[task]
    for place, model in enumerate(models):
        query = read_compiled(folder, model)
        for written in models[:place]:
            query = query.replace(f'"{DATABASE}"."main"."{written}"', written)
        create_table(connection, model, f"select {'*' if place else columns} from ({query})")


def run_script(connection, folder, task):
    import numpy as np
    import pandas as pd

    names = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    pipelines = make_pipelines(connection, **names)
    features, segment_features = pipelines["features"], pipelines["segment_features"]
    customers = read_customers(connection, segment_features if task == "segments" else features)
    ids = customers["customer_id"]

    if task in ("churn probability", "churn, with contributions", "all three"):
        churn = pipelines["churn"]
        scores = pd.DataFrame(
            {"customer_id": ids, "probability": churn.predict_proba(customers[features])[:, 1]}
        )
        if task != "churn probability":
            contributions = churn[:-1].transform(customers[features]) * churn["model"].coef_
            names = [f"contribution_{feature}" for feature in features]
            scores = pd.concat([scores, pd.DataFrame(contributions, columns=names)], axis=1)
        create_table(connection, CHURN, "select * from scores", scores=scores)

    if task in ("next purchase", "all three"):
        days = pipelines["days"].predict(customers[features])
        value = pipelines["value"].predict(customers[features])
        scores = pd.DataFrame({"customer_id": ids})
        for share, residual in pipelines["days_residuals"].items():
            scores[f"days_{share}"] = 0.5 + HORIZON / (1 + np.exp(-days - residual))
        for share, residual in pipelines["value_residuals"].items():
            scores[f"value_{share}"] = np.maximum(np.expm1(value + residual), 0)
        create_table(connection, NEXT_PURCHASES, "select * from scores", scores=scores)

    if task in ("segments", "all three"):
        clusters = pipelines["segments"].predict(customers[segment_features])
        scores = pd.DataFrame(
            {"customer_id": ids, "segment_id": pipelines["segment_ids"][clusters]}
        )
        create_table(connection, SEGMENTS, "select * from scores", scores=scores)


def open_result(folder, contender):
    """Connect to a contender's own database, with the shop attached."""
    connection = duckdb.connect(str(folder / f"result_{contender}.duckdb"))
    connection.execute(f"attach '{folder / DATABASE}.duckdb' as {DATABASE} (read_only)")
    return connection


def run_contender(contender, folder, task, started_at):
    """Run in a process of its own, and print what it cost."""
    with open_result(folder, contender) as connection:
        run = run_cartwise if contender == "cartwise" else run_script
        run(connection, folder, task)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "wall": time.time() - started_at,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
    }
    print(json.dumps(figures))


def measure(contender, folder, task):
    (folder / f"result_{contender}.duckdb").unlink(missing_ok=True)
    command = [sys.executable, __file__, "--run", contender, "--task", task]
    command += ["--shop", str(folder), "--at", repr(time.time())]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def find_difference(folder, task, count_customers):
    """Return the largest difference between two results, of the value where that is above 1."""
    largest = 0.0
    with duckdb.connect() as connection:
        for contender in CONTENDERS[task]:
            path = folder / f"result_{contender}.duckdb"
            connection.execute(f"attach '{path}' as {contender} (read_only)")
        for model in TASKS[task][0]:
            described = connection.execute(f"describe script.{model}").fetchall()
            columns = [row[0] for row in described if row[0] != "customer_id"]
            differences = ", ".join(
                f"max(abs(ours.{column} - theirs.{column}) / greatest(abs(ours.{column}), 1)), "
                f"count_if(isfinite(cast(ours.{column} - theirs.{column} as double)))"
                for column in columns
            )
            ((count, *found),) = connection.execute(
                f"select count(*), {differences} from cartwise.{model} as ours "
                f"inner join script.{model} as theirs using (customer_id)"
            ).fetchall()
            if {count, *found[1::2]} != {count_customers}:
                raise SystemExit(f"{task}: not every customer has every score in both results")
            largest = max(largest, *found[::2])
    if largest > TOLERANCE:
        raise SystemExit(f"{task}: the results differ by {largest}")
    return largest


def compare(folder, count_customers, task, repeats):
    """Return the rows of a Markdown table."""
    measured = {contender: [] for contender in CONTENDERS[task]}
    for _ in range(repeats):
        for contender, runs in measured.items():
            runs.append(measure(contender, folder, task))
    difference = ""
    if "script" in measured:
        # in a process of its own too, so that this one stays small
        command = [sys.executable, __file__, "--check", "--task", task, "--shop", str(folder)]
        command += ["--customers", str(count_customers)]
        checked = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        largest = float(checked.stdout)
        difference = f"{largest:.0e}" if largest else "0"
    for contender, runs in measured.items():
        wall, cpu, rss = (min(run[figure] for run in runs) for figure in ("wall", "cpu", "rss"))
        yield f"| {task} | {contender} | {wall:.2f} | {cpu:.2f} | {rss:,.0f} | {difference} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to put a temporary folder of a few GB")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--run", choices=("cartwise", "script"), help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--shop", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--at", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        run_contender(args.run, args.shop, args.task, args.at)
        return

    if args.check:
        print(find_difference(args.shop, args.task, args.customers))
        return

    if args.write:
        write_shop(args.shop, args.customers)
        return

    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        # in a process of its own, as a child starts with its parent's peak of memory
        command = [sys.executable, __file__, "--write", "--shop", name]
        subprocess.run([*command, "--customers", str(args.customers)], check=True)
        machine = describe_machine(PACKAGES)
        print(f"{machine}; {args.customers:,} customers, least of {args.repeats} runs\n")
        print("| scores | by | wall s | CPU s | peak MB | largest difference |")
        print("|---|---|--:|--:|--:|--:|")
        for task in args.tasks:
            for row in compare(Path(name), args.customers, task, args.repeats):
                print(row, flush=True)


if __name__ == "__main__":
    main()
