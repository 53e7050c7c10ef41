"""The project keeps its own rules: layers, siblings, descriptions, thin Python models, clean files.

Each rule is a test over the files it is about, so a failure names the file. Nothing is built.
"""

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest
import yaml

import cartwise
from cartwise.baskets.frequent_itemsets import PACKING_FACTOR

REPOSITORY = Path(__file__).resolve().parents[3]
MODELS = REPOSITORY / "models"
LAYERS = ["staging", "intermediate", "features", "ml", "scores", "marts"]
ADAPTERS = ("default", "duckdb", "spark")


def list_files(folder, *suffixes):
    root = REPOSITORY / folder
    return sorted(path for path in root.rglob("*") if path.suffix in suffixes)


def each(paths, name="path"):
    return pytest.mark.parametrize(
        name, paths, ids=[str(path.relative_to(REPOSITORY)) for path in paths]
    )


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def read_model(path):
    """Return the model that a model file's sibling describes."""
    return read_yaml(path.with_suffix(".yml"))["models"][0]


def read_code(path):
    """Return a file of SQL and Jinja without its comments."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{#.*?#\}|--[^\n]*", "", text, flags=re.DOTALL)


def layer_of(path):
    return path.relative_to(MODELS).parts[0]


def domain_of(path):
    """Return the domain folder of a model, core for the layers that have none."""
    parts = path.relative_to(MODELS).parts
    return parts[1] if len(parts) == 3 else "core"


SQL_MODELS = list_files("models", ".sql")
PYTHON_MODELS = list_files("models", ".py")
ALL_MODELS = SQL_MODELS + PYTHON_MODELS
MARTS = [path for path in ALL_MODELS if layer_of(path) == "marts"]
TYPED_MODELS = [path for path in ALL_MODELS if layer_of(path) in {"staging", "marts"}]
MACROS = list_files("macros", ".sql")
CROSS_DB_MACROS = [path for path in MACROS if path.parent.name == "cross_db"]
DECISIONS = list_files("docs/decisions", ".md")
TRACKED = [
    REPOSITORY / name
    for name in subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    if name and (REPOSITORY / name).is_file()
]


# -- Models and their YAML -------------------------------------------------------------------------


def test_the_walk_finds_what_it_is_about():
    assert {layer_of(path) for path in ALL_MODELS} == set(LAYERS)
    assert MARTS
    assert PYTHON_MODELS
    assert CROSS_DB_MACROS
    assert len({path.stem for path in ALL_MODELS}) == len(ALL_MODELS)


@each(ALL_MODELS)
def test_a_model_has_a_sibling_that_describes_it_alone(path):
    content = read_yaml(path.with_suffix(".yml"))
    assert set(content) <= {"models", "unit_tests"}
    assert [model["name"] for model in content["models"]] == [path.stem]
    assert {test["model"] for test in content.get("unit_tests", [])} <= {path.stem}


@each(list_files("models", ".yml"))
def test_a_yaml_file_stands_beside_its_model(path):
    assert path.with_suffix(".sql").exists() != path.with_suffix(".py").exists()


@each(ALL_MODELS)
def test_a_model_and_its_columns_are_described(path):
    model = read_model(path)
    assert model["description"].startswith("One row")
    assert model["columns"]
    assert [c["name"] for c in model["columns"] if not c.get("description", "").strip()] == []


@each(TYPED_MODELS)
def test_inputs_and_marts_name_the_type_of_every_column(path):
    assert [c["name"] for c in read_model(path)["columns"] if not c.get("data_type")] == []


@each(MARTS)
def test_a_mart_tests_its_key(path):
    model = read_model(path)
    tests = [test for column in model["columns"] for test in column.get("data_tests", [])]
    tests += model.get("data_tests", [])
    names = {test if isinstance(test, str) else next(iter(test)) for test in tests}
    assert names & {"unique", "cartwise.unique_combination"}


# -- References ------------------------------------------------------------------------------------


def find_refs(path):
    """Return the arguments of every ref in a model."""
    if path.suffix == ".py":
        return [
            [getattr(argument, "value", None) for argument in call.args]
            for call in find_calls(ast.parse(path.read_text(encoding="utf-8")), "dbt.ref")
        ]
    arguments = re.findall(r"\bref\(([^)]*)\)", read_code(path))
    return [[part.strip().strip("'\"") for part in text.split(",")] for text in arguments]


def find_calls(tree, function):
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function
    ]


@each(ALL_MODELS)
def test_refs_name_the_package(path):
    assert [ref for ref in find_refs(path) if len(ref) != 2 or ref[0] != "cartwise"] == []


@each(ALL_MODELS)
def test_refs_go_to_the_left(path):
    by_name = {model.stem: model for model in ALL_MODELS}
    layer = LAYERS.index(layer_of(path))
    lookups = {file.stem for file in (REPOSITORY / "seeds" / "lookups").glob("*.csv")}
    for ref in find_refs(path):
        # a learner of how to blend scores has scores for examples
        is_stacked = layer_of(path) == "ml" and re.match(r"score_\w+_examples$", ref[-1] or "")
        if ref[-1] not in lookups and not is_stacked:
            assert LAYERS.index(layer_of(by_name[ref[-1]])) <= layer, ref


@each(MARTS)
def test_a_mart_builds_on_marts_of_core_or_its_own_domain(path):
    by_name = {model.stem: model for model in ALL_MODELS}
    refs = [by_name[ref[-1]] for ref in find_refs(path) if ref[-1] in by_name]
    marts = {domain_of(model) for model in refs if layer_of(model) == "marts"}
    assert marts <= {"core", domain_of(path)}
    if domain_of(path) == "core":
        assert {domain_of(model) for model in refs} <= {"core"}


# -- SQL -------------------------------------------------------------------------------------------


@each(SQL_MODELS)
def test_a_model_sets_nothing_but_its_query(path):
    code = read_code(path)
    assert not re.search(r"\bconfig\(", code)
    assert "target.type" not in code
    sql = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", code, flags=re.DOTALL)
    assert '"' not in sql, "quoted identifiers mean another thing on another engine"


@each(MACROS)
def test_a_macro_file_holds_the_macro_of_its_name(path):
    code = read_code(path)
    names = re.findall(r"\{%-?\s*macro\s+(\w+)", code)
    helper = re.compile(rf"_(?!_)\w+|({'|'.join(ADAPTERS)})__{path.stem}")
    assert path.stem in names
    assert [name for name in names if name != path.stem and not helper.fullmatch(name)] == []
    assert "target.type" not in code


@each(CROSS_DB_MACROS)
def test_what_differs_between_engines_is_dispatched(path):
    code = read_code(path)
    assert f"adapter.dispatch('{path.stem}', 'cartwise')" in code
    assert re.search(rf"macro default__{path.stem}\(", code)


# -- Python models ---------------------------------------------------------------------------------


@each(PYTHON_MODELS)
def test_a_python_model_only_binds(path):
    """Refs in, one call, a table out: what there is to test is tested in cartwise itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert layer_of(path) == "ml"
    assert ast.get_docstring(tree).startswith("One row per")
    docstring, *imports, function = tree.body
    assert isinstance(docstring, ast.Expr)
    for node in imports:
        assert isinstance(node, ast.ImportFrom), ast.unparse(node)
        assert node.module.split(".")[0] == "cartwise"
    assert isinstance(function, ast.FunctionDef)
    assert ast.unparse(function.args) == "dbt, session"
    assert function.name == "model"
    assert ast.get_docstring(function)
    assert [type(node) for node in function.body] == [ast.Expr, ast.Return]

    (returned,) = function.body[1:]
    allowed = (
        *(ast.Call, ast.Name, ast.Attribute, ast.keyword, ast.Constant, ast.Load),
        *(ast.Tuple, ast.List, ast.Dict, ast.Return),
    )
    odd = [node for node in ast.walk(returned) if not isinstance(node, allowed)]
    assert [ast.unparse(node) for node in odd] == []
    named = [
        argument
        for function in ("dbt.ref", "dbt.config.meta_get")
        for call in find_calls(returned, function)
        for argument in call.args
    ]
    literals = [node for node in ast.walk(returned) if isinstance(node, ast.Constant)]
    assert [node.value for node in literals if node not in named] == []


