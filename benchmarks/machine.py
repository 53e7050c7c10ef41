"""What a benchmark runs on: the machine, in a line, and the memory that DuckDB may take."""

import importlib.metadata
import os
import platform
from pathlib import Path

PROFILE = """
cartwise:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{{{ env_var('CARTWISE_DB') }}}}"
      threads: {threads}
      config_options:
        memory_limit: {limit}
        temp_directory: "{folder}/spilled"
"""


def write_profile(folder, limit, threads=2):
    """Write a dbt profile whose DuckDB takes no more memory and spills into the folder."""
    profile = PROFILE.format(threads=threads, limit=limit, folder=folder)
    (folder / "profiles.yml").write_text(profile, encoding="utf-8")


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
