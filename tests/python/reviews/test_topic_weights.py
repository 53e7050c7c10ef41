from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, normalize

from cartwise.engine import round_doubles
from cartwise.reviews.topic_weights import SCHEMA, TopicParams, learn_topic_weights

TOPICS = ["Price", "size and fit", "质量"]  # in code point order
TOPIC_TERMS = pd.DataFrame(
    [
        ("Price", "price"),
        ("Price", "too expensive"),
        ("size and fit", "too small"),
        ("size and fit", "尺 码"),
        ("质量", "质 量"),
        ("质量", "broke"),
        ("nobody", "shoe"),
    ],
    columns=["topic", "term"],
)
OWN_TOKENS = {
    "Price": {"price", "too", "expensive"},
    "size and fit": {"too", "small", "尺", "码"},
    "质量": {"质", "量", "broke"},
}
CONTEXT = {
    "Price": ["pricey", "money", "caro demais", "discount"],
    "size and fit": ["smaller", "sleeve", "长", "apertado"],
    "质量": ["zip", "fell apart", "good", "costura"],
    "any": ["the", "shoe", "o produto", "not good", "了", "of"],
}
SOURCES = ["input", "terms"]
TOKENS = {
    "tokenizer": str.split,
    "token_pattern": None,
    "lowercase": False,
    "ngram_range": (1, 2),
}
SMALL = TopicParams(C=0.5, min_df=4, k=6)


def find_topics(text):
    """Return the topics of which a listed term stands in the text."""
    listed = zip(TOPIC_TERMS["topic"], TOPIC_TERMS["term"], strict=True)
    return sorted({topic for topic, term in listed if f" {term} " in f" {text} "} - {"nobody"})


@cache
def make_examples(label_source="input", count=80):
    """Draw texts about one or more topics in listed and in other words; many repeat a word."""
    random = np.random.default_rng(0)
    listed = TOPIC_TERMS.groupby("topic")["term"].agg(list)
    rows = []
    for number in range(count):
        topics = sorted(random.choice(TOPICS, size=random.integers(1, 4), replace=False))
        words = [random.choice(listed[topic]) for topic in topics]
        kinds = random.choice([*topics, *topics, "any", *CONTEXT], size=random.integers(2, 9))
        words += [random.choice(CONTEXT[kind]) for kind in kinds]
        text = " ".join(random.permutation(words))
        if label_source == "terms":
            topics = find_topics(text)
        elif number % 7 == 0:  # no words tell for sure what somebody has in mind
            topics = [random.choice(TOPICS)]
        rows.append((f"r{number * 37 % 1000:03}", text, number % 5, "|".join(topics), label_source))
    return pd.DataFrame(rows, columns=["review_id", "token_text", "fold", "topics", "label_source"])


@cache
def learn_weights(label_source="input", params=None):
    return learn_topic_weights(make_examples(label_source), TOPIC_TERMS, params)


def pick_model(weights, fold_id, topic=None):
    is_picked = weights["fold_id"] == fold_id
    if topic is not None:
        is_picked &= weights["topic"] == topic
    return weights[is_picked].reset_index(drop=True)


def pick_train(examples, fold_id):
    return examples[(examples["fold"] != 0) | (fold_id == "all")]


def change_label(examples, fold):
    """Return the examples with one more topic on one text of a fold."""
    row = examples.index[(examples["fold"] == fold) & (examples["topics"] == "质量")][0]
    return examples.assign(topics=examples["topics"].where(examples.index != row, "Price|质量"))


def mark_topic(examples, topic):
    return np.array([topic in topics.split("|") for topics in examples["topics"]])


def count_terms(text):
    tokens = text.split(" ")
    return Counter([*tokens, *(" ".join(pair) for pair in pairwise(tokens))])


def is_own(topic, term):
    return not OWN_TOKENS[topic].isdisjoint(term.split(" "))


