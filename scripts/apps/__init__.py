"""The command `apps`: brings the apps of stress-test/workflows into a Dify, keys them, and takes them away again.

files     the YAML files, and what a file becomes in a Dify
marks     how an app of ours is found again, and whether it is as it should be
steps     one app from its file to its key
library   the knowledge that one of the apps looks into
lending   a key for it, for the time of a run
running   all of it, in one order; what came of each
keys      the file with the keys
command   the command line
"""
