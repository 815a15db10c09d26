"""A client of Dify's console API, as far as the kit needs it. Facts: recordings of Dify 1.12.1.

session    one signed-in connection: cookies, CSRF, tokens that run out
├── sign_in   admin key, or e-mail and password from where secrets may come
├── address   what people type as Dify's address
├── replies   an answer → its JSON, or an error with Dify's words
├── plugins   upload, install, wait, which version runs
├── models    a provider's models and credentials: the whole state in one call; add, change, remove
├── forms     a provider's own form: read before an upgrade, saved again after it
├── apps      import, publish, key, describe, delete
└── knowledge datasets, and the service API that fills them
"""
