"""The web process: HTTP in, decisions recorded in Postgres, answers out."""
