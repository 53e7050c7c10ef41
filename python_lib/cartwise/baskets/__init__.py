"""Baskets: frequent item sets and association rules."""
