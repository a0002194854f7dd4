"""The pages of the documentation, and a reader who does what they say.

A page is read from top to bottom. Its Python blocks share a namespace, in which `owner` is an owner
of webhooks; a block that begins with a comment such as `# shop/webhooks.py` can be imported from
there by later ones. One that is noted as `shown` starts what must not run beside the tests, and is
only compiled. Its GraphQL blocks are sent to the endpoint, each with the `json variables`
that follow it; what comes back must be free of errors, or equal to the `json answer` that follows.
In all of them an ID stands for that of the newest object of its kind, and
`https://example.com/webhooks` for an endpoint that listens.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.models import ApiToken
from delivery.models import Attempt, AuditEntry, Delivery, SigningSecret, Webhook
from events.event import event_types
from events.models import EventRecord

ROOT = Path(__file__).parents[1]

_BLOCK = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MODELS: tuple[Any, ...] = (
    *(Webhook, SigningSecret, EventRecord, Delivery, Attempt, AuditEntry, ApiToken),
)
_ANY_ID = re.compile(rf"\b({'|'.join(model.ID_PREFIX for model in _MODELS)})_[0-9a-f]{{32}}\b")


@dataclass(frozen=True)
class Block:
    """A fenced block: `note` is what follows its language, `line` where its text begins."""

    language: str
    note: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """A page by its path from the root of the project."""

    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where it is."""
        return ROOT / self.name

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """What stands between the blocks."""
        return _BLOCK.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        """What is fenced."""
        text = self.text
        return [
            Block(found[1], found[2], found[3], text.count("\n", 0, found.start(3)))
            for found in _BLOCK.finditer(text)
        ]

    @property
    def anchors(self) -> set[str]:
        """What a link can lead to within it, as GitHub names its headings."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}

    def table(self, heading: str) -> list[str]:
        """Return what the lines of the tables under a heading begin with, where it is code."""
        _, _, rest = self.text.partition(f"\n## {heading}\n")
        return re.findall(r"^\| `([^`]+)` \|", rest.partition("\n## ")[0], re.MULTILINE)


PAGES = [
    Page(str(path.relative_to(ROOT)))
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
]


class Reader:
    """Does what pages say, block by block, for one owner; `namespace` is that of their Python."""

    def __init__(self, *, owner: User, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._owner, self._url, self._monkeypatch = owner, url, monkeypatch
        self._client = Client()
        self._client.force_login(owner)
        self._module = ModuleType("page")
        self.namespace: dict[str, Any] = vars(self._module)
        self.namespace["owner"] = owner

    def read(self, page: Page) -> None:
        """Run and send everything on a page."""
        blocks = page.blocks
        for position, block in enumerate(blocks, start=1):
            if block.language == "python":
                self._run(block, page)
            elif block.language == "graphql":
                belonging = takewhile(lambda each: each.note, blocks[position:])
                self._send(block, {each.note: self._filled(each.text) for each in belonging})

    def _run(self, block: Block, page: Page) -> None:
        if path := re.match(r"# ([\w/]+)\.py\n", block.text):
            self._monkeypatch.setitem(sys.modules, path[1].replace("/", "."), self._module)
        # A page may declare what the bookshop has declared as well.
        for name in re.findall(r'\bname="([a-z.]+)"', block.text):
            event_types._items.pop(name, None)
        # Below as many lines as on the page, so that a traceback leads to the right one.
        text = "\n" * block.line + self._filled(block.text)
        code = compile(text, page.name, "exec", dont_inherit=True)
        if block.note != "shown":
            exec(code, self.namespace)

    def _send(self, block: Block, belonging: Mapping[str, str]) -> None:
        where = f"line {block.line}"
        request = {
            "query": self._filled(block.text),
            "variables": json.loads(belonging.get("variables", "{}")),
        }
        answer = self._client.post("/graphql/", request, content_type="application/json").json()
        if "answer" in belonging:
            assert answer == json.loads(belonging["answer"]), where
            return
        assert "errors" not in answer, where
        for field, value in answer["data"].items():
            assert value is not None, f"{where}: {field} is null"
            assert not (isinstance(value, dict) and value.get("userErrors")), where

    def _filled(self, text: str) -> str:
        return _ANY_ID.sub(self._newest, text).replace("https://example.com/webhooks", self._url)

    def _newest(self, found: re.Match[str]) -> str:
        [model] = [model for model in _MODELS if found[1] == model.ID_PREFIX]
        public_id: str = model.objects.visible_to(self._owner).latest("pk").public_id
        return public_id
