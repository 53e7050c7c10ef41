"""The dbt adapter `sparksession`: dbt-spark that also runs Python models and seeds on its session.

dbt-spark runs Python models on Databricks only. This adapter adds, through the public adapter
interface, what is missing for any other Apache Spark: a helper that runs a Python model in the
Spark session that the SQL models use, and seeds that are loaded as data instead of SQL text.
Everything else is dbt-spark. The session is local, of a cluster, or a Spark Connect client, as the
profile's ``server_side_parameters`` say.
"""

from pathlib import Path

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.sparksession.__version__ import version  # noqa: F401
from dbt.adapters.sparksession.impl import (
    SparkSessionAdapter,
    SparkSessionCredentials,
)

Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,
    credentials=SparkSessionCredentials,
    dependencies=["spark"],
    include_path=str(Path(__file__).parent / "include"),
    project_name="dbt_sparksession",
)
