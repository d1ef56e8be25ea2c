"""The virtual fabric: a rendered containerlab topology brought up, broken, mended and taken down.

`labs` is the way in; `netns` and `containerlab` are the two drivers that build a lab from the same file.
"""
