"""The version of dbt-spark that the adapter is written for."""

version = "1.11.0"
