"""What the customer models say of whole shops: nothing of the future, and only what they know."""

import csv
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from customer_shop import (
    AS_OF_DATE,
    add_shops,
    cut_shop,
    find_differences,
    keep_customers,
    make_orders,
    read_demo,
    rename_keys,
    repeat_december,
    rewrite_later,
    write_shop,
)
from dbt_runs import REPOSITORY
from faults import fault
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from small_shop import BUILD, FOLDER, RUN

# a cutoff of the demo shop, and the one whose outcomes are complete on that very day
CUTOFF = "2025-07-04"
OUTCOME_CUTOFF = "2025-04-05"


CHURN_MARTS = (
    "cartwise__churn_risk",
    "cartwise__churn_reasons",
    "cartwise__churn_calibration",
    "cartwise__next_purchases",
    "cartwise__model_metrics",
)
# integrity tests read marts that are not built here
CUSTOMER_MARTS = (
    *("--select", "+path:models/marts/customers", "+path:models/marts/quality"),
    *("--indirect-selection", "cautious"),
)


def read_table(build, sql):
    with duckdb.connect(str(build.database), read_only=True) as connection:
        return connection.sql(sql).df()


def read_rows(build, *tables):
    return {name: Counter(map(repr, build.query(f"from {name}"))) for name in tables}


def compare_rows(before, after):
    """Return the rows that only one of two readings of the same tables has."""
    return {
        name: changes
        for name, rows in before.items()
        if (changes := [*(rows - after[name]), *(after[name] - rows)])
    }


@pytest.fixture(scope="module")
def demo():
    return read_demo()


@pytest.fixture(scope="module")
def run_shop(run_dbt):
    """Return the function that runs dbt on the shop in a folder."""

    def run_shop(folder, *command, in_own_process=False, **variables):
        return run_dbt(
            command,
            folder / "cartwise.duckdb",
            {"data_path": FOLDER, "as_of_date": AS_OF_DATE, **variables},
            in_own_process=in_own_process,
        )

    return run_shop


@pytest.fixture(scope="module")
def build_shop(run_shop, tmp_path_factory):
    """Return the function that builds a shop in a new folder, and must succeed."""

    def build_shop(shop, *command, **variables):
        folder = tmp_path_factory.mktemp("shop")
        write_shop(shop, folder)
        build = run_shop(folder, *command, **variables)
        assert build.succeeded, build.output
        return build

    return build_shop


# -- Point in time -------------------------------------------------------------------------------
FEATURES = (*RUN, "--select", "+feat_cartwise__customer_outcomes")


@pytest.fixture(scope="module")
def late_buyer(demo_build):
    """Return a customer who had bought, but not in the 90 days up to the cutoff."""
    return demo_build.column(
        "select min(customer_id) from feat_cartwise__customers "
        f"where cutoff_date = '{CUTOFF}' and recency_days between 100 and 200"
    )[0]


@pytest.fixture(scope="module")
def after(demo, late_buyer, build_shop):
    """Return a build of the shop with another future, and one more order on the last second."""
    last_second = make_orders("last", [late_buyer], f"{CUTOFF} 23:59:59")
    shop = rewrite_later(add_shops(demo, last_second), CUTOFF)
    return build_shop(shop, *FEATURES)


def test_features_depend_on_nothing_later(demo_build, after, late_buyer):
    differences = find_differences(
        demo_build.database,
        after.database,
        "feat_cartwise__customers",
        f"cutoff_date <= '{CUTOFF}' and customer_id <> '{late_buyer}'",
    )
    assert differences == set()


def test_outcomes_depend_on_nothing_past_their_window(demo_build, after, late_buyer):
    differences = find_differences(
        demo_build.database,
        after.database,
        "feat_cartwise__customer_outcomes",
        f"cutoff_date <= '{OUTCOME_CUTOFF}' and customer_id <> '{late_buyer}'",
    )
    assert differences == set()


def test_the_day_of_the_cutoff_is_known_on_it(demo_build, after, late_buyer):
    differences = find_differences(
        demo_build.database,
        after.database,
        "feat_cartwise__customers",
        f"cutoff_date <= '{CUTOFF}' and customer_id = '{late_buyer}'",
    )
    assert differences == {(late_buyer, CUTOFF)}
    assert after.column(
        "select recency_days from feat_cartwise__customers "
        f"where customer_id = '{late_buyer}' and cutoff_date = '{CUTOFF}'"
    ) == [0]


