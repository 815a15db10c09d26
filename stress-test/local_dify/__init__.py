"""A stand-in for a Dify server: the same app API, on Dify's own engine, with the real plugin behind its models.

launcher (this environment)  starts and ends the service
service  (.venv-graphon)     is the service; nothing here imports it
"""

from local_dify.launcher import NotStarted, running

__all__ = ["NotStarted", "running"]
