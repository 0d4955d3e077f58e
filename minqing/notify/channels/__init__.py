"""One file per channel: how a message looks there, and how it leaves. What becomes of it is the actions' business."""
