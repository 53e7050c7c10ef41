"""The review models as built: tokens, scores, reruns, alerts, and shops with little to say."""

import json
import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from faults import fault
from plain_tokens import cut_into_tokens
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from small_shop import FOLDER

REPOSITORY = Path(__file__).resolve().parents[3]
SENTIMENTS = ["negative", "neutral", "positive"]
RUN = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
SELECT = ("--select", "+score_cartwise__reviews", "+score_cartwise__review_topics")

TEXTS = {
    "english": "Not good, NOT  worth it: don't buy (it broke in 2 days)!",
    "portuguese": "Não recomendo; a ENTREGA atrasou. Péssima experiência, coração partido.",
    "decomposed": "cafe\u0301 ma\u0303o",
    "chinese": "质量很差，物流2天到了iPhone12外壳!不推荐。",  # noqa: RUF001
    "japanese": "とても良い。サイズが小さい",
    "thai": "ดีมาก",
    "korean": "배송이 빨라요 좋아요",
    "emoji": "love it 😍😍👍🏽 ⭐⭐ ok☹",
    "html": "<p>Great<br/>value &amp; fast</p> <a href='x'>link</a> 1 < 2 &#39;ok&#39; a<b",
    "turkish": "İSTANBUL'dan GELDİ, ıslak",  # noqa: RUF001
    "greek": "ΚΑΛΟΣ ΧΡΟΝΟΣ, καλός",
    "marks": "snake_case x__y 3.5% 10,000 C++ AT&T",
    "numbers": "½ ² Ⅷ ٣٤",
    "spaces": "a\tb\nc\u00a0d\u3000e\u200bf",
    "punctuation": "?!... --- \u2026",
    "right_to_left": "ממש טוב! جيد جدا",
    "sql": "'; drop table reviews; -- \\ {{ ref('x') }}",
    "junk": "ab1 é质😀<>&;" * 8_000,
}
EMPTY = {"null": None, "nothing": "", "blank": "  \n "}

TOPIC_WORDS = {
    "delivery": (["delivery", "shipping", "courier"], ["late", "lost"], ["fast", "early"]),
    "quality": (["quality", "fabric", "stitching"], ["awful", "broke"], ["lovely", "solid"]),
}


