"""The products of the demo shop and how likely each is to be bought."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from cartwise.demo.draws import Draws
from cartwise.demo.vocabulary import (
    BAD_BATCH,
    CATEGORIES,
    DESCRIPTION_DETAILS,
    DESCRIPTION_MODIFIERS,
    DESCRIPTION_OPENINGS,
    PACKS,
    PAIRS,
    REFILLS,
    TRIPLES,
    NamedProduct,
)

# within a category, products come in three styles; people mostly stay with one
N_STYLES = 3

_DEFAULT_PRODUCTS = 300
_DEFAULT_ORDERS = 15_000
_ZIPF_SCALE = 10_000_000
_ZIPF_OFFSET = 4
# share of a category's purchases that its members of pairs and triples take, per member
_PLANTED_PERMILLE = 75


@dataclass(frozen=True)
class Catalogue:
    """The products, as arrays with one element per product.

    Parameters
    ----------
    names, labels, descriptions, brands : tuple of str
        A label is the name without the brand.
    categories : ndarray of int
        Index into `vocabulary.CATEGORIES`.
    styles : ndarray of int
        0 to `N_STYLES` - 1.
    cents : ndarray of int
        Today's price.
    quality : ndarray of int
        0 to 99; a poor product draws the complaints of a mixed basket.
    is_active : ndarray of bool
        Whether the product is still sold.
    pairs, triples : ndarray of int, shape (n, 2) and (n, 3)
        Products that are bought together.
    refills : ndarray of int
        The product of each of `vocabulary.REFILLS`.
    shelf : ndarray of int
        Products sorted by category, then style.
    shelf_weights : ndarray of int
        Cumulated purchase weights along `shelf`, with a leading 0.
    shelf_starts : ndarray of int
        Position in `shelf` where each (category, style) begins, with the end appended.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    descriptions: tuple[str, ...]
    brands: tuple[str, ...]
    categories: NDArray[np.int64]
    styles: NDArray[np.int64]
    cents: NDArray[np.int64]
    quality: NDArray[np.int64]
    is_active: NDArray[np.bool_]
    pairs: NDArray[np.int64]
    triples: NDArray[np.int64]
    refills: NDArray[np.int64]
    shelf: NDArray[np.int64]
    shelf_weights: NDArray[np.int64]
    shelf_starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def pick(
        self,
        bits: NDArray[np.int64],
        category: NDArray[np.int64],
        style: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Return one product per element, popular ones more often.

        Parameters
        ----------
        bits : ndarray of int
            Hashed non-negative numbers that decide.
        category : ndarray of int
            The category to pick from.
        style : ndarray of int
            The style to pick from; -1 for the whole category.

        Returns
        -------
        ndarray of int
            Indices of products.
        """
        first = category * N_STYLES + np.maximum(style, 0)
        last = np.where(style < 0, category * N_STYLES + N_STYLES, first + 1)
        low = self.shelf_weights[self.shelf_starts[first]]
        high = self.shelf_weights[self.shelf_starts[last]]
        return self.shelf[
            np.searchsorted(self.shelf_weights, low + bits % (high - low), side="right") - 1
        ]


def count_products(n_orders: int) -> int:
    """Return how many products a shop of this many orders sells.

    Parameters
    ----------
    n_orders : int
        Size of the shop.

    Returns
    -------
    int
        Grows with the square root of the orders and is at least 300.

    Examples
    --------
    >>> count_products(15_000), count_products(60_000)
    (300, 600)
    """
    grown = isqrt(_DEFAULT_PRODUCTS**2 * n_orders // _DEFAULT_ORDERS)
    return max(_DEFAULT_PRODUCTS, grown)


def _name_products(n_products: int) -> list[NamedProduct]:
    """Return every product without a price (0 cents), the planted ones with theirs first."""
    products = [product for group in (*PAIRS, *TRIPLES) for product in group]
    products += [refill.product for refill in REFILLS]
    counters = [0] * len(CATEGORIES)
    # categories get shelf space in proportion to their weight
    turns = [c for c, category in enumerate(CATEGORIES) for _ in range(category.weight)]
    turn = 0
    while len(products) < n_products:
        # 37 is coprime to the number of turns, so that small shops see all categories
        index = turns[turn * 37 % len(turns)]
        turn += 1
        category = CATEGORIES[index]
        count = counters[index]
        counters[index] += 1
        sizes = (len(category.brands), len(category.modifiers), len(category.nouns))
        n_names = sizes[0] * sizes[1] * sizes[2]
        # 77 is coprime to the number of names, so each comes once before packs are added
        combination = count * 77 % n_names
        brand = category.brands[combination % sizes[0]]
        modifier = category.modifiers[combination // sizes[0] % sizes[1]]
        noun = category.nouns[combination // (sizes[0] * sizes[1])]
        label = f"{modifier} {noun}"
        round_number = count // n_names
        if round_number:
            label += " " + PACKS[(round_number - 1) % len(PACKS)]
        if round_number > len(PACKS):
            label += f" {(round_number - 1) // len(PACKS) + 1}"
        products.append(NamedProduct(category.name, brand, label, 0))
    return products


def _price_products(
    draws: Draws, products: list[NamedProduct], categories: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return prices in cents: the planted ones as given, the others within the category's range."""
    keys = np.arange(len(products))
    low = np.array([category.cents[0] for category in CATEGORIES])[categories]
    high = np.array([category.cents[1] for category in CATEGORIES])[categories]
    # the smaller of two draws, as most products are on the cheap side
    spread = np.minimum(
        draws.integers("price", high - low, keys, 0), draws.integers("price", high - low, keys, 1)
    )
    ending = np.array([0, 50, 90, 95, 99])[draws.choices("price ending", [2, 2, 5, 2, 4], keys)]
    drawn = (low + spread) // 100 * 100 + ending
    given = np.array([product.cents for product in products])
    return np.where(given > 0, given, drawn)


def _describe_products(draws: Draws, products: list[NamedProduct]) -> tuple[str, ...]:
    """Return one to three sentences per product."""
    by_name = {category.name: category for category in CATEGORIES}
    picks = draws.integers("description", 1 << 40, np.arange(len(products))[:, None], np.arange(6))
    descriptions = []
    for product, (opening, use, modifier, size, detail, step) in zip(
        products, picks.tolist(), strict=True
    ):
        uses = by_name[product.category].uses
        sentences = [
            DESCRIPTION_OPENINGS[opening % len(DESCRIPTION_OPENINGS)].format(
                label=product.label,
                brand=product.brand,
                use=uses[use % len(uses)],
                modifier=DESCRIPTION_MODIFIERS[modifier % len(DESCRIPTION_MODIFIERS)],
            )
        ]
        n_details = len(DESCRIPTION_DETAILS)
        for extra in range(size % 3):
            # a step below the number of details never names one twice
            index = (detail + extra * (1 + step % (n_details - 1))) % n_details
            sentences.append(
                DESCRIPTION_DETAILS[index].format(category=product.category, brand=product.brand)
            )
        descriptions.append(" ".join(sentences))
    return tuple(descriptions)


def _weigh_products(
    categories: NDArray[np.int64], n_planted: int, n_named: int
) -> NDArray[np.int64]:
    """Return integer purchase weights: Zipf within a category, a fixed share for planted sets."""
    weights = np.zeros(len(categories), dtype=np.int64)
    for category in range(len(CATEGORIES)):
        members = np.flatnonzero(categories == category)
        common = members[members >= n_named]
        weights[common] = _ZIPF_SCALE // (np.arange(len(common)) + _ZIPF_OFFSET)
        total = int(weights[common].sum())
        planted = members[members < n_planted]
        # a share of the whole category, however many products the shop sells
        share = _PLANTED_PERMILLE * len(planted)
        if len(planted):
            weights[planted] = total * share // ((1000 - share) * len(planted))
    # refills are bought on their cycle; one outside it now and then, but never the exact one
    for position, refill in enumerate(REFILLS, start=n_planted):
        weights[position] = 100_000 if refill.jitter_days else 0
    return weights


def build_catalogue(draws: Draws, n_products: int) -> Catalogue:
    """Build the products of a shop.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    n_products : int
        How many products; at least those of `vocabulary.PAIRS`, `TRIPLES` and `REFILLS`.

    Returns
    -------
    Catalogue

    Examples
    --------
    >>> catalogue = build_catalogue(Draws(seed=1), 300)
    >>> len(catalogue), len(set(catalogue.names))
    (300, 300)
    """
    products = _name_products(n_products)
    n_planted = 2 * len(PAIRS) + 3 * len(TRIPLES)
    index_of = {category.name: index for index, category in enumerate(CATEGORIES)}
    categories = np.array([index_of[product.category] for product in products])
    n_named = n_planted + len(REFILLS)
    weights = _weigh_products(categories, n_planted, n_named)
    keys = np.arange(n_products)
    styles = np.arange(n_products) % N_STYLES
    cents = _price_products(draws, products, categories)
    descriptions = _describe_products(draws, products)
    quality = draws.integers("quality", 100, keys)
    # a bad month stands out from good ones
    quality[products.index(BAD_BATCH)] = 99
    # the tail of the range is where products are taken off the shop
    is_active = (keys < n_products // 2) | ~draws.chance("inactive", 120, keys)

    # ids are handed out in hashed order, so that an id says nothing about popularity
    order = np.argsort(draws.bits("product id", keys), kind="stable")
    position = np.empty(n_products, dtype=np.int64)
    position[order] = keys
    group = (categories * N_STYLES + styles)[order]
    shelf = np.argsort(group, kind="stable")
    n_groups = len(CATEGORIES) * N_STYLES
    n_pairs = 2 * len(PAIRS)
    return Catalogue(
        names=tuple(f"{products[p].brand} {products[p].label}" for p in order.tolist()),
        labels=tuple(products[p].label for p in order.tolist()),
        descriptions=tuple(descriptions[p] for p in order.tolist()),
        brands=tuple(products[p].brand for p in order.tolist()),
        categories=categories[order],
        styles=styles[order],
        cents=cents[order],
        quality=quality[order],
        is_active=is_active[order],
        pairs=position[:n_pairs].reshape(-1, 2),
        triples=position[n_pairs:n_planted].reshape(-1, 3),
        refills=position[n_planted:n_named],
        shelf=shelf,
        shelf_weights=np.concatenate([[0], np.cumsum(weights[order][shelf])]),
        shelf_starts=np.searchsorted(group[shelf], np.arange(n_groups + 1)),
    )
