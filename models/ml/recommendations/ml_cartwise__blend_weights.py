"""One row per date and term: how much each strategy says about the next basket."""

from cartwise.engine import learn
from cartwise.recommendations.blend_weights import SCHEMA, BlendParams, learn_blend_weights


def model(dbt, session):
    """Fit one logistic regression per date on the strategies that improve its lists."""
    return learn(
        session,
        learn_blend_weights,
        SCHEMA,
        examples=dbt.ref("cartwise", "score_cartwise__blend_examples"),
        params=BlendParams(),
    )
