"""What can be read: the GraphQL types of our rows and of what a project registers."""
