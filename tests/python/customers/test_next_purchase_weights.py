import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cartwise.customers.next_purchase_weights import (
    SCHEMA,
    NextPurchaseParams,
    learn_next_purchase_weights,
)

ROLLING = {
    "backtest_1": {"train": ["d1"], "calibrate": ["d2"], "test": ["d3"]},
    "backtest_2": {"train": ["d1", "d2"], "calibrate": ["d3"], "test": ["d4"]},
}
FEATURES = ["recency_days", "count_orders", "gap_days", "noise"]
QUANTILES = ["residual_p10", "residual_p50", "residual_p90"]
COLUMNS = {"days": "days_to_next_order", "value": "next_order_value"}
TRANSFORM = {"days": lambda days: np.log((days - 0.5) / (90.5 - days)), "value": np.log1p}
TURN_BACK = {"days": lambda y: 0.5 + 90 * expit(y), "value": np.expm1}


def pick(examples, *groups):
    chosen = examples[examples["example_group"].isin(groups)]
    return chosen.dropna(subset=["days_to_next_order"]).sort_values("sample_id", ignore_index=True)


def pick_target(weights, fold_id, target):
    is_picked = (weights["fold_id"] == fold_id) & (weights["target"] == target)
    return weights[is_picked].drop(columns=["fold_id", "target"]).reset_index(drop=True)


def get_weights(terms, names):
    return terms.set_index("term").loc[names, "weight"].to_numpy()


@pytest.mark.parametrize(
    ("alpha", "regression"),
    [
        (1.0, Ridge(alpha=1.0, solver="svd")),
        (100.0, Ridge(alpha=100.0, solver="svd")),
        (1e-12, LinearRegression()),
    ],
)
@pytest.mark.parametrize("target", ["days", "value"])
def test_predictions_and_residuals_equal_those_of_scikit_learn(
    make_examples, make_folds, explain, target, alpha, regression
):
    examples = make_examples()
    params = NextPurchaseParams(alpha=alpha)
    weights = learn_next_purchase_weights(examples, make_folds(ROLLING), params)
    terms = pick_target(weights, "backtest_2", target)
    train, calibrate, test = pick(examples, "d1", "d2"), pick(examples, "d3"), pick(examples, "d4")
    pipeline = make_pipeline(
        StandardScaler(), SimpleImputer(strategy="constant", fill_value=0.0), regression
    ).fit(train[FEATURES], TRANSFORM[target](train[COLUMNS[target]]))
    contributions = explain(test, terms)
    assert list(contributions) == ["intercept", *FEATURES]
    np.testing.assert_allclose(
        contributions.sum(axis=1), pipeline.predict(test[FEATURES]), rtol=0, atol=1e-9
    )
    residuals = TRANSFORM[target](calibrate[COLUMNS[target]]) - pipeline.predict(
        calibrate[FEATURES]
    )
    np.testing.assert_allclose(
        get_weights(terms, QUANTILES), residuals.quantile([0.1, 0.5, 0.9]), atol=1e-9
    )
    assert get_weights(terms, ["population_median"]) == train[COLUMNS[target]].median()


def test_residual_quantiles_by_hand(make_folds):
    # the feature does not vary, so every prediction is the mean of the training customers
    values = [*[9.0] * 40, *range(30)]
    examples = pd.DataFrame(
        {
            "sample_id": range(70),
            "example_group": ["may"] * 40 + ["june"] * 30,
            "is_churned": 0.0,
            "days_to_next_order": [5.0, 86.0] * 35,  # equally far from both ends: mean 0
            "next_order_value": np.expm1(values),
            "constant": 1.0,
        }
    )
    folds = make_folds({"a": {"train": ["may"], "calibrate": ["june"]}})
    weights = learn_next_purchase_weights(examples, folds)
    days, value = (pick_target(weights, "a", target) for target in ("days", "value"))
    far = np.log(4.5 / 85.5)
    names = ["intercept", *QUANTILES, "population_median"]
    np.testing.assert_allclose(get_weights(days, names), [0, far, 0, -far, 45.5], atol=1e-12)
    # of 0, 1, ... 29, one tenth of the way from first to last is 2.9
    expected = [9, 2.9 - 9, 14.5 - 9, 26.1 - 9, np.expm1(9)]
    np.testing.assert_allclose(get_weights(value, names), expected, rtol=1e-9)
    assert get_weights(value, ["constant"]) == 0


def test_one_row_per_fold_target_and_term(make_examples, make_folds):
    folds = make_folds({"z": ROLLING["backtest_2"], "a": ROLLING["backtest_1"]})
    weights = learn_next_purchase_weights(make_examples(), folds)
    assert list(weights) == list(SCHEMA)
    assert list(weights[["fold_id", "target", "term"]].itertuples(index=False, name=None)) == [
        (fold_id, target, term)
        for fold_id in "az"
        for target in ("days", "value")
        for term in ("intercept", *FEATURES, *QUANTILES, "population_median")
    ]
    is_feature = weights["term"].isin(FEATURES)
    assert weights.loc[~is_feature, ["center", "scale"]].isna().all(axis=None)
    assert weights.loc[is_feature].notna().all(axis=None)
    assert weights["weight"].notna().all()


