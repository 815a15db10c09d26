"""What a server said about its models → `ModelInfo`. Pure, one reader per server."""
