"""The same project gives the same marts on Apache Spark as on DuckDB."""

import json
import threading
import time

import pytest
from cluster import Cluster
from parity import find_differences, get_marts
from small_shop import BUILD, RUN

from cartwise.demo import ShopParams, write_shop

# marts that equal tested ones need no further test of one column; those of our own macros run here
OF_COLUMNS = ("not_null", "unique", "accepted_values", "relationships")
CLUSTER_BUILD = [*BUILD, "--exclude", *(f"test_name:{name}" for name in OF_COLUMNS)]
LOCAL_BUILD = [
    *(*RUN, "--write-json"),
    *("--select", "+path:models/marts/core", "+path:models/marts/baskets"),
    "+cartwise__data_quality",
]


def kill_worker_once(cluster, log, sign):
    """Kill a worker as soon as dbt's log shows a sign, in the middle of the build."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        if log.exists() and sign in log.read_text(errors="replace"):
            cluster.kill("worker-0")
            return
        time.sleep(0.2)


def compare(build, warehouse, marts):
    return [
        difference
        for mart, keys in marts.items()
        for difference in find_differences(build.database, warehouse, mart, keys)
    ]


def read_marts(build):
    """Return the keys of every mart; a new one is compared without being listed."""
    manifest = json.loads((build.database.parent / "target" / "manifest.json").read_text())
    marts = get_marts(manifest)
    assert len(marts) >= 9
    return marts


@pytest.fixture(scope="module")
def cluster_build(run_dbt, tmp_path_factory):
    """Return the warehouse of the demo, built through Connect on a cluster that loses a worker.

    The client runs with no Java to be found.
    """
    folder = tmp_path_factory.mktemp("cluster")
    client = tmp_path_factory.mktemp("client")
    with Cluster(folder) as cluster:
        killer = threading.Thread(
            target=kill_worker_once,
            args=(
                cluster,
                client / "logs" / "dbt.log",
                "OK created sql table model cartwise.int_cartwise__order_lines ",
            ),
        )
        killer.start()
        build = run_dbt(
            [*CLUSTER_BUILD, "--target", "spark_connect"],
            client / "unused.duckdb",
            environment={
                "CARTWISE_SPARK_REMOTE": cluster.remote,
                "JAVA_HOME": str(client / "none"),
            },
        )
        killer.join()
        assert build.succeeded, build.output + cluster.read_log("connect")[-3000:]
        assert "worker-0" not in cluster.processes, "the worker was not killed in mid-build"
    return folder / "warehouse" / "cartwise.db"


def test_every_mart_is_the_same_on_a_cluster_that_lost_a_worker(demo_build, cluster_build):
    assert not compare(demo_build, cluster_build, read_marts(demo_build))


def test_a_folder_of_parquet_files_is_the_same_in_a_local_session(run_dbt, tmp_path):
    """What reads files and learns in a local session; the cluster runs the SQL of every mart."""
    shop = tmp_path / "shop"
    write_shop(ShopParams(orders=3000), shop, "parquet")
    (shop / "events.parquet").unlink()  # an optional input may be absent
    builds = {}
    for target in ("duckdb", "spark"):
        folder = tmp_path / target
        folder.mkdir()
        builds[target] = run_dbt(
            [*LOCAL_BUILD, "--target", target],
            folder / "cartwise.duckdb",
            {"data_path": str(shop), "basket_min_support": 0.005},
            environment={"CARTWISE_SPARK_DIR": str(folder)},
        )
        assert builds[target].succeeded, builds[target].output
    tables = builds["duckdb"].column("select table_name from information_schema.tables")
    marts = {mart: keys for mart, keys in read_marts(builds["duckdb"]).items() if mart in tables}
    assert {"cartwise__orders", "cartwise__basket_rules", "cartwise__data_quality"} <= marts.keys()
    assert not compare(builds["duckdb"], tmp_path / "spark" / "warehouse" / "cartwise.db", marts)
