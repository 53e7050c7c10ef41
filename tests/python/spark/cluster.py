"""A real Spark cluster on the loopback interface: a master, workers and a Spark Connect server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyspark

from dbt.adapters.sparksession.session import provide_java

LOOPBACK = "127.0.0.1"


def get_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


class Cluster:
    """Starts its processes when entered and ends exactly those when left."""

    count_workers = 2

    def __init__(
        self,
        folder: Path,
        executor_memory: str = "768m",
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.folder = folder
        self.executor_memory = executor_memory
        self.settings = settings or {}
        self.master_port, self.connect_port = get_free_port(), get_free_port()
        self.processes: dict[str, subprocess.Popen] = {}
        self._logs = ExitStack()

    @property
    def remote(self) -> str:
        return f"sc://{LOOPBACK}:{self.connect_port}"

    @property
    def master(self) -> str:
        return f"spark://{LOOPBACK}:{self.master_port}"

    def __enter__(self) -> "Cluster":
        try:
            self._start_master()
            for number in range(self.count_workers):
                self._start_worker(f"worker-{number}")
            self._start_connect_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(list(self.processes)):
            self.stop(name)
        self._logs.close()

    def stop(self, name: str) -> None:
        """End one of the processes that this cluster started."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """Kill one of the processes at once, as a lost machine would."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def read_log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _start_master(self) -> None:
        options = ["--host", LOOPBACK, "--port", str(self.master_port), "--webui-port", "0"]
        self._start("master", ["spark-class", "org.apache.spark.deploy.master.Master", *options])
        self._wait_for_port("master", self.master_port)

    def _start_worker(self, name: str) -> None:
        options = ["--host", LOOPBACK, "--cores", "1", "--memory", "8g"]
        options += ["--webui-port", "0", "--work-dir", str(self.folder / "work"), self.master]
        self._start(name, ["spark-class", "org.apache.spark.deploy.worker.Worker", *options])

    def _start_connect_server(self) -> None:
        settings = {
            "spark.connect.grpc.binding.port": self.connect_port,
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.executor.memory": self.executor_memory,
            "spark.executor.cores": "1",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.warehouse.dir": self.folder / "warehouse",
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={self.folder / 'metastore'};create=true"
            ),
            "spark.sql.catalogImplementation": "hive",
            "spark.ui.enabled": "false",
            **self.settings,
        }
        options = ["--master", self.master]
        for key, value in settings.items():
            options += ["--conf", f"{key}={value}"]
        server = "org.apache.spark.sql.connect.service.SparkConnectServer"
        self._start(
            "connect", ["spark-submit", *options, "--class", server, "spark-internal"], memory="1g"
        )
        self._wait_for_port("connect", self.connect_port)

    def _start(self, name: str, command: Sequence[str], memory: str = "256m") -> None:
        provide_java()
        home = Path(pyspark.__file__).parent
        log = self._logs.enter_context((self.folder / f"{name}.log").open("w"))
        self.processes[name] = subprocess.Popen(
            [str(home / "bin" / command[0]), *command[1:]],
            env={
                **os.environ,
                "SPARK_HOME": str(home),
                "SPARK_LOCAL_IP": LOOPBACK,
                "SPARK_DAEMON_MEMORY": memory,
                "PYSPARK_PYTHON": sys.executable,
            },
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def _wait_for_port(self, name: str, port: int, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                break
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex((LOOPBACK, port)) == 0:
                    return
            time.sleep(0.3)
        raise RuntimeError(f"{name} did not answer on port {port}:\n{self.read_log(name)[-3000:]}")
