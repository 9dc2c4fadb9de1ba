"""nrguard keeps a Node-RED secure while nobody is looking."""

__version__ = "0.1.0"
