"""Spark in a test: sessions, a cluster, and a skip where the spark extra is not installed."""

import pytest

pytest.importorskip("pyspark", reason="pip install 'cartwise[spark]' to test Spark")
