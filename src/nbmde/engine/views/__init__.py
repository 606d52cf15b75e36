"""Models for people and other tools: as a tree, as answers to questions, as data, as diagrams."""
