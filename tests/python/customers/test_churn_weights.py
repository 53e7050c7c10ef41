import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cartwise.customers.churn_weights import SCHEMA, ChurnParams, learn_churn_weights

ROLLING = {
    "backtest_1": {"train": ["d1"], "calibrate": ["d2"], "test": ["d3"]},
    "backtest_2": {"train": ["d1", "d2"], "calibrate": ["d3"], "test": ["d4"]},
}
FEATURES = ["recency_days", "count_orders", "gap_days", "noise"]
UNCALIBRATED = {"train": ["d1"], "test": ["d3"]}


def pick(examples, *groups):
    chosen = examples[examples["example_group"].isin(groups)]
    return chosen.sort_values("sample_id", ignore_index=True)


def pick_model(weights, fold_id, model="churn"):
    is_picked = (weights["fold_id"] == fold_id) & (weights["model"] == model)
    return weights[is_picked].drop(columns=["fold_id", "model"])


def calibrate_by_definition(logits, is_churned):
    """Return Platt's slope and offset by Newton steps on the loss as he writes it."""
    positives, negatives = is_churned.sum(), (1 - is_churned).sum()
    targets = np.where(is_churned == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.column_stack([logits, np.ones(len(logits))])
    slope_and_offset = np.array([1.0, 0.0])
    for _ in range(50):
        shares = expit(design @ slope_and_offset)
        hessian = (design * (shares * (1 - shares))[:, np.newaxis]).T @ design
        slope_and_offset -= np.linalg.solve(hessian, design.T @ (shares - targets))
    return slope_and_offset


@pytest.mark.parametrize("inverse_penalty", [1.0, 0.01])
def test_logits_equal_a_scikit_learn_pipeline_and_platt_scaling(
    make_examples, make_folds, explain, inverse_penalty
):
    examples = make_examples()
    weights = learn_churn_weights(examples, make_folds(ROLLING), ChurnParams(C=inverse_penalty))
    train, calibrate, test = pick(examples, "d1", "d2"), pick(examples, "d3"), pick(examples, "d4")
    for model, features in {"churn": FEATURES, "recency_only": ["recency_days"]}.items():
        pipeline = make_pipeline(
            StandardScaler(),
            SimpleImputer(strategy="constant", fill_value=0.0),
            LogisticRegression(C=inverse_penalty, solver="newton-cg", tol=1e-12, max_iter=1_000),
        ).fit(train[features], train["is_churned"])
        slope, offset = calibrate_by_definition(
            pipeline.decision_function(calibrate[features]), calibrate["is_churned"].to_numpy()
        )
        expected = slope * pipeline.decision_function(test[features]) + offset
        contributions = explain(test, pick_model(weights, "backtest_2", model))
        assert list(contributions) == ["intercept", *features]
        np.testing.assert_allclose(contributions.sum(axis=1), expected, rtol=0, atol=1e-9)


def test_weights_minimise_the_penalised_loss(make_examples, make_folds):
    examples = make_examples(count=200)
    weights = pick_model(learn_churn_weights(examples, make_folds({"a": UNCALIBRATED})), "a")
    train = pick(examples, "d1")
    terms = weights.set_index("term").loc[FEATURES]
    scaled = ((train[FEATURES] - terms["center"]) / terms["scale"]).fillna(0).to_numpy()

    def measure_loss(parameters):
        logits = parameters[0] + scaled @ parameters[1:]
        losses = np.logaddexp(0, logits) - train["is_churned"].to_numpy() * logits
        return losses.sum() + parameters[1:] @ parameters[1:] / 2

    expected = minimize(measure_loss, np.zeros(5), tol=1e-9).x
    np.testing.assert_allclose(weights["weight"], expected, atol=1e-5)
    np.testing.assert_allclose(terms["center"], train[FEATURES].mean())
    np.testing.assert_allclose(terms["scale"], train[FEATURES].std(ddof=0))


def test_one_row_per_fold_model_and_term(make_examples, make_folds):
    folds = make_folds({"z": ROLLING["backtest_2"], "a": ROLLING["backtest_1"]})
    weights = learn_churn_weights(make_examples(), folds)
    assert list(weights) == list(SCHEMA)
    assert list(weights[["fold_id", "model", "term"]].itertuples(index=False, name=None)) == [
        (fold_id, model, term)
        for fold_id in "az"
        for model, features in (("churn", FEATURES), ("recency_only", ["recency_days"]))
        for term in ("intercept", *features)
    ]
    is_intercept = weights["term"] == "intercept"
    assert weights.loc[is_intercept, ["center", "scale"]].isna().all(axis=None)
    assert weights.loc[~is_intercept].notna().all(axis=None)


@pytest.mark.parametrize("max_examples", [200_000, 500])
def test_order_of_rows_does_not_matter(make_examples, make_folds, max_examples):
    examples, folds = make_examples(), make_folds(ROLLING)
    before = examples.copy(), folds.copy()
    params = ChurnParams(max_examples=max_examples)
    expected = learn_churn_weights(examples, folds, params)
    shuffled = learn_churn_weights(
        examples.sample(frac=1, random_state=1), folds.sample(frac=1, random_state=1), params
    )
    pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)
    pd.testing.assert_frame_equal(examples, before[0])
    pd.testing.assert_frame_equal(folds, before[1])