def tell_topic(model, texts):
    """Return the probability of one topic, one term at a time as the SQL does."""
    numbers = model.set_index("term")[["idf", "weight"]].to_dict("index")
    probabilities = []
    for text in texts:
        total, squares = 0.0, 0.0
        for term, count in count_terms(text).items():
            if term in numbers:
                tf_idf = (1 + np.log(count)) * numbers[term]["idf"]
                total += tf_idf * numbers[term]["weight"]
                squares += tf_idf**2
        logit = numbers["(intercept)"]["weight"] + (total / np.sqrt(squares) if squares else 0)
        probabilities.append(1 / (1 + np.exp(-logit)))
    return np.array(probabilities)


def fit_pipeline(train, topic, terms, params):
    """Fit scikit-learn on the texts themselves."""
    pipeline = make_pipeline(
        TfidfVectorizer(**TOKENS, sublinear_tf=True, vocabulary=terms),
        LogisticRegression(C=params.C, solver="newton-cg", tol=1e-10, max_iter=1_000),
    )
    train = train.sort_values("review_id")
    return pipeline.fit(train["token_text"], mark_topic(train, topic))


def fit_stacked_texts(train, topic, terms, params):
    """Fit another solver on the texts as they are and, again, without the topic's own terms."""
    vectorizer = TfidfVectorizer(**TOKENS, sublinear_tf=True, vocabulary=terms, norm=None)
    texts = vectorizer.fit_transform(train["token_text"]).toarray()
    context = np.where([is_own(topic, term) for term in terms], 0.0, texts)
    regression = LogisticRegression(
        C=params.C / 2, solver="newton-cholesky", tol=1e-10, max_iter=1_000
    )
    regression.fit(normalize(np.vstack([texts, context])), np.tile(mark_topic(train, topic), 2))
    return make_pipeline(vectorizer, Normalizer(), regression)


def choose_terms(train, params, label_source):
    """Return the union over topics of the best terms, by exact contingency tables."""
    count_texts = Counter(term for text in train["token_text"] for term in set(count_terms(text)))
    frequent = [term for term, count in count_texts.items() if count >= params.min_df]
    chosen = set()
    for topic in TOPICS:
        is_about = mark_topic(train, topic)
        count_about = Counter(
            term for text in train["token_text"][is_about] for term in set(count_terms(text))
        )
        statistics = {}
        for term in frequent:
            expected = Fraction(count_texts[term] * int(is_about.sum()), len(train))
            other = count_texts[term] - expected
            gap = count_about[term] - expected
            statistics[term] = gap**2 / expected + gap**2 / other
        ranked = sorted(frequent, key=lambda term: (-statistics[term], term))
        chosen.update(ranked[: params.k])
        if label_source == "terms":
            chosen.update([term for term in ranked if not is_own(topic, term)][: params.k])
    return sorted(chosen)


def assert_is_empty(weights):
    assert weights.empty
    assert list(weights) == list(SCHEMA)
    types = {"string": "str", "double": np.float64, "boolean": np.bool_}
    for column, kind in SCHEMA.items():
        assert weights[column].dtype == types[kind]


@pytest.mark.parametrize("params", [None, SMALL])
@pytest.mark.parametrize(
    ("label_source", "fit", "atol"),
    # where two solvers stop is not the same to as many digits
    [("input", fit_pipeline, 1e-9), ("terms", fit_stacked_texts, 1e-7)],
)
def test_probabilities_equal_scikit_learn(label_source, fit, atol, params):
    examples = make_examples(label_source)
    weights = learn_weights(label_source, params)
    texts = [*examples["token_text"], "unheard of", "质 量 质 量 质 量 了", "nothing known"]
    assert weights["fold_id"].unique().tolist() == ["0", "all"]
    assert weights["topic"].unique().tolist() == TOPICS
    for (fold_id, topic), model in weights.groupby(["fold_id", "topic"]):
        terms = model["term"].tolist()[1:]
        fitted = fit(pick_train(examples, fold_id), topic, terms, params or TopicParams())
        np.testing.assert_allclose(
            tell_topic(model, texts), fitted.predict_proba(texts)[:, 1], rtol=0, atol=atol
        )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("label_source", SOURCES)
