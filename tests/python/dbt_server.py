"""Run dbt over and over, each time as a fork of one process in which dbt is warm.

Importing dbt and its first parse take seconds, longer than many a build here. A line of the input
is a run, the answer is its exit code.
"""

import gc
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from dbt.cli.main import cli, dbtRunner

# what the Python models import
LIBRARIES = ("cartwise.engine", "duckdb", "pandas", "sklearn.cluster", "sklearn.linear_model")


def warm_up(project: str) -> None:
    """Import and parse; the static parser stays out of it, its threads would not live in a fork."""
    for library in LIBRARIES:
        importlib.import_module(library)
    with tempfile.TemporaryDirectory() as folder:
        paths = ["--project-dir", project, "--profiles-dir", project]
        paths += ["--target-path", folder, "--log-path", folder]
        dbtRunner().invoke(["--quiet", "--no-static-parser", "parse", *paths])
    # a collection would touch, and so copy, all that a fork shares with this process
    gc.collect()
    gc.freeze()


def become_dbt(run: Mapping[str, Any]) -> None:
    """Take the arguments, environment, folder and streams of a `dbt` command."""
    os.chdir(run["folder"])
    os.environ.clear()
    os.environ.update(run["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(run["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # for who wants to end it
    Path(run["output"]).with_suffix(".pid").write_text(str(os.getpid()))
    sys.argv = ["dbt", *run["arguments"]]


def serve(answers: TextIO) -> None:
    """Run what is asked for, one after the other."""
    for line in sys.stdin:
        process_id = os.fork()
        if process_id == 0:
            become_dbt(json.loads(line))
            sys.exit(cli())
        _, status = os.waitpid(process_id, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w") as answers:
        # whatever else is written is no answer
        os.dup2(2, 1)
        warm_up(sys.argv[1])
        serve(answers)
