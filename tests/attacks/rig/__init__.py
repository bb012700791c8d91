"""What casts hostile spells and judges what came of them."""
