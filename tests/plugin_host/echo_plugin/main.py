"""Starts the plugin as Dify's daemon does: `python -m main`."""

from dify_plugin import DifyPluginEnv, Plugin

if __name__ == "__main__":
    Plugin(DifyPluginEnv()).run()
