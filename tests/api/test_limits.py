from __future__ import annotations

import pytest

from tests.api.client import GraphQL


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("{ a " + "{ a " * 13 + "}" * 13 + " }", id="depth"),
        pytest.param("{ ...F } fragment F on Query { a " + "{ a " * 13 + "}" * 14, id="fragment"),
        pytest.param("{ " + " ".join(f"a{n}: __typename" for n in range(16)) + " }", id="aliases"),
        pytest.param(
            "{ ...F ...F } fragment F on Query { "
            + " ".join(f"a{n}: __typename" for n in range(8))
            + " }",
            id="aliases in fragments",
        ),
        pytest.param("{ " + "__typename " * 501 + "}", id="fields"),
        pytest.param(
            "{ ...F0 } "
            + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(150))
            + " fragment F150 on Query { __typename }",
            id="fragments that double",
        ),
        pytest.param(
            "{ ...F0 } "
            + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(150))
            + " fragment F150 on Query { }",
            id="fragments that double and hold nothing",
        ),
        pytest.param("{ " + "... { } " * 501 + "}", id="fragments without a name"),
        pytest.param("{ " + "__schema { types { name } } " * 4 + "}", id="introspections"),
        pytest.param("{ viewer { id } } #" + " " * 100_000, id="characters"),
        pytest.param("{ webhooks(first: " + "9" * 5_000 + ") { totalCount } }", id="digits"),
        pytest.param(
            "{ events(filter: {occurredAfter: " + "9" * 5_000 + "}) { edges { cursor } } }",
            id="digits where there is to be a text",
        ),
        pytest.param("query ($a: JSON = 1e400) { viewer { id } }", id="a number beyond bounds"),
        pytest.param(
            "query ($a: Int = -" + "9" * 5_000 + ") { viewer { id } }", id="digits of a default"
        ),
    ],
)
def test_a_document_beyond_the_limits_is_a_bad_request(graphql: GraphQL, document: str) -> None:
    answer = graphql(document)

    assert (answer.status, answer.data) == (400, None)
    assert answer.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("{ " + "a(b: 1) " * 400 + "}", id="tokens"),
        pytest.param("{ a " + "{ a " * 400 + "}" * 401, id="nested fields"),
        pytest.param("{ a(b: " + "[" * 900 + "]" * 900 + ") }", id="nested lists"),
        pytest.param("{ ...F } fragment F on Query { ...F }", id="a fragment within itself"),
        pytest.param("{ ...F }", id="a fragment that is not there"),
    ],
)
def test_a_document_that_does_not_parse_or_validate_is_refused(
    graphql: GraphQL, document: str
) -> None:
    answer = graphql(document)

    assert answer.data is None
    assert "INTERNAL" not in str(answer.errors)


def test_a_document_within_the_limits_is_carried_out(graphql: GraphQL) -> None:
    fifteen = " ".join(f"a{n}: __typename" for n in range(15))

    assert len(graphql(f"{{ {fifteen} }}").ok) == 15


def test_the_same_document_is_answered_the_same_again(graphql: GraphQL) -> None:
    wrong = "{ noSuchField }"

    assert graphql(wrong) == graphql(wrong)