def test_the_last_day_of_the_window_counts_for_the_outcome(demo_build, after, late_buyer):
    sql = (
        "select is_churned, days_to_next_order, next_order_value "
        "from feat_cartwise__customer_outcomes "
        f"where customer_id = '{late_buyer}' and cutoff_date = '{OUTCOME_CUTOFF}'"
    )
    assert demo_build.query(sql) == [(True, None, None)]
    assert after.query(sql) == [(False, 90, 20.0)]


@pytest.mark.parametrize(
    ("column", "least"),
    [
        ("recency_days", 300),
        ("total_net_amount", 300),
        ("return_share", 300),
        ("average_rating", 300),
        ("count_recent_visits", 300),
        ("count_categories", 100),
        ("is_home_country", 300),
    ],
)
def test_the_other_future_is_seen_once_it_has_come(demo_build, after, column, least):
    """The rows that were changed do reach each kind of feature, a month later."""
    sql = (
        f"select customer_id, {column} from feat_cartwise__customers "
        "where cutoff_date = '2025-09-02'"
    )
    values, others = dict(demo_build.query(sql)), dict(after.query(sql))
    assert sum(values[key] != others[key] for key in values.keys() & others.keys()) >= least


# -- Little data ---------------------------------------------------------------------------------
MODELS = ("churn", "next_purchase", "segments")


@pytest.fixture(scope="module")
def thirty(demo, build_shop):
    """Return a build of a shop of 30 customers."""
    buyers = demo["orders"].loc[demo["orders"]["customer_id"] != "", "customer_id"]
    return build_shop(keep_customers(demo, buyers.unique()[:30]), *BUILD, *CUSTOMER_MARTS)


@pytest.fixture(scope="module")
def empty(demo, build_shop):
    """Return a build of seven files with their headers only."""
    return build_shop(
        {name: table.head(0) for name, table in demo.items()}, *BUILD, *CUSTOMER_MARTS
    )


@pytest.fixture(scope="module")
def deserted(demo, build_shop):
    """Return a build of a shop where nobody has bought for fifteen months."""
    return build_shop(cut_shop(demo, "2024-09-30"), *BUILD, *CUSTOMER_MARTS)


@pytest.fixture(params=["thirty", "empty", "deserted"])
def build(request):
    return request.getfixturevalue(request.param)


def read_unmet(build):
    return {
        (model, gate): (value, least)
        for model, gate, value, least in build.query(
            "select model, gate, gate_value, least_value from cartwise__data_sufficiency "
            "where not is_met"
        )
    }


def test_the_build_is_green_and_warns_of_nothing(build):
    assert "WARN=0 ERROR=0 SKIP=0 " in build.output


@pytest.mark.parametrize(
    "mart", [name for name in CHURN_MARTS if name != "cartwise__model_metrics"]
)
def test_nothing_is_foretold(build, mart):
    assert build.column(f"select count(*) from {mart}") == [0]


@fault(
    "thirty customers, or nobody who bought for fifteen months",
    "green; nothing is foretold, and the marts say what is missing",
)
def test_the_metrics_say_that_nothing_was_learned(build):
    statuses = build.query(
        "select model, status, metric_value, count_rows from cartwise__model_metrics "
        "where model in ('churn', 'next_purchase')"
    )
    expected = [(model, "insufficient_data", None, 0) for model in MODELS[:2]]
    assert sorted(statuses) == expected


def test_thirty_customers_are_too_few_for_segments(thirty):
    assert thirty.query(
        "select count(*), count(rfm_segment), count(segment_id), count(segment_name) "
        "from cartwise__customer_segments"
    ) == [(30, 30, 0, 0)]
    assert thirty.column("select count(*) from cartwise__segment_profiles") == [0]
    assert thirty.column("select status from cartwise__model_metrics where model = 'segments'") == [
        "insufficient_data"
    ]


def test_thirty_customers_miss_the_gate_of_buyers(thirty):
    unmet = read_unmet(thirty)
    assert {model for model, gate in unmet if gate == "buyers"} == set(MODELS)
    assert {unmet[model, "buyers"] for model in MODELS} == {(30, 500)}


