"""Will a flight be more than fifteen minutes late? A small, honest model on plain Python."""
