"""The README says what the code does: its tables are written from the code's own YAML."""

from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PROJECT = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))


def read_model(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]


def write_contract_table(model):
    """Lay out one input's contract as the README has it."""
    rows = ["| column | type | | what it holds |", "|---|---|---|---|"]
    for column in model["columns"]:
        meta = column.get("config", {}).get("meta", {})
        if column["name"] == "unusable_columns":
            continue
        notes = ["required"] if meta.get("required") else []
        notes += ["unique"] if meta.get("unique") else []
        notes += ["personal"] if meta.get("personal") else []
        if "minimum" in meta:
            notes.append(f"{meta['minimum']} to {meta['maximum']}")
        description = " ".join(column["description"].split())
        rows.append(
            f"| `{column['name']}` | {column['data_type']} | {', '.join(notes)} | {description} |"
        )
    return "\n".join(rows)


def test_readme_holds_the_input_contract():
    for path in sorted((REPOSITORY / "models" / "staging").glob("*.yml")):
        assert write_contract_table(read_model(path)) in README, f"README lacks {path.stem}"


def test_readme_names_every_var_with_its_default():
    for name, default in PROJECT["vars"].items():
        if not isinstance(default, list):
            shown = "" if default is None else f" `{str(default).lower()}`"
            assert f"| `{name}` |{shown} |" in README, f"README lacks the var {name}"
        assert f"`{name}`" in README


def test_readme_names_every_mart():
    for path in sorted((REPOSITORY / "models" / "marts").rglob("*.yml")):
        assert f"| `{path.stem}` |" in README, f"README lacks the mart {path.stem}"