def test_an_empty_shop_misses_every_gate(empty):
    gates = empty.query("select model, gate, gate_value, is_met from cartwise__data_sufficiency")
    assert {is_met for *_, is_met in gates} == {False}
    assert {value for *_, value, _ in gates} == {0, None}
    assert empty.column("select count(*) from cartwise__customer_segments") == [0]
    assert empty.column("select count(*) from cartwise__segment_profiles") == [0]


def test_a_deserted_shop_misses_the_gates_of_outcomes(deserted):
    assert read_unmet(deserted) == {
        ("churn", "recent_orders"): (0, 1),
        ("churn", "negatives"): (0, 100),
        ("churn", "outcome_share"): (1, 0.01),
        ("next_purchase", "recent_orders"): (0, 1),
        ("next_purchase", "positives"): (0, 100),
        ("next_purchase", "outcome_share"): (0, 0.01),
        ("recommendations", "next_baskets"): (0, 100),
        ("recommendations", "earlier_next_baskets"): (0, 100),
        ("replenishment", "repurchases"): (0, 100),
    }


def test_a_deserted_shop_has_segments_all_the_same(deserted):
    assert deserted.query(
        "select bool_and(segment_id is not null), bool_and(segment_name is not null) "
        "from cartwise__customer_segments"
    ) == [(True, True)]
    assert deserted.column(
        "select distinct outcome from cartwise__data_sufficiency where model = 'segments'"
    ) == ["learned"]


# -- Labels of the shop --------------------------------------------------------------------------
# only what the var churn_label reaches is built anew
CHURN = (
    *(*RUN, "--select", "stg_cartwise__customers"),
    *(
        f"{model}+,+{mart}"
        for model in ("int_cartwise__folds", "feat_cartwise__customer_outcomes")
        for mart in CHURN_MARTS
    ),
)


@pytest.fixture(scope="module")
def customers(demo_build):
    """Return what is known of the customers on the as-of date."""
    return read_table(
        demo_build,
        "select customer_id, recency_days, ln(1 + count_orders) as orders, "
        "coalesce(discount_share, 0) as discounts, coalesce(return_share, 0) as returns "
        f"from feat_cartwise__customers where cutoff_date = '{AS_OF_DATE}' order by 1",
    ).set_index("customer_id")


@pytest.fixture(scope="module")
def relabel(demo, demo_build, run_shop, tmp_path_factory):
    """Return the function that runs a copy of the demo build with labels of the customers."""

    def relabel(labels):
        folder = tmp_path_factory.mktemp("labels")
        shutil.copy(demo_build.database, folder)
        texts = labels.map({True: "true", False: "false"})
        churned = demo["customers"]["customer_id"].map(texts).fillna("")
        write_shop({"customers": demo["customers"].assign(churned=churned)}, folder)
        return run_shop(folder, *CHURN, churn_label="input")

    return relabel


@pytest.fixture(scope="module")
def planted(customers, relabel):
    """Return a build with labels that depend on three features, and on recency only by them."""
    random = np.random.default_rng(11)
    measures = customers[["orders", "discounts", "returns"]]
    scaled = (measures - measures.mean()) / measures.std()
    logits = scaled @ [-1.5, 1.0, 0.7]
    labels = pd.Series(random.random(len(customers)) < 1 / (1 + np.exp(-logits)), customers.index)
    # every tenth customer has no label
    is_labelled = np.arange(len(customers)) % 10 > 0
    build = relabel(labels[is_labelled])
    assert build.succeeded, build.output
    return build


@pytest.fixture(scope="module")
def leaky(customers, relabel):
    """Return a run with a label made from the last order, and the marts that it leaves."""
    build = relabel(customers["recency_days"] > 60)
    return build, read_rows(build, *CHURN_MARTS)


def read_aucs(build):
    return read_table(
        build,
        "select fold_id, metric_value, baseline_value, status from cartwise__model_metrics "
        "where model = 'churn' and metric = 'auc' order by 1",
    )


def test_a_planted_cause_is_found_in_every_fold(planted):
    aucs = read_aucs(planted)
    assert list(aucs["fold_id"]) == [f"bucket {fold}" for fold in range(5)]
    assert list(aucs["status"]) == ["ok"] * 5
    assert (aucs["metric_value"] > aucs["baseline_value"] + 0.05).all()


