"""What the learners of reviews share: the terms of texts, and the name of a model."""

import hashlib

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer


def count_terms(texts: pd.Series, min_df: int) -> tuple[np.ndarray, csr_matrix]:
    """Count the terms of texts: their tokens, and their pairs of neighbouring tokens.

    To find the terms is the slow part of learning, so it is done once for all folds.

    Parameters
    ----------
    texts : Series of str, length n_texts
        Tokens in lower case, joined by single spaces.
    min_df : int
        Number of texts that must hold a term. What is rare in all texts is rare in any part of
        them.

    Returns
    -------
    terms : ndarray of str, shape (n_terms,)
        In code point order.
    counts : sparse matrix of float64, shape (n_texts, n_terms)
        How often each text holds each term.

    Examples
    --------
    >>> terms, counts = count_terms(pd.Series(["not good", "not so good"]), min_df=1)
    >>> terms.tolist()
    ['good', 'not', 'not good', 'not so', 'so', 'so good']
    >>> counts.toarray()
    array([[1., 1., 1., 0., 0., 0.],
           [1., 1., 0., 1., 1., 1.]])
    >>> count_terms(pd.Series([], dtype="str"), min_df=1)[0].tolist()
    []
    """
    if texts.empty:
        return np.array([], dtype=object), csr_matrix((0, 0), dtype=np.float64)
    vectorizer = CountVectorizer(
        tokenizer=str.split,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        dtype=np.float64,
    )
    counts = vectorizer.fit_transform(texts)
    # in order of their first appearance anywhere, terms would be added up in another order, and the
    # last digits change, with texts that a fold does not learn from
    counts.sort_indices()
    is_frequent = counts.getnnz(axis=0) >= min_df
    return vectorizer.get_feature_names_out()[is_frequent], counts[:, is_frequent]


def check_unique_ids(examples: pd.DataFrame) -> None:
    """Refuse examples of which two have the same `review_id`.

    Parameters
    ----------
    examples : DataFrame
        One row per text: `review_id` and more.

    Raises
    ------
    ValueError
        With the number of rows that repeat an id, and examples.

    Examples
    --------
    >>> check_unique_ids(pd.DataFrame({"review_id": ["r1", "r2", "r1"]}))
    Traceback (most recent call last):
    ValueError: review_id must be unique: 1 of 3 rows repeat one, the first: ['r1']
    """
    repeated = examples.loc[examples["review_id"].duplicated(), "review_id"]
    if not repeated.empty:
        raise ValueError(
            f"review_id must be unique: {len(repeated)} of {len(examples)} rows repeat one, the "
            f"first: {repeated.head(3).tolist()}"
        )


def name_model(fold_id: str, model: pd.DataFrame) -> pd.DataFrame:
    """Put `fold_id` and a `model_id` in front of the parameters of a model.

    Parameters
    ----------
    fold_id : str
        The fold that was left out, or `all`.
    model : DataFrame
        The parameters.

    Returns
    -------
    DataFrame
        `model_id` is a hash of all the rest, with numbers as rounded to 12 significant digits: it
        changes when the scores change, so scores under the same id need not be computed again.

    Examples
    --------
    >>> model = pd.DataFrame({"term": ["good"], "weight": [1.5]})
    >>> name_model("all", model).to_dict("records")
    [{'model_id': '79428fb07dde2086', 'fold_id': 'all', 'term': 'good', 'weight': 1.5}]
    """
    digest = hashlib.sha256(fold_id.encode())
    for row in model.itertuples(index=False, name=None):
        parts = [f"{part:.12g}" if isinstance(part, float) else str(part) for part in row]
        digest.update(("\n" + "\t".join(parts)).encode())
    return pd.concat(
        [
            pd.DataFrame(
                {"model_id": digest.hexdigest()[:16], "fold_id": fold_id}, index=model.index
            ),
            model,
        ],
        axis=1,
    )
