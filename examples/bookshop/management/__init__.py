"""Commands of the bookshop."""
