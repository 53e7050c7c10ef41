"""One row per fold, topic and term: the weights that tell what a text is about."""

from cartwise.engine import learn
from cartwise.reviews.topic_weights import SCHEMA, TopicParams, learn_topic_weights


def model(dbt, session):
    """Fit one logistic regression on TF-IDF per topic, without the first fold and on everything."""
    return learn(
        session,
        learn_topic_weights,
        SCHEMA,
        examples=dbt.ref("cartwise", "feat_cartwise__topic_examples"),
        topic_terms=dbt.ref("cartwise", "feat_cartwise__topic_terms"),
        params=TopicParams(),
    )