def test_customers_without_a_label_are_scored_too(planted, customers):
    scored = planted.query(
        "select role, count(*), count(is_churned) from score_cartwise__churn "
        f"where cutoff_date = '{AS_OF_DATE}' group by 1"
    )
    count_scored = {role: (count, labelled) for role, count, labelled in scored}
    assert planted.column("select count(*) from cartwise__churn_risk") == [len(customers)]
    test, score = count_scored["test"], count_scored["score"]
    assert test[0] + score[0] == len(customers)
    assert test[0] == test[1]
    assert score[1] == 0
    assert score[0] >= len(customers) // 10


def test_labels_of_chance_are_no_better_than_chance(customers, relabel):
    random = np.random.default_rng(12)
    labels = pd.Series(random.random(len(customers)) < 0.5, customers.index)

    build = relabel(labels)

    assert build.succeeded, build.output
    aucs = read_aucs(build)
    assert len(aucs) == 5
    # one fold alone has a standard error of 0.026
    assert 0.45 < aucs["metric_value"].mean() < 0.55
    assert set(aucs["status"]) == {"worse_than_baseline"}


@fault(
    "a feature tells the outcome",
    "the message names it with its AUC and what to correct; old marts stay",
)
def test_a_leak_stops_the_build_and_leaves_the_marts(demo_build, leaky):
    before = read_rows(demo_build, *CHURN_MARTS)
    build, after = leaky
    assert not build.succeeded
    output = " ".join(build.output.split())
    parts = ["the outcome leaks into", "recency_days (AUC 1.000", "correct the label"]
    assert [part for part in parts if part not in output] == []
    assert "Traceback" not in build.output
    assert all(before.values())
    assert compare_rows(before, after) == {}


def test_a_leak_that_is_none_may_be_let_through(leaky, run_shop):
    stopped, _ = leaky
    build = run_shop(
        stopped.database.parent,
        *(*RUN, "--select", "feat_cartwise__folds+,+cartwise__model_metrics"),
        churn_label="input",
        sufficiency_gates={"max_feature_auc": 1},
    )

    assert build.succeeded, build.output
    aucs = read_aucs(build)
    assert (aucs["metric_value"] > 0.98).all()
    # it is no better than the baseline, recency, from which the label was made
    assert set(aucs["status"]) == {"worse_than_baseline"}


# -- Churn on the demo shop ----------------------------------------------------------------------
@pytest.fixture(scope="module")
def churn_scores(demo_build):
    return read_table(demo_build, "from score_cartwise__churn where role = 'test'")


@pytest.fixture(scope="module")
def churn_metrics(demo_build):
    table = read_table(demo_build, "from cartwise__model_metrics where model = 'churn'")
    return table.set_index(["fold_id", "metric"])


def test_the_model_beats_recency_alone_in_every_fold(churn_metrics):
    for metric, sign in (("auc", 1), ("brier", -1)):
        folds = churn_metrics.xs(metric, level="metric")
        assert len(folds) == 3
        assert list(folds["status"]) == ["ok"] * 3
        assert (sign * (folds["metric_value"] - folds["baseline_value"]) > 0).all()


@pytest.mark.parametrize(
    ("metric", "measure"),
    [("auc", roc_auc_score), ("brier", brier_score_loss), ("log_loss", log_loss)],
)
def test_metrics_equal_those_of_scikit_learn(churn_scores, churn_metrics, metric, measure):
    for fold_id, fold in churn_scores.groupby("fold_id"):
        found = churn_metrics.loc[fold_id, metric]
        outcome = fold["is_churned"].astype(bool)
        model = measure(outcome, fold["probability"])
        baseline = measure(outcome, fold["baseline_probability"])
        assert found["metric_value"] == pytest.approx(model, abs=1e-9)
        assert found["baseline_value"] == pytest.approx(baseline, abs=1e-9)
        assert found["count_rows"] == len(fold)


