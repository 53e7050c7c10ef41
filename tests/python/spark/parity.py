"""Compare the marts of two engines, row by row and column by column."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

FLOAT_TOLERANCE = 1e-6


def get_marts(manifest: Mapping) -> dict[str, list[str]]:
    """Return the key columns of every mart, as its own tests of uniqueness name them."""
    marts = {
        node_id: node["name"]
        for node_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][:2] == ["cartwise", "marts"]
    }
    keys: dict[str, list[str]] = {}
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata") or {}
        if node.get("attached_node") in marts:
            if metadata.get("name") == "unique":
                keys[marts[node["attached_node"]]] = [node["column_name"]]
            elif metadata.get("name") == "unique_combination":
                keys[marts[node["attached_node"]]] = metadata["kwargs"]["columns"]
    return {mart: keys[mart] for mart in sorted(marts.values())}


def find_differences(
    database: Path, warehouse: Path, mart: str, keys: Sequence[str], examples: int = 3
) -> list[str]:
    """Compare a mart in a DuckDB file with the Parquet table that Spark wrote.

    Keys, texts, whole numbers, decimals, dates and arrays have to be equal, floating-point numbers
    within a relative `FLOAT_TOLERANCE`.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        # a mart that keeps its runs has a folder for each
        spark_table = f"read_parquet('{warehouse / mart}/**/*.parquet', hive_partitioning = true)"
        columns = connection.sql(f"describe {mart}").fetchall()
        spark_names = [row[0] for row in connection.sql(f"describe from {spark_table}").fetchall()]
        if [column[0] for column in columns] != spark_names:
            return [f"{mart}: columns {[column[0] for column in columns]} and {spark_names}"]
        join = " and ".join(f"ours.{key} is not distinct from theirs.{key}" for key in keys)
        differences = []
        for side, first, second in (("Spark", mart, spark_table), ("DuckDB", spark_table, mart)):
            missing = connection.sql(
                f"select {', '.join(keys)} from {first} as ours anti join {second} as theirs "
                f"on {join}"
            )
            if count := len(missing):
                rows = missing.limit(examples).fetchall()
                differences.append(f"{mart}: {side} lacks {count} rows, such as {rows}")
        for name, kind, *_ in columns:
            if kind == "DOUBLE":
                is_different = (
                    f"(ours.{name} is null) <> (theirs.{name} is null) or "
                    f"abs(ours.{name} - theirs.{name}) > {FLOAT_TOLERANCE} "
                    f"* greatest(1e-9, abs(ours.{name}))"
                )
            else:
                is_different = f"ours.{name} is distinct from cast(theirs.{name} as {kind})"
            unequal = connection.sql(
                f"select {', '.join(f'ours.{key}' for key in keys)}, ours.{name}, theirs.{name} "
                f"from {mart} as ours join {spark_table} as theirs on {join} where {is_different}"
            )
            if count := len(unequal):
                rows = unequal.limit(examples).fetchall()
                differences.append(f"{mart}.{name}: {count} rows differ, such as {rows}")
    return differences
