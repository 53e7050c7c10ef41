import re
import warnings
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from cartwise.engine import round_doubles
from cartwise.reviews.sentiment_weights import SCHEMA, SentimentParams, learn_sentiment_weights

SENTIMENTS = ["negative", "neutral", "positive"]
WEIGHTS = ["negative_weight", "neutral_weight", "positive_weight"]
WORDS = {
    "negative": ["bad", "not good", "péssimo", "não gostei", "不 好 吃", "差", "慢"],
    "neutral": ["ok", "so so", "razoável", "mais ou menos", "一 般"],
    "positive": ["good", "very good", "ótimo", "gostei", "好 吃", "快", "很 好"],
    "any": ["the", "shoe", "o produto", "chegou", "送 餐", "味 道", "of"],
}


def make_examples(seed=0, count=200, sentiments=SENTIMENTS, is_weighted=True):
    """Draw texts whose words mostly, but not always, say what they feel; many repeat a word."""
    random = np.random.default_rng(seed)
    drawn = random.choice(sentiments, size=count)
    rows = []
    for number, sentiment in enumerate(drawn):
        moods = random.choice([sentiment, "any", *sentiments], size=random.integers(1, 9))
        text = " ".join(random.choice(WORDS[mood]) for mood in moods)
        rows.append((f"r{number * 37 % 1000:03}", text, number % 5, sentiment))
    examples = pd.DataFrame(rows, columns=["review_id", "token_text", "fold", "sentiment"])
    return examples.assign(sample_weight=random.lognormal(size=count) if is_weighted else 1.0)


def pick_model(weights, fold_id):
    return weights[weights["fold_id"] == fold_id].reset_index(drop=True)


def count_terms(text):
    tokens = text.split(" ")
    return Counter([*tokens, *(" ".join(pair) for pair in pairwise(tokens))])


def tell_sentiment(model, texts):
    """Return the probability of each sentiment, one term at a time as the SQL does."""
    numbers = model.set_index("term")[["idf", *WEIGHTS]].to_dict("index")
    intercept = np.array([numbers["(intercept)"][name] for name in WEIGHTS])
    probabilities = []
    for text in texts:
        sums, squares = np.zeros(3), 0.0
        for term, count in count_terms(text).items():
            if term in numbers:
                tf_idf = (1 + np.log(count)) * numbers[term]["idf"]
                sums += tf_idf * np.array([numbers[term][name] for name in WEIGHTS])
                squares += tf_idf**2
        logits = intercept + (sums / np.sqrt(squares) if squares else 0)
        odds = np.nan_to_num(np.exp(logits))
        probabilities.append(odds / odds.sum())
    return np.array(probabilities)


def fit_pipeline(train, params, solver="newton-cg"):
    """Fit scikit-learn on the texts themselves."""
    train = train.sort_values("review_id")
    tokens = {
        "tokenizer": str.split,
        "token_pattern": None,
        "lowercase": False,
        "ngram_range": (1, 2),
    }
    terms = TfidfVectorizer(**tokens, min_df=params.min_df).fit(train["token_text"])
    pipeline = make_pipeline(
        # given the terms, it keeps them in order, and sums are the same to the last digit: without,
        # the solver may stop a step sooner or later
        TfidfVectorizer(**tokens, sublinear_tf=True, vocabulary=terms.get_feature_names_out()),
        LogisticRegression(C=params.C, solver=solver, tol=1e-10, max_iter=1_000),
    )
    sample_weight = train["sample_weight"] / train["sample_weight"].mean()
    return pipeline.fit(
        train["token_text"], train["sentiment"], logisticregression__sample_weight=sample_weight
    )


def assert_is_empty(weights):
    assert weights.empty
    assert list(weights) == list(SCHEMA)
    for column, kind in SCHEMA.items():
        assert weights[column].dtype == ("str" if kind == "string" else np.float64)


@pytest.mark.parametrize("sentiments", [SENTIMENTS, ["negative", "positive"]])
@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("params", [SentimentParams(), SentimentParams(C=0.5, min_df=5)])
def test_probabilities_equal_a_scikit_learn_pipeline(sentiments, is_weighted, params):
    examples = make_examples(sentiments=sentiments, is_weighted=is_weighted)
    weights = learn_sentiment_weights(examples, params)
    texts = [*examples["token_text"], "unheard of", "好 好 好 吃 好 吃", "nothing known", "não não"]
    assert weights["fold_id"].unique().tolist() == ["0", "1", "2", "3", "4", "all"]
    for fold_id in weights["fold_id"].unique():
        pipeline = fit_pipeline(examples[examples["fold"].astype(str) != fold_id], params)
        expected = pd.DataFrame(pipeline.predict_proba(texts), columns=pipeline.classes_)
        np.testing.assert_allclose(
            tell_sentiment(pick_model(weights, fold_id), texts),
            expected.reindex(columns=SENTIMENTS, fill_value=0.0),
            rtol=0,
            atol=1e-9,
        )


