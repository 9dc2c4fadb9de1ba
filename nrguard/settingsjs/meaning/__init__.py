"""What a settings.js means: its code followed step by step over known and unknown values, never run. Pure: no I/O."""
