"""Measure what cartwise finds in public reviews, and what it costs to score a million.

    python benchmarks/reviews.py --data FOLDER --reviews 1000000 --repeats 3

FOLDER holds the public data sets that README.md names; without it only the cost is measured. Every
figure of quality comes from a dbt build over a shop made of these reviews: its own metrics, or, for
the snippets that people have rated, its cartwise__review_sentiments. For the cost, cartwise runs
the compiled SQL of its score model, and the usual script runs scikit-learn with the same weights,
each as a process of its own, and what they find must be the same.
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd
from machine import describe_machine

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("duckdb", "numpy", "pandas", "scikit-learn")
TOLERANCE = 1e-9
SENTIMENTS = ("negative", "neutral", "positive")
MODEL = "score_cartwise__sentiments"


def write_shop(folder, reviews):
    """Write a shop of one order and these reviews: text, rating and, if given, an id."""
    folder.mkdir()
    shop = {
        "orders": pd.DataFrame({"order_id": ["1"], "ordered_at": ["2026-01-01"]}),
        "order_lines": pd.DataFrame(
            {"order_id": ["1"], "product_id": ["p"], "quantity": [1], "unit_price": [1]}
        ),
        "reviews": pd.DataFrame(
            {
                "review_id": [f"r{number:08}" for number in range(len(reviews))],
                "body": reviews["text"],
                "rating": reviews["rating"].astype("Int32"),
                "reviewed_at": pd.Timestamp("2025-06-01"),
            }
        ),
    }
    for name, frame in shop.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)


def run_dbt(folder, *arguments):
    environment = {
        "CARTWISE_DB": str(folder / "cartwise.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(REPOSITORY),
    }
    command = [str(Path(sys.executable).parent / "dbt"), *arguments, "--quiet"]
    command += ["--project-dir", str(REPOSITORY), "--vars", json.dumps({"data_path": str(folder)})]
    subprocess.run(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        check=True,
        cwd=folder,
    )


def build_reviews(folder, reviews):
    """Build the review models over a shop made of these reviews, and return its database."""
    write_shop(folder, reviews)
    select = ("-s", "+cartwise__review_sentiments", "+score_cartwise__review_metrics")
    run_dbt(folder, "build", *select, "--exclude-resource-type", "unit_test", "test")
    return duckdb.connect(str(folder / "cartwise.duckdb"), read_only=True)


# -- Quality ---------------------------------------------------------------------------------------


def read_chinese(data, name):
    folder = data / "chinese_reviews"
    if name == "waimai_10k":
        reviews = pd.read_csv(folder / "waimai_10k.csv.gz")
    else:
        reviews = pd.read_parquet(folder / "online_shopping_10_cats.parquet")
    reviews = reviews.dropna(subset="review")
    return pd.DataFrame(
        {"text": reviews["review"], "rating": reviews["label"].map({0: 1, 1: 5})}
    ).reset_index(drop=True)


def read_olist(data):
    reviews = pd.read_parquet(data / "olist_sample" / "order_reviews.parquet")
    title, message = (reviews[f"review_comment_{part}"].fillna("") for part in ("title", "message"))
    return pd.DataFrame({"text": title + " " + message, "rating": reviews["review_score"]})


def read_snippets(data, name):
    """Return snippets with the mean of 20 people's ratings from -4 to 4."""
    path = data / "vader_ground_truth" / f"{name}_GroundTruth.txt.gz"
    with gzip.open(path, "rt", encoding="latin-1") as lines:
        rows = [line.rstrip("\r\n").split("\t") for line in lines]
    return pd.DataFrame(
        {"text": [row[2] for row in rows], "score": [float(row[1]) for row in rows]}
    )


