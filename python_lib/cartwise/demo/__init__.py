"""A seeded demo shop: orders, products, reviews and clicks with known patterns in them."""

from cartwise.demo.shop import ShopBlock, ShopParams, build_shop, generate_blocks
from cartwise.demo.writers import write_shop

__all__ = ["ShopBlock", "ShopParams", "build_shop", "generate_blocks", "write_shop"]
