"""Environments of the peers: each has a Python and packages of its own, kept for the next run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_PEERS = Path(__file__).with_name("peers")
_CACHE = _ROOT / ".benchmarks"


def interpreter(peer: str, *, version: str) -> Path:
    """Return the Python of a peer, installing what its `requirements.txt` names if need be."""
    requirements = (_PEERS / peer / "requirements.txt").read_text()
    folder = _CACHE / peer
    python, installed = folder / "bin" / "python", folder / "requirements.txt"
    if not installed.exists() or installed.read_text() != requirements:
        _uv("venv", "--clear", "--python", version, folder)
        _uv("pip", "install", "--python", python, "-r", _PEERS / peer / "requirements.txt")
        installed.write_text(requirements)
    return python


def _uv(*arguments: str | Path) -> None:
    # `uv` finds what is on the path, which pyenv's versions are not; others it would fetch.
    folders = sorted(Path.home().glob(".pyenv/versions/*/bin"))
    path = os.pathsep.join([os.environ["PATH"], *map(str, folders)])
    uv = os.environ.get("UV", "uv")  # `uv run` sets it.
    subprocess.run([uv, *arguments, "--quiet"], env=os.environ | {"PATH": path}, check=True)