def measure_quality(data, folder):
    chinese = read_chinese(data, "online_shopping_10_cats")
    shops = {
        "waimai_10k": read_chinese(data, "waimai_10k"),
        "online_shopping_10_cats, 20,000 drawn": chinese.sample(20_000, random_state=0),
        "online_shopping_10_cats, all": chinese,
        "olist_sample": read_olist(data),
    }
    print("| reviews | texts | metric | out of fold | commonest sentiment |\n|---|--:|---|--:|--:|")
    for number, (name, reviews) in enumerate(shops.items()):
        with build_reviews(folder / f"shop_{number}", reviews) as connection:
            rows = connection.execute(
                "select count_rows, metric, metric_value, baseline_value "
                "from score_cartwise__review_metrics "
                "where model = 'sentiment' and fold_id = 'all languages' order by metric"
            ).fetchall()
        for count, metric, value, baseline in rows:
            print(f"| {name} | {count:,} | {metric} | {value:.4f} | {baseline:.4f} |", flush=True)
    measure_snippets(data, folder)


def measure_snippets(data, folder):
    """Rate product snippets by what was learned from films, tweets and editorials alone."""
    from sklearn.metrics import accuracy_score, f1_score

    others = ("movieReviewSnippets", "tweets", "nytEditorialSnippets")
    learned = pd.concat([read_snippets(data, name) for name in others], ignore_index=True)
    products = read_snippets(data, "amazonReviewSnippets")
    stars = {"negative": 1, "neutral": 3, "positive": 5}

    def classify(scores, margin):
        return pd.cut(
            scores, [-5, -margin - 1e-9, margin, 5], labels=list(SENTIMENTS), right=True
        ).astype(str)

    print("\n| neutral up to | accuracy | weighted F1 | macro F1 |\n|--:|--:|--:|--:|")
    for margin in (0.0, 0.05, 0.2):
        reviews = pd.concat([learned, products], ignore_index=True)
        reviews["rating"] = classify(reviews["score"], margin).map(stars)
        reviews.loc[len(learned) :, "rating"] = None
        with build_reviews(folder / f"snippets_{margin}", reviews) as connection:
            found = (
                connection.execute(
                    "select coalesce(text_sentiment, 'neutral') from cartwise__review_sentiments "
                    f"where review_id >= 'r{len(learned):08}' order by review_id"
                )
                .df()
                .iloc[:, 0]
            )
        truth = classify(products["score"], margin)
        weighted, macro = (
            f1_score(truth, found, average=average) for average in ("weighted", "macro")
        )
        accuracy = accuracy_score(truth, found)
        print(f"| {margin} | {accuracy:.3f} | {weighted:.3f} | {macro:.3f} |", flush=True)


# -- Cost ------------------------------------------------------------------------------------------


