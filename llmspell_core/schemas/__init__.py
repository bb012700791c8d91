"""JSON Schema of strangers, checked against data of strangers, within bounds."""
