"""The doors for people and clients: GraphQL, commands and the Django project itself."""
