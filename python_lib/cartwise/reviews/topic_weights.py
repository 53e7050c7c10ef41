"""Weights of a TF-IDF and logistic regression per topic of what a review is about."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags_array, vstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression

from cartwise.fits import fit_side_by_side
from cartwise.params import check_positive_number, check_whole_number
from cartwise.reviews.term_counts import (
    check_unique_ids,
    count_terms,
    name_model,
)
from cartwise.tables import build_table

SCHEMA = {
    "model_id": "string",
    "fold_id": "string",
    "topic": "string",
    "term": "string",
    "idf": "double",
    "weight": "double",
    "is_own_term": "boolean",
}

TEST_FOLD = 0
"""The fold that one of the two models is learned without."""

UNLISTED_WEIGHT = 0.25
"""What a text without any topic counts for, beside one with a topic. It may well be about one in
words that are not listed: at full weight the model learns the list and nothing else, and without
any such text it takes every "very good" for the commonest topic."""


@dataclass(frozen=True)
class TopicParams:
    """Settings of the topic models.

    Parameters
    ----------
    C : float, default=20.0
        Inverse strength of the L2 penalty on the weights of the terms, above 0.
    min_df : int, default=2
        Number of texts that must hold a term for it to count.
    k : int, default=300
        Number of terms that are chosen for each topic.

    Examples
    --------
    >>> TopicParams(k=0)
    Traceback (most recent call last):
    ValueError: k must be a whole number of at least 1, got 0
    """

    C: float = 20.0
    min_df: int = 2
    k: int = 300

    def __post_init__(self) -> None:
        check_positive_number(self, "C")
        check_whole_number(self, "min_df", least=1)
        check_whole_number(self, "k", least=1)


def learn_topic_weights(
    examples: pd.DataFrame, topic_terms: pd.DataFrame, params: TopicParams | None = None
) -> pd.DataFrame:
    """Learn which words speak for a topic, once without the texts of a fold and once on everything.

    Parameters
    ----------
    examples : DataFrame
        One row per text, in any order: `review_id` (unique), `token_text` (tokens in lower case,
        joined by single spaces, never empty), `fold` (whole number), `topics` (those the text is
        about, joined by ``|``; empty for none) and `label_source` (`terms` where the topics were
        found by `topic_terms`, else `input`).
    topic_terms : DataFrame
        One row per topic and term, in any order: `topic` and `term` (tokens, as above).
    params : TopicParams, optional
        Settings of the models.

    Returns
    -------
    DataFrame
        One row per fold, topic and term, columns as in `SCHEMA`, sorted by `fold_id` (the fold that
        was left out, and `all`), `topic` and, within these, `(intercept)` and then the terms in
        code point order. All topics of a fold have the same terms. `is_own_term` marks the terms
        that share a token with one of `topic_terms` for that topic. `model_id` is a hash of the
        other columns of the fold, as rounded to 12 significant digits.

        There are no rows where a topic has no text to learn from, or no text without it, or where
        there is no topic or no term that is frequent enough.

    Raises
    ------
    ValueError
        If a `review_id` is there more than once.

    Notes
    -----
    Terms, tf-idf and norm are those of `learn_sentiment_weights`, over the chosen terms only: for
    each topic the `k` terms with the highest chi-square statistic of their presence against the
    topic, over the texts that hold the term (scikit-learn's ``chi2``).
    The log odds of a topic are ``intercept + sum of weight * tf_idf / norm``; each topic has
    its own, so a text may be about several topics or none.

    Where the topics were found by a list of terms, a model that sees these terms learns the list
    and nothing else. Each text is therefore given twice, at half the weight: as it is, and without
    any term that shares a token with the topic's own list, so that the words around them must tell
    the topic as well. A text without any topic counts for `UNLISTED_WEIGHT` of another.
    To delete the seeds is what works best among the ways to learn from seed
    words [1]_. The terms for both come from both.

    References
    ----------
    .. [1] C. Dong, Z. Wang and J. Shang (2023). Debiasing made state-of-the-art: revisiting the
       simple seed-based weak supervision for text classification. EMNLP.

    Examples
    --------
    Nobody listed "courier", but it stands where the listed terms do:

    >>> examples = pd.DataFrame(
    ...     {
    ...         "review_id": list("abcdefgh"),
    ...         "token_text": ["courier arrived late", "zip broke"] * 4,
    ...         "fold": [0, 0, 1, 1] * 2,
    ...         "topics": ["delivery", "quality"] * 4,
    ...         "label_source": "terms",
    ...     }
    ... )
    >>> terms = pd.DataFrame({"topic": ["delivery", "quality"], "term": ["late", "broke"]})
    >>> weights = learn_topic_weights(examples, terms).query("fold_id == 'all'")
    >>> weights.query("topic == 'delivery' and weight > 1")["term"].tolist()
    ['arrived', 'courier', 'courier arrived']
    """
    params = params or TopicParams()
    check_unique_ids(examples)
    examples = examples.sort_values("review_id", ignore_index=True)
    labels = examples["topics"].str.get_dummies("|").astype(bool)
    labels = labels.drop(columns="", errors="ignore")
    terms, counts = count_terms(examples["token_text"], params.min_df)
    if (examples["label_source"] == "terms").any():
        is_own = np.array([_mark_own_terms(terms, topic_terms, topic) for topic in labels])
    else:
        is_own = np.full((len(labels.columns), len(terms)), False)
    models = []
    for fold_id, is_train in _split_parts(examples["fold"]):
        chosen = _choose_terms(counts[is_train], labels[is_train], is_own, params)
        if not chosen.size or labels[is_train].nunique().min() < 2:
            return build_table([], SCHEMA)
        topics = _learn_topics(
            counts[is_train][:, chosen], labels[is_train], is_own[:, chosen], params
        )
        model = pd.concat(
            [topic.assign(term=["(intercept)", *terms[chosen]]) for topic in topics],
            ignore_index=True,
        )
        models.append(name_model(fold_id, model[list(SCHEMA)[2:]]))
    return build_table(models, SCHEMA)


def _mark_own_terms(terms: np.ndarray, topic_terms: pd.DataFrame, topic: str) -> np.ndarray:
    """Return which terms share a token with the list of a topic."""
    listed = topic_terms.loc[topic_terms["topic"] == topic, "term"]
    tokens = {token for term in listed for token in term.split()}
    return np.array([not tokens.isdisjoint(term.split()) for term in terms], dtype=bool)


def _split_parts(folds: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each `fold_id` and which examples it learns from."""
    yield str(TEST_FOLD), (folds != TEST_FOLD).to_numpy()
    yield "all", np.full(len(folds), True)


def _choose_terms(
    counts: csr_matrix, labels: pd.DataFrame, is_own: np.ndarray, params: TopicParams
) -> np.ndarray:
    """Return the columns of the terms that tell the topics apart, in their order."""
    frequent = np.flatnonzero(counts.getnnz(axis=0) >= params.min_df)
    if not frequent.size or labels.columns.empty:
        return frequent[:0]
    presence = counts[:, frequent].sign()
    chosen = []
    for column, topic in enumerate(labels):
        statistics = chi2(presence, labels[topic])[0]
        ranks = np.argsort(-statistics, kind="stable")  # ties stay in order of the term
        is_context = ~is_own[column, frequent[ranks]]
        chosen += [ranks[: params.k], ranks[is_context][: params.k]]
    return frequent[np.unique(np.concatenate(chosen))]


def _learn_topics(
    counts: csr_matrix, labels: pd.DataFrame, is_own: np.ndarray, params: TopicParams
) -> list[pd.DataFrame]:
    """Return `topic`, `idf`, `weight` and `is_own_term` of the intercept and then of each term."""
    transformer = TfidfTransformer(sublinear_tf=True).fit(counts)
    texts = transformer.transform(counts)
    weights = np.where(labels.any(axis=1), 1.0, UNLISTED_WEIGHT)

    def learn_topic(part: tuple[str, np.ndarray]) -> pd.DataFrame:
        topic, is_hidden = part
        is_about = labels[topic].to_numpy()
        examples, is_positive = texts, is_about
        if is_hidden.any():
            context = transformer.transform(counts @ diags_array((~is_hidden).astype(np.float64)))
            examples, is_positive = vstack([texts, context]), np.tile(is_about, 2)
        regression = LogisticRegression(C=params.C, solver="newton-cg", tol=1e-10, max_iter=1_000)
        copies = len(is_positive) // len(is_about)
        regression.fit(examples, is_positive, sample_weight=np.tile(weights / copies, copies))
        return pd.DataFrame(
            {
                "topic": topic,
                "idf": np.append(np.nan, transformer.idf_),
                "weight": np.append(regression.intercept_, regression.coef_[0]),
                "is_own_term": np.append(False, is_hidden),
            }
        )

    return fit_side_by_side(learn_topic, zip(labels, is_own, strict=True))
