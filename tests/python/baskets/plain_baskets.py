"""From plain baskets to the inputs that SQL prepares for the learning steps."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd

from cartwise.baskets.association_rules import RuleParams, find_association_rules
from cartwise.baskets.frequent_itemsets import (
    PACKING_FACTOR,
    ItemsetParams,
    mine_frequent_itemsets,
)


class Shop:
    """Baskets as lists of product ids, the first ones for training, coded as the SQL does it."""

    def __init__(self, training, holdout=(), min_support="0.0001", min_count=1):
        self.training = [frozenset(basket) for basket in training]
        self.holdout = [frozenset(basket) for basket in holdout]
        least = max(min_count, math.ceil(Fraction(str(min_support)) * len(self.training)))
        counts = Counter(product for basket in self.training for product in basket)
        holdout_counts = Counter(product for basket in self.holdout for product in basket)
        products = sorted((count, product) for product, count in counts.items() if count >= least)
        self.items = pd.DataFrame(
            {
                "item_code": np.arange(len(products)),
                "product_id": pd.Series([product for _, product in products], dtype="str"),
                "count_baskets": np.array([count for count, _ in products], dtype=np.int64),
                "count_holdout_baskets": np.array(
                    [holdout_counts[product] for _, product in products], dtype=np.int64
                ),
            }
        )
        self.totals = pd.DataFrame(
            {
                "count_baskets": [len(self.training)],
                "count_holdout_baskets": [len(self.holdout)],
            }
        )
        code_of = {product: code for code, (_, product) in enumerate(products)}
        self.occurrences = np.array(
            sorted(
                number * PACKING_FACTOR + code_of[product]
                for number, basket in enumerate(self.training + self.holdout)
                for product in basket
                if product in code_of
            ),
            dtype=np.int64,
        )

    def mine(self, **settings):
        params = ItemsetParams(**settings)
        return mine_frequent_itemsets(self.occurrences, self.items, self.totals, params)

    def find_rules(self, itemsets, **settings):
        return find_association_rules(itemsets, self.totals, RuleParams(**settings))
