"""The demo shop as tables of text, the ways to change it, and what two builds differ in."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from dbt_runs import REPOSITORY
from small_shop import FOLDER

DEMO = REPOSITORY / "seeds" / "demo"
AS_OF_DATE = "2025-12-31"
DATES = {
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "reviews": "reviewed_at",
    "events": "occurred_at",
}
KEYS = {
    "orders": "order_id",
    "order_lines": "order_line_id",
    "reviews": "review_id",
    "events": "event_id",
    "customers": "customer_id",
    "products": "product_id",
}

Shop = dict[str, pd.DataFrame]


def read_demo() -> Shop:
    """Return the demo shop with every cell as it stands in its files."""
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(DEMO.glob("*.csv"))
    }


def write_shop(shop: Shop, folder: Path) -> None:
    """Write each table as a CSV file where the builds look for it."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, table in shop.items():
        table.to_csv(folder / FOLDER / f"{name}.csv", index=False)


def is_later(shop: Shop, name: str, day: str) -> pd.Series:
    """Return which rows of a table are of a later day; order lines are of their order's."""
    if name == "order_lines":
        orders = shop["orders"].set_index("order_id")["ordered_at"]
        return shop[name]["order_id"].map(orders).str[:10] > day
    return shop[name][DATES[name]].str[:10] > day


def cut_shop(shop: Shop, day: str) -> Shop:
    """Return the shop as it would be if nothing had happened after a day."""
    return {
        name: table[~is_later(shop, name, day)] if name in (*DATES, "order_lines") else table
        for name, table in shop.items()
    }


def keep_customers(shop: Shop, customer_ids: Iterable[str]) -> Shop:
    """Return the shop with these customers alone, and nothing of guests."""
    kept = {
        name: table[table["customer_id"].isin(set(customer_ids))]
        for name, table in shop.items()
        if "customer_id" in table
    }
    is_kept = {
        name: shop[name]["order_id"].isin(kept["orders"]["order_id"])
        for name in ("order_lines", "refunds")
    }
    return {**shop, **kept, **{name: shop[name][rows] for name, rows in is_kept.items()}}


def rename_keys(shop: Shop, prefix: str) -> Shop:
    """Return the shop under keys of its own, products apart."""
    renamed = {}
    for name, table in shop.items():
        keys = [key for key in set(KEYS.values()) - {"product_id"} if key in table]
        renamed[name] = table.assign(
            **{key: (prefix + table[key]).where(table[key] != "", "") for key in keys}
        )
    return renamed


def add_shops(*shops: Shop) -> Shop:
    """Return the rows of several shops; the products are those of the first."""
    return {
        name: table
        if name == "products"
        else pd.concat([shop[name] for shop in shops], ignore_index=True).fillna("")
        for name, table in shops[0].items()
    }


def make_orders(
    prefix: str,
    customer_ids: Iterable[str],
    ordered_at: str | Iterable[str],
    product_id: str = "p0001",
    quantity: int = 1,
    unit_price: float = 20.0,
) -> Shop:
    """Return one order of one line for each of the customers, and nothing else."""
    orders = pd.DataFrame({"customer_id": list(customer_ids)})
    orders.insert(0, "order_id", [f"{prefix}{number}" for number in range(len(orders))])
    orders["ordered_at"] = ordered_at
    orders["status"] = "completed"
    lines = pd.DataFrame(
        {
            "order_line_id": "l" + orders["order_id"],
            "order_id": orders["order_id"],
            "product_id": product_id,
            "quantity": str(quantity),
            "unit_price": f"{unit_price:.2f}",
        }
    )
    empty = {name: pd.DataFrame() for name in ("refunds", "reviews", "events", "customers")}
    return {"orders": orders, "order_lines": lines, **empty}


def repeat_december(shop: Shop) -> Shop:
    """Return the orders of December and their lines once more, 31 days later."""
    orders = shop["orders"][shop["orders"]["ordered_at"].str.startswith("2025-12")]
    lines = shop["order_lines"][shop["order_lines"]["order_id"].isin(orders["order_id"])]
    days = pd.to_datetime(orders["ordered_at"]) + pd.Timedelta(days=31)
    return {
        **{name: table.head(0) for name, table in shop.items()},
        "orders": orders.assign(
            order_id="again" + orders["order_id"], ordered_at=days.dt.strftime("%Y-%m-%d %H:%M:%S")
        ),
        "order_lines": lines.assign(
            order_line_id="again" + lines["order_line_id"], order_id="again" + lines["order_id"]
        ),
    }