@pytest.mark.parametrize("sentiments", [SENTIMENTS, ["negative", "positive"]])
def test_another_solver_finds_the_same_minimum(sentiments):
    examples = make_examples(count=100, sentiments=sentiments)
    pipeline = fit_pipeline(examples, SentimentParams(), "newton-cholesky")
    expected = pd.DataFrame(
        pipeline.predict_proba(examples["token_text"]), columns=pipeline.classes_
    )
    np.testing.assert_allclose(
        tell_sentiment(
            pick_model(learn_sentiment_weights(examples), "all"), examples["token_text"]
        ),
        expected.reindex(columns=SENTIMENTS, fill_value=0.0),
        rtol=0,
        atol=1e-7,
    )


def test_one_row_per_fold_and_term():
    examples = make_examples().assign(fold=np.resize([3, 10, 7], 200))
    weights = learn_sentiment_weights(examples)
    assert list(weights) == list(SCHEMA)
    assert weights["fold_id"].unique().tolist() == ["10", "3", "7", "all"]
    for fold_id, model in weights.groupby("fold_id"):
        train = examples[examples["fold"].astype(str) != fold_id]
        count_texts = Counter(
            term for text in train["token_text"] for term in set(count_terms(text))
        )
        terms = sorted(term for term, count in count_texts.items() if count >= 2)
        assert model["term"].tolist() == ["(intercept)", *terms]
        assert {"não gostei", "很 好", "péssimo"} <= set(terms)
        expected = [1 + np.log((1 + len(train)) / (1 + count_texts[term])) for term in terms]
        np.testing.assert_allclose(model["idf"], [np.nan, *expected], rtol=1e-12)
        assert len(set(model["model_id"])) == 1
    assert weights[WEIGHTS].notna().all(axis=None)
    assert weights["model_id"].nunique() == 4
    assert weights["model_id"].str.fullmatch("[0-9a-f]{16}").all()


def test_a_fold_is_learnt_without_its_texts():
    examples = make_examples()
    weights = learn_sentiment_weights(examples)
    is_changed = examples["fold"] == 2
    flipped = examples["sentiment"].map(dict(zip(SENTIMENTS, SENTIMENTS[::-1], strict=True)))
    for changed in (
        examples.assign(sentiment=examples["sentiment"].where(~is_changed, flipped)),
        examples.assign(token_text=examples["token_text"].where(~is_changed, "other words")),
        examples.assign(sample_weight=examples["sample_weight"].where(~is_changed, 50.0)),
        examples[~is_changed | ~examples.duplicated("fold")],
    ):
        others = learn_sentiment_weights(changed)
        for fold_id in weights["fold_id"].unique():  # to the last digit
            model, other = pick_model(weights, fold_id), pick_model(others, fold_id)
            assert model.equals(other) == (fold_id == "2")


def test_order_of_rows_does_not_matter():
    examples = make_examples()
    before = examples.copy()
    weights = learn_sentiment_weights(examples)
    shuffled = learn_sentiment_weights(examples.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled, weights, check_exact=True)
    pd.testing.assert_frame_equal(examples, before, check_exact=True)


def test_without_neutral_texts_there_is_no_neutral_weight():
    examples = make_examples()
    examples["fold"] = examples["fold"].where(examples["sentiment"] != "neutral", 3)
    weights = learn_sentiment_weights(examples)
    is_without = weights["fold_id"] == "3"
    assert weights.loc[is_without, "neutral_weight"].isna().all()
    assert (weights.loc[is_without, "negative_weight"] == 0).all()
    assert weights.loc[is_without, "positive_weight"].abs().max() > 0.5
    assert weights.loc[~is_without, WEIGHTS].notna().all(axis=None)


def test_probabilities_are_those_of_the_shop():
    examples = make_examples()
    # as many of each were drawn, but most of the shop is positive
    examples["sample_weight"] = examples["sentiment"].map({"negative": 1, "neutral": 2}).fillna(17)
    model = pick_model(learn_sentiment_weights(examples), "all")
    probabilities = tell_sentiment(model, examples["token_text"])
    shares = examples.groupby("sentiment")["sample_weight"].sum() / examples["sample_weight"].sum()
    means = np.average(probabilities, axis=0, weights=examples["sample_weight"])
    np.testing.assert_allclose(means, shares[SENTIMENTS], rtol=0, atol=1e-8)
    assert means[2] > 0.8


