"""Texts of people inside of programs."""


def one_line(text: str) -> str:
    """Return a text in one line, without what no editor shows and no compiler takes."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