def test_other_roles_and_unlabelled_examples_have_no_say(make_examples, make_folds):
    examples = make_examples()
    expected = learn_churn_weights(examples, make_folds(ROLLING))
    unlabelled = make_examples(seed=1, count=50)
    unlabelled["sample_id"] += 10**6
    unlabelled["is_churned"] = np.nan
    later = examples["example_group"] == "d4"
    changed = examples.assign(is_churned=examples["is_churned"].where(~later, 1.0))
    folds = make_folds({fold_id: {**roles, "score": ["d4"]} for fold_id, roles in ROLLING.items()})
    weights = learn_churn_weights(pd.concat([changed, unlabelled]), folds)
    pd.testing.assert_frame_equal(weights, expected, check_exact=True)


def test_features_that_do_not_vary_have_no_weight(make_examples, make_folds, explain):
    examples = make_examples().assign(missing=np.nan, constant=0.1, noise=0.0)
    weights = learn_churn_weights(examples, make_folds(ROLLING))
    terms = pick_model(weights, "backtest_1").set_index("term")
    assert terms.loc[["missing", "constant", "noise"], "weight"].tolist() == [0, 0, 0]
    assert terms.loc[["missing", "constant", "noise"], "scale"].tolist() == [1, 1, 1]
    np.testing.assert_array_equal(
        terms.loc[["missing", "constant", "noise"], "center"], [np.nan, 0.1, 0.0]
    )
    without = examples.drop(columns=["missing", "constant", "noise"])
    expected = pick_model(learn_churn_weights(without, make_folds(ROLLING)), "backtest_1")
    shared = terms.loc[expected["term"], "weight"]
    np.testing.assert_allclose(shared, expected["weight"], rtol=0, atol=1e-12)
    # a value turns up later: still no say
    logits = explain(examples.assign(missing=5.0, constant=7.0), terms.reset_index()).sum(axis=1)
    assert logits.notna().all()
    np.testing.assert_array_equal(logits, explain(examples, terms.reset_index()).sum(axis=1))


def test_only_features_without_signal_give_the_base_rate(make_examples, make_folds):
    examples = make_examples().drop(columns=FEATURES).assign(constant=1.0)
    weights = pick_model(learn_churn_weights(examples, make_folds(ROLLING)), "backtest_1")
    base_rate = pick(examples, "d1")["is_churned"].mean()
    np.testing.assert_allclose(weights["weight"], [logit(base_rate), 0], atol=1e-9)


def test_a_planted_signal_beats_recency_in_every_fold(make_examples, make_folds, explain):
    examples = make_examples()
    weights = learn_churn_weights(examples, make_folds(ROLLING))
    for fold_id, roles in ROLLING.items():
        test = pick(examples, *roles["test"])
        area = {
            model: roc_auc_score(
                test["is_churned"], explain(test, pick_model(weights, fold_id, model)).sum(axis=1)
            )
            for model in ("churn", "recency_only")
        }
        assert area["churn"] > area["recency_only"] + 0.05
        assert area["recency_only"] > 0.55


