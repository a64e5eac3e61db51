"""The one kind of error that is told in a line and ends with exit status 2."""


class InputError(Exception):
    """What we were given is wrong: the message names the place, states the rule and then the value."""


class WorkFailed(Exception):
    """The work could not be done for a reason outside of it: told in a line, exit status 1."""
