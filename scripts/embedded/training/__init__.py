"""How the demo model was made: its corpus, its training, and what it is asked before it ships."""
