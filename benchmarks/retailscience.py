"""RFM segments and pair associations by openretailscience on DuckDB, as its guide does them.

    PYTHON benchmarks/retailscience.py FOLDER

PYTHON is an interpreter with openretailscience, which needs an older DuckDB than cartwise and so an
environment of its own. FOLDER holds a shop as Parquet. Prints a line of JSON per step.
"""

import json
import sys
import time
from pathlib import Path

import ibis
from openretailscience.analysis.product_association import ProductAssociation
from openretailscience.segmentation.rfm import RFMSegmentation

SUPPORT, CONFIDENCE = 0.002, 0.1
LINES = """
    select
        orders.customer_id,
        order_lines.order_id as transaction_id,
        order_lines.product_id,
        cast(orders.ordered_at as timestamp) as transaction_date,
        cast(order_lines.quantity * order_lines.unit_price as double) as unit_spend
    from '{folder}/order_lines.parquet' as order_lines
    inner join '{folder}/orders.parquet' as orders using (order_id)
    where try_cast(orders.ordered_at as timestamp) between '1990-01-01' and '2099-12-31'
"""


def measure(name, function):
    wall, cpu = time.monotonic(), time.process_time()
    result = function()
    seconds = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({"step": name, "done": True, "rows": len(result), **seconds}), flush=True)


def main(folder):
    connection = ibis.duckdb.connect()
    connection.raw_sql(f"create table lines as {LINES.format(folder=folder)}")
    lines = connection.table("lines")
    last = lines.transaction_date.max().execute().date()
    known = lines.filter(lines.customer_id.notnull())
    measure(
        "rfm",
        lambda: (
            RFMSegmentation(known, current_date=last, r_segments=5, f_segments=5, m_segments=5).df
        ),
    )
    measure(
        "pairs",
        lambda: (
            ProductAssociation(
                lines,
                value_col="product_id",
                group_col="transaction_id",
                min_support=SUPPORT,
                min_confidence=CONFIDENCE,
            ).df
        ),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
