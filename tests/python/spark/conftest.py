"""Spark in a test: sessions, a cluster, and a skip where the spark extra is not installed."""

from collections.abc import Iterator

import pytest

pytest.importorskip("pyspark", reason="pip install 'cartwise[spark]' to test Spark")


@pytest.fixture(scope="session", autouse=True)
def quick_java() -> Iterator[None]:
    """Let each Java compile fast rather than well: none lives long enough to get it back."""
    # with one compiler alone, Java keeps too little room for the code of a whole build
    options = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", options)
        yield
