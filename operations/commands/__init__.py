"""What `baraza` can do, one module a group of commands."""
