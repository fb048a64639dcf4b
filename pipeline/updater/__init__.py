"""How the composed updater is run: with exactly the rights that its command needs."""
