"""What is said when the engine that computes models is not there."""


class EngineLostError(RuntimeError):
    """The engine is missing, out of reach or gone, so that no table can be made; the message says what to do."""
