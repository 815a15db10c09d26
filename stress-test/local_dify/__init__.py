"""A stand-in for a Dify server: the same app API, on Dify's own engine, with the real plugin behind its models."""
