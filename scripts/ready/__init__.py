"""The quick check as a command of the kit; the check itself is `scripts/test_ollama_quick.py`."""
