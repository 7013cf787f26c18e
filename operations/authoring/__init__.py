"""What authors of menus work with: the drawing of all screens, a phone to try them, what a change does to them."""
