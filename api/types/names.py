"""The names of the schema's own types, which a project's classes must leave alone."""

_OWN = frozenset(
    """
    ApiToken ApiTokenConnection ApiTokenEdge ApiTokenScope AttemptOutcome Boolean
    CancelWebhookPayload CreateApiTokenInput CreateApiTokenPayload CreateWebhookInput
    CreateWebhookPayload DateTime Delivery DeliveryAttempt DeliveryAttemptConnection
    DeliveryAttemptEdge DeliveryAttemptFilterInput DeliveryConnection DeliveryEdge
    DeliveryFilterInput DeliveryOrigin DeliveryStatus Event EventConnection EventData
    EventEdge EventFilterInput EventSubscription EventSubscriptionInput EventType
    EventTypeName Float HttpHeader HttpRequest HttpResponse ID Int JSON ListOrder Mutation
    Node Owner PageInfo PauseWebhookPayload Query ResumeWebhookPayload RetryPolicyKind
    RevokeApiTokenPayload SigningSecret String UpdateWebhookInput UpdateWebhookPayload
    UserError UserErrorCode Viewer Webhook WebhookConnection WebhookEdge WebhookFilterInput
    WebhookStatus
    """.split()  # noqa: SIM905 - one name a line would fill a page
)


def is_own_name(name: str) -> bool:
    """Return whether a type of the schema has the name, or one for a retry policy could have it."""
    return name in _OWN or name.endswith(("RetryPolicy", "RetryPolicyInput"))
