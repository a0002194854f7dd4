"""The catalogue as TypeScript: the compiler takes what is right and refuses what is not."""

from __future__ import annotations

import json
from pathlib import Path

from events.catalogue.forms import CatalogueForm
from events.event import event_type_of
from tests.events.catalogue.shapes import TYPES, sample_body
from tests.events.everything import ENCODED_EXAMPLE, EXAMPLE
from tests.services.typescript import compiler_complaints

MODULE = CatalogueForm.TYPESCRIPT.write(TYPES)

CONSUMER = """
import type { Body, Size, ThingShapedData } from "./events.ts";

export function told(body: Body): string | number | null {
  const when: string = body.timestamp;
  switch (body.type) {
    case "ping":
      return body.data.message ?? when;
    case "everything.held":
      return body.data.amount.length + body.data.whole + (body.data.table?.[0][0] ?? 0);
    case "thing.shaped":
      return body.data.part.sizes[0] + (body.data.parts?.[0]?.old ?? "none");
    case "field.named-oddly_v2":
      return body.data.constructor + body.data.delete + body.data.type;
    case "nothing.told":
      return Object.keys(body.data).length;
    default: {
      const others: never = body;
      return others;
    }
  }
}

export const size: Size = "small";
export const steps: ThingShapedData["steps"] = [1, -3];
"""
WRONG = """
import type { Body, EverythingHeldData, PingBody, Size } from "./events.ts";

export function told(body: Body, held: EverythingHeldData) {
  // @ts-expect-error - what it is must be asked first
  body.data.whole;
  if (body.type === "ping") {
    // @ts-expect-error - this is of another type
    body.data.whole;
    // @ts-expect-error - it may be missing
    body.data.message.length;
  }
  // @ts-expect-error - there is no such type
  if (body.type === "never.heard") return;
  // @ts-expect-error - a decimal is a text
  held.amount + 1 === 2;
  // @ts-expect-error - it may be null
  held.part.weight.toFixed();
}

// @ts-expect-error - no member
export const size: Size = "medium";
// @ts-expect-error - without a type
export const body: PingBody = { timestamp: "", data: {} };
"""


def test_the_module_compiles_with_who_narrows_bodies_by_their_type(tmp_path: Path) -> None:
    (tmp_path / "events.ts").write_text(MODULE)
    (tmp_path / "consumer.ts").write_text(CONSUMER)

    assert compiler_complaints(tmp_path) == ""


def test_wrong_use_does_not_compile(tmp_path: Path) -> None:
    (tmp_path / "events.ts").write_text(MODULE)
    # The compiler complains of each expected error that is none.
    (tmp_path / "wrong.ts").write_text(WRONG)

    assert compiler_complaints(tmp_path) == ""


def test_what_is_sent_is_of_the_type_of_a_body(tmp_path: Path) -> None:
    example = {**sample_body(event_type_of(EXAMPLE)), "data": ENCODED_EXAMPLE}
    bodies = json.dumps([example, *map(sample_body, TYPES)])
    (tmp_path / "events.ts").write_text(MODULE)
    (tmp_path / "bodies.ts").write_text(
        f'import type {{ Body }} from "./events.ts";\nexport const bodies: Body[] = {bodies};\n'
    )

    assert compiler_complaints(tmp_path) == ""


def test_comments_carry_descriptions_and_deprecations() -> None:
    assert "/** Everything that an event can hold was held. */\nexport interface" in MODULE
    assert "  /** Any text. */\n  text: string;" in MODULE
    assert ' * @deprecated Use "thing" \\ *\\/ """. Now.\n */\nexport interface' in MODULE
    assert '   * @deprecated Use "sizes" \\ *\\/ """.\n   */\n  old: Size | null;' in MODULE
    assert "  /** Decimal numbers are texts, so that nothing is lost in reading. */" in MODULE


def test_a_comment_tells_which_field_orders_deliveries() -> None:
    assert "Those of one `type` come one after another. */\nexport interface" in MODULE


def test_a_field_that_an_old_payload_may_lack_is_optional() -> None:
    assert "  maybe?: string | null;" in MODULE
    assert "  old: Size | null;" in MODULE
