"""The example projects install cartwise as a user would, and build."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def installed_package(tmp_path_factory):
    """Return a folder that holds the unpacked wheel, as site-packages would."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(REPOSITORY)],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def build_example(run_dbt, installed_package, tmp_path):
    """Return a function that installs cartwise from its wheel into an example and builds it."""

    def build(name, **environment):
        project = tmp_path / name
        shutil.copytree(
            REPOSITORY / "examples" / name,
            project,
            ignore=shutil.ignore_patterns("dbt_packages", "target", "logs", "*.duckdb*"),
        )
        environment |= {
            "PYTHONPATH": str(installed_package),
            "CARTWISE_PROJECT": str(installed_package / "cartwise" / "dbt_project"),
        }
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        database = tmp_path / "build" / "example.duckdb"
        database.parent.mkdir()
        for command in ("deps", "build"):
            run = run_dbt(
                [command],
                database,
                project=project,
                environment=environment,
                working_directory=elsewhere,
                in_own_process=True,
            )
            assert run.succeeded, run.output
        assert not list(elsewhere.glob("*.duckdb")), "the build wrote a second database"
        return run

    return build


def read_metrics(build, model):
    """Return the values and baselines of each metric, fold by fold, from the earliest."""
    metrics = {}
    for metric, value, baseline in build.query(
        "select metric, metric_value, baseline_value from cartwise__model_metrics "
        f"where model = '{model}' order by fold_id"
    ):
        metrics.setdefault(metric, []).append((value, baseline))
    return metrics