def test_observed_churn_rises_with_predicted_churn(demo_build):
    deciles = read_table(demo_build, "from cartwise__churn_calibration order by fold_id, decile")
    for _, fold in deciles.groupby("fold_id"):
        predicted, observed = fold["predicted_churn_rate"], fold["observed_churn_rate"]
        assert predicted.is_monotonic_increasing
        # the upper half of the deciles churns nearly always, in an order of chance
        assert observed.diff().min() > -0.02
        assert observed.iloc[-1] - observed.iloc[0] > 0.5


def test_deciles_equal_those_of_pandas(churn_scores, demo_build):
    marts = read_table(demo_build, "from cartwise__churn_calibration order by fold_id, decile")
    for fold_id, fold in churn_scores.groupby("fold_id"):
        ranked = fold.sort_values(["probability", "customer_id"])
        parts = [ranked.iloc[rows] for rows in np.array_split(np.arange(len(ranked)), 10)]
        mart = marts[marts["fold_id"] == fold_id]
        for column, source in (
            ("predicted_churn_rate", "probability"),
            ("observed_churn_rate", "is_churned"),
        ):
            expected = [part[source].astype(float).mean() for part in parts]
            assert list(mart[column]) == pytest.approx(expected, abs=1e-9)


def test_reasons_add_up_to_the_probability(demo_build):
    risks = read_table(demo_build, "from cartwise__churn_risk").set_index("customer_id")
    reasons = read_table(demo_build, "from cartwise__churn_reasons")
    features = [
        name
        for name in read_table(demo_build, "from score_cartwise__churn limit 0").columns
        if name.startswith("contribution_")
    ]
    assert len(features) > 10
    assert len(reasons) == len(risks) * len(features)
    assert not reasons.duplicated(["customer_id", "feature"]).any()
    sums = reasons.groupby("customer_id")["contribution"].sum()
    logits = risks["intercept"] + sums.reindex(risks.index)
    np.testing.assert_allclose(logits, risks["logit"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        risks["churn_probability"], 1 / (1 + np.exp(-risks["logit"])), rtol=0, atol=1e-12
    )


def test_the_first_reason_says_most_for_what_is_likely(demo_build):
    reasons = read_table(demo_build, "from cartwise__churn_reasons").set_index("customer_id")
    risks = read_table(demo_build, "from cartwise__churn_risk order by customer_id")
    risks = risks.set_index("customer_id")
    is_likely = risks["churn_probability"] >= 0.5
    contributions = reasons["contribution"].groupby(level=0)
    expected = contributions.max().where(is_likely, contributions.min())
    first = reasons[reasons["reason_rank"] == 1].sort_index()
    assert 100 < is_likely.sum() < len(risks) - 100
    assert list(first.index) == list(risks.index)
    assert list(first["contribution"]) == list(expected)
    assert list(first["reason"]) == list(risks["first_reason"])


# -- Next purchases on the demo shop -------------------------------------------------------------
@pytest.fixture(scope="module")
def purchases(demo_build):
    return read_table(demo_build, "from cartwise__next_purchases order by customer_id")


@pytest.fixture(scope="module")
def purchase_metrics(demo_build):
    table = read_table(demo_build, "from cartwise__model_metrics where model = 'next_purchase'")
    return table.set_index(["fold_id", "metric"])


def test_quantiles_rise_and_lie_in_the_window(purchases):
    days = purchases[["earliest_days", "expected_days", "latest_days"]].to_numpy()
    values = purchases[["low_order_value", "expected_order_value", "high_order_value"]].to_numpy(
        dtype=float
    )
    assert (np.diff(days) > 0).all()
    assert (np.diff(values) > 0).all()
    assert (days > 0).all()
    assert (days <= 90.5).all()
    assert (values >= 0).all()


def test_the_expected_day_lies_after_the_as_of_date_and_in_the_window(purchases):
    after = (purchases["expected_next_order_date"] - purchases["as_of_date"]).dt.days
    assert after.min() >= 1
    assert after.max() <= 90
    assert list(after) == list(np.ceil(purchases["expected_days"]))


def test_customers_of_one_order_are_flagged(purchases, demo_build):
    single = demo_build.column(
        "select customer_id from feat_cartwise__customers "
        f"where cutoff_date = '{AS_OF_DATE}' and count_orders = 1"
    )
    flagged = purchases[purchases["has_one_order"]]
    assert len(single) > 100
    assert set(flagged["customer_id"]) == set(single)
    assert flagged[["average_gap_days", "overdue_days"]].isna().all(axis=None)
    assert not flagged["is_overdue"].any()


def test_the_probability_is_that_of_the_churn_model(purchases, demo_build):
    risks = read_table(demo_build, "from cartwise__churn_risk order by customer_id")
    assert list(risks["customer_id"]) == list(purchases["customer_id"])
    np.testing.assert_allclose(
        purchases["order_probability"], 1 - risks["churn_probability"], rtol=0, atol=1e-12
    )


def test_intervals_cover_what_they_should_in_every_fold(purchase_metrics):
    for metric in ("days_coverage", "value_coverage"):
        folds = purchase_metrics.xs(metric, level="metric")
        assert len(folds) == 3
        assert folds["metric_value"].between(0.75, 0.85).all()
        assert list(folds["status"]) == ["ok"] * 3


def test_metrics_equal_those_of_pandas(purchase_metrics, demo_build):
    scores = read_table(
        demo_build,
        "from score_cartwise__next_purchases "
        "where role = 'test' and days_to_next_order is not null",
    )
    scores["fold_id"] = scores["cutoff_date"].dt.strftime("%Y-%m-%d")
    assert scores["fold_id"].nunique() == 3
    for fold_id, fold in scores.groupby("fold_id"):
        repeat = fold[fold["count_orders"] > 1]
        for target, outcome, own in (
            ("days", "days_to_next_order", "own_gap_days"),
            ("value", "next_order_value", "own_average_value"),
        ):
            covered = fold[outcome].between(fold[f"{target}_p10"], fold[f"{target}_p90"])
            expected = {
                f"{target}_mae": measure_errors(fold, target, outcome, f"median_{target}"),
                f"{target}_mae_repeat": measure_errors(repeat, target, outcome, own),
                f"{target}_coverage": (covered.mean(), 0.8),
            }
            for metric, values in expected.items():
                row = purchase_metrics.loc[fold_id, metric]
                found = (row["metric_value"], row["baseline_value"])
                assert found == pytest.approx(values, abs=1e-9), metric


def measure_errors(fold, target, outcome, baseline):
    guesses = (f"{target}_p50", baseline)
    return tuple((fold[guess] - fold[outcome]).abs().mean() for guess in guesses)


# -- RFM on the demo shop ------------------------------------------------------------------------
RFM_MEASURES = (
    ("recency_score", "recency_days", -1),
    ("frequency_score", "count_orders", 1),
    ("monetary_score", "total_net_amount", 1),
)


def test_every_customer_has_an_rfm_segment(demo_build):
    assert demo_build.query(
        "select count(*) = (select count(*) from feat_cartwise__customers "
        f"where cutoff_date = '{AS_OF_DATE}'), count(*) = count(rfm_segment), "
        "count(distinct rfm_segment) = 11 from cartwise__customer_segments"
    ) == [(True, True, True)]


@pytest.mark.parametrize(("score", "measure", "sign"), RFM_MEASURES)
def test_scores_rise_with_the_value_and_are_equal_for_equal_values(
    demo_build, score, measure, sign
):
    table = read_table(
        demo_build,
        f"select {score} as score, cast({measure} as double) as measure "
        "from cartwise__customer_segments "
        "inner join feat_cartwise__customers using (customer_id) "
        f"where cutoff_date = '{AS_OF_DATE}'",
    )
    scores = table.groupby("measure")["score"]
    assert (scores.min() == scores.max()).all()
    assert (sign * scores.first().diff().dropna() >= 0).all()
    assert set(table["score"]) <= set(range(1, 6))
    # a fifth each, but for values that many share
    if measure != "count_orders":
        assert table["score"].value_counts(normalize=True).between(0.18, 0.22).all()


def test_the_seed_names_every_cell_once():
    path = REPOSITORY / "seeds" / "lookups" / "cartwise_rfm_segments.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [(int(row["recency_score"]), int(row["value_score"])) for row in rows]
    assert sorted(cells) == [(one, other) for one in range(1, 6) for other in range(1, 6)]
    assert all(row["rfm_segment"] and row["description"] for row in rows)


@pytest.fixture(scope="module")
def changed_vars(demo_build, run_dbt, tmp_path_factory):
    """Return the demo build after another run with cells of its own and a gate it misses."""
    database = Path(shutil.copy(demo_build.database, tmp_path_factory.mktemp("vars")))
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table my_cells as select recency_score, value_score, description, "
            "'cell ' || recency_score || value_score as rfm_segment from cartwise_rfm_segments"
        )
    build = run_dbt(
        [
            *RUN,
            *("--select", "feat_cartwise__customer_sufficiency+"),
            *("--exclude", "feat_cartwise__folds+"),
        ],
        database,
        {"lookups": {"rfm_segments": "my_cells"}, "sufficiency_gates": {"buyers": 10_000}},
    )
    assert build.succeeded, build.output
    return build