def test_only_proportions_of_the_sample_weights_count():
    examples = make_examples()
    scaled = examples.assign(sample_weight=examples["sample_weight"] * 4)
    pd.testing.assert_frame_equal(
        learn_sentiment_weights(scaled), learn_sentiment_weights(examples), check_exact=True
    )


@pytest.mark.parametrize("inverse_penalty", [0.01, 4.0, 1_000.0])
def test_the_minimum_is_reached_where_few_texts_weigh_most(inverse_penalty):
    examples = make_examples()
    examples["sample_weight"] = np.where(examples["review_id"].str.endswith("7"), 300.0, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learn_sentiment_weights(examples, SentimentParams(C=inverse_penalty))


def test_a_term_counts_once_per_text():
    examples = make_examples()
    examples.loc[0, "token_text"] = " ".join(["echo"] * 30)
    examples.loc[1:5, "token_text"] = "rare word"
    examples.loc[6, "token_text"] = "rare rare echo"
    examples["fold"] = np.arange(200) % 2
    terms = set(
        pick_model(learn_sentiment_weights(examples, SentimentParams(min_df=6)), "all").term
    )
    assert "rare" in terms
    assert not terms & {"echo", "echo echo", "rare word"}


def test_the_terms_in_most_texts_are_kept():
    texts = ["d", "d c", "d b", "d b c", "a d", "a d", "d d d d z", "d z z z z", "d e"] * 2
    examples = pd.DataFrame(
        {
            "review_id": [f"r{number}" for number in range(18)],
            "token_text": texts,
            "fold": [0] * 9 + [1] * 9,
            "sentiment": np.resize(["negative", "positive"], 18),
            "sample_weight": 1.0,
        }
    )
    # in texts of "all": d 18; a, "a d", b, c, "d b" and z 4; "b c", "d c", "d z" and "e" 2
    for max_features, expected in {
        1: ["d"],
        3: ["a", "a d", "d"],
        5: ["a", "a d", "b", "c", "d"],
        6: ["a", "a d", "b", "c", "d", "d b"],
        7: ["a", "a d", "b", "c", "d", "d b", "d z"],
        8: ["a", "a d", "b", "c", "d", "d b", "d z", "z"],
    }.items():
        weights = learn_sentiment_weights(examples, SentimentParams(max_features=max_features))
        assert pick_model(weights, "all")["term"].tolist() == ["(intercept)", *expected]


def test_model_id_follows_one_label_in_the_folds_that_see_it():
    examples = make_examples()
    first = learn_sentiment_weights(examples).groupby("fold_id")["model_id"].first()
    assert first.equals(learn_sentiment_weights(examples).groupby("fold_id")["model_id"].first())
    row = examples.index[(examples["fold"] == 1) & (examples["sentiment"] == "positive")][0]
    examples.loc[row, "sentiment"] = "negative"
    second = learn_sentiment_weights(examples).groupby("fold_id")["model_id"].first()
    assert first.index[first == second].tolist() == ["1"]


def test_folds_with_the_same_weights_have_ids_of_their_own():
    texts = make_examples(count=60)
    examples = pd.concat(
        [texts.assign(fold=0), texts.assign(fold=1, review_id="s" + texts.review_id)]
    )
    weights = learn_sentiment_weights(examples)
    model, other = pick_model(weights, "0"), pick_model(weights, "1")
    names = ["model_id", "fold_id"]
    pd.testing.assert_frame_equal(model.drop(columns=names), other.drop(columns=names))
    assert model["model_id"][0] != other["model_id"][0]


def test_tokens_are_taken_as_they_are():
    examples = make_examples()
    # the lower case of one engine need not be that of another
    examples.loc[:9, "token_text"] = "İyi ẞ"
    terms = pick_model(learn_sentiment_weights(examples), "all")["term"].tolist()
    assert {"İyi", "ẞ", "İyi ẞ"} <= set(terms)


def test_model_id_changes_if_and_only_if_the_rounded_numbers_do():
    examples = make_examples(count=60).assign(fold=np.arange(60) % 2)
    weights = learn_sentiment_weights(examples)
    outcomes = Counter()
    for size in (1e-16, 1e-15, 1e-14, 1e-13, 1e-10, 1e-5):
        jitter = 1 + size * np.random.default_rng(0).normal(size=60)
        others = learn_sentiment_weights(
            examples.assign(sample_weight=examples["sample_weight"] * jitter)
        )
        for fold_id in ("0", "1", "all"):
            model, other = pick_model(weights, fold_id), pick_model(others, fold_id)
            has_same_id = model["model_id"].equals(other["model_id"])
            rounded = [
                round_doubles(frame.drop(columns="model_id"), SCHEMA) for frame in (model, other)
            ]
            assert has_same_id == rounded[0].equals(rounded[1])
            outcomes[has_same_id, model[WEIGHTS].equals(other[WEIGHTS])] += 1
    assert outcomes[True, False] > 0  # other digits, but not within the first 12
    assert outcomes[False, False] > 0


@pytest.mark.parametrize(
    "examples",
    [
        make_examples().head(0),
        pd.DataFrame(columns=["review_id", "token_text", "fold", "sentiment", "sample_weight"]),
        make_examples(sentiments=["positive"]),
        make_examples(sentiments=["neutral", "positive"]),
        make_examples(sentiments=["negative", "neutral"]),
        # fold 1 has nothing negative to learn from
        make_examples().query("sentiment != 'negative' or fold == 1"),
        # all in one fold: nothing to learn from without it
        make_examples().assign(fold=0),
        make_examples(count=30).assign(token_text=[f"word{number}" for number in range(30)]),
        # fold 0 has no word twice to learn from, all the others have
        make_examples(count=30)
        .assign(token_text=[f"w{n // 5 if n % 5 else n}" for n in range(30)])
        .assign(fold=lambda frame: np.where(frame["token_text"].duplicated(keep=False), 0, 1)),
    ],
    ids=[
        "no_rows",
        "no_types",
        "positive",
        "no_negative",
        "no_positive",
        "fold",
        "one_fold",
        "rare",
        "rare_fold",
    ],
)
def test_nothing_to_learn_from_gives_no_rows(examples):
    assert_is_empty(learn_sentiment_weights(examples))


def test_one_more_text_makes_it_learnable():
    examples = make_examples().query("sentiment != 'negative' or fold == 1")
    examples.loc[examples.index[0], ["sentiment", "fold"]] = ["negative", 0]
    assert not learn_sentiment_weights(examples).empty


def test_repeated_ids_are_named():
    examples = make_examples(count=10)
    repeated = pd.concat([examples, examples.tail(4)])
    expected = r"review_id must be unique: 4 of 14 rows repeat one, .* \['r222', 'r259', 'r296'\]"
    with pytest.raises(ValueError, match=expected):
        learn_sentiment_weights(repeated)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("sentiment", ["mixed", None], r"must be negative or neutral or positive: 2 of 10 .*mixed"),
        (
            "sample_weight",
            [0.0, -1.0],
            r"must be a number above 0: 2 of 10 rows .* \[0\.0, -1\.0\]",
        ),
        ("sample_weight", [np.nan, np.inf], r"must be a number above 0: 2 of 10 .* \[nan, inf\]"),
    ],
)
def test_values_that_mean_nothing_are_named(column, values, message):
    examples = make_examples(count=10)
    examples.loc[[3, 5], column] = values
    with pytest.raises(ValueError, match=f"{column} {message}"):
        learn_sentiment_weights(examples)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("C", 0, "C must be a number above 0, got 0"),
        ("C", float("inf"), "C must be a number above 0, got inf"),
        ("C", float("nan"), "C must be a number above 0, got nan"),
        ("C", "1", "C must be a number above 0, got '1'"),
        ("C", True, "C must be a number above 0, got True"),
        ("min_df", 0, "min_df must be a whole number of at least 1, got 0"),
        ("min_df", 0.1, "min_df must be a whole number of at least 1, got 0.1"),
        ("max_features", 0, "max_features must be a whole number of at least 1, got 0"),
        ("max_features", None, "max_features must be a whole number of at least 1, got None"),
        ("max_features", True, "max_features must be a whole number of at least 1, got True"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        SentimentParams(**{setting: value})


def test_chinese_reviews_are_told_apart(shared_data):
    reviews = pd.read_csv(shared_data / "chinese_reviews" / "waimai_10k.csv.gz")[::5]
    tokens = (
        reviews["review"].str.lower().map(lambda text: re.findall(r"[一-鿿]|[^\W一-鿿]+", text))
    )
    examples = pd.DataFrame(
        {
            "review_id": reviews.index.astype(str),
            "token_text": tokens.str.join(" "),
            "fold": np.arange(len(reviews)) % 5,
            "sentiment": reviews["label"].map({0: "negative", 1: "positive"}),
            "sample_weight": 1.0,
        }
    ).loc[lambda frame: frame["token_text"] != ""]
    # the same text in two folds would be told by heart
    examples = examples.drop_duplicates("token_text")
    weights = learn_sentiment_weights(examples)
    is_right = np.concatenate(
        [
            (tell_sentiment(pick_model(weights, str(fold)), test["token_text"])[:, 2] > 0.5)
            == (test["sentiment"] == "positive")
            for fold, test in examples.groupby("fold")
        ]
    )
    # to call all of them negative would be right for 0.67
    assert is_right.mean() > 0.84