def test_shuffled_labels_teach_nothing(make_examples, make_folds, explain):
    examples = make_examples(count=3_000)
    random = np.random.default_rng(2)
    shuffled = examples.assign(is_churned=random.permutation(examples["is_churned"]))
    weights = learn_churn_weights(shuffled, make_folds(ROLLING))
    for fold_id, roles in ROLLING.items():
        test = pick(shuffled, *roles["test"])
        scores = explain(test, pick_model(weights, fold_id)).sum(axis=1)
        assert 0.45 <= roc_auc_score(test["is_churned"], scores) <= 0.55


def test_calibration_follows_a_shifted_base_rate(make_examples, make_folds, explain):
    examples = make_examples(offsets={"d2": 2.0, "d3": 2.0})
    folds = make_folds({"calibrated": ROLLING["backtest_1"], "raw": UNCALIBRATED})
    weights = learn_churn_weights(examples, folds)
    test = pick(examples, "d3")
    shares = {
        fold_id: expit(explain(test, pick_model(weights, fold_id)).sum(axis=1))
        for fold_id in ("calibrated", "raw")
    }
    for measure in (brier_score_loss, log_loss):
        losses = {fold_id: measure(test["is_churned"], shares[fold_id]) for fold_id in shares}
        assert losses["calibrated"] < 0.95 * losses["raw"]
    assert shares["calibrated"].mean() == pytest.approx(test["is_churned"].mean(), abs=0.05)
    order = {fold_id: shares[fold_id].argsort().tolist() for fold_id in shares}
    assert order["calibrated"] == order["raw"]


@pytest.mark.parametrize("outcome", ["one_class", "reversed", "unlabelled"])
def test_weights_stay_as_they_are_where_calibration_cannot_tell(make_examples, make_folds, outcome):
    examples = make_examples()
    is_later = examples["example_group"] == "d2"
    changed = {
        "one_class": 1.0,
        "reversed": 1 - examples["is_churned"],
        "unlabelled": np.nan,
    }[outcome]
    examples["is_churned"] = examples["is_churned"].where(~is_later, changed)
    weights = learn_churn_weights(
        examples, make_folds({"a": {"train": ["d1"], "calibrate": ["d2"]}, "raw": UNCALIBRATED})
    )
    pd.testing.assert_frame_equal(
        pick_model(weights, "a").reset_index(drop=True),
        pick_model(weights, "raw").reset_index(drop=True),
    )


@pytest.mark.parametrize("is_churned", [0.0, 1.0, np.nan])
def test_a_fold_of_one_class_has_no_rows(make_examples, make_folds, is_churned):
    examples = make_examples()
    is_first = examples["example_group"] == "d1"
    examples["is_churned"] = examples["is_churned"].where(~is_first, is_churned)
    weights = learn_churn_weights(examples, make_folds(ROLLING))
    assert set(weights["fold_id"]) == {"backtest_2"}


def test_without_recency_there_is_no_model_of_recency(make_examples, make_folds):
    examples = make_examples().drop(columns="recency_days")
    weights = learn_churn_weights(examples, make_folds(ROLLING))
    assert set(weights["model"]) == {"churn"}


@pytest.mark.parametrize("empty", ["examples", "folds", "train"])
def test_nothing_in_nothing_out(make_examples, make_folds, empty):
    examples = make_examples().head(0 if empty == "examples" else None)
    folds = make_folds({} if empty == "folds" else {"a": {"calibrate": ["d1"], "train": ["d9"]}})
    weights = learn_churn_weights(examples, folds)
    assert weights.empty
    assert list(weights) == list(SCHEMA)
    assert (weights[["weight", "center", "scale"]].dtypes == np.float64).all()


def test_a_sample_bounds_the_examples(make_examples, make_folds):
    examples = make_examples(count=4_000)
    folds = make_folds({"a": UNCALIBRATED})
    full = pick_model(learn_churn_weights(examples, folds), "a")
    sampled = pick_model(learn_churn_weights(examples, folds, ChurnParams(max_examples=2_000)), "a")
    assert not sampled["weight"].equals(full["weight"])
    np.testing.assert_allclose(sampled["weight"], full["weight"], atol=0.2)
    # what is left out of the sample has no say
    pd.testing.assert_frame_equal(
        pick_model(learn_churn_weights(examples, folds, ChurnParams(max_examples=4_000)), "a"), full
    )


