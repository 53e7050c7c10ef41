from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cartwise.recommendations.blend_weights import SCHEMA, BlendParams, learn_blend_weights

TYPES = {"integer": "int32", "double": "float64", "string": "str", "boolean": "bool"}
KEYS = ["example_number", "cutoff_number", "customer_number", "is_bought"]


@cache
def make_examples(seed=0, cutoff_number=0, count_customers=60):
    """Draw ten candidates per customer: two strategies tell what is bought, the others do not."""
    random = np.random.default_rng(seed)
    count = count_customers * 10
    score, share = random.normal(size=count), random.gamma(2, 0.5, count)
    customer = np.repeat(np.arange(count_customers) + 100, 10)
    is_bought = random.random(count) < expit(1.5 * score + 2 * share - 4)
    return pd.DataFrame(
        {
            "example_number": np.arange(count) + 10**14 * cutoff_number,
            "cutoff_number": cutoff_number,
            "customer_number": customer,
            "nothing__views": 0.0,
            "good__score": np.where(random.random(count) < 0.2, 0, 50 + 20 * score),
            "good__baskets": random.poisson(0.5, count) * 1.0,
            "popular__share": share / 1_000,
            # what half of the customers buy, the other half does not
            "fluke__score": random.normal(is_bought * np.where(customer % 2, 1, -1)),
            "is_bought": is_bought,
        }
    )


def add_noise(examples, seed):
    """Return the examples with a strategy of many measures that mean nothing."""
    noise = pd.DataFrame(np.random.default_rng([seed, 1]).normal(size=(len(examples), 40)))
    return examples.join(noise.add_prefix("noise__"))


def list_features(examples, *strategies):
    names = [name for name in examples.columns if name not in KEYS]
    return [name for name in names if not strategies or name.split("__")[0] in strategies]


def fit_pipeline(examples, names, C=1.0):  # noqa: N803
    """Fit scikit-learn with another solver; return the intercept and weights in raw units."""
    pipeline = make_pipeline(
        StandardScaler(), LogisticRegression(C=C, solver="newton-cg", tol=1e-12, max_iter=1_000)
    ).fit(examples[names], examples["is_bought"])
    scaler, model = pipeline[0], pipeline[1]
    weights = model.coef_[0] / scaler.scale_
    return model.intercept_[0] - weights @ scaler.mean_, dict(zip(names, weights, strict=True))


def judge_plainly(examples, strategies, params):
    """Return the loss for each half of the customers of what the other half taught."""
    names = list_features(examples, *strategies)
    is_odd = examples["customer_number"] % 2 == 1
    log_odds = pd.Series(np.nan, index=examples.index)
    for is_learned in (is_odd, ~is_odd):
        intercept, weights = fit_pipeline(examples[is_learned], names, params.C)
        rows = examples.loc[~is_learned, names].to_numpy()
        log_odds[~is_learned] = intercept + rows @ [weights[name] for name in names]
    return log_loss(examples["is_bought"], expit(log_odds))


def choose_plainly(examples, strategies, params):
    """Drop strategies one by one; return those that are left and their loss."""
    loss = judge_plainly(examples, strategies, params)
    while len(strategies) > 1:
        others = [[s for s in strategies if s != dropped] for dropped in strategies]
        losses = [judge_plainly(examples, kept, params) for kept in others]
        if min(losses) > loss:
            break
        strategies, loss = others[np.argmin(losses)], min(losses)
    return strategies, loss


def list_used(learned):
    return learned.loc[learned["is_used"], "term"].tolist()[1:]


@pytest.mark.parametrize(("seed", "C"), [(1, 1.0), (0, 0.01), (2, 50.0)])
def test_strategies_and_losses_equal_plain_selection(seed, C):  # noqa: N803
    params = BlendParams(C=C)
    noise = np.random.default_rng([seed, 2]).normal(size=len(make_examples()))
    examples = make_examples(seed).assign(chance__score=noise)  # does little harm, if any
    learned = learn_blend_weights(examples, params)
    strategies, loss = choose_plainly(examples, ["good", "popular", "fluke", "chance"], params)
    assert len(strategies) > 1
    assert list_used(learned) == list_features(examples, *strategies)
    np.testing.assert_allclose(learned["log_loss"], loss, rtol=1e-7)
    for strategy, rows in learned.iloc[1:].groupby("strategy"):
        others = (
            [other for other in strategies if other != strategy]
            if strategy in strategies
            else [*strategies, strategy]
        )
        expected = judge_plainly(examples, others, params)
        np.testing.assert_allclose(rows["log_loss_without"], expected, rtol=1e-7)


