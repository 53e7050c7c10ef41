"""Weights of a TF-IDF and multinomial logistic regression of what a review feels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from cartwise.fits import fit_side_by_side
from cartwise.params import check_positive_number, check_whole_number
from cartwise.reviews.term_counts import check_unique_ids, count_terms, name_model
from cartwise.tables import build_table

SCHEMA = {
    "model_id": "string",
    "fold_id": "string",
    "term": "string",
    "idf": "double",
    "negative_weight": "double",
    "neutral_weight": "double",
    "positive_weight": "double",
}

SENTIMENTS = ("negative", "neutral", "positive")
"""What a text may feel, in the order of the weights."""


@dataclass(frozen=True)
class SentimentParams:
    """Settings of the sentiment models.

    Parameters
    ----------
    C : float, default=4.0
        Inverse strength of the L2 penalty on the weights of the terms, above 0.
    min_df : int, default=2
        Number of texts that must hold a term for it to count.
    max_features : int, default=50000
        Largest number of terms per fold: those in the most texts, ties by the term itself.

    Examples
    --------
    >>> SentimentParams(min_df=0)
    Traceback (most recent call last):
    ValueError: min_df must be a whole number of at least 1, got 0
    """

    C: float = 4.0
    min_df: int = 2
    max_features: int = 50_000

    def __post_init__(self) -> None:
        check_positive_number(self, "C")
        check_whole_number(self, "min_df", least=1)
        check_whole_number(self, "max_features", least=1)


def learn_sentiment_weights(
    examples: pd.DataFrame, params: SentimentParams | None = None
) -> pd.DataFrame:
    """Learn how words move a text towards a sentiment, without each fold and on everything.

    Parameters
    ----------
    examples : DataFrame
        One row per text, in any order: `review_id` (unique), `token_text` (tokens in lower case,
        joined by single spaces, never empty), `fold` (whole number), `sentiment` (`negative`,
        `neutral` or `positive`) and `sample_weight` (above 0: how many texts of the shop it stands
        for).
    params : SentimentParams, optional
        Settings of the models.

    Returns
    -------
    DataFrame
        One row per fold and term, columns as in `SCHEMA`, sorted by `fold_id` (each fold that was
        left out, and `all`) and, within it, `(intercept)` and then the terms in code point order.
        `neutral_weight` is missing where no text to learn from is neutral. `model_id` is a hash of
        the other columns of the fold, as rounded to 12 significant digits.

        All or nothing, since a model that is there for some folds only would be of no use: there
        are no rows where any fold has nothing negative, nothing positive or no frequent term to
        learn from. So it is where all texts are of one fold, which leaves none to learn from.

    Raises
    ------
    ValueError
        If a `review_id` is there more than once, a `sentiment` is another one, or a `sample_weight`
        is not above 0.

    Notes
    -----
    The terms of a text are its tokens and its pairs of neighbouring tokens. With ``count`` how
    often it holds a term, ``n`` the number of texts to learn from and ``df`` how many of these hold
    the term, a term weighs [1]_ ::

        tf_idf = (1 + ln(count)) * idf        idf = 1 + ln((1 + n) / (1 + df))

    and is divided by the Euclidean norm over the known terms of the text, so that a long text does
    not count for more than a short one. Terms that are not in the table are unknown and add
    nothing. The score of a sentiment is ``intercept + sum of weight * tf_idf / norm``, and its
    probability ``exp(score)`` over the sum of these for all sentiments that have weights. Where no
    text is neutral, the negative score is 0 and the positive one the log odds.

    The weights minimise the log loss with an L2 penalty by Newton's method with conjugate
    gradients [2]_. It needs no more than the sparse matrix, reaches the minimum to many digits in
    about 10 steps, and draws no random numbers. The stochastic average gradient (``saga``) was
    tried and does not converge where sample weights are unequal: its steps, as scikit-learn sizes
    them, are too long for the heavy examples.

    A text that was learnt from would be scored better than any new text, so a text with a known
    sentiment is for the weights that were learnt without its fold; all others are for `all`.

    The sample weights, divided by their mean, weigh the losses. The examples may well be a sample
    with as many negative texts as positive ones; weighted, they stand for the texts of the shop, so
    the probabilities are those of the shop. The frequencies ``n`` and ``df`` count texts as they
    are.

    References
    ----------
    .. [1] G. Salton and C. Buckley (1988). Term-weighting approaches in automatic text retrieval.
       Information Processing & Management 24(5).
    .. [2] J. Nocedal and S. J. Wright (2006). Numerical Optimization, section 7.1. Springer.

    Examples
    --------
    >>> examples = pd.DataFrame(
    ...     {
    ...         "review_id": list("abcdefgh"),
    ...         "token_text": ["good", "very good", "not good", "bad"] * 2,
    ...         "fold": [0] * 4 + [1] * 4,
    ...         "sentiment": ["positive", "positive", "negative", "negative"] * 2,
    ...         "sample_weight": 1.0,
    ...     }
    ... )
    >>> weights = learn_sentiment_weights(examples).query("fold_id == 'all'")
    >>> weights[["term", "idf", "negative_weight", "positive_weight"]].round(2)
               term   idf  negative_weight  positive_weight
    4   (intercept)   NaN              0.0            -0.29
    5           bad  2.10              0.0            -1.33
    6          good  1.25              0.0             1.57
    7           not  2.10              0.0            -1.19
    8      not good  2.10              0.0            -1.19
    9          very  2.10              0.0             0.93
    10    very good  2.10              0.0             0.93
    """
    params = params or SentimentParams()
    check_unique_ids(examples)
    _check_examples(examples)
    examples = examples.sort_values("review_id", ignore_index=True)
    parts = dict(_split_parts(examples["fold"]))
    if not all(_has_both_ends(examples[is_train]) for is_train in parts.values()):
        return build_table([], SCHEMA)
    terms, counts = count_terms(examples["token_text"], params.min_df)
    known = {
        fold_id: _choose_terms(counts[is_train], params) for fold_id, is_train in parts.items()
    }
    if not all(columns.size for columns in known.values()):
        return build_table([], SCHEMA)

    def learn_fold(fold_id: str) -> pd.DataFrame:
        is_train, columns = parts[fold_id], known[fold_id]
        model = _learn_model(counts[is_train][:, columns], examples[is_train], params)
        model.insert(0, "term", ["(intercept)", *terms[columns]])
        return name_model(fold_id, model)

    return build_table(fit_side_by_side(learn_fold, parts), SCHEMA)


def _check_examples(examples: pd.DataFrame) -> None:
    rules = {
        "sentiment": (" or ".join(SENTIMENTS), ~examples["sentiment"].isin(SENTIMENTS)),
        "sample_weight": (
            "a number above 0",
            ~examples["sample_weight"].between(0, np.inf, inclusive="neither"),
        ),
    }
    for column, (rule, is_off) in rules.items():
        if is_off.any():
            raise ValueError(
                f"{column} must be {rule}: {is_off.sum()} of {len(examples)} rows are off, the "
                f"first: {examples.loc[is_off, column].head(3).tolist()}"
            )


def _split_parts(folds: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each `fold_id` and which examples it learns from."""
    for fold in sorted(folds.unique(), key=str):
        yield str(fold), (folds != fold).to_numpy()
    yield "all", np.full(len(folds), True)


