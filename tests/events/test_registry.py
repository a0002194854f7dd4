"""Registries: one name, one thing, and no surprise about either."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.registry import AlreadyRegistered, NotRegistered, Registry, RegistryClosed


@pytest.fixture
def fruits() -> Registry[int]:
    fruits = Registry[int](noun="fruit")
    fruits.register("pear", 2)
    fruits.register("apple", 1)
    return fruits


def test_what_is_registered_is_found_by_its_name(fruits: Registry[int]) -> None:
    assert fruits.get("pear") == 2
    assert fruits.find("pear") == 2
    assert "pear" in fruits
    assert len(fruits) == 2


def test_find_answers_none_for_an_unknown_name(fruits: Registry[int]) -> None:
    assert fruits.find("plum") is None
    assert "plum" not in fruits


@given(names=st.lists(st.text(), unique=True))
def test_the_order_is_that_of_the_names_whatever_came_first(names: list[str]) -> None:
    registry = Registry[str](noun="text")

    for name in names:
        registry.register(name, f"item {name}")

    assert registry.names() == tuple(sorted(names))
    assert list(registry) == [f"item {name}" for name in sorted(names)]


def test_w2_a_taken_name_is_refused_and_the_first_registration_stays(
    fruits: Registry[int],
) -> None:
    with pytest.raises(AlreadyRegistered, match="fruit 'pear' is already 2"):
        fruits.register("pear", 3)

    assert fruits.get("pear") == 2


def test_the_same_item_under_the_same_name_is_a_duplicate(fruits: Registry[int]) -> None:
    with pytest.raises(AlreadyRegistered, match="another name"):
        fruits.register("pear", 2)


def test_an_unknown_name_is_answered_with_its_neighbour_and_with_all_there_are(
    fruits: Registry[int],
) -> None:
    with pytest.raises(NotRegistered) as refused:
        fruits.get("aple")

    assert "no fruit named 'aple'" in str(refused.value)
    assert "Did you mean 'apple'?" in str(refused.value)
    assert "Registered: apple, pear." in str(refused.value)


def test_an_empty_registry_says_that_it_is_empty() -> None:
    with pytest.raises(NotRegistered, match="None is registered"):
        Registry[int](noun="fruit").get("plum")


def test_a_closed_registry_refuses_newcomers_and_names_the_cure(fruits: Registry[int]) -> None:
    fruits.close(by="the GraphQL schema")

    with pytest.raises(RegistryClosed, match=r"the GraphQL schema was built.*webhooks\.py"):
        fruits.register("plum", 3)

    assert fruits.names() == ("apple", "pear")


def test_scratch_registrations_are_forgotten_even_after_a_failure(fruits: Registry[int]) -> None:
    def fail_inside() -> None:
        with fruits.scratch():
            fruits.register("plum", 3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()

    assert fruits.names() == ("apple", "pear")


def test_scratch_opens_a_closed_registry_and_closes_it_again(fruits: Registry[int]) -> None:
    fruits.close(by="the GraphQL schema")

    with fruits.scratch():
        fruits.register("plum", 3)
        assert fruits.get("plum") == 3

    with pytest.raises(RegistryClosed):
        fruits.register("plum", 3)