def test_the_minimum_is_reached_with_hardly_a_penalty(label_source):
    learn_topic_weights(make_examples(label_source), TOPIC_TERMS, TopicParams(C=1_000.0))


@pytest.mark.parametrize("label_source", SOURCES)
@pytest.mark.parametrize("params", [None, SMALL, TopicParams(min_df=1, k=1)])
def test_one_row_per_fold_topic_and_term(label_source, params):
    examples = make_examples(label_source)
    weights = learn_weights(label_source, params)
    assert list(weights) == list(SCHEMA)
    expected = []
    for fold_id in ("0", "all"):
        train = pick_train(examples, fold_id)
        count_texts = Counter(
            term for text in train["token_text"] for term in set(count_terms(text))
        )
        idf = {
            term: 1 + np.log((1 + len(train)) / (1 + count_texts[term]))
            for term in choose_terms(train, params or TopicParams(), label_source)
        }
        for topic in TOPICS:
            expected.append((fold_id, topic, "(intercept)", np.nan))
            expected += [(fold_id, topic, term, number) for term, number in idf.items()]
    expected = pd.DataFrame(expected, columns=["fold_id", "topic", "term", "idf"])
    pd.testing.assert_frame_equal(weights[list(expected)], expected, rtol=1e-12)
    assert weights["weight"].notna().all()
    assert weights["model_id"].str.fullmatch("[0-9a-f]{16}").all()
    assert weights.groupby("fold_id")["model_id"].nunique().tolist() == [1, 1]
    assert weights["model_id"].nunique() == 2


def test_the_terms_that_tell_topics_apart_are_chosen():
    # of 4 texts about x and 4 about y, where 2 and 2 are expected of a term in 4:
    # a 4 and 0, statistic 4; b 0 and 3, 3; "b b" 0 and 2, 2; c 3 and 1, 1; d in all, 0
    texts = ["a c d", "c d a", "d a c", "a d", "d b", "b b d", "d b b", "d c"]
    examples = pd.DataFrame(
        {
            "review_id": list("ABCDEFGH"),
            "token_text": texts,
            "fold": 1,
            "topics": ["x"] * 4 + ["y"] * 4,
            "label_source": "input",
        }
    )
    for k, expected in {
        1: ["a"],
        2: ["a", "b"],
        3: ["a", "b", "a c"],  # tied with "b b", "c d" and "d a"
        5: ["a", "b", "a c", "b b", "c d"],
    }.items():
        weights = learn_topic_weights(examples, TOPIC_TERMS, TopicParams(k=k))
        assert pick_model(weights, "all", "x")["term"].tolist() == [
            "(intercept)",
            *sorted(expected),
        ]


def test_terms_of_the_list_are_marked_for_their_topic():
    weights = learn_weights("terms")
    expected = [
        is_own(topic, term) for topic, term in zip(weights["topic"], weights["term"], strict=True)
    ]
    assert weights["is_own_term"].tolist() == expected
    marked = {
        topic: set(pick_model(weights, "all", topic).query("is_own_term")["term"])
        for topic in TOPICS
    }
    assert {"too", "expensive", "too small", "price pricey"} <= marked["Price"]
    assert not {"pricey", "small", "尺", "shoe"} & marked["Price"]
    assert {"质", "质 量", "broke"} <= marked["质量"]


def test_labels_of_the_shop_need_no_list():
    weights = learn_weights("input")
    assert not weights["is_own_term"].any()
    assert {"price", "too small", "质 量"} <= set(weights["term"])
    without_list = learn_topic_weights(make_examples("input"), TOPIC_TERMS.head(0))
    pd.testing.assert_frame_equal(without_list, weights, check_exact=True)


