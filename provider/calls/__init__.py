"""Dify's calls, carried out: the translation of provider/dify and the work of provider/core put together."""

import logging

from dify_plugin.config.logger_format import plugin_logger_handler

# What the plugin says goes the SDK's way to Dify's log; standard output itself is the protocol.
logger = logging.getLogger("provider")
if plugin_logger_handler not in logger.handlers:
    logger.addHandler(plugin_logger_handler)
    logger.setLevel(logging.INFO)
