"""Imports point one way, and stand at the top of their files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# app -> what it may import beside itself
ALLOWED = {
    "config": set(),
    "accounts": {"config"},
    "classrooms": {"config", "accounts"},
    "meetings": {"config", "accounts", "classrooms"},
    "assessments": {"config", "accounts", "classrooms"},
    "retrieval": {"config", "accounts", "classrooms"},
    # It stands above them all; analytics is told of mastery and knows nobody.
    "progress": {
        "config",
        "accounts",
        "classrooms",
        "meetings",
        "assessments",
        "retrieval",
        "analytics",
    },
    "analytics": {"config", "accounts"},
}

# Here the parts are put together: these files may know every app.
COMPOSITION_ROOT = (
    "config/apps.py",
    "config/urls.py",
    "config/api/urls.py",
    "config/admin_site.py",
    "config/dashboard",
    "config/demo/",
    "config/management/commands/make_demo_school.py",
)


def source_files() -> Iterator[Path]:
    """The project's own code; tests may import what they need to set a scene."""
    for app in ALLOWED:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "tests" not in parts and "migrations" not in parts:
                yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_modules(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            yield node.lineno, ".".join([*package, *filter(None, [node.module])])


def test_the_rule_knows_every_app() -> None:
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps == set(ALLOWED)
    assert len(list(source_files())) > 100


@pytest.mark.parametrize("app", ALLOWED)
def test_imports_point_one_way(app: str) -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in source_files()
        if path.relative_to(ROOT).parts[0] == app and not name_of(path).startswith(COMPOSITION_ROOT)
        for line, module in imported_modules(path, ast.parse(path.read_text()))
        if (top := module.split(".")[0]) in ALLOWED and top not in {app, *ALLOWED[app]}
    ]
    assert wrong == []


def test_nobody_imports_tests_or_the_composition_root() -> None:
    roots = tuple(
        name.removesuffix(".py").strip("/").replace("/", ".") for name in COMPOSITION_ROOT
    )
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in source_files()
        if not name_of(path).startswith(COMPOSITION_ROOT)
        for line, module in imported_modules(path, ast.parse(path.read_text()))
        if ".tests" in module or module.startswith(roots)
    ]
    assert wrong == []


def test_no_import_is_hidden_in_a_function() -> None:
    """`ready()` of an app's configuration is the one place that has to."""
    hidden = []
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if path.name == "apps.py" and node.name == "ready":
                continue
            hidden += [
                f"{name_of(path)}:{inner.lineno} in {node.name}()"
                for inner in ast.walk(node)
                if isinstance(inner, ast.Import | ast.ImportFrom)
            ]
    assert hidden == []
