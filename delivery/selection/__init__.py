"""Selections: the part of a payload that a webhook is sent, as a GraphQL selection."""

from delivery.selection.payload import select_payload
from delivery.selection.rules import selection_mistakes

__all__ = ["select_payload", "selection_mistakes"]
