"""The script that a tutorial would teach: pandas, mlxtend and scikit-learn on everything at once.

    python benchmarks/tutorial.py FOLDER

FOLDER holds a shop as Parquet. Prints a line of JSON per step: its name, wall and CPU seconds. What
it does is what cartwise does, without the checks, held-out measures, reasons and contracts.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import apriori, association_rules
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import StandardScaler

HORIZON = pd.Timedelta(days=90)
SUPPORT, CONFIDENCE = 0.002, 0.1


def read_shop(folder):
    names = ("orders", "order_lines", "customers", "products", "reviews", "events")
    shop = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
    lines = (
        shop["order_lines"]
        .merge(shop["orders"], on="order_id")
        .merge(shop["products"], on="product_id", how="left", suffixes=("", "_of_product"))
    )
    lines["amount"] = lines["quantity"].astype(float) * lines["unit_price"].astype(float)
    lines["ordered_at"] = pd.to_datetime(lines["ordered_at"], errors="coerce")
    shop["lines"] = lines[lines["amount"].between(0, 1e6) & lines["ordered_at"].notna()]
    return shop


def summarise_sales(shop):
    lines = shop["lines"]
    daily = lines.groupby(lines["ordered_at"].dt.date).agg({"amount": "sum", "order_id": "nunique"})
    products = lines.groupby("product_id").agg({"amount": "sum", "customer_id": "nunique"})
    return daily, products


def find_rules(shop):
    lines = shop["lines"]
    baskets = pd.crosstab(lines["order_id"], lines["product_id"]) > 0
    itemsets = apriori(baskets, min_support=SUPPORT, use_colnames=True)
    return association_rules(itemsets, metric="confidence", min_threshold=CONFIDENCE)


def describe_customers(lines, cutoff):
    known = lines[lines["ordered_at"] <= cutoff]
    customers = known.groupby("customer_id").agg(
        last=("ordered_at", "max"),
        first=("ordered_at", "min"),
        frequency=("order_id", "nunique"),
        monetary=("amount", "sum"),
        products=("product_id", "nunique"),
    )
    customers["recency"] = (cutoff - customers.pop("last")).dt.days
    customers["age"] = (cutoff - customers.pop("first")).dt.days
    return customers


def segment_customers(shop):
    customers = describe_customers(shop["lines"], shop["lines"]["ordered_at"].max())
    scaled = StandardScaler().fit_transform(customers[["recency", "frequency", "monetary"]])
    customers["segment"] = KMeans(n_clusters=6, n_init=10, random_state=0).fit_predict(scaled)
    for measure in ("recency", "frequency", "monetary"):
        ranks = customers[measure].rank(method="first")
        customers[f"{measure}_score"] = pd.qcut(ranks, 5, labels=False) + 1
    return customers


def foresee_customers(shop):
    lines = shop["lines"]
    cutoff = lines["ordered_at"].max() - HORIZON
    customers = describe_customers(lines, cutoff)
    later = (
        lines[lines["ordered_at"] > cutoff]
        .groupby("customer_id")
        .agg(next_at=("ordered_at", "min"), value=("amount", "sum"))
    )
    customers = customers.join(later)
    features = StandardScaler().fit_transform(customers.drop(columns=["next_at", "value"]))
    churned = customers["next_at"].isna()
    churn = LogisticRegression(max_iter=1000).fit(features, churned)
    customers["churn_probability"] = churn.predict_proba(features)[:, 1]
    days = (customers["next_at"] - cutoff).dt.days
    timing = LinearRegression().fit(features[~churned], days[~churned])
    value = LinearRegression().fit(features[~churned], customers.loc[~churned, "value"])
    customers["next_days"] = timing.predict(features)
    customers["next_value"] = value.predict(features)
    return customers


def classify_reviews(shop):
    reviews = shop["reviews"].dropna(subset=["body"])
    terms = TfidfVectorizer(ngram_range=(1, 2), min_df=2).fit_transform(reviews["body"])
    rating = pd.to_numeric(reviews["rating"], errors="coerce")
    sentiment = np.select([rating <= 2, rating >= 4], ["negative", "positive"], "neutral")
    is_rated = rating.notna().to_numpy()
    model = LogisticRegression(max_iter=1000).fit(terms[is_rated], sentiment[is_rated])
    reviews = reviews.assign(sentiment=model.predict(terms))
    if "topic" in reviews and reviews["topic"].notna().any():
        has_topic = reviews["topic"].notna().to_numpy()
        topics = LogisticRegression(max_iter=1000).fit(
            terms[has_topic], reviews.loc[has_topic, "topic"]
        )
        reviews["topic_found"] = topics.predict(terms)
    return reviews


def compare_products(shop):
    products = shop["products"]
    columns = [name for name in ("name", "description", "category", "brand") if name in products]
    texts = products[columns].fillna("").agg(" ".join, axis=1)
    similar = cosine_similarity(TfidfVectorizer().fit_transform(texts).toarray())
    return np.argsort(-similar, axis=1)[:, 1:11]


def recommend(shop):
    lines = shop["lines"]
    bought = pd.crosstab(lines["customer_id"], lines["product_id"]).astype(float)
    similar = cosine_similarity(bought.T)
    scores = bought.to_numpy() @ similar
    scores[bought.to_numpy() > 0] = -1
    return np.argsort(-scores, axis=1)[:, :10]


def learn_customers(shop):
    return segment_customers(shop), foresee_customers(shop)


STEPS = {
    "core": summarise_sales,
    "baskets": find_rules,
    "customers": learn_customers,
    "reviews": classify_reviews,
    "products": compare_products,
    "recommendations": recommend,
}


def main(folder):
    shop = None

    def measure(name, function, *arguments):
        wall, cpu = time.monotonic(), time.process_time()
        try:
            result = function(*arguments)
        except MemoryError:
            result = None
        seconds = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps({"step": name, "done": result is not None, **seconds}), flush=True)
        return result

    shop = measure("read", read_shop, folder)
    for name, function in STEPS.items():
        measure(name, function, shop)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
