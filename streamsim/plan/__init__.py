"""From a recording to the timeline that will be played."""