@pytest.mark.parametrize(("seed", "C"), [(0, 1.0), (1, 0.02)])
def test_weights_of_what_is_kept_equal_scikit_learn(seed, C):  # noqa: N803
    examples = add_noise(make_examples(seed), seed)
    learned = learn_blend_weights(examples, BlendParams(C=C)).set_index("term")
    used = list_used(learned.reset_index())
    assert 0 < len(used) < len(list_features(examples))
    intercept, weights = fit_pipeline(examples, used, C)
    expected = pd.Series({"intercept": intercept} | weights)
    np.testing.assert_allclose(learned.loc[expected.index, "weight"], expected, rtol=1e-6)
    assert (learned.loc[~learned["is_used"], "weight"] == 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_dropped_and_what_tells_is_kept(seed):
    examples = add_noise(make_examples(seed), seed)
    learned = learn_blend_weights(examples, BlendParams()).set_index("term")
    assert learned.loc[["good__score", "popular__share"], "is_used"].all()
    assert (learned.loc[["good__score", "popular__share"], "weight"] > 0).all()
    noise = learned[learned["strategy"] == "noise"]
    assert len(noise) == 40
    assert not noise["is_used"].any()
    assert (noise["weight"] == 0).all()
    # with it the loss is larger, and so it is without the others
    assert (noise["log_loss_without"] > noise["log_loss"]).all()
    kept = learned.loc[["good__score", "popular__share"]]
    assert (kept["log_loss_without"] > kept["log_loss"]).all()


def test_customers_are_judged_by_what_others_bought():
    # of the customers that it was learned from, it tells much
    examples = make_examples()
    learned = learn_blend_weights(examples, BlendParams()).set_index("strategy")
    assert not learned.loc["fluke", "is_used"]
    assert learned.loc["fluke", "log_loss_without"] > learned.loc["fluke", "log_loss"]
    straight = examples["fluke__score"] * np.where(examples["customer_number"] % 2, 1, -1)
    learned = learn_blend_weights(examples.assign(fluke__score=straight), BlendParams())
    assert "fluke__score" in list_used(learned)


def test_what_was_dropped_leaves_no_trace():
    examples = make_examples()
    for kept in (["good__score"], ["good__score", "popular__share"]):
        expected = learn_blend_weights(examples[[*KEYS, *kept]], BlendParams())
        names = [*KEYS, "fluke__score", *kept]
        learned = learn_blend_weights(examples[names], BlendParams())
        assert not learned.loc[1, "is_used"]
        pd.testing.assert_frame_equal(learned.drop(index=1).reset_index(drop=True), expected)


def test_what_is_always_zero_is_not_used():
    examples = make_examples()
    for names in (["nothing__views", "good__score"], ["fluke__score", "nothing__views"]):
        # without the fluke the loss is smaller, but one strategy is always left
        learned = learn_blend_weights(examples[[*KEYS, *names]], BlendParams())
        assert list_used(learned) == [name for name in names if name != "nothing__views"]
        assert learned.set_index("term").loc["nothing__views", "weight"] == 0
    # nor does it change what others weigh
    examples = examples[[*KEYS, "good__score", "popular__share"]]
    learned = learn_blend_weights(examples.assign(good__zero=0.0), BlendParams())
    learned = learned.set_index("term")
    assert learned.loc["good__zero", "weight"] == 0
    expected = learn_blend_weights(examples, BlendParams()).set_index("term")
    pd.testing.assert_frame_equal(learned.drop(index="good__zero"), expected)


def test_one_row_per_date_and_term():
    drawn = [make_examples(cutoff, cutoff) for cutoff in (1, 3)]
    examples = pd.concat(drawn, ignore_index=True)
    before = examples.copy()
    learned = learn_blend_weights(examples, BlendParams())
    pd.testing.assert_frame_equal(examples, before)
    assert learned.dtypes.to_dict() == {name: TYPES[kind] for name, kind in SCHEMA.items()}
    assert list(learned) == list(SCHEMA)
    features = list_features(examples)
    assert list(zip(learned["cutoff_number"], learned["term"], strict=True)) == [
        (cutoff, term) for cutoff in (1, 3) for term in ("intercept", *features)
    ]
    assert learned["strategy"].tolist() == learned["term"].str.split("__").str[0].tolist()
    assert learned.notna().all(axis=None)
    assert learned.index.tolist() == list(range(len(learned)))
    for cutoff, frame in zip((1, 3), drawn, strict=True):
        of_date = learned[learned["cutoff_number"] == cutoff].reset_index(drop=True)
        np.testing.assert_allclose(of_date["center"][1:], frame[features].mean())
        alone = learn_blend_weights(frame, BlendParams())
        pd.testing.assert_frame_equal(of_date, alone, check_exact=True)


def test_a_date_on_which_nothing_or_everything_was_bought_has_no_rows():
    drawn = [make_examples(cutoff, cutoff) for cutoff in range(3)]
    examples = pd.concat(
        [drawn[0].assign(is_bought=False), drawn[1], drawn[2].assign(is_bought=True)],
        ignore_index=True,
    )
    learned = learn_blend_weights(examples, BlendParams())
    expected = learn_blend_weights(drawn[1], BlendParams())
    pd.testing.assert_frame_equal(learned, expected, check_exact=True)


@pytest.mark.parametrize(
    "change",
    [
        # one half has taught nothing
        lambda examples: examples[examples["customer_number"] % 2 == 0],
        lambda examples: examples.assign(
            is_bought=examples["is_bought"] & (examples["customer_number"] % 2 == 1)
        ),
    ],
    ids=["one_half", "one_half_bought"],
)
def test_with_half_of_the_customers_there_are_weights(change):
    examples = change(make_examples()[[*KEYS, "good__score"]])
    learned = learn_blend_weights(examples, BlendParams())
    intercept, weights = fit_pipeline(examples, ["good__score"])
    np.testing.assert_allclose(learned["weight"], [intercept, *weights.values()], rtol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        lambda examples: examples.head(0),
        lambda examples: pd.DataFrame(columns=list(examples)),
        lambda examples: examples.assign(is_bought=False),
    ],
    ids=["no_rows", "no_types", "nothing_bought"],
)
def test_nothing_in_nothing_out(change):
    learned = learn_blend_weights(change(make_examples()), BlendParams())
    assert learned.empty
    assert learned.dtypes.to_dict() == {name: TYPES[kind] for name, kind in SCHEMA.items()}
    assert list(learned) == list(SCHEMA)


@pytest.mark.parametrize("value", [0, -1.0, float("inf"), float("nan"), True, "1", None])
def test_settings_check_themselves(value):
    with pytest.raises(ValueError, match=f"C must be a number above 0, got {value!r}"):
        BlendParams(C=value)
