"""A real llama.cpp server for tests and the demo, with models that this repository writes itself."""
