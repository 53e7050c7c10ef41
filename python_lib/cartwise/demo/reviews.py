"""The reviews of the demo shop: who writes, about what, and how many stars."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartwise.demo.baskets import CANCELLED, Lines, Orders
from cartwise.demo.catalogue import Catalogue
from cartwise.demo.draws import Draws
from cartwise.demo.people import Customers
from cartwise.demo.review_texts import TOPICS, ReviewFacts, write_review
from cartwise.demo.shop_calendar import SECONDS_PER_DAY, ShopCalendar
from cartwise.demo.vocabulary import CATEGORIES, COUNTRIES

_MAX_DELAY_DAYS = 25
# weights of one to five stars
_GOOD_STARS = (10, 20, 110, 320, 540)
_BAD_STARS = (500, 400, 100, 0, 0)
_BATCH_STARS = (620, 300, 40, 0, 40)
# in the order of TOPICS
_GOOD_TOPICS = (22, 24, 14, 10, 10, 10, 4, 6)
_BAD_TOPICS = (20, 24, 8, 10, 10, 10, 10, 8)
# how many of the people of a country write in Chinese
_CHINESE_PERMILLE = {"CN": 900, "SG": 500}
_CHINESE_ELSEWHERE_PERMILLE = 60
_CHINESE_GUEST_PERMILLE = 280


@dataclass(frozen=True)
class Reviews:
    """Reviews, one element each, sorted by time.

    Parameters
    ----------
    orders, products : ndarray of int
        Position of the order in its block, index into the catalogue.
    ratings : ndarray of int
        1 to 5.
    topics : ndarray of int
        Index into `review_texts.TOPICS`.
    is_chinese : ndarray of bool
        Else English.
    seconds : ndarray of int
        Time since the start of the calendar.
    titles, bodies : list of str
        The text; a title may be None.
    shows_rating, shows_topic, shows_language, shows_order, shows_customer : ndarray of bool
        Whether the shop has that column for the review.
    """

    orders: NDArray[np.int64]
    products: NDArray[np.int64]
    ratings: NDArray[np.int64]
    topics: NDArray[np.int64]
    is_chinese: NDArray[np.bool_]
    seconds: NDArray[np.int64]
    titles: list[str | None]
    bodies: list[str]
    shows_rating: NDArray[np.bool_]
    shows_topic: NDArray[np.bool_]
    shows_language: NDArray[np.bool_]
    shows_order: NDArray[np.bool_]
    shows_customer: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.orders)


def _choose_products(
    draws: Draws, catalogue: Catalogue, orders: Orders, lines: Lines
) -> NDArray[np.int64]:
    """Return the product each order's review is about.

    Complaints go to the poor products of a basket and praise to the good ones.
    """
    key = orders.visits.keys[lines.orders]
    score = catalogue.quality[lines.products] + draws.integers("reviewed", 80, key, lines.products)
    score = np.where(orders.visits.is_bad[lines.orders], -score, score)
    rows = np.lexsort((lines.products, score, lines.orders))
    return lines.products[rows[lines.first_rows(len(orders))[1:] - 1]]


def _draw_languages(
    draws: Draws, customers: Customers, orders: Orders, rows: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether the review of each of these orders is in Chinese."""
    permille = np.array(
        [_CHINESE_PERMILLE.get(country[0], _CHINESE_ELSEWHERE_PERMILLE) for country in COUNTRIES]
    )
    customer = orders.customer_rows[rows]
    chance = np.where(
        customer < 0, _CHINESE_GUEST_PERMILLE, permille[customers.countries[customer]]
    )
    return draws.chance("chinese", chance, orders.visits.people[rows])


def draw_reviews(
    draws: Draws,
    calendar: ShopCalendar,
    catalogue: Catalogue,
    customers: Customers,
    orders: Orders,
    lines: Lines,
    bad_batch: tuple[int, int, int],
) -> Reviews:
    """Let customers review what they bought.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    calendar : ShopCalendar
        The days of the shop; a review after the last one is not written yet.
    catalogue : Catalogue
        What can be bought.
    customers : Customers
        The customers of the block.
    orders : Orders
        Their orders.
    lines : Lines
        The orders' lines.
    bad_batch : tuple of int
        A product, and the first day and the day after the last one on which people complain.

    Returns
    -------
    Reviews
    """
    product, first_day, after_day = bad_batch
    has_product = np.zeros(len(orders), dtype=bool)
    has_product[lines.orders[lines.products == product]] = True
    keys = orders.visits.keys
    delay = 2 * SECONDS_PER_DAY + draws.integers(
        "review delay", (_MAX_DELAY_DAYS - 2) * SECONDS_PER_DAY, keys
    )
    seconds = orders.seconds + delay
    day = seconds // SECONDS_PER_DAY
    is_batch = has_product & (day >= first_day) & (day < after_day)
    is_batch &= orders.statuses != CANCELLED
    writes = np.where(is_batch, draws.chance("batch review", 900, keys), orders.visits.is_reviewed)
    rows = np.flatnonzero(writes & (seconds < calendar.end_second))
    rows = rows[np.lexsort((keys[rows], seconds[rows]))]

    key, is_batch, is_bad = keys[rows], is_batch[rows], orders.visits.is_bad[rows]
    ratings = 1 + np.select(
        [is_batch, is_bad],
        [draws.choices("batch stars", _BATCH_STARS, key), draws.choices("bad", _BAD_STARS, key)],
        draws.choices("stars", _GOOD_STARS, key),
    )
    topics = np.where(
        is_bad,
        draws.choices("bad topic", _BAD_TOPICS, key),
        draws.choices("topic", _GOOD_TOPICS, key),
    )
    topics = np.where(is_batch, TOPICS.index("quality"), topics)
    products = _choose_products(draws, catalogue, orders, lines)[rows]
    products = np.where(is_batch, product, products)
    is_chinese = _draw_languages(draws, customers, orders, rows)
    second = (topics + 1 + draws.integers("second", len(TOPICS) - 1, key)) % len(TOPICS)
    texts = [
        write_review(
            ReviewFacts(
                language="zh" if chinese else "en",
                rating=rating,
                topic=TOPICS[topic],
                second_topic=TOPICS[other],
                item=catalogue.labels[item].lower(),
                category=CATEGORIES[category].name,
                chinese=CATEGORIES[category].chinese,
            ),
            bits,
        )
        for chinese, rating, topic, other, item, category, bits in zip(
            is_chinese.tolist(),
            ratings.tolist(),
            topics.tolist(),
            second.tolist(),
            products.tolist(),
            catalogue.categories[products].tolist(),
            draws.bits("words", key).tolist(),
            strict=True,
        )
    ]
    shows_order = ~draws.chance("no order", 60, key)
    return Reviews(
        orders=rows,
        products=products,
        ratings=ratings,
        topics=topics,
        is_chinese=is_chinese,
        seconds=seconds[rows],
        titles=[title for title, _ in texts],
        bodies=[body for _, body in texts],
        shows_rating=~draws.chance("no rating", 125, key),
        shows_topic=draws.chance("topic label", 400, key),
        shows_language=draws.chance("language label", 600, key),
        shows_order=shows_order,
        # a review that names its order names its customer too
        shows_customer=shows_order | draws.chance("customer only", 500, key),
    )
