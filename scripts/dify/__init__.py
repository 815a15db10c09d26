"""A client of Dify's console API, as far as the kit needs it. Facts: recordings of Dify 1.12.1.

session    one signed-in connection: admin key or e-mail login, cookies, CSRF, refresh
├── plugins  upload, install, wait, which version runs
└── models   a provider's models and credentials: read in one call, add, change, remove
"""
