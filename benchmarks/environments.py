"""Environments of the peers: each has a Python and packages of its own, kept for the next run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_PEERS = Path(__file__).with_name("peers")
_CACHE = _ROOT / ".benchmarks"


def interpreter(peer: str) -> Path:
    """Return the Python of a peer, of the same build as ours: builds differ by a third.

    What its `requirements.txt` names is installed if need be.
    """
    requirements = _PEERS / peer / "requirements.txt"
    wanted = f"# {sys.version}\n{requirements.read_text()}"
    folder = _CACHE / peer
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    if not installed.exists() or installed.read_text() != wanted:
        _uv("venv", "--clear", "--python", sys.executable, folder)
        _uv("pip", "install", "--python", python, "-r", requirements)
        installed.write_text(wanted)
    return python


def _uv(*arguments: str | Path) -> None:
    uv = os.environ.get("UV", "uv")  # `uv run` sets it.
    subprocess.run([uv, *arguments, "--quiet"], check=True)
