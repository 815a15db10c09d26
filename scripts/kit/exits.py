"""The exit codes of every command; scripts may rely on them."""

READY = 0
PROBLEM = 1  # something is wrong and was named
USAGE = 2  # the command line or the settings cannot be meant
COULD_NOT_RUN = 3  # something the command itself needs is missing
WAITED = 4  # --wait is over and it is still not ready
INTERRUPTED = 130  # Ctrl-C, as shells say it
