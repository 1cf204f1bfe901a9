"""Stages of the dataset pipeline: tasks in, parts out, one data file that is the same whatever happened in between."""
