"""Learning steps of the cartwise dbt package: pure functions from frames to frames."""

__version__ = "0.1.0"
