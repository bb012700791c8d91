"""placeholder"""
from llmspell_core.bridge import Bridge
class DebugBridge(Bridge):
    """x"""
    name="debug"
