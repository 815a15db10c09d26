"""Writes tiny GGUF models by hand: numpy and the `gguf` package, no download, no training."""