@pytest.mark.parametrize("target", ["days", "value"])
def test_four_of_five_new_customers_lie_between_the_bounds(
    make_examples, make_folds, explain, target
):
    examples = make_examples(count=2_000)
    weights = learn_next_purchase_weights(examples, make_folds(ROLLING))
    fresh = pick(make_examples(seed=1, count=2_000), "d1", "d2")
    outcomes = fresh[COLUMNS[target]]
    for fold_id in ROLLING:
        terms = pick_target(weights, fold_id, target)
        predictions = explain(fresh, terms).sum(axis=1)
        lower, middle, upper = (
            TURN_BACK[target](predictions + residual) for residual in get_weights(terms, QUANTILES)
        )
        assert outcomes.between(lower, upper).mean() == pytest.approx(0.8, abs=0.03)
        assert (outcomes < middle).mean() == pytest.approx(0.5, abs=0.05)
        assert (lower < middle).all()
        assert (middle < upper).all()
        if target == "days":
            assert lower.gt(0.5).all()
            assert upper.lt(90.5).all()


@pytest.mark.parametrize("target", ["days", "value"])
def test_a_planted_signal_beats_the_median_of_all(make_examples, make_folds, explain, target):
    examples = make_examples()
    weights = learn_next_purchase_weights(examples, make_folds(ROLLING))
    for fold_id, roles in ROLLING.items():
        test = pick(examples, *roles["test"])
        terms = pick_target(weights, fold_id, target)
        middle, baseline = get_weights(terms, ["residual_p50", "population_median"])
        predictions = TURN_BACK[target](explain(test, terms).sum(axis=1) + middle)
        outcomes = test[COLUMNS[target]]
        assert (outcomes - predictions).abs().mean() < 0.9 * (outcomes - baseline).abs().mean()


def test_noise_does_not_pretend_to_be_signal(make_examples, make_folds, explain):
    examples = make_examples(count=3_000, signal=0.0)
    weights = learn_next_purchase_weights(examples, make_folds(ROLLING))
    terms = pick_target(weights, "backtest_1", "value")
    assert np.abs(get_weights(terms, FEATURES)).max() < 0.05
    spread = explain(pick(examples, "d3"), terms).sum(axis=1).std()
    assert spread < 0.05


@pytest.mark.parametrize("max_examples", [200_000, 200])
def test_order_of_rows_does_not_matter(make_examples, make_folds, max_examples):
    examples, folds = make_examples(), make_folds(ROLLING)
    before = examples.copy(), folds.copy()
    params = NextPurchaseParams(max_examples=max_examples)
    expected = learn_next_purchase_weights(examples, folds, params)
    shuffled = learn_next_purchase_weights(
        examples.sample(frac=1, random_state=1), folds.sample(frac=1, random_state=1), params
    )
    pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)
    pd.testing.assert_frame_equal(examples, before[0])
    pd.testing.assert_frame_equal(folds, before[1])


def test_other_roles_and_customers_who_did_not_return_have_no_say(make_examples, make_folds):
    examples = make_examples()
    expected = learn_next_purchase_weights(examples, make_folds(ROLLING))
    is_unseen = (examples["example_group"] == "d4") | examples["days_to_next_order"].isna()
    changed = examples.assign(noise=examples["noise"].where(~is_unseen, 1_000.0))
    changed.loc[changed["days_to_next_order"].isna(), "next_order_value"] = 5.0
    weights = learn_next_purchase_weights(changed, make_folds(ROLLING))
    pd.testing.assert_frame_equal(weights, expected, check_exact=True)


def test_missing_and_constant_features_have_no_weight(make_examples, make_folds):
    examples = make_examples().assign(missing=np.nan, constant=0.1)
    weights = learn_next_purchase_weights(examples, make_folds(ROLLING))
    dull = weights[weights["term"].isin(["missing", "constant"])]
    assert (dull["weight"] == 0).all()
    assert (dull["scale"] == 1).all()
    centers = dull.groupby("term")["center"].agg(lambda values: values.unique().tolist())
    np.testing.assert_array_equal(centers[["constant", "missing"]].tolist(), [[0.1], [np.nan]])
    without = examples.drop(columns=["missing", "constant"])
    expected = learn_next_purchase_weights(without, make_folds(ROLLING))
    pd.testing.assert_frame_equal(weights.drop(dull.index).reset_index(drop=True), expected)


