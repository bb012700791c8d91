"""Tests written in the languages of spells: told of by the module ``testing``, run here, each an item of pytest."""
