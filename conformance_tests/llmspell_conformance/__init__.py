"""The conformance suite for llmspell engines: ``pytest --pyargs llmspell_conformance --engine NAME``."""
