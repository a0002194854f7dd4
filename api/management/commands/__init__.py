"""`manage.py` commands of this layer."""
