"""One row per fold and term: the weights that tell the sentiment of a text."""

from cartwise.engine import learn
from cartwise.reviews.sentiment_weights import SCHEMA, SentimentParams, learn_sentiment_weights


def model(dbt, session):
    """Fit one logistic regression on TF-IDF per fold, and one on everything."""
    return learn(
        session,
        learn_sentiment_weights,
        SCHEMA,
        examples=dbt.ref("cartwise", "feat_cartwise__sentiment_examples"),
        params=SentimentParams(),
    )
