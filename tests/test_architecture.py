"""The shape of the code: layers, cycles, sizes, and where imports stand."""

from __future__ import annotations

import ast
import graphlib
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_OWN = {"api", "benchmarks", "delivery", "events", "examples", "tests"}
_MAY_IMPORT = {
    "events": {"events"},
    "delivery": {"delivery", "events"},
    "api": {"api", "delivery", "events"},
    "examples": {"examples", "api", "delivery", "events"},
}
_AT_THE_TOP = {
    *("api", "delivery", "events", "tests", "examples", "benchmarks", "docs", "manage.py"),
    *("schema.graphql", "pyproject.toml", "uv.lock"),
    *("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"),
}
_MOST_LINES = 250
_FUNCTION_LINES_P90 = 20


@dataclass(frozen=True)
class Module:
    """A Python file of ours."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        """What it says."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Its functions, those within classes and functions included."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]

    @property
    def imports(self) -> set[str]:
        """Every name that it imports, for type checkers only or not."""
        return set(_imported(self.tree))

    @property
    def imports_that_run(self) -> set[str]:
        """Names that it imports when it runs."""
        return set(_imported(_Running().visit(self.tree)))


class _Running(ast.NodeTransformer):
    """Leaves out what is for type checkers only."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "An import is relative; write it in full."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _modules() -> dict[str, Module]:
    files = [path for folder in sorted(_OWN) for path in sorted((_ROOT / folder).rglob("*.py"))]
    modules = [Module(_name(path), path) for path in files if "migrations" not in path.parts]
    return {module.name: module for module in modules}


def _name(path: Path) -> str:
    parts = path.relative_to(_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _of(*packages: str) -> list[Module]:
    return [each for each in _modules().values() if _top(each.name) in packages]


def _top(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("package", _MAY_IMPORT)
def test_imports_point_from_api_to_delivery_to_events_and_never_back(package: str) -> None:
    found = {
        f"{module.name} imports {name}"
        for module in _of(package)
        for name in module.imports
        if _top(name) in _OWN - _MAY_IMPORT[package]
    }

    assert not found


def test_http_knows_neither_django_nor_the_broker_nor_the_rest_of_delivery() -> None:
    found = {
        f"{module.name} imports {name}"
        for module in _of("delivery")
        if module.name.startswith("delivery.http")
        for name in module.imports
        if _top(name) in {"django", "dramatiq", "redis", *_OWN}
        if not name.startswith("delivery.http.")
    }

    assert not found


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = _modules()
    graph = {
        module.name: {
            # A name is of a module, or is one.
            name if name in known else name.rpartition(".")[0]
            for name in module.imports_that_run
            if _top(name) in _OWN
        }
        - {module.name}
        for module in known.values()
    }

    graphlib.TopologicalSorter(graph).prepare()


def test_no_file_is_longer_than_it_may_be() -> None:
    lengths = {
        module.name: len(module.path.read_text(encoding="utf-8").splitlines())
        for module in _modules().values()
    }

    assert {name: lines for name, lines in lengths.items() if lines > _MOST_LINES} == {}


@pytest.mark.parametrize("package", ["events", "delivery", "api", "examples"])
def test_nine_of_ten_functions_are_short(package: str) -> None:
    lines = [
        function.end_lineno - function.lineno + 1
        for module in _of(package)
        for function in module.functions
        if function.end_lineno
    ]

    assert statistics.quantiles(lines, n=10)[-1] < _FUNCTION_LINES_P90


def test_no_import_hides_in_a_function() -> None:
    found = {
        f"{module.name}.{function.name}, line {node.lineno}"
        for module in _modules().values()
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert not found


def test_nothing_lies_about_at_the_top() -> None:
    found = {path.name for path in _ROOT.iterdir() if not path.name.startswith((".", "__"))}

    assert found - _AT_THE_TOP == set()
