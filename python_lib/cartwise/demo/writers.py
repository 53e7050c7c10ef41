"""Files of the demo shop: CSV that is the same byte for byte everywhere, or typed Parquet."""

import csv
import json
import os
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from cartwise.demo.shop import ShopBlock, ShopParams, collect_truth, generate_blocks
from cartwise.demo.tables import SCHEMAS

FORMATS = ("csv", "parquet")


class _Sink(Protocol):
    """Takes the rows of one input."""

    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


def _format_cell(value: Any) -> str:
    """Return a value as it stands in a CSV file; null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


class _CsvSink:
    """Writes CSV with Python's own writer, whose quoting does not change with pyarrow."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(schema.names)

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        columns = [map(_format_cell, column.to_pylist()) for column in table.columns]
        self._writer.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class _ParquetSink:
    """Writes Parquet, one row group per block."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if table.num_rows:
            self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


_SINKS: dict[str, type[_Sink]] = {"csv": _CsvSink, "parquet": _ParquetSink}


def _write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write the truth as JSON, one line per top-level entry."""
    entries = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, sort_keys=True)}"
        for key, value in sorted(truth.items())
    ]
    path.write_text("{\n" + ",\n".join(entries) + "\n}\n", encoding="utf-8", newline="\n")


def write_shop(params: ShopParams, folder: Path, file_format: str = "csv") -> list[Path]:
    """Generate a shop and write it to a folder.

    Parameters
    ----------
    params : ShopParams
        What shop.
    folder : Path
        Where; made if it does not exist.
    file_format : {"csv", "parquet"}, default="csv"
        How.

    Returns
    -------
    list of Path
        One file per input, then `truth.json`. They replace older files of these names only when
        all of them are complete, so a run that is stopped leaves the older ones as they were.

    Raises
    ------
    ValueError
        If the format is not known.
    """
    if file_format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}; got {file_format!r}")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.{file_format}" for name in SCHEMAS}
    paths["truth"] = folder / "truth.json"
    unfinished = {name: path.with_name(f".{path.name}.tmp") for name, path in paths.items()}
    try:
        with ExitStack() as stack:
            sinks = {}
            for name, schema in SCHEMAS.items():
                sinks[name] = _SINKS[file_format](unfinished[name], schema)
                stack.callback(sinks[name].close)
            blocks: list[ShopBlock] = []
            for block in generate_blocks(params):
                for name, table in block.tables.items():
                    sinks[name].write(table)
                blocks.append(replace(block, tables={}))
        _write_truth(unfinished["truth"], collect_truth(blocks))
        for name, path in paths.items():
            os.replace(unfinished[name], path)
    finally:
        for path in unfinished.values():
            path.unlink(missing_ok=True)
    return list(paths.values())