def rewrite_later(shop: Shop, day: str, seed: int = 0) -> Shop:
    """Change, delete and add rows of every dated table that are later than a day, none else."""
    random = np.random.default_rng(seed)
    shop = {name: table.copy() for name, table in shop.items()}
    buyers = shop["orders"].loc[shop["orders"]["customer_id"] != "", "customer_id"].unique()
    # first, while the orders still have their dates
    late_lines = is_later(shop, "order_lines", day)

    orders = shop["orders"]
    late = is_later(shop, "orders", day)
    dropped = orders.loc[late & (random.random(len(orders)) < 0.3), "order_id"]
    orders.loc[late, "customer_id"] = random.permutation(orders.loc[late, "customer_id"])
    orders.loc[late, "status"] = random.choice(["completed", "cancelled"], late.sum(), p=[0.8, 0.2])
    orders.loc[late, "discount_amount"] = "1.00"

    lines = shop["order_lines"]
    lines.loc[late_lines, "unit_price"] = "12.34"
    lines.loc[late_lines, "product_id"] = random.permutation(lines.loc[late_lines, "product_id"])
    for name in ("orders", "order_lines", "refunds"):
        shop[name] = shop[name][~shop[name]["order_id"].isin(dropped)]

    for name in ("refunds", "reviews", "events"):
        late = is_later(shop, name, day)
        shop[name] = shop[name][~(late & (random.random(len(late)) < 0.4))]
    late = is_later(shop, "refunds", day)
    shop["refunds"].loc[late, "amount"] = "0.01"
    late = is_later(shop, "reviews", day)
    shop["reviews"].loc[late, "rating"] = "1"

    midnight = f"{pd.Timestamp(day) + pd.Timedelta(days=1):%Y-%m-%d} 00:00:00"
    later = f"{pd.Timestamp(day) + pd.Timedelta(days=40):%Y-%m-%d} 12:00:00"
    newcomers = [f"new{number}" for number in range(1000)]
    added = add_shops(
        make_orders("early", buyers[:300], midnight),
        make_orders("late", [*buyers[200:500], *newcomers], later, product_id="p0002"),
    )
    # the whole price of orders of before, some of which were paid back in part by then
    refunded = shop["refunds"].loc[~is_later(shop, "refunds", day), "order_id"].unique()[:100]
    known_orders = shop["orders"].loc[~is_later(shop, "orders", day), "order_id"]
    added["refunds"] = pd.DataFrame(
        {
            "order_id": [*refunded, *known_orders.sample(500, random_state=seed)],
            "amount": "75.00",
            "refunded_at": midnight,
        }
    )
    people = list(buyers[:400])
    added["reviews"] = pd.DataFrame(
        {
            "review_id": [f"late{number}" for number in range(len(people))],
            "customer_id": people,
            "product_id": "p0001",
            "rating": "1",
            "body": "Late",
            "reviewed_at": midnight,
        }
    )
    added["events"] = pd.DataFrame(
        {
            "event_id": [f"late{number}" for number in range(len(people))],
            "occurred_at": midnight,
            "event_type": "page_view",
            "customer_id": people,
            "session_id": "late",
        }
    )
    # a crowd from one country, which only becomes the main one after the day
    added["customers"] = pd.DataFrame(
        {"customer_id": newcomers, "country": "NZ", "signed_up_at": midnight}
    )
    return add_shops(shop, added)


def find_differences(before: Path, after: Path, table: str, condition: str) -> set[tuple[str, str]]:
    """Return customer and cutoff of the rows that only one of two databases has."""
    rows = f"select * from {{}}.main.{table} where {condition}"
    ways = [
        f"({rows.format(one)} except all {rows.format(other)})"
        for one, other in (("before", "after"), ("after", "before"))
    ]
    with duckdb.connect() as connection:
        for name, path in (("before", before), ("after", after)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        (count,) = connection.sql(
            f"select count(*) from before.main.{table} where {condition}"
        ).fetchall()[0]
        assert count > 0
        return set(
            connection.sql(
                "select distinct customer_id, cast(cutoff_date as varchar) "
                f"from ({' union all '.join(ways)})"
            ).fetchall()
        )