def test_few_later_customers_leave_the_residuals_to_the_earlier_ones(make_examples, make_folds):
    examples = make_examples()
    folds = make_folds({"a": ROLLING["backtest_1"], "b": {"train": ["d1"]}})
    is_later = examples["example_group"] == "d2"
    rank = examples["days_to_next_order"].where(is_later).rank(method="first")
    few = learn_next_purchase_weights(examples[~is_later | (rank <= 29)], folds)
    pd.testing.assert_frame_equal(pick_target(few, "a", "days"), pick_target(few, "b", "days"))
    enough = learn_next_purchase_weights(examples[~is_later | (rank <= 30)], folds)
    assert not pick_target(enough, "a", "days").equals(pick_target(enough, "b", "days"))


def test_orders_of_negative_value_count_as_nothing(make_examples, make_folds):
    examples = make_examples()
    is_first = examples["example_group"] == "d1"
    folds = make_folds({"a": {"train": ["d1"]}})
    values = examples["next_order_value"]
    terms = [
        pick_target(
            learn_next_purchase_weights(
                examples.assign(next_order_value=values.where(~is_first | (values > 20), value)),
                folds,
            ),
            "a",
            "value",
        )
        for value in (-30.0, 0.0)
    ]
    assert (terms[0]["weight"] != 0).all()
    pd.testing.assert_frame_equal(terms[0].iloc[:-1], terms[1].iloc[:-1])


def test_a_fold_with_too_few_examples_has_no_rows(make_examples, make_folds):
    examples = make_examples()
    count = len(pick(examples, "d1"))
    enough = learn_next_purchase_weights(
        examples, make_folds(ROLLING), NextPurchaseParams(min_examples=count)
    )
    assert set(enough["fold_id"]) == {"backtest_1", "backtest_2"}
    too_few = learn_next_purchase_weights(
        examples, make_folds(ROLLING), NextPurchaseParams(min_examples=count + 1)
    )
    assert set(too_few["fold_id"]) == {"backtest_2"}


def test_orders_without_a_value_still_have_their_days(make_examples, make_folds):
    examples = make_examples().assign(next_order_value=np.nan)
    weights = learn_next_purchase_weights(examples, make_folds(ROLLING))
    expected = learn_next_purchase_weights(make_examples(), make_folds(ROLLING))
    expected = expected[expected["target"] == "days"].reset_index(drop=True)
    pd.testing.assert_frame_equal(weights, expected)


@pytest.mark.parametrize("empty", ["examples", "folds", "train", "outcomes"])
def test_nothing_in_nothing_out(make_examples, make_folds, empty):
    examples = make_examples().head(0 if empty == "examples" else None)
    if empty == "outcomes":
        examples = examples.assign(days_to_next_order=np.nan, next_order_value=np.nan)
    train = "d9" if empty == "train" else "d1"
    folds = make_folds({} if empty == "folds" else {"a": {"calibrate": ["d2"], "train": [train]}})
    weights = learn_next_purchase_weights(examples, folds)
    assert weights.empty
    assert list(weights) == list(SCHEMA)
    assert (weights[["weight", "center", "scale"]].dtypes == np.float64).all()


def test_the_horizon_bounds_the_days(make_examples, make_folds):
    examples = make_examples()
    days = examples["days_to_next_order"].clip(upper=60)
    weights = learn_next_purchase_weights(
        examples.assign(days_to_next_order=days),
        make_folds({"a": {"train": ["d1"]}}),
        NextPurchaseParams(horizon_days=60),
    )
    train = pick(examples.assign(days_to_next_order=days), "d1")["days_to_next_order"]
    # the weights of the others are 0 at the center, so the intercept is the mean of the target
    scaled_mean = np.log((train - 0.5) / (60.5 - train)).mean()
    intercept = get_weights(pick_target(weights, "a", "days"), ["intercept"])
    assert intercept == pytest.approx(scaled_mean, abs=1e-9)


@pytest.mark.parametrize("days", [0.0, 91.0])
def test_days_outside_the_horizon_are_named(make_examples, make_folds, days):
    examples = pick(make_examples(), "d1")
    examples.loc[3:5, "days_to_next_order"] = days
    message = rf"days_to_next_order must be from 1 to .* 90: 3 of {len(examples)} rows .*\[{days}"
    with pytest.raises(ValueError, match=message):
        learn_next_purchase_weights(examples, make_folds(ROLLING))


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("horizon_days", 1, "horizon_days must be a whole number of at least 2, got 1"),
        ("horizon_days", "90", "horizon_days must be a whole number of at least 2, got '90'"),
        ("alpha", 0, "alpha must be a number above 0, got 0"),
        ("alpha", float("nan"), "alpha must be a number above 0, got nan"),
        ("alpha", True, "alpha must be a number above 0, got True"),
        ("min_examples", 1, "min_examples must be a whole number of at least 2, got 1"),
        ("max_examples", 5.0, "max_examples must be a whole number of at least 2, got 5.0"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        NextPurchaseParams(**{setting: value})