def test_a_relation_of_the_shop_may_name_the_cells(changed_vars):
    cells = changed_vars.query(
        "select distinct rfm_segment, scores.recency_score, value_score "
        "from cartwise__customer_segments "
        "inner join score_cartwise__customer_segments as scores using (customer_id) "
        "where is_score_date"
    )
    assert len(cells) > 20
    assert {name for name, *_ in cells} == {f"cell {one}{other}" for _, one, other in cells}
    assert len({name for name, *_ in cells}) == len(cells)


# -- Segments ------------------------------------------------------------------------------------
SEGMENTS = (*RUN, "--select", "+cartwise__customer_segments")


def read_ids(build):
    return dict(build.query("select customer_id, segment_id from cartwise__customer_segments"))


def test_segments_go_when_the_shop_no_longer_has_enough_for_them(demo_build, changed_vars):
    """The run is the same day's, so it takes the place of the one that learned segments."""
    assert None not in read_ids(demo_build).values()
    assert set(read_ids(changed_vars).values()) == {None}
    assert changed_vars.column("select count(*) from cartwise__segment_profiles") == [0]


@pytest.fixture(scope="module")
def odd_customers(demo, demo_build, build_shop):
    """Return a build with a wholesaler, gifts to newcomers, and twins of each hundredth customer.

    The wholesaler has 500 times the usual revenue.
    """
    mean = demo_build.column(
        "select cast(avg(total_net_amount) as double) from feat_cartwise__customers "
        f"where cutoff_date = '{AS_OF_DATE}'"
    )[0]
    days = pd.date_range("2024-01-01", AS_OF_DATE, periods=2000).strftime("%Y-%m-%d %H:%M:%S")
    wholesale = make_orders("bulk", ["bulk"] * 2000, days, unit_price=500 * mean / 2000)
    gifts = make_orders("gift", [f"gift{n}" for n in range(20)], "2025-06-01", unit_price=0)
    twins = rename_keys(keep_customers(demo, sorted(read_ids(demo_build))[::100]), "twin")
    build = build_shop(add_shops(demo, wholesale, gifts, twins), *SEGMENTS)
    assert build.column(
        "select cast(total_net_amount as double) from feat_cartwise__customers "
        f"where cutoff_date = '{AS_OF_DATE}' and customer_id = 'bulk'"
    ) == [pytest.approx(500 * mean, rel=0.01)]
    return build


