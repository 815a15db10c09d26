"""Dify's calls, carried out: the translation of provider/dify and the work of provider/core put together."""