def test_words_around_the_listed_terms_tell_the_topic():
    learned = pick_model(learn_weights("terms"), "all")
    examples = make_examples("terms").assign(label_source="input")
    by_heart = pick_model(learn_topic_weights(examples, TOPIC_TERMS), "all")
    texts = {topic: " ".join(CONTEXT[topic]) for topic in TOPICS}
    assert not any(find_topics(text) for text in texts.values())
    for topic in TOPICS:
        model, other = (frame[frame["topic"] == topic] for frame in (learned, by_heart))
        words = model[model["term"].isin(CONTEXT[topic])]
        assert len(words) == len(CONTEXT[topic])
        assert (words["weight"] > 0).all()
        assert tell_topic(model, [texts[topic]]) > 0.7
        assert tell_topic(other, [texts[topic]]) < tell_topic(model, [texts[topic]]) - 0.1


@pytest.mark.parametrize("label_source", SOURCES)
def test_a_fold_is_learnt_without_its_texts(label_source):
    examples = make_examples(label_source)
    weights = learn_weights(label_source)
    is_left_out = examples["fold"] == 0
    for changed in (
        examples.assign(topics=examples["topics"].mask(is_left_out, "Price|质量")),
        examples.assign(token_text=examples["token_text"].mask(is_left_out, "other words")),
        # the first text of all, with terms of the others in another order
        examples.assign(
            review_id=examples["review_id"].mask(is_left_out, "a" + examples["review_id"]),
            token_text=examples["token_text"].mask(is_left_out, "长 of shoe the good price"),
        ),
        examples[~is_left_out],
    ):
        others = learn_topic_weights(changed, TOPIC_TERMS)
        for fold_id in ("0", "all"):  # to the last digit
            model, other = pick_model(weights, fold_id), pick_model(others, fold_id)
            assert model.equals(other) == (fold_id == "0")


@pytest.mark.parametrize("label_source", SOURCES)
def test_order_of_rows_and_of_the_topics_of_a_text_does_not_matter(label_source):
    examples = make_examples(label_source)
    topics = examples["topics"].map(lambda topics: "|".join(reversed(topics.split("|"))))
    assert (topics != examples["topics"]).any()
    inputs = [
        frame.sample(frac=1, random_state=1)
        for frame in (examples.assign(topics=topics), TOPIC_TERMS)
    ]
    before = [frame.copy() for frame in inputs]
    weights = learn_topic_weights(*inputs)
    pd.testing.assert_frame_equal(weights, learn_weights(label_source), check_exact=True)
    for frame, unchanged in zip(inputs, before, strict=True):
        pd.testing.assert_frame_equal(frame, unchanged, check_exact=True)


def test_a_topic_is_no_part_of_another():
    examples = make_examples()
    renamed = examples.assign(topics=examples["topics"].str.replace("Price", "size"))
    weights = learn_topic_weights(renamed, TOPIC_TERMS)
    expected = learn_weights().replace({"topic": {"Price": "size"}})
    assert weights["topic"].unique().tolist() == ["size", "size and fit", "质量"]
    pd.testing.assert_frame_equal(
        weights.drop(columns="model_id"), expected.drop(columns="model_id"), check_exact=True
    )
    # other rows, so another model
    assert not set(weights["model_id"]) & set(expected["model_id"])


def test_model_id_changes_if_and_only_if_the_rounded_numbers_do():
    weights = learn_weights("terms")
    outcomes = Counter()
    for changed in (
        make_examples("terms").copy(),
        *(change_label(make_examples("terms"), fold) for fold in (0, 1)),
    ):
        others = learn_topic_weights(changed, TOPIC_TERMS)
        for fold_id in ("0", "all"):
            model, other = pick_model(weights, fold_id), pick_model(others, fold_id)
            has_same_id = model["model_id"].equals(other["model_id"])
            rounded = [
                round_doubles(frame.drop(columns="model_id"), SCHEMA) for frame in (model, other)
            ]
            assert has_same_id == rounded[0].equals(rounded[1])
            outcomes[has_same_id] += 1
    assert outcomes == {True: 3, False: 3}