def test_a_few_more_customers_leave_the_others_where_they_are(demo_build, odd_customers):
    ids, new_ids = read_ids(demo_build), read_ids(odd_customers)
    assert len(new_ids) == len(ids) + len(sorted(ids)[::100]) + 20 + 1
    kept = np.mean([new_ids[customer] == segment for customer, segment in ids.items()])
    assert kept >= 0.95


@fault(
    "one of the customers is a wholesaler",
    "no segment of its own, and the others keep theirs",
)
def test_a_wholesaler_is_no_segment(odd_customers):
    sizes = Counter(read_ids(odd_customers).values())
    # a centroid that nobody is near would be the wholesaler's too
    segments = odd_customers.column("select distinct segment_id from score_cartwise__segments")
    assert min(sizes[segment] for segment in segments) > 0.01 * sum(sizes.values())


def test_shares_of_nothing_are_not_known(odd_customers):
    assert odd_customers.query(
        "select count(*), count(discount_share), count(return_share) from feat_cartwise__customers "
        f"where cutoff_date = '{AS_OF_DATE}' and customer_id like 'gift%'"
    ) == [(20, 0, 0)]


def test_everyone_is_in_the_segment_whose_centroid_numpy_finds_nearest(odd_customers):
    customers = read_table(
        odd_customers,
        "select customer_id, ln(1 + recency_days) as recency_days, ln(1 + count_orders) as "
        "count_orders, ln(1 + cast(greatest(total_net_amount, 0) as double)) as total_net_amount, "
        f"discount_share from feat_cartwise__customers where cutoff_date = '{AS_OF_DATE}'",
    ).set_index("customer_id")
    segments = read_table(
        odd_customers, f"from score_cartwise__segments where as_of_date = '{AS_OF_DATE}'"
    )
    centroids = segments.pivot_table(index="segment_id", columns="feature", values="centroid")
    assert set(centroids.columns) == set(customers.columns)
    scales = segments.drop_duplicates("feature").set_index("feature")
    scaled = ((customers - scales["center"]) / scales["scale"]).clip(-3, 3).fillna(0)
    offsets = scaled[centroids.columns].to_numpy()[:, None] - centroids.to_numpy()
    distances = np.sqrt((offsets**2).sum(axis=2))
    nearest = centroids.index[distances.argmin(axis=1)]
    mart = read_table(odd_customers, "from cartwise__customer_segments").set_index("customer_id")
    mart = mart.reindex(customers.index)
    assert list(mart["segment_id"]) == list(nearest)
    np.testing.assert_allclose(mart["segment_distance"], distances.min(axis=1), atol=1e-9)


