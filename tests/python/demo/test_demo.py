import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cartwise.demo import ShopParams, build_shop, shop, write_shop, writers
from cartwise.demo.__main__ import main
from cartwise.demo.catalogue import build_catalogue
from cartwise.demo.draws import Draws, _mix_bits
from cartwise.demo.review_texts import TOPICS, ReviewFacts, write_review
from cartwise.demo.tables import SCHEMAS

SEEDS = Path(__file__).parents[3] / "seeds" / "demo"
DATES = {
    "orders": ["ordered_at"],
    "refunds": ["refunded_at"],
    "customers": ["birth_date", "signed_up_at"],
    "reviews": ["reviewed_at"],
    "events": ["occurred_at"],
}
KEYS = {
    "orders": "order_id",
    "order_lines": "order_line_id",
    "customers": "customer_id",
    "products": "product_id",
    "reviews": "review_id",
    "events": "event_id",
}
START, END = pd.Timestamp("2024-01-01"), pd.Timestamp("2026-01-01")


def hash_files(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.suffix in {".csv", ".json"}
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    assert main(["--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def demo(folder):
    return {
        name: pd.read_csv(folder / f"{name}.csv", parse_dates=DATES.get(name, [])).convert_dtypes()
        for name in SCHEMAS
    }


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dirty(truth):
    return {fault: set(found["ids"]) for fault, found in truth["dirt"].items()}


@pytest.fixture(scope="module")
def orders(demo, dirty):
    orders = demo["orders"]
    return orders[~orders["order_id"].isin(dirty["orders_with_impossible_date"])]


@pytest.fixture(scope="module")
def lines(demo, dirty):
    lines = demo["order_lines"]
    bad = dirty["lines_without_order"] | dirty["lines_with_impossible_price"]
    lines = lines[~lines["order_line_id"].isin(bad)].copy()
    # whole cents, so that sums are exact
    for column in ("unit_price", "discount_amount"):
        lines[column] = (lines[column].astype(float) * 100).round().astype(int)
    lines["amount"] = lines["quantity"] * lines["unit_price"] - lines["discount_amount"]
    return lines


@pytest.fixture(scope="module")
def baskets(lines):
    kept = lines[lines["quantity"] > 0]
    return {product: set(ids) for product, ids in kept.groupby("product_id")["order_id"]}


def to_cents(amounts):
    return (amounts.astype(float) * 100).round().astype(int)


# the same bytes


def test_a_second_run_writes_the_same_bytes(folder, tmp_path):
    write_shop(ShopParams(), tmp_path)
    assert hash_files(tmp_path) == hash_files(folder)


def test_the_committed_shop_is_what_the_generator_writes(folder):
    assert hash_files(SEEDS) == hash_files(folder)


def test_another_seed_is_another_shop():
    one, _ = build_shop(ShopParams(orders=1000, seed=1))
    two, _ = build_shop(ShopParams(orders=1000, seed=2))
    assert not one["orders"].equals(two["orders"])


def test_bits_are_those_of_splitmix64():
    # first three outputs of the reference implementation for a seed of 0
    steps = np.arange(1, 4, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert _mix_bits(steps).tolist() == expected


def test_draws_have_the_distribution_they_name():
    draws, ids = Draws(3), np.arange(200_000)
    assert draws.chance("a", 250, ids).mean() == pytest.approx(0.25, abs=0.005)
    assert draws.exponential("b", 1000, ids).mean() == pytest.approx(1000, rel=0.01)
    shares = np.bincount(draws.choices("c", (1, 0, 3), ids)) / len(ids)
    assert shares == pytest.approx([0.25, 0, 0.75], abs=0.005)
    both = draws.chance("d", 500, ids) & draws.chance("e", 500, ids)
    assert both.mean() == pytest.approx(0.25, abs=0.005)


# shape


def test_sizes_are_those_of_a_small_shop(folder, demo):
    sizes = {name: len(frame) for name, frame in demo.items()}
    assert sizes["orders"] == 15_000
    assert sizes["products"] == 300
    assert 2_300 <= sizes["customers"] <= 2_700
    assert 2.0 <= sizes["order_lines"] / sizes["orders"] <= 3.0
    assert 5_500 <= sizes["reviews"] <= 6_500
    assert 25_000 <= sizes["events"] <= 35_000
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6_000_000


def test_columns_are_those_of_the_inputs(demo):
    assert {name: list(frame.columns) for name, frame in demo.items()} == {
        name: schema.names for name, schema in SCHEMAS.items()
    }


def test_keys_are_unique_and_filled(demo):
    for name, key in KEYS.items():
        assert demo[name][key].notna().all()
        assert demo[name][key].is_unique


def test_shares_are_as_described(demo):
    orders, reviews = demo["orders"], demo["reviews"]
    status = orders["status"].value_counts(normalize=True)
    assert status["completed"] >= 0.90
    assert 0.02 <= status["cancelled"] <= 0.04
    assert {"shipped", "paid", "pending"} <= set(status.index)
    assert 0.07 <= orders["customer_id"].isna().mean() <= 0.09
    assert set(orders["channel"]) == {"web", "app", "store"}
    assert 0.03 <= demo["refunds"]["order_id"].nunique() / len(orders) <= 0.05
    assert 0.10 <= reviews["rating"].isna().mean() <= 0.15
    assert set(reviews["rating"].dropna()) == {1, 2, 3, 4, 5}
    assert 0.35 <= reviews["topic"].notna().mean() <= 0.45
    is_chinese = reviews["body"].str.contains("[\u4e00-\u9fff]")
    assert 0.25 <= is_chinese.mean() <= 0.35
    assert is_chinese[reviews["language"] == "en"].sum() == 0
    assert 0.25 <= (~demo["customers"]["accepts_marketing"].astype(bool)).mean() <= 0.35
    assert (demo["order_lines"]["quantity"] < 0).sum() > 20
    assert demo["events"]["customer_id"].isna().mean() > 0.1


def test_products_are_named_described_and_unevenly_popular(demo, baskets):
    products = demo["products"]
    assert products["name"].is_unique
    assert products["description"].str.count(r"\.").between(1, 3).mean() > 0.95
    assert products["category"].nunique() == 10
    sizes = sorted(map(len, baskets.values()), reverse=True)
    # a tenth of the products sells more than a quarter, and a third of them less than an eighth
    assert sum(sizes[:30]) > sum(sizes) / 4
    assert sum(sizes[-100:]) < sum(sizes) / 8


def test_weeks_and_seasons_have_a_rhythm(orders):
    weekday = orders["ordered_at"].dt.day_of_week.value_counts()
    assert weekday[5] > weekday[1]
    month = orders["ordered_at"].dt.strftime("%Y-%m").value_counts()
    assert month["2025-12"] > month["2025-08"] * 1.05


# references


def test_references_resolve_but_for_the_planted_ones(demo, dirty):
    orders, lines, refunds = demo["orders"], demo["order_lines"], demo["refunds"]
    known = set(orders["order_id"])
    assert (
        set(lines.loc[~lines["order_id"].isin(known), "order_line_id"])
        == (dirty["lines_without_order"])
    )
    assert set(refunds["order_id"]) - known == dirty["refunds_without_order"]
    products = set(demo["products"]["product_id"])
    assert (
        set(lines.loc[~lines["product_id"].isin(products), "order_line_id"])
        == (dirty["lines_without_product"])
    )
    customers = set(demo["customers"]["customer_id"])
    for name in ("orders", "reviews", "events"):
        assert set(demo[name]["customer_id"].dropna()) <= customers
    assert set(demo["reviews"]["order_id"].dropna()) <= known
    for name in ("refunds", "reviews", "events"):
        assert set(demo[name]["product_id"].dropna()) <= products
    assert known == set(lines["order_id"]) & known


def test_reviews_and_refunds_name_a_product_of_their_order(demo, lines):
    bought = set(zip(lines["order_id"], lines["product_id"], strict=True))
    for name in ("reviews", "refunds"):
        rows = demo[name].dropna(subset=["order_id", "product_id"])
        assert len(rows)
        assert set(zip(rows["order_id"], rows["product_id"], strict=True)) <= bought


# money


def test_discounts_stay_below_what_they_discount(orders, lines):
    kept = lines[lines["quantity"] > 0]
    assert (kept["discount_amount"] <= kept["quantity"] * kept["unit_price"]).all()
    assert (kept["discount_amount"] > 0).mean() > 0.1
    subtotal = lines.groupby("order_id")["amount"].sum()
    discount = to_cents(orders.set_index("order_id")["discount_amount"])
    subtotal, discount = subtotal.align(discount, join="inner")
    assert (subtotal >= 0).all()
    assert (discount <= subtotal).all()
    assert (discount > 0).mean() > 0.05


def test_refunds_never_exceed_what_was_paid(demo, lines):
    refunds = demo["refunds"].copy()
    refunds["amount"] = to_cents(refunds["amount"])
    assert (refunds["amount"] > 0).all()
    discount = to_cents(demo["orders"].set_index("order_id")["discount_amount"])
    paid = lines.groupby("order_id")["amount"].sum().sub(discount)
    refunded = refunds.groupby("order_id")["amount"].sum()
    refunded, paid = refunded.align(paid, join="inner")
    assert len(refunded) > 400
    assert (refunded <= paid).all()
    by_line = ["order_id", "product_id"]
    sold = lines.groupby(by_line)[["quantity", "amount"]].sum()
    back = refunds.dropna(subset=["product_id"]).groupby(by_line)[["quantity", "amount"]].sum()
    sold = sold.reindex(back.index)
    assert (back["quantity"] <= sold["quantity"]).all()
    assert (back["amount"] <= sold["amount"]).all()


def test_there_are_all_kinds_of_refunds(demo):
    counts = (
        demo["refunds"]
        .groupby("order_id")
        .agg(payments=("amount", "size"), products=("product_id", "count"))
    )
    assert ((counts["products"] == 0) & (counts["payments"] == 1)).sum() > 50
    assert ((counts["products"] == 0) & (counts["payments"] > 1)).sum() > 10
    assert ((counts["products"] == 1) & (counts["payments"] == 1)).sum() > 50
    assert ((counts["products"] == 2) & (counts["payments"] == 2)).sum() > 10


# time


def test_everything_happens_in_order(demo, orders):
    ordered_at = orders.set_index("order_id")["ordered_at"]
    assert ordered_at.between(START, END, inclusive="left").all()
    for name, column, days in (("refunds", "refunded_at", 30), ("reviews", "reviewed_at", 26)):
        rows = demo[name][demo[name]["order_id"].isin(ordered_at.index)]
        delay = rows[column].to_numpy() - ordered_at[rows["order_id"]].to_numpy()
        assert (delay > pd.Timedelta(0)).all()
        assert (delay <= pd.Timedelta(days=days)).all()
        assert (demo[name][column] < END).all()
    first = orders.groupby("customer_id")["ordered_at"].min()
    signed_up = demo["customers"].set_index("customer_id")["signed_up_at"]
    assert (signed_up[first.index] < first).all()
    assert (signed_up < END).all()


def test_events_cover_the_last_three_months(demo, orders):
    events = demo["events"]
    assert events["occurred_at"].min() >= pd.Timestamp("2025-10-01")
    assert events["occurred_at"].max() < END
    purchases = events[events["event_type"] == "purchase"]
    # all but those of the orders whose date was made impossible
    assert len(set(purchases["occurred_at"]) - set(orders["ordered_at"])) <= 2
    views = events["event_type"] == "product_view"
    assert events.loc[views, "product_id"].notna().all()


# faults


def test_faults_are_those_of_the_truth_file(demo, truth, dirty):
    assert {fault: len(ids) for fault, ids in dirty.items()} == {
        "lines_without_order": 6,
        "lines_with_impossible_price": 3,
        "lines_without_product": 4,
        "orders_with_unknown_status": 5,
        "orders_with_impossible_date": 2,
        "refunds_without_order": 2,
        "oversize_orders": 1,
    }
    assert all(found["count"] == len(found["ids"]) for found in truth["dirt"].values())
    orders, lines = demo["orders"], demo["order_lines"]
    price = lines["unit_price"].astype(float)
    assert set(lines.loc[~(price > 0), "order_line_id"]) == dirty["lines_with_impossible_price"]
    unknown = orders.loc[orders["status"] == "weird_state", "order_id"]
    assert set(unknown) == dirty["orders_with_unknown_status"]
    ancient = orders.loc[orders["ordered_at"] == pd.Timestamp("1900-01-01"), "order_id"]
    assert set(ancient) == dirty["orders_with_impossible_date"]
    sizes = lines.groupby("order_id")["product_id"].nunique()
    assert sizes[sizes > 30].to_dict() == dict.fromkeys(dirty["oversize_orders"], 250)


def test_an_impossible_price_is_written_as_text_and_not_as_a_gap(folder):
    text = pd.read_csv(folder / "order_lines.csv", dtype=str, keep_default_na=False)
    price = text["unit_price"]
    assert sorted(price[price.str.startswith(("-", "n"))]) == ["-12.50", "-5.00", "nan"]
    assert (price != "").all()


def test_fifteen_pairs_of_customers_share_an_email(demo, truth):
    emails = demo["customers"].set_index("customer_id")["email"]
    assert len(truth["shared_emails"]) == 15
    for one, two in truth["shared_emails"]:
        assert emails[one] != emails[two]
        assert emails[one].strip().lower() == emails[two].strip().lower()
    assert emails.dropna().str.strip().str.lower().duplicated().sum() == 15
    assert emails.dropna().str.strip().str.lower().str.endswith("@example.com").all()


# planted structure


def test_planted_pairs_are_bought_together_in_both_years(orders, truth, baskets):
    half = orders["ordered_at"] < pd.Timestamp("2025-01-01")
    assert len(truth["product_pairs"]) == 12
    for year in (set(orders.loc[half, "order_id"]), set(orders.loc[~half, "order_id"])):
        for one, two in truth["product_pairs"]:
            with_one, with_two = baskets[one] & year, baskets[two] & year
            support = len(with_one & with_two) / len(year)
            lift = support * len(year) ** 2 / (len(with_one) * len(with_two))
            assert support > 0.006
            assert lift > 10
            assert 0.4 < len(with_one & with_two) / len(with_one | with_two) < 0.65


def test_planted_triples_are_bought_together(truth, baskets):
    assert len(truth["product_triples"]) == 5
    for one, two, three in truth["product_triples"]:
        assert len(baskets[one] & baskets[two] & baskets[three]) / 15_000 > 0.004


def test_refills_are_bought_on_their_cycle(orders, truth, baskets):
    by_order = orders.dropna(subset=["customer_id"]).set_index("order_id")
    assert len(truth["repurchase_cycles"]) == 8
    for cycle in truth["repurchase_cycles"]:
        mine = by_order[by_order.index.isin(baskets[cycle["product_id"]])]
        days = mine.sort_values("ordered_at").assign(day=mine["ordered_at"].dt.normalize())
        gaps = days.groupby("customer_id")["day"].diff().dropna().dt.days
        assert len(gaps) > 100
        assert abs(gaps.median() - cycle["cycle_days"]) <= (cycle["jitter_days"] > 0)
        is_near = (gaps - cycle["cycle_days"]).abs() <= cycle["jitter_days"]
        # the exact one is bought on no other day
        assert is_near.mean() == 1 if cycle["jitter_days"] == 0 else is_near.mean() > 0.9


def test_groups_behave_as_they_are_named(orders, lines, truth):
    groups = pd.Series(truth["customer_groups"])
    assert set(groups) == set(truth["behaviour_groups"])
    counts = orders.groupby("customer_id").size()
    mean = counts.groupby(groups.reindex(counts.index)).mean()
    assert mean["loyal_regulars"] > 1.5 * mean["big_spenders"]
    assert mean["one_time_buyers"] < 1.5
    owner = lines["order_id"].map(orders.set_index("order_id")["customer_id"])
    group = owner.map(groups)
    is_discounted = (lines["discount_amount"] > 0).groupby(group).mean()
    assert is_discounted["bargain_hunters"] > 2 * is_discounted.drop("bargain_hunters").max()
    amount = lines.groupby("order_id")["amount"].sum()
    mine = orders.set_index("order_id")["customer_id"].map(groups)
    spent = amount.groupby(mine.reindex(amount.index)).mean()
    assert spent["big_spenders"] > 1.3 * spent.drop("big_spenders").max()


def test_a_bad_experience_makes_the_next_order_less_likely(demo, orders):
    past = orders[orders["ordered_at"] < pd.Timestamp("2025-07-01")]
    past = past.dropna(subset=["customer_id"]).sort_values("ordered_at")
    last = orders.groupby("customer_id")["ordered_at"].max()
    comes_back = past["customer_id"].map(last) > past["ordered_at"]
    reviews = demo["reviews"]
    low = past["order_id"].isin(reviews.loc[reviews["rating"] <= 2, "order_id"])
    refund = past["order_id"].isin(demo["refunds"]["order_id"])
    fine = ~(low | refund)
    assert comes_back[low].mean() < comes_back[fine].mean() - 0.05
    assert comes_back[refund].mean() < comes_back[fine].mean() - 0.05


def test_browsing_announces_the_next_orders(demo, orders):
    cutoff = pd.Timestamp("2025-12-01")
    last = orders[orders["ordered_at"] < cutoff].groupby("customer_id")["ordered_at"].max()
    # no order in the month that is looked at, so that buying is not taken for browsing
    known = last[last.between(pd.Timestamp("2025-08-01"), pd.Timestamp("2025-10-31"))].index
    after = set(orders.loc[orders["ordered_at"] >= cutoff, "customer_id"].dropna())
    events = demo["events"]
    recent = events[(events["occurred_at"] < cutoff) & (events["occurred_at"] > "2025-11-01")]
    views = recent[recent["event_type"] == "page_view"]["customer_id"].value_counts()
    views = views.reindex(known).fillna(0)
    buys = pd.Series([customer in after for customer in known], index=known)
    assert buys[views >= 3].mean() > buys[views == 0].mean() + 0.3


def test_the_bad_batch_shows_in_its_month(demo, truth):
    batch = truth["bad_batch"]
    reviews = demo["reviews"]
    mine = reviews[reviews["product_id"] == batch["product_id"]]
    month = mine["reviewed_at"].dt.strftime("%Y-%m")
    in_month = mine[month == batch["month"]]
    assert len(in_month) >= 12
    assert (in_month["rating"].dropna() <= 2).mean() > 0.8
    assert set(in_month["topic"].dropna()) == {batch["topic"]}
    assert mine.loc[month != batch["month"], "rating"].mean() > 3.5


def test_review_words_go_with_the_stars(demo, truth):
    reviews = demo["reviews"].dropna(subset=["rating"])
    body = reviews["body"].str.lower()
    for words in truth["sentiment_words"].values():
        praise = reviews.loc[body.str.contains("|".join(words["positive"])), "rating"]
        # "not bad" is praise
        negative = f"(?<!not )(?:{'|'.join(words['negative'])})"
        complaint = reviews.loc[body.str.contains(negative), "rating"]
        assert praise.mean() > 4
        assert complaint.mean() < 3
    assert set(truth["review_topics"]) == set(demo["reviews"]["topic"].dropna()) == set(TOPICS)


def test_review_texts_are_diverse(demo):
    body = demo["reviews"]["body"]
    assert body.nunique() / len(body) > 0.8
    assert body.str.len().min() <= 3
    assert body.str.contains("[😊😍🎉⭐😡😞💔🙄]").mean() > 0.01
    assert body.str.contains("not good|not bad|不好|不错", case=False).mean() > 0.05


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
def test_every_template_can_be_filled(language, rating):
    for topic in TOPICS:
        facts = ReviewFacts(language, rating, topic, "price", "green tea", "tea", "茶")
        for bits in range(60):
            title, body = write_review(facts, bits)
            assert body
            assert "{" not in body + (title or "")


# large shops


def test_parquet_is_typed_and_resolves(tmp_path):
    assert main(["--out", str(tmp_path), "--orders", "20000", "--format", "parquet"]) == 0
    tables = {name: pq.read_table(tmp_path / f"{name}.parquet") for name in SCHEMAS}
    for name, schema in SCHEMAS.items():
        assert tables[name].schema.equals(schema)
    assert tables["orders"].schema.field("ordered_at").type == pa.timestamp("us")
    assert tables["orders"].num_rows == 20_000
    assert tables["products"].num_rows == 346
    lines, orders = tables["order_lines"].to_pandas(), tables["orders"].to_pandas()
    assert (~lines["order_id"].isin(orders["order_id"])).sum() == 6
    assert set(orders["customer_id"].dropna()) <= set(
        tables["customers"]["customer_id"].to_pylist()
    )
    assert not list(tmp_path.glob(".*"))


def test_blocks_add_up_to_the_same_shop(monkeypatch):
    params = ShopParams(orders=4000)
    whole, _ = build_shop(params)
    monkeypatch.setattr(shop, "_BLOCK_CUSTOMERS", 150)
    parts, truth = build_shop(params)
    assert parts["orders"].num_rows == 4000
    for name, key in KEYS.items():
        ids = parts[name][key].to_pylist()
        assert len(set(ids)) == len(ids)
    known = set(parts["orders"]["order_id"].to_pylist())
    assert set(parts["reviews"]["order_id"].drop_null().to_pylist()) <= known
    assert len(set(parts["order_lines"]["order_id"].to_pylist()) - known) == 6
    assert set(truth["customer_groups"]) == set(whole["customers"]["customer_id"].to_pylist())
    # faults are planted in the first block: three orders per shop have another date or basket,
    # and each of the six is in both shops, in two versions
    columns = ["customer_id", "ordered_at", "channel", "discount_amount", "tax_amount"]
    one, two = (
        set(zip(*(tables["orders"][name].to_pylist() for name in columns), strict=True))
        for tables in (whole, parts)
    )
    assert len(one ^ two) <= 12


def test_a_catalogue_can_be_large():
    names = build_catalogue(Draws(1), 9000).names
    assert len(set(names)) == 9000


# errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"orders": 999}, "orders must be at least 1000"),
        ({"seed": -1}, "seed must not be negative"),
        ({"last_day": date(2024, 6, 1)}, "must be at least 365 days"),
    ],
)
def test_impossible_shops_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ShopParams(**arguments)


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--orders", "5"]) == 2
    assert "orders must be at least 1000" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_run_that_fails_leaves_the_older_files(tmp_path, monkeypatch):
    (tmp_path / "orders.csv").write_text("older")

    def fail_after_one_block(params):
        yield next(shop.generate_blocks(params))
        raise RuntimeError("stopped")

    monkeypatch.setattr(writers, "generate_blocks", fail_after_one_block)
    with pytest.raises(RuntimeError, match="stopped"):
        write_shop(ShopParams(orders=1000), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]
    assert (tmp_path / "orders.csv").read_text() == "older"
