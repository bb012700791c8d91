"""What the documentation takes from the code: the command line and the Python API, as pages of Markdown."""