# -- Runs after runs -----------------------------------------------------------------------------
RUNS = (*RUN, "--select", "+cartwise__customer_segments", "+cartwise__model_metrics")
KEPT = ("score_cartwise__segments", "cartwise__model_metrics")
LAST_DATE = "2026-01-31"


@pytest.fixture(scope="module")
def history(demo, demo_build, run_shop, tmp_path_factory):
    """Return a run a month after a copy of the demo build, and the first's segments and rows.

    The orders of December come again in January. In between, the segments of the first run get ids
    that no run would number afresh.
    """
    folder = tmp_path_factory.mktemp("history")
    with duckdb.connect(shutil.copy(demo_build.database, folder)) as connection:
        for table in ("score_cartwise__segments", "cartwise__customer_segments"):
            connection.execute(f"update {table} set segment_id = 100 - segment_id")
    first = replace(demo_build, database=folder / demo_build.database.name)
    ids, rows = read_ids(first), read_rows(first, *KEPT)
    write_shop(add_shops(demo, repeat_december(demo)), folder)
    second = run_shop(folder, *RUNS, as_of_date=LAST_DATE)
    assert second.succeeded, second.output
    return second, ids, rows


def test_both_runs_are_kept(history):
    build, _, rows = history
    for table, before in read_rows(build, *KEPT).items():
        assert rows[table] <= before, table
        dates = build.column(f"select distinct cast(as_of_date as varchar) from {table}")
        assert sorted(dates) == [AS_OF_DATE, LAST_DATE]


def test_segments_keep_their_ids(history):
    build, ids, _ = history
    new_ids = read_ids(build)
    assert set(ids.values()) >= set(range(97, 100))
    assert len(set(new_ids.values()) & set(ids.values())) >= 3
    kept = np.mean([new_ids[customer] == segment for customer, segment in ids.items()])
    assert kept > 0.8


def test_the_same_run_again_changes_nothing_in_whatever_order_the_rows_come(
    demo, history, run_shop
):
    build, *_ = history
    folder = build.database.parent
    learned = ("churn_weights", "next_purchase_weights", "segment_centroids")
    tables = (
        *(f"ml_cartwise__{name}" for name in learned),
        *("score_cartwise__churn", *KEPT),
        *("cartwise__customer_segments", "cartwise__segment_profiles"),
    )
    before = read_rows(build, *tables)
    shop = add_shops(demo, repeat_december(demo))
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in shop.items()}
    assert list(shuffled["orders"]["order_id"]) != list(shop["orders"]["order_id"])
    write_shop(shuffled, folder)

    # the order of Python's sets differs from process to process
    again = run_shop(folder, *RUNS, in_own_process=True, as_of_date=LAST_DATE)

    assert again.succeeded, again.output
    assert all(before.values())
    assert compare_rows(before, read_rows(again, *tables)) == {}
