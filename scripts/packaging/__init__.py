"""Building the .difypkg file and checking it by the rules of Dify's plugin daemon."""