def _has_both_ends(train: pd.DataFrame) -> bool:
    return {"negative", "positive"} <= set(train["sentiment"])


def _choose_terms(counts: csr_matrix, params: SentimentParams) -> np.ndarray:
    """Return the columns of the terms that are in enough texts, in their order."""
    count_texts = counts.getnnz(axis=0)
    frequent = np.flatnonzero(count_texts >= params.min_df)
    ranks = np.argsort(-count_texts[frequent], kind="stable")  # ties stay in order of the term
    return np.sort(frequent[ranks[: params.max_features]])


def _learn_model(counts: csr_matrix, train: pd.DataFrame, params: SentimentParams) -> pd.DataFrame:
    """Return `idf` and weights of the intercept and then of each term."""
    transformer = TfidfTransformer(sublinear_tf=True).fit(counts)
    # below 1e-10 some line searches fail for want of digits
    regression = LogisticRegression(C=params.C, solver="newton-cg", tol=1e-10, max_iter=1_000)
    regression.fit(
        transformer.transform(counts),
        train["sentiment"].to_numpy(dtype=object),
        sample_weight=(train["sample_weight"] / train["sample_weight"].mean()).to_numpy(),
    )
    weights = np.column_stack([regression.intercept_, regression.coef_])
    if len(weights) == 1:  # the log odds of positive against negative
        weights = np.vstack([np.zeros_like(weights), weights])
    model = pd.DataFrame(weights.T, columns=[f"{name}_weight" for name in regression.classes_])
    model["idf"] = np.append(np.nan, transformer.idf_)
    return model.reindex(columns=["idf", *(f"{name}_weight" for name in SENTIMENTS)])
