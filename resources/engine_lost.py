"""The error for an engine of models that is not there, or that gives up what it was asked for."""


class EngineLostError(RuntimeError):
    """The engine is missing, out of reach or gone, so that no table can be made; the message says what to do."""


class QueryFailedError(RuntimeError):
    """The engine is there and ended a query, or refused it; the message is the engine's, in one line."""