@each(PYTHON_MODELS)
def test_settings_of_a_python_model_are_vars(path):
    """A Python model cannot read vars, so its YAML hands them over as meta."""
    meta = read_model(path).get("config", {}).get("meta", {})
    tree = ast.parse(path.read_text(encoding="utf-8"))
    read = {call.args[0].value for call in find_calls(tree, "dbt.config.meta_get")}
    assert read == set(meta)
    declared = read_yaml(REPOSITORY / "dbt_project.yml")["vars"]
    for value in meta.values():
        (name,) = re.findall(r"\{\{ var\('(\w+)'\) \}\}", value)
        assert name in declared


def find_schema_module(path):
    (module,) = [
        node.module
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and "SCHEMA" in [alias.name for alias in node.names]
    ]
    return module


@each(PYTHON_MODELS)
def test_the_yaml_of_a_python_model_lists_the_columns_of_its_module(path):
    schema = importlib.import_module(find_schema_module(path)).SCHEMA
    columns = read_model(path)["columns"]
    assert [column["name"] for column in columns] == list(schema)
    assert [
        column["name"]
        for column in columns
        if column.get("data_type", schema[column["name"]]) != schema[column["name"]]
    ] == []


def test_every_module_with_a_schema_has_its_model():
    root = REPOSITORY / "python_lib"
    modules = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in (root / "cartwise").rglob("*.py")
        if re.search(r"^SCHEMA\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert modules == {find_schema_module(path) for path in PYTHON_MODELS}


def test_both_languages_pack_occurrences_alike():
    code = read_code(REPOSITORY / "macros" / "sql" / "basket_packing.sql")
    assert re.findall(r"return\((\d+)\)", code) == [str(PACKING_FACTOR)]


# -- The project as a whole ------------------------------------------------------------------------


def test_the_project_has_few_vars():
    """Those that name an input count as one: there are as many as there are inputs."""
    names = read_yaml(REPOSITORY / "dbt_project.yml")["vars"]
    assert len([name for name in names if not name.startswith("input_")]) <= 19


def test_both_halves_have_one_version():
    version = read_yaml(REPOSITORY / "dbt_project.yml")["version"]
    macro = read_code(REPOSITORY / "macros" / "config" / "package_version.sql")
    assert re.findall(r"return\('(.*?)'\)", macro) == [version]
    assert version == cartwise.__version__


@pytest.mark.skipif(not DECISIONS, reason="no decisions are recorded yet")
def test_every_decision_says_where_it_stands():
    states = {
        path.name: re.findall(r"^Status: (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in DECISIONS
    }
    assert {
        name: found
        for name, found in states.items()
        if found not in (["proposed"], ["accepted"], ["superseded"])
    } == {}


FOREIGN = {
    "the host of a package registry": r"files\.pythonhosted|pypi\.(org|python)|\bindex-url\b",
    "a path of one machine": r"(?<![\w.~*}/-])/(work|tmp|root|home|Users|mnt)/",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_the_files_hold_nothing_of_the_machine_they_were_made_on(what):
    found = {
        str(path.relative_to(REPOSITORY)): match.group()
        for path in TRACKED
        if path != Path(__file__)
        and (match := re.search(FOREIGN[what], path.read_text(encoding="utf-8", errors="ignore")))
    }
    assert found == {}


# What would run as code what came as data.
DANGEROUS = {
    "pickles": r"\b(c?pickle|dill|joblib|shelve|marshal)\b|allow_pickle=True",
    "code made of text": r"(?<![\w.])(eval|exec|compile|__import__)\(",
    "a shell": r"\bos\.(system|popen)\b|shell=True",
    "YAML that makes objects": r"\byaml\.(unsafe_|full_)?load\(",
}


@pytest.mark.parametrize("what", DANGEROUS)
def test_no_data_can_become_code(what):
    folders = ("python_lib", "models", "macros", "benchmarks")
    code = [
        path
        for path in TRACKED
        if path.suffix in (".py", ".sql") and path.relative_to(REPOSITORY).parts[0] in folders
    ]
    assert {path.relative_to(REPOSITORY).parts[0] for path in code} == set(folders)
    found = {
        str(path.relative_to(REPOSITORY)): match.group()
        for path in code
        if (match := re.search(DANGEROUS[what], path.read_text(encoding="utf-8")))
    }
    # the adapter runs the project's own Python models
    found.pop("python_lib/dbt/adapters/sparksession/impl.py", None)
    assert found == {}


def test_every_macro_is_documented_with_its_arguments():
    documented = {
        macro["name"]: [argument["name"] for argument in macro.get("arguments", [])]
        for macro in read_yaml(REPOSITORY / "macros" / "_macros.yml")["macros"]
        if macro["description"]
    }
    written = {}
    for path in list_files("macros", ".sql"):
        arguments = re.search(rf"macro {path.stem}\((.*?)\)", path.read_text(), re.DOTALL)[1]
        names = [argument.partition("=")[0].strip() for argument in arguments.split(",")]
        written[path.stem] = [name for name in names if name]
    assert documented == written
