"""dbt-spark's adapter with a session that Python models and seeds use too."""

import linecache
import traceback
from dataclasses import dataclass
from typing import Any

from dbt.adapters.base import PythonJobHelper, available
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.spark.column import SparkColumn
from dbt.adapters.spark.connections import SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.impl import SparkAdapter
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.sparksession.session import get_session


@dataclass
class SparkSessionCredentials(SparkCredentials):
    """dbt-spark's credentials with `method: session` as the default."""

    method: str = "session"
    host: str | None = "session"

    @property
    def type(self) -> str:
        """Name of the adapter in a profile."""
        return "sparksession"


class SparkSessionConnectionManager(SparkConnectionManager):
    """dbt-spark's connections; the session is opened with a check of what it needs."""

    TYPE = "sparksession"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open the session once with clear errors, then leave the rest to dbt-spark."""
        get_session(connection.credentials.server_side_parameters)
        return super().open(connection)


class SessionPythonJobHelper(PythonJobHelper):
    """Runs a compiled Python model in this process, on the Spark session of the SQL models."""

    def __init__(self, parsed_model: dict, credentials: SparkSessionCredentials) -> None:
        self.model = parsed_model
        self.credentials = credentials

    def submit(self, compiled_code: str) -> None:
        """Execute the model.

        Parameters
        ----------
        compiled_code : str
            The model with the lines that dbt-spark adds to write its table.

        Raises
        ------
        DbtRuntimeError
            If the model fails; the message holds the traceback with the model's own lines.
        """
        spark = get_session(self.credentials.server_side_parameters)
        name = f"<{self.model['unique_id']}>"
        # known to linecache, so that the traceback shows the model's own lines
        linecache.cache[name] = (
            len(compiled_code),
            None,
            compiled_code.splitlines(keepends=True),
            name,
        )
        try:
            exec(compile(compiled_code, name, "exec"), {"spark": spark, "__name__": "dbt_model"})
        except Exception as error:
            raise DbtRuntimeError(f"Python model failed:\n{traceback.format_exc()}") from error


@dataclass
class SparkSessionColumn(SparkColumn):
    """dbt-spark's column; a contract may call an array `string[]`, as on other engines."""

    @classmethod
    def translate_type(cls, dtype: str) -> str:
        """Translate a contract's type name into Spark's."""
        if dtype.endswith("[]"):
            return f"array<{cls.translate_type(dtype[:-2])}>"
        return super().translate_type(dtype)


class SparkSessionAdapter(SparkAdapter):
    """dbt-spark plus Python models and seeds on the session."""

    Column = SparkSessionColumn
    ConnectionManager = SparkSessionConnectionManager

    @classmethod
    def type(cls) -> str:
        """Name of the adapter in a profile."""
        return "sparksession"

    @property
    def default_python_submission_method(self) -> str:
        """Python models run on the session unless a model says otherwise."""
        return "session"

    @property
    def python_submission_helpers(self) -> dict[str, Any]:
        """dbt-spark's helpers and the session's."""
        return {**super().python_submission_helpers, "session": SessionPythonJobHelper}

    @available
    def path_exists(self, path: str) -> bool:
        """Tell whether the cluster sees a file or folder.

        Parameters
        ----------
        path : str
            Any path or URI that Spark reads from.

        Returns
        -------
        bool
        """
        spark = get_session(self.config.credentials.server_side_parameters)
        try:
            # analysed, never read
            return bool(spark.read.format("binaryFile").load(path).columns)
        except Exception as error:
            if "PATH_NOT_FOUND" in str(error):
                return False
            raise

    @available
    def insert_seed_rows(self, relation: Any, agate_table: Any, types: dict[str, str]) -> None:
        """Load a seed's rows into its table as data.

        dbt-spark writes one cast per cell into an INSERT without escaping quotes; an apostrophe
        breaks it, an empty cell becomes the text 'None' and thousands of rows take minutes.

        Parameters
        ----------
        relation : dbt relation
            The table, already created.
        agate_table : agate.Table
            The rows of the seed.
        types : dict of str to str
            Column name to Spark type.
        """
        if not agate_table.rows:
            return
        spark = get_session(self.config.credentials.server_side_parameters)
        names = list(agate_table.column_names)
        rows = [
            [None if value is None else str(value) for value in row] for row in agate_table.rows
        ]
        frame = spark.createDataFrame(rows, ", ".join(f"`{name}` string" for name in names))
        frame.selectExpr(
            *(f"cast(`{name}` as {types[name]}) as `{name}`" for name in names)
        ).coalesce(1).write.insertInto(relation.render())