def write_reviews(rows, folder, last_day):
    """Write a shop of one order a week, up to the as-of date, and these reviews."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    (folder / FOLDER).mkdir(parents=True)
    orders = [
        {"order_id": str(week), "ordered_at": last_day - timedelta(weeks=week)}
        for week in range(14)
    ]
    lines = [
        {"order_id": str(week), "product_id": f"p{week % 3}", "quantity": 1, "unit_price": 9.5}
        for week in range(14)
    ]
    types = pa.schema(
        [
            *((name, pa.string()) for name in ("review_id", "product_id", "body", "topic")),
            ("rating", pa.int32()),
            ("reviewed_at", pa.timestamp("us")),
        ]
    )
    for name, table in {
        "orders": pa.Table.from_pylist(orders),
        "order_lines": pa.Table.from_pylist(lines),
        "reviews": pa.Table.from_pylist(rows, schema=types),
    }.items():
        pq.write_table(table, folder / FOLDER / f"{name}.parquet")


def draw_review(number, reviewed_at, **columns):
    """Return a review of a few words whose stars go with its words, mostly."""
    draw = random.Random(number)
    topic = draw.choice(sorted(TOPIC_WORDS))
    nouns, bad, good = TOPIC_WORDS[topic]
    is_bad = draw.random() < 0.4
    words = [draw.choice(nouns), draw.choice(bad if is_bad else good), f"w{draw.randrange(60)}"]
    draw.shuffle(words)
    stars = draw.choice([1, 2]) if is_bad else draw.choice([4, 5])
    return {
        "review_id": f"r{number:05}",
        "product_id": f"p{number % 3}",
        "body": " ".join(words),
        "rating": 3 if draw.random() < 0.1 else stars,
        "reviewed_at": reviewed_at,
        **columns,
    }


# -- Tokens, and scores against scikit-learn -------------------------------------------------------


@pytest.fixture(scope="module")
def slices(run_dbt, tmp_path_factory):
    """Return builds of a shop that grows: three in one database, and fresh ones to compare with.

    The second slice has a week more of reviews, one whose text was changed and one that is gone;
    the third has another week, and some that come late.
    """
    folder = tmp_path_factory.mktemp("slices")
    first_day = datetime(2025, 1, 2)
    early = [draw_review(n, first_day + timedelta(hours=n)) for n in range(1_300)]
    oddities = [
        {"review_id": name, "body": body, "rating": None, "reviewed_at": datetime(2025, 3, 5)}
        for name, body in (TEXTS | EMPTY).items()
    ]
    week = [draw_review(n, datetime(2025, 3, 12), rating=None) for n in range(2_000, 2_040)]
    second_week = [draw_review(n, datetime(2025, 3, 20)) for n in range(3_000, 3_040)]
    late = [draw_review(n, datetime(2025, 1, 20)) for n in range(4_000, 4_020)]
    changed = [{**early[0], "body": "awful late"}, *early[2:]]
    # the review that is changed is no old one: weights would change with it
    recent = draw_review(1_500, datetime(2025, 3, 3))
    changed = {**recent, "body": "awful late"}
    shops = {
        "one": [*early, recent, *oddities],
        "two": [*early, changed, *oddities[1:], *week],
        "three": [*early[1:], changed, *oddities[1:], *week, *second_week, *late],
    }
    days = {"one": 10, "two": 15, "three": 25}

    def build(name, database):
        database.parent.mkdir(exist_ok=True)
        write_reviews(shops[name], database.parent, datetime(2025, 3, days[name]))
        built = run_dbt([*RUN, *SELECT], database, {"data_path": FOLDER})
        assert built.succeeded, built.output
        return built.database

    grown = folder / "grown" / "cartwise.duckdb"
    builds = {}
    for name in shops:
        if builds:
            mark_scores(grown, "r00007", "r01500")
        build(name, grown)
        builds[name] = Path(shutil.copy(grown, folder / f"{name}.duckdb"))
    for name in ("two", "three"):
        builds[f"fresh {name}"] = build(name, folder / f"fresh {name}" / "cartwise.duckdb")
    return builds


def mark_scores(database, *review_ids):
    """Write an impossible score, which stays unless the review is scored again."""
    with duckdb.connect(str(database)) as connection:
        for review_id in review_ids:
            connection.execute(
                "update score_cartwise__sentiments set positive_probability = 9 "
                "where review_id = ?",
                [review_id],
            )


def read(database, sql):
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).df()


@pytest.mark.parametrize("name", TEXTS)
def test_sql_cuts_texts_as_defined(slices, name):
    texts = read(slices["one"], "select review_id, token_text from feat_cartwise__review_texts")
    (found,) = texts.loc[texts["review_id"] == name, "token_text"]
    expected = cut_into_tokens(TEXTS[name][:10_000])
    assert (found.split(" ") if isinstance(found, str) else []) == expected


def test_reviews_without_words_have_no_text(slices):
    rows = read(
        slices["one"], "select review_id, has_text, text_sentiment from score_cartwise__reviews"
    )
    rows = rows.set_index("review_id")
    assert not rows.loc[[*EMPTY, "punctuation"], "has_text"].any()
    assert rows.loc[[*EMPTY, "punctuation"], "text_sentiment"].isna().all()
    assert len(rows) == 1_301 + len(TEXTS) + len(EMPTY)


REVIEW_TABLES = [
    "feat_cartwise__review_texts",
    "score_cartwise__sentiments",
    "score_cartwise__topics",
    "score_cartwise__reviews",
    "score_cartwise__review_topics",
]


@pytest.mark.parametrize("table", REVIEW_TABLES)
@pytest.mark.parametrize("name", ["two", "three"])
def test_a_grown_database_equals_a_fresh_one(slices, name, table):
    query = f"select * from {table}" + (
        # the mark that shows that this one was kept
        " where review_id <> 'r00007'" if name == "two" else ""
    )
    grown, fresh = (
        sorted(read(slices[key], query).itertuples(index=False, name=None), key=str)
        for key in (name, f"fresh {name}")
    )
    assert len(grown) > 1_000
    # as text: missing values are not equal to themselves
    assert list(map(str, grown)) == list(map(str, fresh))


def test_only_new_and_changed_reviews_are_scored_again(slices):
    scores = "select review_id, positive_probability from score_cartwise__sentiments"
    second = read(slices["two"], scores).set_index("review_id")["positive_probability"]
    assert second["r00007"] == 9
    assert second["r01500"] < 0.5  # its text has changed
    assert "english" not in second  # it is gone
    assert second["r02000"] <= 1
    third = read(slices["three"], scores).set_index("review_id")["positive_probability"]
    assert third.max() <= 1  # late reviews changed the weights


def test_weights_last_within_a_month(slices):
    ids = {
        name: set(
            read(slices[name], "select distinct model_id from score_cartwise__sentiments")[
                "model_id"
            ]
        )
        for name in ("one", "two", "three")
    }
    assert len(ids["one"]) == 6
    assert ids["one"] == ids["two"]
    assert not ids["two"] & ids["three"]


# -- The demo shop ---------------------------------------------------------------------------------


def make_pipeline_like_the_sql():
    return make_pipeline(
        TfidfVectorizer(
            tokenizer=str.split,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 2),
            sublinear_tf=True,
            min_df=2,
        ),
        LogisticRegression(C=4, solver="newton-cg", tol=1e-10, max_iter=1_000),
    )


@pytest.mark.parametrize("fold_id", ["2", "all"])
def test_sentiment_equals_a_scikit_learn_pipeline(demo_build, fold_id):
    """Fitted on what the weights may know, and asked about the texts that they score."""
    examples = read(
        demo_build.database, "from feat_cartwise__sentiment_examples order by review_id"
    )
    train = examples[examples["fold"].astype(str) != fold_id]
    assert (examples["sample_weight"] == 1).all()
    pipeline = make_pipeline_like_the_sql().fit(train["token_text"], train["sentiment"])
    scores = read(
        demo_build.database,
        "select scores.*, token_text from score_cartwise__sentiments as scores "
        f"join feat_cartwise__review_texts using (review_id) where fold_id = '{fold_id}'",
    )
    assert len(scores) > 500
    assert pipeline.classes_.tolist() == SENTIMENTS
    found = scores[[f"{sentiment}_probability" for sentiment in SENTIMENTS]].to_numpy()
    assert np.abs(found - pipeline.predict_proba(scores["token_text"])).max() < 1e-9


def test_topics_equal_scikit_learn(demo_build):
    examples = read(demo_build.database, "from feat_cartwise__topic_examples order by review_id")
    weights = read(
        demo_build.database,
        "from ml_cartwise__topic_weights where fold_id = 'all' and term <> '(intercept)'",
    )
    texts = read(demo_build.database, "from feat_cartwise__review_texts order by review_id")
    scores = read(demo_build.database, "from score_cartwise__topics")
    scores = scores.set_index(["review_id", "topic"])["probability"]
    vectorizer = TfidfVectorizer(
        tokenizer=str.split,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        sublinear_tf=True,
        vocabulary=sorted(weights["term"].unique()),
    )
    known = vectorizer.fit_transform(examples["token_text"])
    asked = vectorizer.transform(texts["token_text"])
    assert (examples["label_source"] == "input").all()
    for topic in ("delivery", "authenticity"):
        regression = LogisticRegression(C=20, solver="newton-cg", tol=1e-10, max_iter=1_000)
        regression.fit(known, examples["topics"] == topic)
        expected = pd.Series(regression.predict_proba(asked)[:, 1], index=texts["review_id"])
        found = scores.xs(topic, level="topic")
        assert np.abs(found - expected[found.index]).max() < 1e-9
        assert set(expected[expected >= 0.5].index) <= set(found.index)


def test_a_review_with_stars_is_scored_by_weights_without_it(demo_build):
    rows = demo_build.query(
        "select reviews.rating is null, reviews.fold_id, texts.fold, count(*) "
        "from cartwise__review_sentiments as reviews "
        "join feat_cartwise__review_texts as texts using (review_id) group by all"
    )
    assert {(fold_id == "all") == is_unrated for is_unrated, fold_id, _, _ in rows} == {True}
    assert all(fold_id in ("all", str(fold)) for _, fold_id, fold, _ in rows)
    assert len({fold for _, _, fold, _ in rows}) == 5
    assert demo_build.column(
        "select count(*) from (select token_text from feat_cartwise__review_texts "
        "group by 1 having count(distinct fold) > 1)"
    ) == [0]


def test_metrics_of_sentiment_equal_scikit_learn(demo_build):
    rows = read(
        demo_build.database,
        "from cartwise__review_sentiments where rating is not null and text_sentiment is not null",
    )
    metrics = {
        (fold_id, metric): value
        for fold_id, metric, value in demo_build.query(
            "select fold_id, metric, metric_value from cartwise__model_metrics "
            "where model = 'sentiment'"
        )
    }
    for fold_id in ("all languages", "en", "zh"):
        slice_rows = rows if fold_id == "all languages" else rows[rows["language"] == fold_id]
        truth, found = slice_rows["rating_sentiment"], slice_rows["text_sentiment"]
        expected = {
            "accuracy": accuracy_score(truth, found),
            "macro_f1": f1_score(truth, found, average="macro"),
            "auc": roc_auc_score(truth == "negative", slice_rows["negative_probability"]),
        }
        for metric, value in expected.items():
            assert metrics[fold_id, metric] == pytest.approx(value, abs=1e-9)


def test_the_bad_batch_of_the_demo_raises_the_alert(demo_build):
    truth = json.loads((REPOSITORY / "seeds" / "demo" / "truth.json").read_text(encoding="utf-8"))
    batch = truth["bad_batch"]
    alerts = demo_build.query(
        "select product_id, topic, strftime(review_month, '%Y-%m') from cartwise__review_themes "
        "where is_alert"
    )
    assert (batch["product_id"], batch["topic"], batch["month"]) in alerts
    assert len(alerts) <= 3
    ((rate, product_months),) = demo_build.query(
        "select metric_value, count_rows from cartwise__model_metrics "
        "where metric = 'false_alarm_rate'"
    )
    assert product_months > 500
    assert rate <= 0.01


# -- Shops with little to say ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def quiet_shops(run_dbt, tmp_path_factory):
    """Return builds of a shop with three five-star reviews, and of one without any stars."""
    folder = tmp_path_factory.mktemp("quiet")
    day = datetime(2025, 3, 1)
    shops = {
        "three reviews": [
            {
                "review_id": f"r{n}",
                "product_id": "p1",
                "body": body,
                "rating": 5,
                "reviewed_at": day,
            }
            for n, body in enumerate(("great", None, " "))
        ],
        "no stars": [draw_review(n, day, rating=None) for n in range(200)],
    }
    builds = {}
    for name, rows in shops.items():
        write_reviews(rows, folder / name, datetime(2025, 4, 1))
        selected = ("--select", "+path:models/marts/reviews", "+path:models/marts/quality")
        builds[name] = run_dbt(
            [
                *("build", "--exclude-resource-type", "unit_test"),
                *("--indirect-selection", "cautious"),
                *selected,
            ],
            folder / name / "cartwise.duckdb",
            {"data_path": FOLDER},
        )
        assert builds[name].succeeded, builds[name].output
    return builds


@fault(
    "three reviews, or none with stars",
    "green; nothing is learned, and the marts say what is missing",
)
def test_three_reviews_teach_nothing_and_the_build_is_green(quiet_shops):
    build = quiet_shops["three reviews"]
    assert dict(
        build.query(
            "select gate, gate_value from cartwise__data_sufficiency "
            "where model in ('sentiment', 'topics') and outcome = 'not learned'"
        )
    ) == {"rated_texts": 1, "negative_texts": 0, "positive_texts": 1, "topics": 0}
    assert build.query(
        "select count(*), count(text_sentiment), min(sentiment), count(*) filter (has_text) "
        "from cartwise__review_sentiments"
    ) == [(3, 0, "positive", 1)]
    assert build.query("select count(*) from cartwise__suggested_replies") == [(0,)]
    assert set(
        build.query(
            "select model, status from cartwise__model_metrics "
            "where model in ('sentiment', 'topics')"
        )
    ) == {("sentiment", "insufficient_data"), ("topics", "insufficient_data")}


def test_without_stars_there_are_topics_and_no_sentiment(quiet_shops):
    build = quiet_shops["no stars"]
    assert build.query(
        "select count(*), count(text_sentiment), count(sentiment), count(rating) "
        "from cartwise__review_sentiments"
    ) == [(200, 0, 0, 0)]
    assert set(build.column("select distinct topic from cartwise__review_topics")) == set(
        TOPIC_WORDS
    )
    assert set(build.column("select distinct sentiment from cartwise__review_themes")) == {
        "unknown"
    }
    assert build.query(
        "select count_ratings, average_rating, shrunk_rating, average_sentiment_score "
        "from cartwise__product_reviews where product_id = 'p1'"
    ) == [(0, None, None, None)]