def test_a_sample_does_not_follow_the_numbering(make_examples, make_folds):
    # keys that go round the days of a week, of which each is another kind of customer
    examples = pick(make_examples(count=7_000), "d1").assign(
        sample_id=range(7_000), recency_days=np.arange(7_000) % 7 / 1.0
    )
    weights = learn_churn_weights(
        examples, make_folds({"a": UNCALIBRATED}), ChurnParams(max_examples=1_000)
    )
    recency = pick_model(weights, "a").set_index("term").loc["recency_days"]
    assert recency["center"] == pytest.approx(3, abs=0.2)
    assert recency["scale"] == pytest.approx(2, abs=0.1)


def test_repeated_keys_are_named(make_examples, make_folds):
    examples = make_examples(count=10)
    repeated = pd.concat([examples, pick(examples, "d1").head(1)])
    with pytest.raises(ValueError, match=r"sample_id must be unique: 1 of 11 rows .* \[-?\d+\]"):
        learn_churn_weights(repeated, make_folds(ROLLING))


def test_infinite_features_are_named(make_examples, make_folds):
    examples = pick(make_examples(), "d1").assign(sample_id=range(600))
    examples.loc[5:6, "noise"] = [np.inf, -np.inf]
    with pytest.raises(ValueError, match=r"noise must be finite .* 2 of 600 rows .* \[5, 6\]"):
        learn_churn_weights(examples, make_folds(ROLLING))


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("C", 0, "C must be a number above 0, got 0"),
        ("C", float("inf"), "C must be a number above 0, got inf"),
        ("C", float("nan"), "C must be a number above 0, got nan"),
        ("C", "1", "C must be a number above 0, got '1'"),
        ("C", True, "C must be a number above 0, got True"),
        ("max_examples", 1, "max_examples must be a whole number of at least 2, got 1"),
        ("max_examples", 10.0, "max_examples must be a whole number of at least 2, got 10.0"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        ChurnParams(**{setting: value})


@pytest.fixture(scope="module")
def telco_examples(shared_data):
    """Return the customers of a phone company in 5 stratified buckets."""
    customers = pd.read_csv(shared_data / "telco_churn" / "Telco-Customer-Churn.csv.gz")
    is_churned = (customers["Churn"] == "Yes").astype(float)
    numbers = customers[["SeniorCitizen", "tenure", "MonthlyCharges"]].astype(float)
    # blank for the customers of less than a month
    numbers["TotalCharges"] = np.log1p(pd.to_numeric(customers["TotalCharges"], errors="coerce"))
    texts = customers.drop(columns=["customerID", "Churn", "TotalCharges", *numbers])
    buckets = np.empty(len(customers), dtype=object)
    splits = StratifiedKFold(5, shuffle=True, random_state=0).split(numbers, is_churned)
    for number, (_, rows) in enumerate(splits):
        buckets[rows] = f"bucket_{number}"
    outcomes = pd.DataFrame(
        {
            "sample_id": range(len(customers)),
            "example_group": pd.Series(buckets, dtype="str"),
            "is_churned": is_churned,
            "days_to_next_order": np.nan,
            "next_order_value": np.nan,
        }
    )
    return pd.concat([outcomes, numbers, pd.get_dummies(texts, dtype=float)], axis=1)


def test_telco_churn_is_ranked_and_calibrated(telco_examples, make_folds, explain):
    folds = {
        f"fold_{number}": {
            "test": [f"bucket_{number}"],
            "calibrate": [f"bucket_{(number + 1) % 5}"],
            "train": [f"bucket_{(number + other) % 5}" for other in (2, 3, 4)],
        }
        for number in range(5)
    }
    weights = learn_churn_weights(telco_examples, make_folds(folds))
    assert set(weights["model"]) == {"churn"}
    areas, brier_scores = [], []
    for fold_id, roles in folds.items():
        test = pick(telco_examples, *roles["test"])
        shares = expit(explain(test, pick_model(weights, fold_id)).sum(axis=1))
        areas.append(roc_auc_score(test["is_churned"], shares))
        brier_scores.append(brier_score_loss(test["is_churned"], shares))
    assert np.mean(areas) >= 0.84
    # the share of churners for everyone would score 0.195
    assert np.mean(brier_scores) <= 0.14
