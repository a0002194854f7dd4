"""What callers send with mutations, and how it becomes what the layers below understand."""
