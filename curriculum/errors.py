"""The one kind of error that is told in a line and ends with exit status 2."""


class InputError(Exception):
    """What we were given is wrong: the message names the place, states the rule and then the value."""
