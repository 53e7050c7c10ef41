"""Write a demo shop: ``python -m cartwise.demo --out seeds/demo``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cartwise.demo.shop import ShopParams
from cartwise.demo.writers import FORMATS, write_shop


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if left out.

    Returns
    -------
    int
        0 when the files are written, 2 when an argument cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="python -m cartwise.demo",
        description="Write a demo shop; the same arguments write the same shop.",
    )
    parser.add_argument("--out", type=Path, default=Path("seeds/demo"), help="folder to write to")
    parser.add_argument("--orders", type=int, default=ShopParams.orders, help="size of the shop")
    parser.add_argument("--seed", type=int, default=ShopParams.seed, help="which shop")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="kind of file")
    arguments = parser.parse_args(argv)
    try:
        params = ShopParams(orders=arguments.orders, seed=arguments.seed)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for path in write_shop(params, arguments.out, arguments.format):
        print(f"{path} ({path.stat().st_size:,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
