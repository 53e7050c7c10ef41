"""One row per product and neighbour: the products whose texts are most alike."""

from cartwise.engine import learn
from cartwise.products.product_neighbors import (
    SCHEMA,
    ProductNeighborParams,
    find_product_neighbors,
)


def model(dbt, session):
    """Find the largest cosines between the term weights of products."""
    return learn(
        session,
        find_product_neighbors,
        SCHEMA,
        terms=dbt.ref("cartwise", "feat_cartwise__product_vectors"),
        products=dbt.ref("cartwise", "feat_cartwise__products"),
        params=ProductNeighborParams(),
    )