@pytest.mark.parametrize("label_source", SOURCES)
@pytest.mark.parametrize(
    "change",
    [
        lambda examples: examples.head(0),
        lambda examples: pd.DataFrame(columns=list(examples)),
        lambda examples: examples.assign(topics="Price"),
        lambda examples: examples.assign(topics="Price|" + examples["topics"].str[-2:]),
        # the texts without it are all in fold 0
        lambda examples: examples.assign(
            topics=("Price|" + examples["topics"]).mask(examples["fold"] == 0, "质量")
        ),
        # and here the texts with it
        lambda examples: examples.assign(
            topics=examples["topics"].mask(examples["fold"] == 0, "Price|delivery")
        ),
        lambda examples: examples.assign(fold=0),
        lambda examples: examples.assign(token_text="w" + examples["review_id"]),
        # a word that is there twice, but once in fold 0
        lambda examples: examples.assign(
            token_text=[f"w{n // 5 if n % 5 < 2 else n + 1_000}" for n in range(len(examples))]
        ),
    ],
    ids=[
        "no_rows",
        "no_types",
        "one_topic",
        "topic_on_all",
        "topic_on_all_but_a_fold",
        "topic_of_a_fold",
        "one_fold",
        "rare",
        "rare_fold",
    ],
)
def test_nothing_to_learn_from_gives_no_rows(change, label_source):
    examples = make_examples(label_source)
    assert_is_empty(learn_topic_weights(change(examples), TOPIC_TERMS))


def test_one_more_text_makes_it_learnable():
    examples = make_examples().copy()
    examples["topics"] = examples["topics"].mask(examples["fold"] == 0, "Price|delivery")
    assert_is_empty(learn_topic_weights(examples, TOPIC_TERMS))
    examples.loc[1, "topics"] = "delivery"
    weights = learn_topic_weights(examples, TOPIC_TERMS)
    assert weights["topic"].unique().tolist() == ["Price", "delivery", *TOPICS[1:]]


def test_without_texts_of_the_fold_both_models_are_the_same():
    weights = learn_topic_weights(make_examples().query("fold != 0"), TOPIC_TERMS)
    model, other = pick_model(weights, "0"), pick_model(weights, "all")
    names = ["model_id", "fold_id"]
    pd.testing.assert_frame_equal(model.drop(columns=names), other.drop(columns=names))
    assert model["model_id"][0] != other["model_id"][0]


def test_repeated_ids_are_named():
    examples = make_examples(count=10)
    repeated = pd.concat([examples, examples.tail(4)])
    expected = r"review_id must be unique: 4 of 14 rows repeat one, .* \['r222', 'r259', 'r296'\]"
    with pytest.raises(ValueError, match=expected):
        learn_topic_weights(repeated, TOPIC_TERMS)


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
        ("k", 0, "k must be a whole number of at least 1, got 0"),
        ("k", None, "k must be a whole number of at least 1, got None"),
        ("k", True, "k must be a whole number of at least 1, got True"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        TopicParams(**{setting: value})


def test_a_text_of_no_topic_is_not_given_the_commonest_one():
    """Most texts with a listed term are about one topic, and many have none."""
    rows = [("late courier van", "delivery")] * 30 + [("zip broke", "quality")] * 6
    rows += [("very good", "")] * 40
    examples = pd.DataFrame(rows, columns=["token_text", "topics"])
    examples["review_id"] = [f"r{number:03}" for number in range(len(examples))]
    examples["fold"] = np.arange(len(examples)) % 5
    examples["label_source"] = "terms"
    topic_terms = pd.DataFrame({"topic": ["delivery", "quality"], "term": ["late", "broke"]})
    weights = learn_topic_weights(examples, topic_terms).query("fold_id == 'all'")
    assert set(weights["topic"]) == {"delivery", "quality"}
    weights = weights[weights["topic"] == "delivery"].set_index("term")["weight"]
    # "very", "good" and "very good" weigh the same, so each is the root of a third of the text
    good = weights["(intercept)"] + weights[["very", "good", "very good"]].sum() / np.sqrt(3)
    assert good < -1
    assert weights["courier"] > 1