def prepare_scoring(folder, count_reviews):
    """Learn from the demo's reviews, repeated with a word of their own, and compile the SQL."""
    demo = pd.read_csv(REPOSITORY / "seeds" / "demo" / "reviews.csv")
    rows = pd.Series(range(count_reviews))
    texts = (demo["title"].fillna("") + " " + demo["body"]).iloc[rows % len(demo)]
    reviews = pd.DataFrame(
        {
            "text": texts.reset_index(drop=True) + " n" + (rows // len(demo)).astype(str),
            "rating": demo["rating"].iloc[rows % len(demo)].reset_index(drop=True),
        }
    )
    write_shop(folder, reviews)
    select = ("-s", "+ml_cartwise__sentiment_weights")
    run_dbt(folder, "build", *select, "--exclude-resource-type", "unit_test", "test")
    run_dbt(folder, "compile", "-s", MODEL)


def run_cartwise(connection, folder):
    (path,) = (folder / "target" / "compiled").rglob(f"{MODEL}.sql")
    connection.execute(f"create table {MODEL} as {path.read_text(encoding='utf-8')}")


def run_script(connection, folder):
    import numpy as np
    from scipy.special import softmax
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = connection.execute("from cartwise.ml_cartwise__sentiment_weights").df()
    texts = connection.execute(
        "select review_id, token_text, case when rating is null then 'all' "
        "else cast(fold as varchar) end as fold_id "
        "from cartwise.feat_cartwise__review_texts "
        "join cartwise.int_cartwise__reviews using (review_id) where token_text is not null"
    ).df()
    parts = []
    for fold_id, part in texts.groupby("fold_id"):
        fold = weights[weights["fold_id"] == fold_id]
        terms = fold[fold["term"] != "(intercept)"]
        columns = [f"{sentiment}_weight" for sentiment in SENTIMENTS]
        vectorizer = TfidfVectorizer(
            tokenizer=str.split,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 2),
            sublinear_tf=True,
            vocabulary={term: place for place, term in enumerate(terms["term"])},
        )
        vectorizer.idf_ = terms["idf"].to_numpy()
        logits = vectorizer.transform(part["token_text"]) @ terms[columns].to_numpy()
        logits += fold.loc[fold["term"] == "(intercept)", columns].to_numpy()
        probabilities = softmax(np.nan_to_num(logits, nan=-np.inf), axis=1)
        names = [f"{sentiment}_probability" for sentiment in SENTIMENTS]
        parts.append(
            pd.DataFrame(probabilities, columns=names).assign(review_id=part["review_id"].array)
        )
    scores = pd.concat(parts)  # noqa: F841  # read by the query
    connection.execute(f"create table {MODEL} as select * from scores")


def run_contender(contender, folder, started_at):
    """Run in a process of its own, and print what it cost."""
    with duckdb.connect(str(folder / f"result_{contender}.duckdb")) as connection:
        connection.execute(f"attach '{folder / 'cartwise.duckdb'}' as cartwise (read_only)")
        {"cartwise": run_cartwise, "script": run_script}[contender](connection, folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "wall": time.time() - started_at,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
    }
    print(json.dumps(figures))


def measure_cost(folder, count_reviews, repeats):
    prepare_scoring(folder, count_reviews)
    print("\n| by | wall s | CPU s | peak MB |\n|---|--:|--:|--:|")
    runs = {"cartwise": [], "script": []}
    for _ in range(repeats):
        for contender, figures in runs.items():
            (folder / f"result_{contender}.duckdb").unlink(missing_ok=True)
            command = [sys.executable, __file__, "--run", contender]
            command += ["--shop", str(folder), "--at", repr(time.time())]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            figures.append(json.loads(done.stdout))
    for contender, figures in runs.items():
        wall, cpu, rss = (min(run[name] for run in figures) for name in ("wall", "cpu", "rss"))
        print(f"| {contender} | {wall:.1f} | {cpu:.1f} | {rss:,.0f} |")
    with duckdb.connect() as connection:
        for contender in runs:
            path = folder / f"result_{contender}.duckdb"
            connection.execute(f"attach '{path}' as {contender} (read_only)")
        differences = ", ".join(
            f"max(abs(ours.{name}_probability - theirs.{name}_probability))" for name in SENTIMENTS
        )
        ((count, *found),) = connection.execute(
            f"select count(*), {differences} from cartwise.{MODEL} as ours "
            f"join script.{MODEL} as theirs using (review_id)"
        ).fetchall()
    print(f"\n{count:,} reviews, largest difference {max(found):.0e}")
    if count != count_reviews or max(found) > TOLERANCE:
        sys.exit("the contenders do not agree")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--reviews", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--run", choices=["cartwise", "script"], help=argparse.SUPPRESS)
    parser.add_argument("--shop", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--at", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run_contender(arguments.run, arguments.shop, arguments.at)
        return
    print(describe_machine(PACKAGES), end="\n\n")
    with tempfile.TemporaryDirectory() as folder:
        if arguments.data:
            measure_quality(arguments.data, Path(folder))
        measure_cost(Path(folder) / "cost", arguments.reviews, arguments.repeats)


if __name__ == "__main__":
    main()
