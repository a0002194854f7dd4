"""The names of the schema's own types, which a project's classes must leave alone."""

_OWN = frozenset(
    """
    ApiToken ApiTokenConnection ApiTokenEdge ApiTokenScope AttemptOutcome AttemptPhase AuditAction
    AuditActor AuditActorKind AuditEntry AuditEntryConnection AuditEntryEdge AuditEntryFilterInput
    Boolean CancelWebhookPayload CircuitState CreateApiTokenInput CreateApiTokenPayload
    CreateWebhookInput
    CreateWebhookPayload DateTime Delivery DeliveryAttempt DeliveryAttemptConnection
    DeliveryAttemptEdge DeliveryAttemptFilterInput DeliveryCallback DeliveryConnection
    DeliveryDecision DeliveryEdge DeliveryExplanation DeliveryFilterInput DeliveryOrigin
    DeliveryStatus Event EventConnection EventData EventEdge EventFilterInput EventSubscription
    EventSubscriptionInput EventType EventTypeName Float HttpHeader HttpHeaderInput HttpRequest
    HttpResponse ID Int JSON ListOrder Mutation Node Owner PageInfo PauseWebhookPayload
    PayloadCondition PayloadConditionInput PayloadField PayloadFieldKind
    PayloadFilterPreview PayloadFilterPreviewInput PayloadFormat PayloadMatch
    PayloadMatchInput Query
    ResumeWebhookPayload RetryDeliveryPayload RetryPolicyKind RevokeApiTokenPayload
    RevokeSigningSecretPayload RotateSigningSecretInput RotateSigningSecretPayload SigningMethod
    SigningSecret String UpdateWebhookInput UpdateWebhookPayload UserError UserErrorCode Viewer
    Webhook WebhookConnection WebhookEdge WebhookFilterInput WebhookHealth WebhookStatus
    """.split()  # noqa: SIM905 - one name a line would fill a page
)

_OF_CHOICES = ("RetryPolicy", "RetryPolicyInput", "Authentication", "AuthenticationInput")


def is_own_name(name: str) -> bool:
    """Return whether a type of the schema has the name, or one for a choice could have it."""
    return name in _OWN or name.endswith(_OF_CHOICES)
