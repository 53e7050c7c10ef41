"""One row per date, relation, product and neighbour: the products that go together."""

from cartwise.engine import learn
from cartwise.recommendations.item_neighbors import (
    SCHEMA,
    ItemNeighborParams,
    find_item_neighbors,
)


def model(dbt, session):
    """Find the largest shrunk cosines between the interactions with products."""
    return learn(
        session,
        find_item_neighbors,
        SCHEMA,
        also_bought=dbt.ref("cartwise", "feat_cartwise__customer_interactions"),
        bought_next=dbt.ref("cartwise", "feat_cartwise__basket_transitions"),
        viewed_together=dbt.ref("cartwise", "feat_cartwise__visit_interactions"),
        params=ItemNeighborParams(),
    )