def test_wheel_holds_the_dbt_project_but_no_demo(installed_package):
    project = installed_package / "cartwise" / "dbt_project"
    assert (project / "dbt_project.yml").is_file()
    assert (project / "models" / "ml" / "baskets" / "ml_cartwise__frequent_itemsets.py").is_file()
    assert (project / "seeds" / "lookups" / "cartwise_data_quality_rules.csv").is_file()
    assert not (project / "seeds" / "demo").exists()
    found = subprocess.run(
        [sys.executable, "-m", "cartwise", "path"],
        env={**os.environ, "PYTHONPATH": str(installed_package)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == project


def test_minimal_example_builds_beside_models_of_the_same_names(build_example):
    build = build_example("minimal")
    tables = build.column("select table_name from information_schema.tables")
    assert {"orders", "customers", "cartwise__orders", "cartwise__customers"} <= set(tables)
    assert not [table for table in tables if table.startswith("demo_")]
    # from the seeds by hand: 20.30 + 16.90 + 24.00 for the merged accounts 7 and 10, 7.90 returned
    assert build.query(
        "select customer_id, count_orders, total_gross_amount::double, total_net_amount::double "
        "from cartwise__customers where count_accounts = 2"
    ) == [("7", 3, 61.2, 53.3)]
    assert build.query("select sum(total_net_amount)::double from cartwise__daily_sales") == [
        (143.5,)
    ]


def test_online_retail_example_builds_on_the_real_shop(build_example, shared_data):
    build = build_example("online_retail", CARTWISE_SHARED_DATA=str(shared_data))
    # counted in the raw files: 1,044,847 lines in all, of which 239 are bookkeeping or tests
    raw = f"read_parquet('{shared_data}/online_retail_ii/*.parquet', filename = true)"
    ((lines, gross),) = build.query(
        f"""
        select
            count(*),
            sum(
                case
                    when quantity > 0 and price >= 0
                        then round(quantity::decimal(18, 3) * price::decimal(18, 4), 2)
                    else 0
                end
            )
        from {raw}
        where
            (filename not like '%year_2009_2010%' or invoice_date < '2010-12-01')
            and not regexp_matches(
                upper(trim(stock_code)), '^(AMAZONFEE|BANK CHARGES|CRUK|ADJUST.*|TEST.*)$'
            )
        """
    )
    kept, summed = build.query("select count(*), sum(gross_amount) from cartwise__order_lines")[0]
    (set_aside,) = build.column("select count(*) from int_cartwise__set_aside_rows")
    assert kept + set_aside == lines
    assert summed == gross
    rules = build.query(
        "select count(*), count(*) filter (where is_stable) from cartwise__basket_rules "
        "where q_value < 0.05 and not is_redundant"
    )[0]
    assert rules[0] > 1000
    assert rules[1] / rules[0] > 0.9, "nearly all rules hold on the following months"

    churn = read_metrics(build, "churn")
    assert len(churn["auc"]) == 3
    assert all(auc >= recency_alone + 0.02 for auc, recency_alone in churn["auc"])
    next_purchase = read_metrics(build, "next_purchase")
    assert [len(next_purchase[metric]) for metric in ("days_mae", "days_mae_repeat")] == [3, 3]
    assert all(error < of_median for error, of_median in next_purchase["days_mae"])
    assert all(error < of_own_gap for error, of_own_gap in next_purchase["days_mae_repeat"])
    assert len(next_purchase["days_coverage"]) == 3
    assert all(0.75 <= coverage <= 0.85 for coverage, _ in next_purchase["days_coverage"])
    customers, in_segments = build.query(
        "select count(*), count(segment_id) from cartwise__customer_segments"
    )[0]
    assert 0 < customers == in_segments
    (profiled,) = build.column("select sum(count_customers) from cartwise__segment_profiles")
    assert profiled == customers


def test_complete_journey_example_builds_on_the_real_shop(build_example, shared_data):
    build = build_example("complete_journey", CARTWISE_SHARED_DATA=str(shared_data))
    raw = f"read_parquet('{shared_data}/complete_journey/transactions.parquet')"
    received = build.query(
        f"""
        select
            count(*),
            count(distinct basket_id),
            count(distinct household_id),
            sum(round(sales_value * 100)::bigint)
        from {raw}
        """
    )
    marts = build.query(
        """
        select
            count(*),
            count(distinct order_id),
            count(distinct customer_id),
            sum((net_amount * 100)::bigint)
        from cartwise__order_lines
        """
    )
    assert marts == received
    assert build.column("select count(*) from int_cartwise__set_aside_rows") == [0]
    # what a basket brought is what the shop received for it, before the maker's own coupons
    different = build.query(
        f"""
        with receipts as (
            select
                basket_id::varchar as order_id,
                sum(round(sales_value * 100)::bigint) as cents
            from {raw}
            group by 1
        )
        select *
        from cartwise__orders as orders
        full join receipts on orders.order_id = receipts.order_id
        where (orders.net_amount * 100)::bigint is distinct from receipts.cents
        limit 3
        """
    )
    assert different == []
    auc = read_metrics(build, "churn")["auc"]
    assert len(auc) == 3
    assert all(value > recency_alone for value, recency_alone in auc)


def test_olist_example_builds_and_says_what_it_has_too_little_of(build_example, shared_data):
    build = build_example("olist", CARTWISE_SHARED_DATA=str(shared_data))
    marts = {path.stem for path in (REPOSITORY / "models" / "marts").rglob("*.sql")}
    assert marts <= set(build.column("select table_name from information_schema.tables"))

    raw = f"read_parquet('{shared_data}/olist_sample/order_reviews.parquet')"
    assert build.column("select count(*) from cartwise__review_sentiments") == build.column(
        f"select count(distinct review_id) from {raw}"
    )
    sentiment = read_metrics(build, "sentiment")
    assert all(value > baseline for pairs in sentiment.values() for value, baseline in pairs)
    assert all(macro_f1 > 0.55 for macro_f1, _ in sentiment["macro_f1"])
    ((portuguese,),) = build.query(
        "select avg(case when language = 'pt' then 1 else 0 end) "
        "from cartwise__review_sentiments where has_text"
    )
    assert portuguese > 0.98
    # the topic that the project adds to the list
    assert set(
        build.column("select term from feat_cartwise__topic_terms where topic = 'wrong_item'")
    ) == {"errado", "errada", "faltando"}
    assert "wrong_item" in build.column("select distinct topic from cartwise__review_topics")
    negative, answered = build.query(
        """
        select
            count(*),
            count(*) filter (
                replies.template_language = 'pt'
                and not contains(replies.draft_reply, '{')
            )
        from cartwise__review_sentiments as reviews
        left join cartwise__suggested_replies as replies on reviews.review_id = replies.review_id
        where reviews.sentiment = 'negative' and reviews.language = 'pt'
        """
    )[0]
    assert 4_000 < negative == answered

    missed = build.query(
        "select model, gate from cartwise__data_sufficiency where not is_met order by all"
    )
    assert missed == [
        ("churn", "outcome_share"),
        ("churn", "recent_orders"),
        ("next_purchase", "outcome_share"),
        ("next_purchase", "recent_orders"),
        ("recommendations", "earlier_next_baskets"),
        ("recommendations", "next_baskets"),
        ("replenishment", "repurchases"),
    ]
    # lists in a fixed order, without scores
    assert build.query(
        "select count(score), min(rank), max(rank) from cartwise__recommendations"
    ) == [(0, 1, 10)]
    assert build.column(
        "select count(*) from cartwise__churn_risk where churn_probability >= 0"
    ) == [0]
    assert build.column("select count(*) from cartwise__basket_rules") == [0]
