"""A shop of two years with known tastes in it, for what is recommended to whom."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

FIRST_DATE = date(2024, 1, 1)
AS_OF_DATE = date(2025, 12, 31)
# the cutoffs that lists are tested at and learned from, one and two horizons before
TEST_DATE = date(2025, 10, 2)
TRAIN_DATE = date(2025, 7, 4)
# four horizons before the as-of date: whoever was active on this day still gets a list
ACTIVE_SINCE = date(2025, 1, 5)

THINGS = ("lamp", "vase", "clock", "mirror", "basket", "candle")
STYLES = ("walnut", "marble", "copper", "linen", "bamboo")
# product: name, category, whether it is offered
PLANTED = {
    "coffee": ("Morning Roast Beans", "pantry", True),
    "bread": ("Rye Loaf", "bakery", True),
    "butter": ("Salted Churn", "dairy", True),
    "tea": ("Fragrant Jasmine Pearls Oolong", "infusions", True),
    "new tea": ("Fragrant Jasmine Pearls Oolong Refill", "infusions", True),
    "printer": ("Laserjet", "office", True),
    "ink": ("Cartridge", "supplies", True),
    "tent": ("Ridge Shelter", "camping", True),
    "sleeping bag": ("Down Cocoon", "bedding", True),
    "sauna": ("Birch Whisk", "wellness", True),
    "wardrobe": ("Oak Armoire", "furniture", True),
    "radio": ("Shortwave Receiver", "electronics", False),
    "postage": ("Parcel", "shipping", True),
}


class Draft:
    """The tables of a shop in the making."""

    def __init__(self):
        self.random = np.random.default_rng(20251231)
        self.rows = {"orders": [], "order_lines": [], "customers": [], "events": []}

    def add_customer(self, customer_id, country, signed_up=FIRST_DATE):
        """Add a customer; every third declines marketing, every third does not say."""
        accepts = ("true", "false", "")[len(self.rows["customers"]) % 3]
        self.rows["customers"].append((customer_id, country, signed_up, accepts))
        return customer_id

    def add_customers(self, prefix, count, country):
        return [self.add_customer(f"{prefix}{n:03}", country) for n in range(count)]

    def buy(self, customer_id, day, *product_ids):
        order_id = f"o{len(self.rows['orders']):05}"
        self.rows["orders"].append((order_id, customer_id, f"{day} 10:00:00"))
        for product_id in dict.fromkeys(product_ids):
            line_id = f"l{len(self.rows['order_lines']):05}"
            self.rows["order_lines"].append((line_id, order_id, product_id, 1, "10.00"))

    def view(self, session_id, customer_id, day, *product_ids):
        for product_id in product_ids:
            event_id = f"e{len(self.rows['events']):05}"
            self.rows["events"].append(
                (event_id, f"{day} 09:00:00", "product_view", customer_id, session_id, product_id)
            )

    def draw(self, products, least, most):
        """Return some products, the first of the list more often than the last."""
        weights = 1 / np.arange(4, len(products) + 4)
        count = self.random.integers(least, most, endpoint=True)
        return self.random.choice(products, count, replace=False, p=weights / weights.sum())

    def draw_day(self, first, last):
        return first + timedelta(days=int(self.random.integers((last - first).days + 1)))


def make_products():
    """Return the products: thirty of no account, and the planted ones."""
    rows = [
        (f"f{number:02}", f"{style} {thing}".title(), f"A {thing} of {style}", thing, True)
        for number, (style, thing) in enumerate(
            (style, thing) for style in STYLES for thing in THINGS
        )
    ]
    rows += [
        (key, name, "", category, offered) for key, (name, category, offered) in PLANTED.items()
    ]
    columns = ["product_id", "name", "description", "category", "is_active"]
    return pd.DataFrame(rows, columns=columns)


def make_shop():
    """Return the tables of the shop."""
    draft = Draft()
    products = make_products()
    fillers = products["product_id"][:30].tolist()
    _add_regulars(draft, fillers)
    _add_mixed_buyers(draft, fillers)
    _add_pairs(draft, fillers)
    _add_finns(draft, fillers)
    _add_the_inactive(draft, fillers)
    _add_views(draft, fillers)
    columns = {
        "orders": ["order_id", "customer_id", "ordered_at"],
        "order_lines": ["order_line_id", "order_id", "product_id", "quantity", "unit_price"],
        "customers": ["customer_id", "country", "signed_up_at", "accepts_marketing"],
        "events": [
            *("event_id", "occurred_at", "event_type", "customer_id"),
            *("session_id", "product_id"),
        ],
    }
    tables = {name: pd.DataFrame(draft.rows[name], columns=columns[name]) for name in columns}
    return {**tables, "products": products}


def _add_regulars(draft, fillers):
    """Eighty people buy coffee every thirty days, three more or less."""
    for customer_id in draft.add_customers("regular", 80, "DE"):
        day = draft.draw_day(date(2025, 1, 10), date(2025, 2, 10))
        while day <= AS_OF_DATE:
            extra = draft.draw(fillers, 0, 1)
            draft.buy(customer_id, day, "coffee", "postage", *extra)
            day += timedelta(days=int(30 + draft.random.integers(-3, 3, endpoint=True)))


def _add_mixed_buyers(draft, fillers):
    """Half of many buyers also have a wardrobe, one each; many a radio, of late; some love tea."""
    for number, customer_id in enumerate(draft.add_customers("mixed", 240, "DE")):
        for _ in range(draft.random.integers(4, 9)):
            day = draft.draw_day(date(2024, 4, 1), AS_OF_DATE)
            draft.buy(customer_id, day, *draft.draw(fillers, 1, 3))
        if number % 2 == 0:
            draft.buy(customer_id, draft.draw_day(date(2025, 1, 1), AS_OF_DATE), "wardrobe")
        if number % 3 == 0:
            for first in (date(2025, 8, 1), date(2025, 11, 1)):
                draft.buy(customer_id, draft.draw_day(first, first + timedelta(days=50)), "radio")
        if number % 5 == 0:
            for month in (4, 8, 11):
                draft.buy(
                    customer_id, draft.draw_day(date(2025, month, 1), date(2025, month, 28)), "tea"
                )


def _add_pairs(draft, fillers):
    """Bread goes with butter, and ink follows the printer."""
    for number, customer_id in enumerate(draft.add_customers("baker", 60, "DE")):
        day = draft.draw_day(date(2024, 6, 1), date(2025, 11, 30))
        draft.buy(
            customer_id,
            day,
            *(["bread"] if number < 55 else []),
            *draft.draw(fillers, 0, 1),
            *(["butter"] if number >= 5 else []),
        )
    for number, customer_id in enumerate(draft.add_customers("printer", 60, "DE")):
        day = draft.draw_day(date(2024, 6, 1), date(2025, 11, 1))
        steps = [["printer"], ["ink"], draft.draw(fillers, 1, 2)]
        # a few have the ink first
        for step in [1, 0, 2] if number % 10 == 0 else [0, 1, 2]:
            draft.buy(customer_id, day, *steps[step])
            day += timedelta(days=14)


def _add_finns(draft, fillers):
    """What Finland buys; and people who have not bought anything, there and elsewhere."""
    for customer_id in draft.add_customers("finn", 40, "FI"):
        draft.buy(
            customer_id,
            draft.draw_day(date(2025, 8, 1), AS_OF_DATE),
            "sauna",
            *draft.draw(fillers, 0, 1),
        )
    recent = date(2025, 12, 1)
    for number in range(5):
        draft.add_customer(f"cold finn {number}", "FI", recent)
    draft.add_customer("cold looker", "FI", recent)
    draft.add_customer("cold icelander", "IS", recent)
    draft.add_customer("cold stranger", "", recent)
    draft.add_customer("old account", "FI", FIRST_DATE)


def _add_the_inactive(draft, fillers):
    """People whom the shop has lost, on either side of the last day that counts."""
    for customer_id in draft.add_customers("lost", 30, "DE"):
        day = draft.draw_day(date(2024, 2, 1), date(2024, 12, 1))
        draft.buy(customer_id, day, *draft.draw(fillers, 1, 3))
    days = {
        "just active": ACTIVE_SINCE,
        "just lost": ACTIVE_SINCE - timedelta(days=1),
        "returned looker": date(2024, 3, 1),
    }
    for name, day in days.items():
        draft.buy(draft.add_customer(name, "DE"), day, *fillers[:2])


def _add_views(draft, fillers):
    """People look at tents and sleeping bags in one visit, and at anything at all."""
    for number in range(60):
        day = draft.draw_day(date(2025, 6, 1), AS_OF_DATE)
        draft.view(f"camp{number:03}", "", day, "tent", "sleeping bag")
        if number % 6 == 0:
            draft.view(f"dusk{number:03}", "", day, "tent", fillers[3])
    for number in range(200):
        day = draft.draw_day(date(2025, 3, 1), AS_OF_DATE)
        customer_id = f"mixed{number:03}" if number % 2 else ""
        draft.view(f"visit{number:03}", customer_id, day, *draft.draw(fillers, 2, 3))
    draft.view("look", "cold looker", date(2025, 12, 20), "tent")
    draft.view("back", "returned looker", date(2025, 12, 20), fillers[7])


def change_later(shop, day):
    """Return the shop with other products, at other prices, in later orders and views."""
    random = np.random.default_rng(7)
    ordered_at = shop["orders"].set_index("order_id")["ordered_at"]
    others = shop["products"].query("category != 'shipping'")["product_id"].to_numpy()
    changed = {
        "order_lines": shop["order_lines"]["order_id"].map(ordered_at),
        "events": shop["events"]["occurred_at"],
    }
    tables = dict(shop)
    for name, times in changed.items():
        table = shop[name].copy()
        is_changed = (times.str[:10] > str(day)) & (table["product_id"] != "postage")
        table.loc[is_changed, "product_id"] = random.choice(others, is_changed.sum())
        if name == "order_lines":
            table.loc[is_changed, "unit_price"] = random.choice(["5.00", "40.00"], is_changed.sum())
        tables[name] = table
    return tables


def shuffle_rows(shop):
    """Return the shop with the rows of every table in another order."""
    return {
        name: table.sample(frac=1, random_state=number)
        for number, (name, table) in enumerate(shop.items())
    }
