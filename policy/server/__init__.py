"""The parts of the server engine: settings, calls, patience, what is asked and answered, and whose weights answer."""
