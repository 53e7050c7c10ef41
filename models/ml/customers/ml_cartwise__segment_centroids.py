"""One row per cluster and feature: the centroids of the customer segments."""

from cartwise.customers.segment_centroids import (
    SCHEMA,
    SegmentParams,
    learn_segment_centroids,
)
from cartwise.engine import learn


def model(dbt, session):
    """Fit k-means on a sample of the customers."""
    return learn(
        session,
        learn_segment_centroids,
        SCHEMA,
        customers=dbt.ref("cartwise", "feat_cartwise__segment_inputs"),
        params=SegmentParams(segment_counts=dbt.config.meta_get("segment_counts")),
    )
