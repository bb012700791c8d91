"""Throws what nobody would write at everything that reads what somebody else wrote."""
