"""What a benchmark was run on, in a line."""

import importlib.metadata
import os
import platform
from pathlib import Path


def describe_machine(packages):
    cpu, memory = platform.processor() or platform.machine(), None
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), cpu)
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"{package} {importlib.metadata.version(package)}" for package in packages]
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}, "
        f"Python {platform.python_version()}, {', '.join(versions)}"
    )
