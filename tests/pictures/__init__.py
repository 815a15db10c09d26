"""The pictures of the commands in the documents: `python -m tests.pictures` makes docs/pictures/*.svg anew.

Real commands in a terminal of their own, against servers of the tests; Rich draws what stood on the screen at the end.
"""
