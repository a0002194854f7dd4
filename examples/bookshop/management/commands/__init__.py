"""`manage.py` commands of the bookshop."""
