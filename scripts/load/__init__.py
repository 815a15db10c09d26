"""`python -m scripts load`: a load test, against your Dify or model server, or with everything started here."""
