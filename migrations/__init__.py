"""The schema's history. Run by `baraza migrate` with the owner's role; the application's role only works on rows."""
